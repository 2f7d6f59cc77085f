import { Cast } from "./cast.ts";
import { digitalPlots } from "./plots-digital.ts";
import { troublePlots } from "./plots-trouble.ts";
import { voicePlots } from "./plots-voice.ts";
import { seededRandom } from "./random.ts";
import type { Plot } from "./script.ts";
import { crmLabels, type CrmName, minute, type Scenario, second, type Story } from "./story.ts";

/** Every kind of story, in the order of the table. */
export const plots: readonly Plot[] = [...voicePlots, ...troublePlots, ...digitalPlots];

/** The last minute in which a story begins, so that all of them end within the half hour. */
const lastStart = 20;

/**
 * A busy half hour: so many interactions of every kind, each with its own people, all from one seed. Pure: the same arguments
 * give the same scenario.
 */
export function busyHalfHour(of: {
  readonly seed: number;
  readonly interactions: number;
  readonly crms: readonly CrmName[];
}): Scenario {
  const random = seededRandom(of.seed);
  const cast = new Cast(random, 24);
  // Each kind is spread over its whole time, with some unrest, and not all kinds in step.
  const told = shares(of.interactions).flatMap(([plot, count]) => {
    const latest = (plot.latest ?? lastStart) * 60;
    const offset = random.between(0, 99) / 100;
    return Array.from({ length: count }, (_, n) => {
      const at = Math.floor(((n + offset) / count) * latest + random.between(-20, 20));
      return { plot, nth: n, at: Math.min(latest, Math.max(0, at)) * second };
    });
  });
  const stories = told
    .toSorted((a, b) => a.at - b.at)
    .map(({ plot, nth, at }, n) =>
      plot.tell({
        id: `i-${String(n + 1).padStart(4, "0")}`,
        plot: plot.plot,
        at,
        cast,
        crms: plot.everywhere === true ? of.crms : crmsOf(nth, of.crms),
        nth,
      }),
    );
  return {
    crms: of.crms,
    agents: cast.agents,
    records: cast.records,
    stories,
    labels: plots.map(({ plot, title, due }) => ({ plot, title, due })),
    remarks: [
      "Everybody and everything in this half hour is invented.",
      ...(of.crms.length === 1 ? [] : [whereText(stories, of.crms)]),
    ],
  };
}

/** Every second customer is in all CRMs, the others in one of them, by turns. */
const crmsOf = (nth: number, crms: readonly CrmName[]): readonly CrmName[] =>
  nth % 2 === 0 ? crms : crms.filter((_crm, n) => n === ((nth - 1) / 2) % crms.length);

/** Which customers are where, for people. */
function whereText(stories: readonly Story[], crms: readonly CrmName[]): string {
  const only = (crm: CrmName): number =>
    stories.filter((story) => story.crms.length === 1 && story.crms.includes(crm)).length;
  const inAll = stories.filter((story) => story.crms.length === crms.length).length;
  return `${inAll} interactions are with customers of ${crms.map((crm) => crmLabels[crm]).join(" and ")} alike, ${crms.map((crm) => `${only(crm)} with customers of ${crmLabels[crm]} only`).join(", ")}.`;
}

/** How many of each kind: by weight, at least one of each where there are enough. */
export function shares(interactions: number): readonly (readonly [Plot, number])[] {
  const byWeight = plots.toSorted((a, b) => b.weight - a.weight);
  const total = byWeight.reduce((sum, { weight }) => sum + weight, 0);
  const counts = new Map<Plot, number>(byWeight.map((plot, n) => [plot, n < interactions ? 1 : 0]));
  let left = interactions - Math.min(interactions, plots.length);
  const room = left;
  for (const plot of byWeight) {
    const more = Math.min(left, Math.floor((plot.weight / total) * room));
    counts.set(plot, (counts.get(plot) ?? 0) + more);
    left -= more;
  }
  const [first] = byWeight;
  if (first !== undefined) counts.set(first, (counts.get(first) ?? 0) + left);
  return plots.map((plot) => [plot, counts.get(plot) ?? 0]);
}

/** The moment a scenario ends, ms since its beginning. */
export const endOf = ({ stories }: Scenario): number =>
  stories.reduce((last, { scenes }) => Math.max(last, ...scenes.map(({ at }) => at)), minute);
