import { type Linked, seatsFor } from "./seats.ts";
import { type RecordName, refusedDisposition, type Scenario, type Story } from "./story.ts";
import { type Moment, Reading, type ToldLeg } from "./told-legs.ts";

/** One activity that should be in the CRM in the end, or parked where the CRM cannot take it. */
export type Expected = {
  readonly interaction: string;
  readonly plot: string;
  readonly agent: string;
  readonly who?: RecordName;
  readonly what?: RecordName;
  /** Only the first activity of a leg carries it, so that reports count a call once. */
  readonly disposition?: string;
  /** It must not be there before. */
  readonly due: Moment;
  /** As it stands in the end it must not have been there before: the last leg's end, where it grows. */
  readonly latest: Moment;
  readonly fate: "written" | "parked";
};

/**
 * What should be in the CRM after a story, worked out from the story itself by the rules people are told: an activity per agent of
 * a call, one that grows per digital interaction, none where nobody linked a record, nobody answered, or nobody was done.
 */
export function expectedOf(story: Story): readonly Expected[] {
  const reading = new Reading(story);
  const legs = reading.legs.filter(({ talksWithCustomer }) => talksWithCustomer);
  const deleted = new Set(
    story.scenes.flatMap((scene) => (scene.do === "crmDeletes" ? scene.record : [])),
  );
  if (story.channel !== "voice") return wholeOf(story, legs, reading.links, deleted);
  return legs.flatMap((leg, n) =>
    leg.due === undefined
      ? []
      : activities(
          story,
          { ...leg, due: leg.due, latest: leg.due },
          reading.links.filter(({ fromLeg }) => fromLeg <= n),
          deleted,
        ),
  );
}

/** A digital interaction is written at its first close and then grows; its agent and disposition are the last one's. */
function wholeOf(
  story: Story,
  legs: readonly ToldLeg[],
  links: readonly Linked[],
  deleted: ReadonlySet<RecordName>,
): readonly Expected[] {
  const closed = legs
    .flatMap((leg) => (leg.due === undefined ? [] : { ...leg, due: leg.due }))
    .toSorted((a, b) => a.due.scene - b.due.scene);
  const [first] = closed;
  const last = closed.at(-1);
  return first === undefined || last === undefined
    ? []
    : activities(story, { ...last, due: first.due, latest: last.due }, links, deleted);
}

function activities(
  story: Story,
  leg: ToldLeg & { readonly due: Moment; readonly latest: Moment },
  links: readonly Linked[],
  deleted: ReadonlySet<RecordName>,
): readonly Expected[] {
  return seatsFor(links).map((seat, n) => {
    const disposition = n === 0 ? leg.disposition : undefined;
    const hopeless =
      [seat.who, seat.what].some((record) => record !== undefined && deleted.has(record)) ||
      disposition === refusedDisposition;
    return {
      interaction: story.id,
      plot: story.plot,
      agent: leg.agent,
      ...seat,
      ...(disposition !== undefined && { disposition }),
      due: leg.due,
      latest: leg.latest,
      fate: hopeless ? "parked" : "written",
    };
  });
}

/** A case that an agent created: it must be there once. */
export type ExpectedCase = { readonly interaction: string; readonly subject: string };

/** Everything that should be in the CRM when the scenario is over. */
export function expectedAfter({ stories }: Scenario): {
  readonly activities: readonly Expected[];
  readonly cases: readonly ExpectedCase[];
} {
  return {
    activities: stories.flatMap(expectedOf),
    cases: stories.flatMap(({ id, scenes }) =>
      scenes.flatMap((scene) =>
        scene.do === "createCase" ? { interaction: id, subject: scene.subject } : [],
      ),
    ),
  };
}
