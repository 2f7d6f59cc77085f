import { columns, counted, spanText, timeOfDay } from "./paint.ts";
import type { CrmResult, Line, Result } from "./result.ts";
import { crmLabels } from "./story.ts";

/** The table: a row per kind of interaction, in plain words, and for each CRM how many activities and how soon. */
export function tableOf(result: Result): readonly string[] {
  const { scenario, crms } = result;
  const several = crms.length > 1;
  const row = (
    what: string,
    count: number,
    due: string,
    own: (lines: readonly Line[]) => readonly Line[],
  ): readonly (string | number)[] => [
    what,
    count,
    due,
    ...(several ? [] : [between(own(crms.flatMap(({ lines }) => lines)), result.begin)]),
    ...crms.flatMap(({ lines }) => [writtenOf(own(lines)).length, waited(own(lines))]),
  ];
  const rows = scenario.labels.flatMap(({ plot, title, due }) => {
    const stories = scenario.stories.filter((story) => story.plot === plot).length;
    const own = (lines: readonly Line[]): readonly Line[] =>
      lines.filter(({ expected }) => expected.plot === plot);
    return stories === 0 ? [] : [row(title, stories, due, own)];
  });
  const heads = several
    ? ["What happened", "How many", "Became due"]
    : ["What happened", "How many", "Became due", "Between"];
  const [head = "", ...body] = columns([
    [
      ...heads,
      ...crms.flatMap(({ crm }) =>
        several ? [crmLabels[crm], "within"] : ["Activities", "Written within"],
      ),
    ],
    ...rows,
    row("Together", scenario.stories.length, "", (lines) => lines),
  ]);
  const rule = "-".repeat(Math.max(...[head, ...body].map(({ length }) => length)));
  return [head, rule, ...body.slice(0, -1), rule, ...body.slice(-1)];
}

const writtenOf = (lines: readonly Line[]): readonly Line[] =>
  lines.filter(({ writtenAt }) => writtenAt !== undefined);

/** When the first and the last of them became due. */
function between(lines: readonly Line[], begin: number): string {
  const moments = lines.map(({ wanted }) => wanted.dueAt - begin);
  return moments.length === 0
    ? "-"
    : `${timeOfDay(Math.min(...moments)).slice(0, 5)} - ${timeOfDay(Math.max(...moments)).slice(0, 5)}`;
}

/** Half of them were written within this time of becoming due, by the contact center's clock. */
function waited(lines: readonly Line[]): string {
  const waits = lines
    .flatMap(({ wanted, writtenAt }) => (writtenAt === undefined ? [] : writtenAt - wanted.dueAt))
    .toSorted((a, b) => a - b);
  const middle = waits[Math.floor(waits.length / 2)];
  return middle === undefined ? "-" : spanText(middle);
}

/** Every interaction with its moments: `--list`. */
export function listOf({ scenario, crms, begin }: Result): readonly string[] {
  const titles = new Map(scenario.labels.map(({ plot, title }) => [plot, title]));
  return scenario.stories.flatMap(({ id, plot, scenes, customer }) => {
    const who = customer.name ?? customer.email ?? customer.phone ?? "somebody";
    const began = `${timeOfDay(scenes[0]?.at ?? 0)}  ${who}: ${titles.get(plot) ?? plot}`;
    const own = crms.flatMap(({ crm, lines }) =>
      lines
        .filter(({ expected }) => expected.interaction === id)
        .map((line) => `            ${crmLabels[crm]}: ${momentsOf(line, begin)}`),
    );
    return own.length === 0 ? [`${began}; nothing to write`] : [began, ...own];
  });
}

function momentsOf({ expected, wanted, writtenAt }: Line, begin: number): string {
  const due = `due ${timeOfDay(wanted.dueAt - begin)}`;
  if (expected.fate === "parked") return `${due}, parked`;
  return writtenAt === undefined
    ? `${due}, not written`
    : `${due}, written ${timeOfDay(writtenAt - begin)}`;
}

/** What it cost, and what went wrong on the way. */
export const costOf = ({ crms, killed, underWay, seconds }: Result): readonly string[] => [
  ...crms.flatMap((own) => [...(crms.length === 1 ? [] : [crmLabels[own.crm]]), ...costIn(own)]),
  `Killed         ${counted(killed, "worker")}, with ${counted(underWay, "write")} under way`,
  `Took           ${seconds.toFixed(1)} s`,
];

function costIn({ spent, told, parked, activities }: CrmResult): readonly string[] {
  const pauses = [...told.pauses.values()].reduce((sum, count) => sum + count, 0);
  const ours = spent.writing + spent.looking;
  const reasons = Map.groupBy(parked, ({ reason }) => reason);
  return [
    `API calls      ${spent.all}: ${spent.writing} to write, ${spent.looking} to look, ${spent.agents} by agents, ${spent.describing} to learn the org`,
    `               one call per record would have been ${spent.onePerRecord} instead of ${ours} for ${counted(activities, "activity", "activities")} and their changes, without a retry or a look`,
    `Retries        ${counted(told.retries, "write")} tried again, ${counted(pauses, "pause")} of the whole connection${pauses === 0 ? "" : ` (${[...told.pauses].map(([why, count]) => `${why} ${count}`).join(", ")})`}`,
    `Parked         ${parked.length === 0 ? "nothing" : `${counted(parked.length, "write")} that cannot succeed, each with its reason:`}`,
    ...[...reasons].map(([reason, list]) => `               ${list.length} × ${reason}`),
  ];
}
