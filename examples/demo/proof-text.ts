import { counted, type Paint } from "./paint.ts";
import { faultsOf, type Result } from "./result.ts";

const none = (count: number): string => (count === 0 ? "none" : String(count));

/** The proof in plain words, line by line, and the first few of what is wrong. */
export function proofText(result: Result, { good, bad }: Paint): readonly string[] {
  const details = [...result.refused, ...detailOf(result)].slice(0, 12);
  const failures = result.told.failures.slice(0, 5);
  return [
    ...aboutActivities(result).map((line) =>
      line.holds ? good(`  ✓ ${line.text}`) : bad(`  ✗ ${line.text}`),
    ),
    ...aboutTheRest(result).map((line) =>
      line.holds ? good(`  ✓ ${line.text}`) : bad(`  ✗ ${line.text}`),
    ),
    ...details.map((text) => bad(`      ${text}`)),
    ...failures.map((text) => `      the worker said: ${text}`),
  ];
}

type Checked = { readonly holds: boolean; readonly text: string };

function aboutActivities({ verdict, activities, lines }: Result): readonly Checked[] {
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

function aboutTheRest({
  cases,
  lines,
  parked,
  parkedWrongly,
  refused,
  unfinished,
}: Result): readonly Checked[] {
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
    { holds: refused.length === 0, text: `${none(refused.length)} of the app's commands refused` },
    { holds: unfinished === 0, text: `${none(unfinished)} still waiting` },
  ];
}

const place = ({
  owner,
  who = "-",
  what = "-",
}: {
  readonly owner: string;
  readonly who: string | undefined;
  readonly what: string | undefined;
}): string => `owner ${owner}, who ${who}, what ${what}`;

/** The first few of what is wrong, so that somebody can look. */
function detailOf({ verdict, parkedWrongly, scenario }: Result): readonly string[] {
  const plotOf = new Map(scenario.stories.map(({ id, plot }) => [id, plot]));
  const at = (interaction: string): string =>
    `${interaction} (${plotOf.get(interaction) ?? "unknown"})`;
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
        `earlier state: ${at(wanted.interaction)}: ${found.disposition ?? "nothing"} instead of ${wanted.disposition ?? "nothing"}`,
    ),
    ...verdict.unexpected.map((one) => `unexpected: ${at(one.interaction)}`),
    ...parkedWrongly.map((interaction) => `parked or not: ${at(interaction)}`),
  ];
}

/** The one line for machines. `activities` are those in the CRM. */
export function jsonOf(result: Result): string {
  const { scenario, activities, spent, verdict, cases, parked, killed, told } = result;
  return JSON.stringify({
    interactions: scenario.stories.length,
    activities,
    apiCalls: spent.all,
    missing: verdict.missing.length + cases.missing.length,
    duplicates: verdict.duplicates.length + cases.twice.length,
    early: verdict.early.length,
    parked: parked.length,
    killed,
    misfiled: verdict.misfiled.length,
    outdated: verdict.outdated.length,
    unexpected: verdict.unexpected.length,
    retries: told.retries,
    holds: faultsOf(result).length === 0,
  });
}
