import { columns, counted, spanText, timeOfDay } from "./paint.ts";
import type { Line, Result } from "./result.ts";

/** The table: a row per kind of interaction, in plain words. */
export function tableOf(result: Result): readonly string[] {
  const { scenario, lines } = result;
  const rows = scenario.labels.flatMap(({ plot, title, due }) => {
    const stories = scenario.stories.filter((story) => story.plot === plot);
    const own = lines.filter(({ expected }) => expected.plot === plot);
    const written = own.filter(({ writtenAt }) => writtenAt !== undefined).length;
    return stories.length === 0
      ? []
      : [[title, stories.length, due, between(own, result.begin), written, waited(own)] as const];
  });
  const total = [
    "Together",
    scenario.stories.length,
    "",
    between(lines, result.begin),
    lines.filter(({ writtenAt }) => writtenAt !== undefined).length,
    waited(lines),
  ] as const;
  const [head = "", ...body] = columns([
    ["What happened", "How many", "Became due", "Between", "Activities", "Written within"],
    ...rows,
    total,
  ]);
  const rule = "-".repeat(Math.max(...[head, ...body].map(({ length }) => length)));
  return [head, rule, ...body.slice(0, -1), rule, ...body.slice(-1)];
}

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
export function listOf({ scenario, lines, begin }: Result): readonly string[] {
  const titles = new Map(scenario.labels.map(({ plot, title }) => [plot, title]));
  return scenario.stories.flatMap(({ id, plot, scenes, customer }) => {
    const who = customer.name ?? customer.email ?? customer.phone ?? "somebody";
    const began = `${timeOfDay(scenes[0]?.at ?? 0)}  ${who}: ${titles.get(plot) ?? plot}`;
    const own = lines.filter(({ expected }) => expected.interaction === id);
    if (own.length === 0) return [`${began}; nothing to write`];
    return [began, ...own.map((line) => `            ${momentsOf(line, begin)}`)];
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
export function costOf({
  spent,
  told,
  parked,
  killed,
  underWay,
  activities,
  seconds,
}: Result): readonly string[] {
  const pauses = [...told.pauses.values()].reduce((sum, count) => sum + count, 0);
  const ours = spent.writing + spent.looking;
  const reasons = Map.groupBy(parked, ({ reason }) => reason);
  return [
    `API calls      ${spent.all}: ${spent.writing} to write, ${spent.looking} to look, ${spent.agents} by agents, ${spent.describing} to learn the org`,
    `               one call per record would have been ${spent.onePerRecord} instead of ${ours} for ${counted(activities, "activity", "activities")} and their changes, without a retry or a look`,
    `Retries        ${counted(told.retries, "write")} tried again, ${counted(pauses, "pause")} of the whole connection${pauses === 0 ? "" : ` (${[...told.pauses].map(([why, count]) => `${why} ${count}`).join(", ")})`}`,
    `Killed         ${counted(killed, "worker")}, with ${counted(underWay, "write")} under way`,
    `Parked         ${parked.length === 0 ? "nothing" : `${counted(parked.length, "write")} that cannot succeed, each with its reason:`}`,
    ...[...reasons].map(([reason, list]) => `               ${list.length} × ${reason}`),
    `Took           ${seconds.toFixed(1)} s`,
  ];
}
