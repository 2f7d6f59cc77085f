import type { Spent } from "./crm.ts";
import type { Expected } from "./expected.ts";
import type { Verdict, Wanted } from "./proof.ts";
import { crmLabels, type CrmName, type Scenario } from "./story.ts";

/** What the worker told of one CRM while it ran. */
export type Told = {
  written: number;
  retries: number;
  readonly pauses: Map<string, number>;
};

export const toldNothing = (): Told => ({ written: 0, retries: 0, pauses: new Map() });

/** One expected activity with what was found of it. */
export type Line = {
  readonly expected: Expected;
  readonly wanted: Wanted;
  readonly writtenAt?: number;
};

/** What became of the half hour in one CRM. */
export type CrmResult = {
  readonly crm: CrmName;
  readonly lines: readonly Line[];
  readonly verdict: Verdict;
  readonly cases: {
    readonly wanted: number;
    readonly missing: readonly string[];
    readonly twice: readonly string[];
  };
  readonly activities: number;
  readonly spent: Spent;
  readonly told: Told;
  readonly parked: readonly { readonly interaction: string; readonly reason: string }[];
  /** Interactions with parked writes that should be, and are not, or the other way round. */
  readonly parkedWrongly: readonly string[];
};

/** Everything the demo can say after a run. Pure data. */
export type Result = {
  readonly scenario: Scenario;
  readonly seconds: number;
  /** The fast clock when the half hour began. */
  readonly begin: number;
  readonly crms: readonly CrmResult[];
  /** What went wrong in the workers. */
  readonly failures: readonly string[];
  readonly killed: number;
  /** Writes that were under way when the worker was killed. */
  readonly underWay: number;
  /** What the app's own commands were refused. */
  readonly refused: readonly string[];
  /** Work was still waiting when the demo stopped waiting for it. */
  readonly unfinished: number;
};

const said = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];

/** Every way in which the proof failed, one plain line each; empty when it holds. Of several CRMs each line names its own. */
export function faultsOf({ crms, refused, unfinished }: Result): readonly string[] {
  const name = (crm: CrmName): string => (crms.length === 1 ? "" : `${crmLabels[crm]}: `);
  return [
    ...crms.flatMap((own) => faultsIn(own).map((fault) => `${name(own.crm)}${fault}`)),
    ...said(refused.length, "command of the app was refused", "commands of the app were refused"),
    ...said(
      unfinished,
      "piece of work was still waiting at the end",
      "pieces of work were still waiting at the end",
    ),
  ];
}

function faultsIn({ verdict, cases, parkedWrongly }: CrmResult): readonly string[] {
  return [
    ...said(verdict.missing.length, "activity is missing", "activities are missing"),
    ...said(verdict.duplicates.length, "activity is there twice", "activities are there twice"),
    ...said(
      verdict.early.length,
      "activity was written early: before it became due",
      "activities were written early: before they became due",
    ),
    ...said(
      verdict.misfiled.length,
      "activity is on the wrong record or under the wrong agent",
      "activities are on the wrong record or under the wrong agent",
    ),
    ...said(
      verdict.outdated.length,
      "activity holds an earlier state",
      "activities hold an earlier state",
    ),
    ...said(
      verdict.unexpected.length,
      "activity is there that nobody asked for",
      "activities are there that nobody asked for",
    ),
    ...said(cases.missing.length, "case of an agent is missing", "cases of agents are missing"),
    ...said(
      cases.twice.length,
      "case of an agent is there twice",
      "cases of agents are there twice",
    ),
    ...said(
      parkedWrongly.length,
      "interaction is parked, or should be and is not",
      "interactions are parked, or should be and are not",
    ),
  ];
}
