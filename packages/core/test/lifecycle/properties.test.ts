import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { isWrapupError } from "../../src/errors.ts";
import { decide } from "../../src/lifecycle/decide.ts";
import type { Agent } from "../../src/model/agent.ts";
import type { Channel } from "../../src/model/channel.ts";
import type { Command, Decision } from "../../src/model/command.ts";
import type { Interaction } from "../../src/model/interaction.ts";
import { legTimes } from "../../src/model/leg-times.ts";
import { judgeDigital, judgeVoice, linkedIds, somethingIsDue, type Taken } from "./referee.ts";
import { dawn, day, hour, minute, record, second, settingsWith } from "./story.ts";

const settings = settingsWith({ logUnlinked: ["log"] });
const key = { tenant: "t", interaction: "c" };
const agentOf = (leg: string): Agent => ({ id: `agent-${leg}` });

type Step = { readonly wait: number; readonly command: Command };

const legs = fc.constantFrom("A", "B", "C");
const wrapUp = fc.constantFrom(
  {},
  {},
  { wrapUp: "none" as const },
  { wrapUp: "expected" as const },
);
const waits = fc.constantFrom(
  0,
  0,
  second,
  30 * second,
  minute,
  3 * minute,
  20 * minute,
  2 * hour,
  13 * hour,
  day,
);

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: legs.map((leg) => ({ do: "accept" as const, leg, agent: agentOf(leg) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ leg: legs, role: fc.constantFrom("consult", "monitor", "bargeIn") })
      .map(({ leg, role }) => ({ do: "accept" as const, leg, agent: agentOf(leg), role })),
  },
  { weight: 1, arbitrary: legs.map((leg) => ({ do: "dial" as const, leg, agent: agentOf(leg) })) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("hold", "resume", "answer", "startWrapUp"),
      leg: legs,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("transferFailed" as const), leg: legs }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(legs, wrapUp)
      .map(([leg, more]) => ({ do: "endTalk" as const, leg, ...more })),
  },
  {
    weight: 3,
    arbitrary: legs.map((leg) => ({ do: "completeWrapUp" as const, leg, disposition: "done" })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(legs, wrapUp)
      .map(([leg, more]) => ({ do: "transfer" as const, leg, to: { queue: "q" }, ...more })),
  },
  { weight: 1, arbitrary: legs.map((leg) => ({ do: "unassign" as const, leg })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom("link" as const, "unlink" as const), fc.constantFrom("1", "2"))
      .map(([does, id]) => ({ do: does, record: record(id) })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("n1", "n2").map((id) => ({
      do: "note" as const,
      note: { id, text: "x", audience: "internal" as const },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("m1", "m2").map((id) => ({
      do: "email" as const,
      mail: { id, via: "mail", to: ["a@x.example"], subject: "s", text: id, agent: { id: "ada" } },
    })),
  },
  { weight: 1, arbitrary: legs.map((leg) => ({ do: "learn" as const, leg, facts: { a: 1 } })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("open", "resolved", "closed")
      .map((status) => ({ do: "setStatus" as const, status })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Command>(
      { do: "message", from: "customer" },
      { do: "abandon" },
      { do: "offer", offer: "o" },
      { do: "endOffer", offer: "o", outcome: "missed" },
    ),
  },
  { weight: 3, arbitrary: fc.constant({ do: "tick" as const }) },
);

/** From the platform with an event id, or from an app without. */
const senders = fc.constantFrom<Pick<Command, "eventId" | "by">>(
  { eventId: "e", by: "platform" },
  {},
  { by: "ada" },
);

const steps = fc.array(
  fc
    .tuple(waits, commands, senders)
    .map(([wait, command, sender]): Step => ({ wait, command: { ...command, ...sender } })),
  { maxLength: 30 },
);

const channels = fc.constantFrom<Channel>("voice", "voice", "chat");

type Watched = {
  readonly before: Interaction;
  readonly decision: Decision;
  readonly at: number;
  readonly taken: readonly Taken[];
};

const started = (channel: Channel): Interaction =>
  decide(undefined, { do: "start", channel, direction: "inbound" }, { key, settings, at: dawn })
    .next;

/** Runs steps and hands every decision over; refusals must be clear errors, and leave nothing behind. */
function run(
  channel: Channel,
  list: readonly Step[],
  watch: (seen: Watched) => void = () => undefined,
): { now: Interaction; at: number; taken: Taken[] } {
  let now = started(channel);
  let at = dawn;
  const taken: Taken[] = [];
  for (const { wait, command } of list) {
    at += wait;
    const decision = attempt(now, command, at);
    if (decision === undefined) continue;
    taken.push({ at, command });
    watch({ before: now, decision, at, taken });
    now = decision.next;
  }
  return { now, at, taken };
}

function attempt(now: Interaction, command: Command, at: number): Decision | undefined {
  try {
    return decide(now, command, { key, settings, at });
  } catch (error) {
    if (!isWrapupError(error) || command.eventId !== undefined) throw error;
    return undefined;
  }
}

/** Ticks at every deadline until silence has nothing more to say. */
function silence(
  now: Interaction,
  at: number,
): { readonly now: Interaction; readonly decisions: readonly Decision[] } {
  const decisions: Decision[] = [];
  let decision = decide(now, { do: "tick" }, { key, settings, at });
  decisions.push(decision);
  for (let n = 0; decision.deadline !== undefined; n += 1) {
    if (n > 50) throw new Error("deadlines never end");
    decision = decide(
      decision.next,
      { do: "tick" },
      { key, settings, at: Math.max(at, decision.deadline) },
    );
    decisions.push(decision);
  }
  return { now: decision.next, decisions };
}

test.prop([channels, steps], { numRuns: 1500 })(
  "L1, L2, L7 a leg is closed only when the spec allows it, and always when the spec demands it",
  (channel, list) => {
    const seenAt = new Map<string, number>();
    run(channel, list, ({ decision, at, taken }) => {
      for (const leg of decision.next.legs) {
        const since = seenAt.get(leg.id) ?? at;
        seenAt.set(leg.id, since);
        const verdict =
          channel === "voice"
            ? judgeVoice(taken, leg.id, at)
            : judgeDigital(taken, leg.id, at, since);
        const closed = leg.state === "closed";
        expect({
          leg: leg.id,
          closed: closed && !verdict.mayBeClosed,
          open: !closed && verdict.mustBeClosed,
        }).toEqual({ leg: leg.id, closed: false, open: false });
      }
    });
  },
);

test.prop([channels, steps], { numRuns: 1000 })(
  "L3 nothing wakes before something is due, and every close wakes; a new mail wakes its own lane alone, at once",
  (channel, list) => {
    run(channel, list, ({ before, decision }) => {
      const due = somethingIsDue(before) || somethingIsDue(decision.next);
      const isMail = decision.next.mails.length > before.mails.length;
      const newlyClosed = decision.next.legs.filter(
        (leg) =>
          leg.recorded.closed !== undefined &&
          before.legs.find(({ id }) => id === leg.id)?.recorded.closed === undefined &&
          ["agent", "bargeIn"].includes(leg.role),
      );
      // A mail that comes after a long silence finds the interaction over as well.
      const alone = newlyClosed.length === 0 && decision.next.over === before.over;
      if (isMail && alone) expect(decision.wake).toEqual(["mail"]);
      else if (isMail) expect(decision.wake).toContain("mail");
      else expect(due || decision.wake.length === 0).toBe(true);
      if (newlyClosed.length > 0)
        expect(decision.wake).toEqual([...new Set([...decision.next.connections, "log"])]);
    });
  },
);

test.prop([channels, steps], { numRuns: 1000 })(
  "closing happens at most once per leg, and is never undone or moved",
  (channel, list) => {
    const closedLines = new Map<string, number>();
    run(channel, list, ({ before, decision }) => {
      for (const line of decision.history)
        if (line.what === "closed")
          closedLines.set(line.leg ?? "", (closedLines.get(line.leg ?? "") ?? 0) + 1);
      for (const leg of before.legs) {
        if (leg.state !== "closed") continue;
        expect(decision.next.legs.find(({ id }) => id === leg.id)).toMatchObject({
          state: "closed",
          closed: leg.closed,
          recorded: { closed: leg.recorded.closed },
        });
      }
    });
    expect([...closedLines.values()].every((count) => count === 1)).toBe(true);
  },
);

test.prop([channels, steps], { numRuns: 1000 })(
  "L7 no close is ever lost: when time passes, every leg closes and the interaction is over",
  (channel, list) => {
    const { now, at } = run(channel, list);
    const after = silence(now, at);

    expect(after.now.legs.map(({ id }) => id)).toEqual(now.legs.map(({ id }) => id));
    expect(
      after.now.legs.every(({ state, closed }) => state === "closed" && closed !== undefined),
    ).toBe(true);
    if (now.legs.length > 0) expect(after.now.over).toBe(true);
    const newly = now.legs.some(
      (leg) => leg.state !== "closed" && (leg.role === "agent" || leg.role === "bargeIn"),
    );
    expect(after.decisions.some(({ wake }) => wake.length > 0) || !newly).toBe(true);
  },
);

test.prop([channels, steps], { numRuns: 500 })(
  "L7 a deadline that a decision names is the earliest moment a tick does anything",
  (channel, list) => {
    run(channel, list, ({ decision, at }) => {
      const { deadline, next } = decision;
      if (deadline === undefined || deadline <= at) return;
      expect(decide(next, { do: "tick" }, { key, settings, at: deadline - 1 }).next).toBe(next);
      expect(decide(next, { do: "tick" }, { key, settings, at: deadline }).next).not.toBe(next);
    });
  },
);

test.prop([channels, steps], { numRuns: 500 })(
  "decide is pure: equal arguments give equal decisions, frozen or stored and read again",
  (channel, list) => {
    run(channel, list, ({ before, decision, at, taken }) => {
      const command = taken.at(-1)?.command ?? { do: "tick" };
      const stored: Interaction = JSON.parse(JSON.stringify(before));
      expect(
        decide(deepFrozen(stored), deepFrozen(structuredClone(command)), { key, settings, at }),
      ).toEqual(decision);
    });
  },
);

test.prop([channels, steps], { numRuns: 500 })(
  "the version grows by exactly one with a change, and a decision without a change answers the same object and wakes nobody",
  (channel, list) => {
    run(channel, list, ({ before, decision, at }) => {
      if (decision.next === before) {
        expect(decision.wake).toEqual([]);
        return;
      }
      expect(decision.next).toMatchObject({ version: before.version + 1, recordedAt: at });
    });
  },
);

test.prop([channels, steps], { numRuns: 500 })(
  "L6 hearing everything a second time closes nothing again and makes no leg",
  (channel, list) => {
    const first = run(channel, list);
    const fromPlatform = first.taken
      .filter(
        ({ command }) =>
          !["transferFailed", "setStatus", "link", "unlink", "tick", "message"].includes(
            command.do,
          ),
      )
      .map(({ command }): Step => ({ wait: 0, command: { ...command, eventId: "again" } }));
    let now = first.now;
    const closedBefore = now.legs.filter(({ state }) => state === "closed").length;
    for (const { command } of fromPlatform)
      now = decide(now, command, { key, settings, at: first.at }).next;

    expect(now.legs.map(({ id }) => id)).toEqual(first.now.legs.map(({ id }) => id));
    expect(now.legs.filter(({ state }) => state === "closed").length).toBeGreaterThanOrEqual(
      closedBefore,
    );
    for (const leg of first.now.legs.filter(({ state }) => state === "closed"))
      expect(now.legs.find(({ id }) => id === leg.id)?.recorded).toEqual(leg.recorded);
  },
);

test.prop([channels, steps], { numRuns: 500 })(
  "K1 what is linked is what was linked and not unlinked; before due an unlink leaves no link and wakes nobody",
  (channel, list) => {
    const { now, taken } = run(channel, list, ({ before, decision, taken }) => {
      if (taken.at(-1)?.command.do === "unlink" && !somethingIsDue(before))
        expect(decision.wake).toEqual([]);
    });

    expect(now.links.map(({ record: { id } }) => id).toSorted()).toEqual(linkedIds(taken));
  },
);

/** One answered call as a platform tells it, each event with its own time. */
const callEvents = fc
  .record({
    ring: fc.nat(60),
    talk: fc.nat(600),
    gap: fc.nat(30),
    work: fc.nat(300),
    outbound: fc.boolean(),
    startsWrapUp: fc.boolean(),
  })
  .map(({ ring, talk, gap, work, outbound, startsWrapUp }): readonly Command[] => {
    const begin = dawn - hour;
    const times = {
      answer: begin + ring * second,
      end: begin + (ring + talk) * second,
      work: begin + (ring + talk + gap) * second,
      done: begin + (ring + talk + gap + work) * second,
    };
    const from = { leg: "A", by: "platform" };
    return [
      ...(outbound
        ? ([
            { do: "dial", agent: agentOf("A"), at: begin, ...from },
            { do: "answer", at: times.answer, ...from },
          ] satisfies Command[])
        : ([{ do: "accept", agent: agentOf("A"), at: times.answer, ...from }] satisfies Command[])),
      { do: "endTalk", at: times.end, ...from },
      ...(startsWrapUp
        ? ([{ do: "startWrapUp", at: times.work, ...from }] satisfies Command[])
        : []),
      { do: "completeWrapUp", at: times.done, disposition: "sold", ...from },
    ];
  });

const ordered = callEvents.chain((events) =>
  fc.record({
    events: fc.constant(events),
    shuffled: fc.shuffledSubarray([...events.keys(), ...events.keys()], {
      minLength: events.length * 2,
    }),
  }),
);

const told = (events: readonly Command[]): Interaction =>
  events.reduce(
    (now, command) => decide(now, command, { key, settings, at: dawn }).next,
    started("voice"),
  );

test.prop([ordered], { numRuns: 1000 })(
  "L6 one call's events in any order and twice come to the same leg, closed once, with the same times",
  ({ events, shuffled }) => {
    const [inOrder] = told(events).legs;
    const { now } = silence(
      told(shuffled.map((n) => events[n]).filter((event) => event !== undefined)),
      dawn + 10 * minute,
    );
    const [anyOrder] = now.legs;

    expect(now.legs).toHaveLength(1);
    expect(inOrder?.state).toBe("closed");
    if (inOrder === undefined || anyOrder === undefined) return;
    expect({
      ...legTimes(anyOrder),
      disposition: anyOrder.disposition,
      agent: anyOrder.agent,
    }).toEqual({
      ...legTimes(inOrder),
      disposition: inOrder.disposition,
      agent: inOrder.agent,
    });
  },
);

test.prop([ordered.chain(({ events }) => fc.shuffledSubarray([...events], { minLength: 1 }))], {
  numRuns: 500,
})("L7 with any of its events missing, in any order, a leg closes exactly once", (some) => {
  const { now, decisions } = silence(told(some), dawn);
  const lines = decisions
    .flatMap(({ history }) => history)
    .filter(({ what }) => what === "closed").length;

  expect(now.legs.map(({ state }) => state)).toEqual(["closed"]);
  expect(lines).toBeLessThanOrEqual(1);
});

function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    Object.values(Object.freeze(value)).forEach(deepFrozen);
  return value;
}
