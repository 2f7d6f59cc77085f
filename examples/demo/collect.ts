import { type Expected, expectedAfter } from "./expected.ts";
import { idOf } from "./org.ts";
import { type Journal, sceneKey } from "./player.ts";
import { prove, proveCases, type Wanted } from "./proof.ts";
import type { CrmResult, Line } from "./result.ts";
import type { RecordName, Scenario } from "./story.ts";
import type { Played } from "./world.ts";

/** What the proof of one CRM is made from: the story, the app's own journal, and that CRM's own records. */
export type Evidence = {
  readonly scenario: Scenario;
  readonly journal: Journal;
  readonly played: Played;
  readonly parked: CrmResult["parked"];
};

/** Compares what should be in one CRM with what is there. */
export async function collect(evidence: Evidence): Promise<CrmResult> {
  const { scenario, parked, played } = evidence;
  const { crm, probe, told } = played;
  const expected = expectedAfter(scenario, crm.name);
  const wanted = expected.activities.map((one) => wantedOf(one, evidence));
  const live = await probe.activities();
  const verdict = prove(wanted, live);
  const cases = await probe.cases();
  const written = new Map(
    [...verdict.right, ...verdict.misfiled].map((pair) => [pair.wanted, pair.found.createdAt]),
  );
  const lines = expected.activities.flatMap((one, n): readonly Line[] => {
    const own = wanted[n];
    const at = own === undefined ? undefined : written.get(own);
    return own === undefined
      ? []
      : [{ expected: one, wanted: own, ...(at !== undefined && { writtenAt: at }) }];
  });
  return {
    crm: crm.name,
    lines,
    verdict,
    cases: {
      wanted: expected.cases.length,
      ...proveCases(
        expected.cases.map(({ subject }) => subject),
        cases,
      ),
    },
    activities: live.length,
    spent: await probe.spent(),
    told,
    parked,
    parkedWrongly: differing(
      expected.activities
        .filter(({ fate }) => fate === "parked")
        .map(({ interaction }) => interaction),
      parked.map(({ interaction }) => interaction),
    ),
  };
}

function wantedOf(
  { interaction, kind, agent, places, agentAs, disposition, says, due, latest, fate }: Expected,
  { journal, played: { names, users } }: Evidence,
): Wanted {
  const at = ({ scene, afterMs }: Expected["due"]): number =>
    (journal.sent.get(sceneKey(interaction, scene)) ?? Number.POSITIVE_INFINITY) + afterMs;
  // A record that an agent could not create has no id: what names it is wanted under a name no record has.
  const idIfKnown = (name: RecordName): string => (names.has(name) ? idOf(names, name) : name);
  const owner = users.get(agent) ?? agent;
  return {
    interaction,
    kind,
    owner,
    places: [
      ...places.map(({ as, record }) => `${as} ${idIfKnown(record)}`),
      ...(agentAs === undefined ? [] : [`${agentAs} ${owner}`]),
    ].toSorted(),
    disposition,
    says,
    dueAt: at(due),
    latestAt: at(latest),
    fate,
  };
}

/** Interactions that are in one list and not in the other. */
const differing = (a: readonly string[], b: readonly string[]): readonly string[] => [
  ...new Set(a).symmetricDifference(new Set(b)),
];
