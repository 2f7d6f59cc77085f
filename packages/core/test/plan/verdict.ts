/** What is wrong in the CRM after a run, judged from outside: from the interaction and the CRM alone, not from the ledger. */
import type { Link } from "../../src/model/interaction.ts";
import { recordKey, type FieldValue } from "../../src/model/record.ts";
import type { Leg } from "../../src/model/leg.ts";
import type { Held, ModelCrm } from "./model-crm.ts";
import type { Run } from "./model-run.ts";

export type Verdict = Record<
  "orphans" | "missing" | "stale" | "misfiled" | "doubled" | "unsettled",
  number
>;

export const flawless: Verdict = {
  orphans: 0,
  missing: 0,
  stale: 0,
  misfiled: 0,
  doubled: 0,
  unsettled: 0,
};

export function judge(run: Run): Verdict {
  const found: Verdict = { ...flawless, unsettled: run.settled ? 0 : 1 };
  const { interaction, crm, setup } = run;
  if (interaction.deleted?.written === "keep") return found;
  const units =
    interaction.deleted === undefined ? run.unitsExpected : new Map<string, readonly Leg[]>();
  const keeps = setup.onUnlink === "keep" && interaction.deleted === undefined;
  const rows = [...crm.live.values()].toSorted((a, b) => a.slot - b.slot);
  for (const row of rows) if (!units.has(row.leg)) found.orphans += keeps ? 0 : 1;
  for (const [leg, legs] of units) {
    const mine = rows.filter((row) => row.leg === leg);
    judgeUnit(run, { leg, legs, rows: mine, keeps }, found);
  }
  return found;
}

type Unit = {
  readonly leg: string;
  readonly legs: readonly Leg[];
  readonly rows: readonly Held[];
  readonly keeps: boolean;
};

function judgeUnit(run: Run, { leg, legs, rows, keeps }: Unit, found: Verdict): void {
  const { crm, interaction, setup } = run;
  const keysIn = (row: Held): readonly string[] =>
    Object.values(row.roles)
      .flat()
      .map((record) => recordKey(crm.resolve(record)));
  const last = interaction.legs.lastIndexOf(legs.at(-1) ?? interaction.legs[0] ?? failed());
  const links = interaction.links.filter((link) => link.fromLeg <= last);
  const linked = links.map((link) => recordKey(crm.resolve(link.record)));
  const expected = new Set(linked);
  const deleted = crm.deleted.filter((each) => each.leg === leg);
  const excused = new Set(
    deleted.flatMap(({ records }) => records.map((record) => recordKey(crm.resolve(record)))),
  );
  const covered = new Set(links.flatMap((link) => parentsOf(crm, link)));
  for (const key of expected) {
    const times = rows.filter((row) => keysIn(row).includes(key)).length;
    if (times === 0 && !excused.has(key) && !covered.has(key)) found.missing += 1;
    // Two linked records that people merged stay two links until the CRM says so.
    if (times > linked.filter((each) => each === key).length && !keeps) found.doubled += 1;
  }
  const bare = rows.filter((row) => keysIn(row).length === 0);
  if (setup.unlinked === "log" && expected.size === 0 && deleted.length === 0 && rows.length === 0)
    found.missing += 1;
  if (bare.length > 1) found.doubled += 1;
  for (const row of rows) {
    const keys = keysIn(row);
    if (keeps) continue;
    if (keys.length === 0 && (setup.unlinked !== "log" || expected.size > 0)) found.orphans += 1;
    if (keys.length > 0 && keys.every((key) => !expected.has(key))) found.orphans += 1;
    else if (keys.some((key) => !expected.has(key))) found.misfiled += 1;
  }
  // Nobody told Wrapup of a deletion: until it writes there again, the next activity does not take the figures over.
  const wrong = (row: Held, n: number): boolean =>
    !isTrue(run, legs, row, n === 0) && !(deleted.length > 0 && isTrue(run, legs, row, n !== 0));
  if (!keeps) found.stale += rows.filter(wrong).length;
}

const parentsOf = (crm: ModelCrm, { record, parents }: Link): readonly string[] =>
  (parents ?? [])
    .map((parent) => recordKey(crm.resolve(parent)))
    .filter((key) => key !== recordKey(crm.resolve(record)));

/** Whether a row says what is so. */
function isTrue(run: Run, legs: readonly Leg[], row: Held, first: boolean): boolean {
  const { interaction, crm, setup, notesFed } = run;
  const last =
    legs.toSorted((a, b) => (a.recorded.closed ?? 0) - (b.recorded.closed ?? 0)).at(-1) ?? failed();
  const firstLeg = interaction.legs.find((leg) => leg.role === "agent")?.id;
  const fed = (id: string): boolean =>
    (notesFed.get(id) ?? []).some((to) =>
      legs.some((leg) => leg.id === (to === "first" ? firstLeg : to)),
    );
  const said = interaction.notes
    .filter((note) => note.audience === "inbound" && fed(note.id))
    .map((note) => note.text);
  const truth: Record<string, FieldValue> = {
    Title: "call",
    Talk: first ? legs.reduce((sum, leg) => sum + (leg.durations?.talkSeconds ?? 0), 0) : null,
    Outcome: first ? (last.disposition ?? null) : null,
    Topic: interaction.log.topic ?? null,
    Extra:
      last.facts["extra"] ??
      legs.findLast((leg) => (leg.facts["extra"] ?? null) !== null)?.facts["extra"] ??
      null,
    Said: said.length === 0 ? null : said.join("\n\n"),
  };
  const seen = crm.seen(row);
  const final = interaction.per === "leg" || interaction.over || !setup.abilities.completedIsFrozen;
  return (
    Object.entries(truth).every(([name, value]) => (seen[name] ?? null) === value) &&
    row.owner === `user-${last.agent?.id}` &&
    row.final === final
  );
}

const failed = (): never => {
  throw new Error("a unit has a leg");
};
