import type { Linked, Seat } from "./seat.ts";
import { seatRules } from "./seats.ts";
import {
  type CrmName,
  happensIn,
  type RecordName,
  refusedDisposition,
  type Scenario,
  type Story,
} from "./story.ts";
import { type Moment, Reading, type ToldLeg } from "./told-legs.ts";

/** One activity that should be in one CRM in the end, or parked where that CRM cannot take it. */
export type Expected = Seat & {
  readonly interaction: string;
  readonly plot: string;
  readonly agent: string;
  /** Only the first activity of a leg carries it, so that reports count a call once. */
  readonly disposition?: string;
  /** What was told late, in the activity itself or in a note at it. */
  readonly says?: string;
  /** It must not be there before. */
  readonly due: Moment;
  /** As it stands in the end it must not have been there before: the last leg's end, where it grows. */
  readonly latest: Moment;
  readonly fate: "written" | "parked";
};

/**
 * What should be in one CRM after a story, worked out from the story itself by the rules people are told: an activity per agent of
 * a call, one that grows per digital interaction, none where nobody linked a record there, nobody answered, or nobody was done.
 */
export function expectedOf(story: Story, crm: CrmName): readonly Expected[] {
  const reading = new Reading(story, crm);
  const legs = reading.legs.filter(({ talksWithCustomer }) => talksWithCustomer);
  const told: Told = { story, crm, links: reading.links };
  if (story.channel !== "voice") return wholeOf(told, legs);
  return legs.flatMap((leg, n) =>
    leg.due === undefined
      ? []
      : activities(
          { ...told, links: reading.links.filter(({ fromLeg }) => fromLeg <= n) },
          { ...leg, due: leg.due, latest: leg.due },
        ),
  );
}

type Told = { readonly story: Story; readonly crm: CrmName; readonly links: readonly Linked[] };

/** A digital interaction is written at its first close and then grows; its agent and disposition are the last one's. */
function wholeOf(told: Told, legs: readonly ToldLeg[]): readonly Expected[] {
  const closed = legs
    .flatMap((leg) => (leg.due === undefined ? [] : { ...leg, due: leg.due }))
    .toSorted((a, b) => a.due.scene - b.due.scene);
  const [first] = closed;
  const last = closed.at(-1);
  return first === undefined || last === undefined
    ? []
    : activities(told, { ...last, due: first.due, latest: last.due });
}

function activities(
  { story, crm, links }: Told,
  leg: ToldLeg & { readonly due: Moment; readonly latest: Moment },
): readonly Expected[] {
  const deleted = new Set<RecordName>();
  let says: string | undefined;
  for (const scene of story.scenes) {
    if (scene.do === "crmDeletes" && happensIn(crm, story, scene)) deleted.add(scene.record);
    if (scene.do === "note" && scene.inCrm === true) says = scene.text;
  }
  const seats = seatRules[crm](links, story);
  return seats.map((seat, n) => {
    const disposition = dispositionOf(story, leg, seats.length, n);
    const hopeless =
      seat.places.some(({ record }) => deleted.has(record)) || disposition === refusedDisposition;
    return {
      interaction: story.id,
      plot: story.plot,
      agent: leg.agent,
      ...seat,
      ...(disposition !== undefined && { disposition }),
      ...(says !== undefined && { says }),
      due: leg.due,
      latest: leg.latest,
      fate: hopeless ? "parked" : "written",
    };
  });
}

/**
 * Of several activities only the first carries it, so that reports count a call once. Which one is first of a digital interaction that
 * grows depends on what was linked when it was first written: there it is not checked.
 */
const dispositionOf = (
  { channel }: Story,
  { disposition }: ToldLeg,
  seats: number,
  n: number,
): string | undefined => (n > 0 || (seats > 1 && channel !== "voice") ? undefined : disposition);

/** A case that an agent created: it must be there once. */
export type ExpectedCase = { readonly interaction: string; readonly subject: string };

/** Everything that should be in one CRM when the scenario is over. */
export function expectedAfter(
  { stories }: Scenario,
  crm: CrmName,
): {
  readonly activities: readonly Expected[];
  readonly cases: readonly ExpectedCase[];
} {
  return {
    activities: stories.flatMap((story) => expectedOf(story, crm)),
    cases: stories.flatMap((story) =>
      story.scenes.flatMap((scene) =>
        scene.do === "createCase" && happensIn(crm, story, scene)
          ? { interaction: story.id, subject: scene.subject }
          : [],
      ),
    ),
  };
}
