import { counted, type Paint } from "./paint.ts";
import type { Found, Wanted } from "./proof.ts";
import { type CrmResult, faultsOf, type Result } from "./result.ts";
import { crmLabels, type Scenario } from "./story.ts";

const none = (count: number): string => (count === 0 ? "none" : String(count));

/** The proof in plain words, CRM by CRM, and the first few of what is wrong. */
export function proofText(result: Result, { good, bad, bold }: Paint): readonly string[] {
  const show = (line: Checked): string =>
    line.holds ? good(`  ✓ ${line.text}`) : bad(`  ✗ ${line.text}`);
  const details = [
    ...result.refused,
    ...result.crms.flatMap((own) => detailOf(own, result.scenario)),
  ].slice(0, 12);
  return [
    ...result.crms.flatMap((own) => [
      ...(result.crms.length === 1 ? [] : [bold(crmLabels[own.crm])]),
      ...[...aboutActivities(own), ...aboutTheRest(own)].map(show),
    ]),
    ...(result.crms.length === 1 ? [] : [bold("Together")]),
    ...aboutTheApp(result).map(show),
    ...details.map((text) => bad(`      ${text}`)),
    ...result.failures.slice(0, 5).map((text) => `      the worker said: ${text}`),
  ];
}

type Checked = { readonly holds: boolean; readonly text: string };

function aboutActivities({ verdict, activities, lines }: CrmResult): readonly Checked[] {
  const wanted = lines.filter(({ expected }) => expected.fate === "written").length;
  const check = (list: readonly unknown[], text: string): Checked => ({
    holds: list.length === 0,
    text: `${none(list.length)} ${text}`,
  });
  return [
    {
      holds: verdict.missing.length === 0,
      text: `${counted(wanted, "activity", "activities")} should be there; ${activities} are there, ${none(verdict.missing.length)} missing`,
    },
    check(verdict.duplicates, "there twice"),
    check(verdict.early, "committed before the moment it became due, by the CRM's own clock"),
    check(verdict.misfiled, "on the wrong record or under the wrong agent"),
    check(verdict.outdated, "left in an earlier state"),
    check(verdict.unexpected, "that nobody asked for"),
  ];
}

function aboutTheRest({ cases, lines, parked, parkedWrongly }: CrmResult): readonly Checked[] {
  const unwritable = lines.filter(({ expected }) => expected.fate === "parked").length;
  return [
    {
      holds: cases.missing.length + cases.twice.length === 0,
      text: `${counted(cases.wanted, "case")} created by agents: ${none(cases.missing.length)} missing, ${none(cases.twice.length)} there twice`,
    },
    {
      holds: parkedWrongly.length === 0,
      text: `${counted(unwritable, "write")} the CRM can never take, to be parked; ${parked.length} parked`,
    },
  ];
}

const aboutTheApp = ({ refused, unfinished }: Result): readonly Checked[] => [
  { holds: refused.length === 0, text: `${none(refused.length)} of the app's commands refused` },
  { holds: unfinished === 0, text: `${none(unfinished)} still waiting` },
];

const place = ({ kind, owner, places }: Wanted | Found): string =>
  [kind, `owner ${owner}`, ...places].join(", ");

/** What is wrong, so that somebody can look. */
function detailOf(
  { verdict, parkedWrongly, crm }: CrmResult,
  scenario: Scenario,
): readonly string[] {
  const plotOf = new Map(scenario.stories.map(({ id, plot }) => [id, plot]));
  const at = (interaction: string): string =>
    `${interaction} (${plotOf.get(interaction) ?? "unknown"}, ${crmLabels[crm]})`;
  return [
    ...verdict.missing.map((one) => `missing: ${at(one.interaction)}`),
    ...verdict.duplicates.map((one) => `twice: ${at(one.interaction)}`),
    ...verdict.early.map(
      ({ wanted, found }) =>
        `early: ${at(wanted.interaction)} by ${Math.round((wanted.dueAt - found.createdAt) / 1_000)} s`,
    ),
    ...verdict.misfiled.map(
      ({ wanted, found }) =>
        `misfiled: ${at(wanted.interaction)}: wanted ${place(wanted)}; found ${place(found)}`,
    ),
    ...verdict.outdated.map(
      ({ wanted, found }) =>
        `earlier state: ${at(wanted.interaction)}: ${stateOf(found)} instead of ${wanted.disposition ?? "anything"}${wanted.says === undefined ? "" : ", with what was told late"}`,
    ),
    ...verdict.unexpected.map((one) => `unexpected: ${at(one.interaction)}`),
    ...parkedWrongly.map((interaction) => `parked or not: ${at(interaction)}`),
  ];
}

const stateOf = ({ done, disposition }: Found): string =>
  `${done ? "completed" : "open"}, ${disposition ?? "nothing"}`;

/** The one line for machines: everything together, and a section per CRM. `activities` are those in the CRM. */
export function jsonOf(result: Result): string {
  const sections = result.crms.map((own) => [own.crm, sectionOf(own)] as const);
  const sum = (name: keyof ReturnType<typeof sectionOf>): number =>
    sections.reduce((total, [, section]) => total + section[name], 0);
  return JSON.stringify({
    interactions: result.scenario.stories.length,
    activities: sum("activities"),
    apiCalls: sum("apiCalls"),
    missing: sum("missing"),
    duplicates: sum("duplicates"),
    early: sum("early"),
    parked: sum("parked"),
    killed: result.killed,
    misfiled: sum("misfiled"),
    outdated: sum("outdated"),
    unexpected: sum("unexpected"),
    retries: sum("retries"),
    holds: faultsOf(result).length === 0,
    crms: Object.fromEntries(sections),
  });
}

const sectionOf = ({ activities, spent, verdict, cases, parked, told }: CrmResult) => ({
  activities,
  apiCalls: spent.all,
  missing: verdict.missing.length + cases.missing.length,
  duplicates: verdict.duplicates.length + cases.twice.length,
  early: verdict.early.length,
  parked: parked.length,
  misfiled: verdict.misfiled.length,
  outdated: verdict.outdated.length,
  unexpected: verdict.unexpected.length,
  retries: told.retries,
});
