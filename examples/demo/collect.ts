import type { CallRecord, EmulatorControl, StoredRecord } from "@wrapup/salesforce/emulator";
import { type Expected, expectedAfter } from "./expected.ts";
import { idOf, type Names } from "./org.ts";
import { type Journal, sceneKey } from "./player.ts";
import { type Found, prove, proveCases, type Wanted } from "./proof.ts";
import type { Line, Result, Spent } from "./result.ts";
import type { Scenario } from "./story.ts";

/** What the proof is made from: the story, the app's own journal, and the far side's own records. */
export type Evidence = {
  readonly scenario: Scenario;
  readonly journal: Journal;
  readonly names: Names;
  readonly users: ReadonlyMap<string, string>;
  readonly control: EmulatorControl;
  readonly parked: Result["parked"];
};

/** Compares what should be in the CRM with what is there. */
export async function collect(
  evidence: Evidence,
): Promise<Pick<Result, "lines" | "verdict" | "cases" | "activities" | "spent" | "parkedWrongly">> {
  const { scenario, control, parked } = evidence;
  const expected = expectedAfter(scenario);
  const wanted = expected.activities.map((one) => wantedOf(one, evidence));
  const tasks = await control.records("Task");
  const live = tasks.filter(({ deleted }) => !deleted).map(foundOf);
  const verdict = prove(wanted, live);
  const cases = (await control.records("Case"))
    .filter(({ deleted }) => !deleted)
    .map(({ fields }) => String(fields["Subject"]));
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
    spent: spentOn(await control.calls(), tasks),
    parkedWrongly: differing(
      expected.activities
        .filter(({ fate }) => fate === "parked")
        .map(({ interaction }) => interaction),
      parked.map(({ interaction }) => interaction),
    ),
  };
}

/** A record that an agent could not create has no id: what names it is wanted under a name no record has. */
const idIfKnown = (names: Names, name: Expected["who"]): string | undefined =>
  name === undefined ? undefined : names.has(name) ? idOf(names, name) : name;

function wantedOf(
  { interaction, agent, who, what, disposition, due, latest, fate }: Expected,
  { journal, names, users }: Evidence,
): Wanted {
  const at = ({ scene, afterMs }: Expected["due"]): number =>
    (journal.sent.get(sceneKey(interaction, scene)) ?? Number.POSITIVE_INFINITY) + afterMs;
  return {
    interaction,
    owner: users.get(agent) ?? agent,
    who: idIfKnown(names, who),
    what: idIfKnown(names, what),
    disposition,
    dueAt: at(due),
    latestAt: at(latest),
    fate,
  };
}

const textIn = (fields: StoredRecord["fields"], name: string): string | undefined => {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

const foundOf = ({ fields, createdAt, modifiedAt, Id }: StoredRecord): Found => ({
  interaction: textIn(fields, "Wrapup_Interaction__c") ?? "",
  key: textIn(fields, "Wrapup_Key__c") ?? Id,
  owner: textIn(fields, "OwnerId") ?? "",
  who: textIn(fields, "WhoId"),
  what: textIn(fields, "WhatId"),
  disposition: textIn(fields, "CallDisposition"),
  createdAt,
  modifiedAt,
});

/** Interactions that are in one list and not in the other. */
const differing = (a: readonly string[], b: readonly string[]): readonly string[] => [
  ...new Set(a).symmetricDifference(new Set(b)),
];

function spentOn(calls: readonly CallRecord[], tasks: readonly StoredRecord[]): Spent {
  const api = calls.filter((call) => call.api);
  const count = (...parts: readonly string[]): number =>
    api.filter(({ path }) => parts.some((part) => path.includes(part))).length;
  const [writing, looking, agents] = [
    count("/composite"),
    count("/query"),
    count("/ui-api", "earch"),
  ];
  return {
    all: api.length,
    writing,
    looking,
    agents,
    describing: api.length - writing - looking - agents,
    onePerRecord: tasks.reduce(
      (sum, { modifications, deleted }) => sum + 1 + modifications + (deleted ? 1 : 0),
      0,
    ),
  };
}
