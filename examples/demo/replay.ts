import type { Recording, RecordedLink } from "./recording.ts";
import {
  type Action,
  type CrmName,
  type DemoAgent,
  minute,
  type PlotLabel,
  type RecordName,
  type Scenario,
  type Scene,
  second,
  type SeedFacts,
  type SeedRecord,
  type Story,
} from "./story.ts";

/** Recorded interactions begin within this time; the gaps between them are squeezed or stretched to fill it. */
const startsWithin = 20 * minute;

/** A recorded interaction that took longer is played in this time, all its parts in proportion. */
const longest = 8 * minute;

/** Makes a scenario of recordings: in their order, each at its own pace, at even distances. Pure. */
export function replayOf(
  recordings: readonly Recording[],
  crms: readonly CrmName[],
  remarks: readonly string[],
): Scenario {
  const ordered = recordings.toSorted((a, b) => beginOf(a) - beginOf(b));
  const agents = new Map<string, DemoAgent>();
  for (const name of ordered.flatMap(({ legs }) => legs.map(({ agent }) => agent)))
    agents.set(name, agents.get(name) ?? agentNamed(name, agents.size + 1));
  const links = new Map(
    ordered.flatMap((recording) => recording.links.map((link) => [nameOf(link), link] as const)),
  );
  const records = [...links].map(([name, link]) => seedRecord(name, link));
  const stories = ordered.map((recording, n) =>
    storyOf(recording, crms, { startsAt: Math.floor((n / ordered.length) * startsWithin), agents }),
  );
  const labels = new Map(ordered.map((recording) => [plotOf(recording).plot, plotOf(recording)]));
  return {
    crms,
    agents: [...agents.values()],
    records,
    stories,
    labels: [...labels.values()],
    remarks,
  };
}

const beginOf = ({ legs, messages }: Recording): number =>
  Math.min(...legs.map(({ start }) => start), ...messages.map(({ at }) => at));

const agentNamed = (name: string, n: number): DemoAgent => ({
  id: `agent-${n}`,
  name,
  email: `agent${n}@center.example`,
});

const nameOf = ({ type, name }: RecordedLink): RecordName => `${type}:${name}`;

function seedRecord(name: RecordName, link: RecordedLink): SeedRecord {
  const [first = "", ...rest] = link.name.split(" ");
  const person =
    rest.length === 0
      ? { lastName: first }
      : { firstName: first.slice(0, 40), lastName: rest.join(" ").slice(0, 80) };
  const facts: Readonly<Record<RecordedLink["type"], SeedFacts>> = {
    Contact: person,
    Lead: { ...person, company: "unknown" },
    Account: { name: link.name },
    Case: { subject: link.name },
    Opportunity: { name: link.name.slice(0, 120) },
  };
  return { name, facts: facts[link.type] };
}

function storyOf(
  recording: Recording,
  crms: readonly CrmName[],
  {
    startsAt,
    agents,
  }: { readonly startsAt: number; readonly agents: ReadonlyMap<string, DemoAgent> },
): Story {
  const { id, channel, direction, customer, subject } = recording;
  const recorded = [
    { at: beginOf(recording), action: { do: "start" } as const },
    ...(channel === "voice" ? voice(recording, agents) : digital(recording, agents)),
  ].toSorted((a, b) => a.at - b.at);
  const begin = beginOf(recording);
  const length = (recorded.at(-1)?.at ?? begin) - begin;
  const pace = Math.min(1, longest / Math.max(1, length));
  const scenes = recorded.map(({ at, action }): Scene => ({
    ...action,
    at: startsAt + Math.round((at - begin) * pace),
    platformTime: at,
  }));
  return {
    id,
    plot: plotOf(recording).plot,
    channel,
    direction,
    customer,
    ...(subject !== undefined && { subject }),
    crms,
    scenes,
  };
}

type Recorded = { readonly at: number; readonly action: Action };

const agentId = (agents: ReadonlyMap<string, DemoAgent>, name: string): string =>
  agents.get(name)?.id ?? name;

/** The agent links the records a few seconds after taking the interaction. */
const linking = ({ legs, links }: Recording): readonly Recorded[] => {
  const first = legs.toSorted((a, b) => a.start - b.start)[0];
  return first === undefined
    ? []
    : links.map((link) => ({
        at: Math.min(first.end, first.start + 5 * second),
        action: { do: "link", record: nameOf(link) },
      }));
};

function voice(recording: Recording, agents: ReadonlyMap<string, DemoAgent>): readonly Recorded[] {
  const legs = recording.legs.toSorted((a, b) => a.start - b.start);
  return [
    ...legs.map(({ agent, start }, n): Recorded => ({
      at: start,
      action: { do: "accept", leg: `${n + 1}`, agent: agentId(agents, agent) },
    })),
    ...linking(recording),
    ...legs.map(({ end }, n): Recorded => ({
      at: end,
      action:
        legs[n + 1] === undefined
          ? { do: "endTalk", leg: `${n + 1}` }
          : { do: "transfer", leg: `${n + 1}` },
    })),
    ...legs.flatMap(({ wrapUpEnd, disposition = "Done" }, n): readonly Recorded[] =>
      wrapUpEnd === undefined
        ? []
        : [{ at: wrapUpEnd, action: { do: "completeWrapUp", leg: `${n + 1}`, disposition } }],
    ),
  ];
}

function digital(
  recording: Recording,
  agents: ReadonlyMap<string, DemoAgent>,
): readonly Recorded[] {
  const legs = recording.legs.toSorted((a, b) => a.start - b.start);
  const over = Math.max(...legs.map(({ end }) => end), ...recording.messages.map(({ at }) => at));
  return [
    ...recording.messages.map(({ at, from }): Recorded => ({
      at,
      action: { do: "message", from },
    })),
    ...legs.map(({ agent, start }, n): Recorded => ({
      at: start,
      action: { do: "accept", leg: `${n + 1}`, agent: agentId(agents, agent) },
    })),
    ...linking(recording),
    ...legs.map(({ end, disposition }, n): Recorded => ({
      at: end,
      action:
        legs[n + 1] === undefined
          ? { do: "unassign", leg: `${n + 1}`, ...(disposition !== undefined && { disposition }) }
          : { do: "transfer", leg: `${n + 1}` },
    })),
    { at: over, action: { do: "setStatus", status: "closed" } },
  ];
}

function plotOf({ channel, legs, links }: Recording): PlotLabel {
  const what = channel === "voice" ? "call" : channel;
  if (links.length === 0)
    return {
      plot: `${what}Unlinked`,
      title: `Recorded ${what} that nobody linked`,
      due: "never: unlinked ones are skipped",
    };
  const handed = legs.length > 1;
  const plot = handed ? `${what}Transferred` : what;
  const title = `Recorded ${what}${handed ? ", transferred" : ""}`;
  if (channel !== "voice")
    return { plot, title, due: handed ? "at the transfer; then grows" : "at unassignment" };
  if (legs.some(({ wrapUpEnd }) => wrapUpEnd === undefined))
    return {
      plot: `${plot}Lost`,
      title: `${title}, a wrap-up's end was lost`,
      due: "15 min after talk, by timeout",
    };
  return { plot, title, due: "after each agent's own wrap-up" };
}
