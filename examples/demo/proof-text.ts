import type { Paint } from "./paint.ts";
import { faultsOf, type Result } from "./result.ts";

const none = (count: number): string => (count === 0 ? "none" : String(count));

/** The proof in plain words, line by line. */
export function proofText(result: Result, { good, bad }: Paint): readonly string[] {
  const { verdict, activities, cases, lines, parked } = result;
  const wanted = lines.filter(({ expected }) => expected.fate === "written").length;
  const parkedWanted = lines.length - wanted;
  const check = (holds: boolean, text: string): string =>
    holds ? good(`  ✓ ${text}`) : bad(`  ✗ ${text}`);
  return [
    check(
      verdict.missing.length === 0,
      `${wanted} activities should be there; ${activities} are there, ${none(verdict.missing.length)} missing`,
    ),
    check(verdict.duplicates.length === 0, `${none(verdict.duplicates.length)} there twice`),
    check(
      verdict.early.length === 0,
      `${none(verdict.early.length)} committed before the moment it became due, by the CRM's own clock`,
    ),
    check(
      verdict.misfiled.length === 0,
      `${none(verdict.misfiled.length)} on the wrong record or under the wrong agent`,
    ),
    check(
      verdict.outdated.length === 0,
      `${none(verdict.outdated.length)} left in an earlier state`,
    ),
    check(
      verdict.unexpected.length === 0,
      `${none(verdict.unexpected.length)} that nobody asked for`,
    ),
    check(
      cases.missing.length + cases.twice.length === 0,
      `${cases.wanted} cases were created by agents; ${none(cases.missing.length)} missing, ${none(cases.twice.length)} there twice`,
    ),
    check(
      result.parkedWrongly.length === 0,
      `${parkedWanted} could not be written and should be parked; ${parked.length} are`,
    ),
    check(
      result.refused.length === 0,
      `${none(result.refused.length)} of the app's commands refused`,
    ),
    check(result.unfinished === 0, `${none(result.unfinished)} still waiting`),
    ...result.refused.slice(0, 5).map((text) => bad(`      ${text}`)),
    ...result.told.failures.slice(0, 5).map((text) => `      worker: ${text}`),
    ...detailOf(result)
      .slice(0, 10)
      .map((text) => bad(`      ${text}`)),
  ];
}

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
        `misfiled: ${at(wanted.interaction)}: wanted ${wanted.owner} ${wanted.who ?? "-"} ${wanted.what ?? "-"}, found ${found.owner} ${found.who ?? "-"} ${found.what ?? "-"}`,
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
  const { scenario, activities, spent, verdict, parked, killed } = result;
  return JSON.stringify({
    interactions: scenario.stories.length,
    activities,
    apiCalls: spent.all,
    missing: verdict.missing.length + result.cases.missing.length,
    duplicates: verdict.duplicates.length + result.cases.twice.length,
    early: verdict.early.length,
    parked: parked.length,
    killed,
    misfiled: verdict.misfiled.length,
    outdated: verdict.outdated.length,
    unexpected: verdict.unexpected.length,
    retries: result.told.retries,
    holds: faultsOf(result).length === 0,
  });
}
