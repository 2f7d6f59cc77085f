import type { Interaction } from "../../model/interaction.ts";
import { reopenedRow } from "../../model/ledger.ts";
import type { Row } from "../../model/ledger.ts";
import type { Claim, ConnectionKey, Settlement, Store } from "../contract.ts";
import { int, interactionIn, intMaybe, rowIn, rowText } from "./columns.ts";
import type { Columns } from "./columns.ts";
import { expireLeases } from "./gates.ts";
import type { Sql } from "./sql.ts";
import type { Work } from "./writer.ts";

type Taken = {
  readonly id: number;
  readonly interaction: number;
  readonly fence: number;
  readonly wakeAt: number;
};

/** Takes the longest-waiting lanes of one connection: one update, one read of the interactions, one of the ledger. */
export function claim(
  { sql }: Work,
  {
    tenant,
    connection,
    limit,
    leaseMs,
  }: ConnectionKey & { readonly limit: number; readonly leaseMs: number },
  now: number,
): readonly Claim[] {
  const gate = sql.one(
    "select id from gate where tenant = ? and connection = ? and paused_until <= ?",
    tenant,
    connection,
    now,
  );
  if (gate === undefined) return [];
  expireLeases(sql, now);
  const found = sql.all(
    `update lane set lease_until = ?, fence = fence + 1, woken_at = null where id in (
       select id from lane where gate = ? and lease_until = 0 and wake_at <= ? order by wake_at limit ?
     ) returning id, interaction, fence, wake_at`,
    now + leaseMs,
    int(gate, "id"),
    now,
    limit,
  );
  const taken = found.map((lane): Taken => ({
    id: int(lane, "id"),
    interaction: int(lane, "interaction"),
    fence: int(lane, "fence"),
    wakeAt: int(lane, "wake_at"),
  }));
  const states = statesOf(sql, taken);
  const rows = rowsOf(sql, taken);
  return taken
    .toSorted((a, b) => a.wakeAt - b.wakeAt || a.id - b.id)
    .flatMap(({ id, interaction, fence, wakeAt }) => {
      const state = states.get(interaction);
      if (state === undefined) return [];
      const lane = { tenant, connection, interaction: state.id };
      return [
        {
          lane,
          fence,
          waitedMs: Math.max(0, now - wakeAt),
          interaction: state,
          rows: rows.get(id) ?? [],
        },
      ];
    });
}

function statesOf(sql: Sql, taken: readonly Taken[]): ReadonlyMap<number, Interaction> {
  const ids = JSON.stringify(taken.map(({ interaction }) => interaction));
  const found = sql.all(
    "select i.id, i.state from json_each(?) j cross join interaction i where i.id = j.value",
    ids,
  );
  return new Map(found.map((each) => [int(each, "id"), interactionIn(each)]));
}

function rowsOf(sql: Sql, taken: readonly Taken[]): ReadonlyMap<number, readonly Row[]> {
  const ids = JSON.stringify(taken.map(({ id }) => id));
  const byLane = new Map<number, Row[]>();
  const found = sql.all(
    "select e.lane, e.row from json_each(?) j cross join entry e where e.lane = j.value order by e.lane, e.key",
    ids,
  );
  for (const each of found) {
    const lane = int(each, "lane");
    const rows = byLane.get(lane);
    if (rows === undefined) byLane.set(lane, [rowIn(each)]);
    else rows.push(rowIn(each));
  }
  return byLane;
}

type Held = {
  readonly id: number;
  readonly fence: number;
  readonly late: number | undefined;
  readonly wokenAt: number | undefined;
  readonly version: number;
};

/** The lanes of claims as they stand now, whoever holds them: one look-up for each connection. */
function lanesOf(sql: Sql, claims: readonly Claim[]): ReadonlyMap<Claim, Held> {
  const held = new Map<Claim, Held>();
  const byConnection = Map.groupBy(claims, ({ lane }) =>
    JSON.stringify([lane.tenant, lane.connection]),
  );
  for (const group of byConnection.values()) {
    const lane = group[0]?.lane;
    if (lane === undefined) continue;
    const found = sql.all(
      `select j.key as place, l.id, l.fence, l.late, l.woken_at, i.version
       from gate g cross join json_each(?) j
       cross join interaction i on i.tenant = g.tenant and i.name = j.value
       cross join lane l on l.interaction = i.id and l.gate = g.id
       where g.tenant = ? and g.connection = ?`,
      JSON.stringify(group.map((claim) => claim.lane.interaction)),
      lane.tenant,
      lane.connection,
    );
    for (const each of found) {
      const claim = group[int(each, "place")];
      if (claim !== undefined) held.set(claim, heldIn(each));
    }
  }
  return held;
}

const heldIn = (columns: Columns): Held => ({
  id: int(columns, "id"),
  fence: int(columns, "fence"),
  late: intMaybe(columns, "late"),
  wokenAt: intMaybe(columns, "woken_at"),
  version: int(columns, "version"),
});

function put(sql: Sql, lane: number, row: Row): void {
  sql.run(
    `insert into entry (lane, key, state, row) values (?, ?, ?, ?)
     on conflict (lane, key) do update set state = excluded.state, row = excluded.row`,
    lane,
    row.key,
    row.state,
    rowText(row),
  );
}

/** Keeps rows of claims that still hold, before their requests leave. Answers those claims. */
export function begin({ sql }: Work, begun: Parameters<Store["begin"]>[0]): readonly Claim[] {
  const lanes = lanesOf(
    sql,
    begun.map(({ claim }) => claim),
  );
  return begun.flatMap(({ claim, rows }) => {
    const held = lanes.get(claim);
    if (held?.fence !== claim.fence) return [];
    for (const row of rows) put(sql, held.id, row);
    return [claim];
  });
}

/** Keeps what became of claims, the late ones as `reopenedRow` says. Answers the late ones. */
export function settle(
  work: Work,
  settlements: readonly Settlement[],
  now: number,
): readonly Claim[] {
  const lanes = lanesOf(
    work.sql,
    settlements.map(({ claim }) => claim),
  );
  const settled = new Set<number>();
  return settlements.flatMap((settlement) => {
    const { claim } = settlement;
    const before = lanes.get(claim);
    if (before === undefined) return [claim];
    // What was settled above moved the lane on: it is looked at anew.
    const held = settled.has(before.id) ? lanesOf(work.sql, [claim]).get(claim) : before;
    settled.add(before.id);
    if (held?.fence === claim.fence) {
      settleInTime(work, held, settlement, now);
      return [];
    }
    if (held !== undefined) settleLate(work, held, settlement, now);
    return [claim];
  });
}

function settleInTime(
  { sql, woke }: Work,
  held: Held,
  { claim, rows, release }: Settlement,
  now: number,
): void {
  for (const row of rows) {
    // A late answer came during this claim: which of the two the CRM holds is not known.
    const current = held.late === held.fence ? entryOf(sql, held, row) : undefined;
    put(sql, held.id, current?.late === held.fence ? reopenedRow(row, current.row) : row);
  }
  if (release === undefined) return;
  const moved = held.version === claim.interaction.version ? undefined : now;
  const wakeAt = held.wokenAt ?? moved ?? release.again ?? null;
  // Whoever let go holds nothing any more: the fence moves on.
  sql.run(
    "update lane set wake_at = ?, lease_until = 0, fence = fence + 1 where id = ?",
    wakeAt,
    held.id,
  );
  if (wakeAt !== null && wakeAt <= now) woke();
}

type Entry = { readonly row: Row; readonly late: number | undefined };

/** The ledger's row of the same key; `late`: the claim (by fence) during which a late answer came for it. */
function entryOf(sql: Sql, { id }: Held, { key }: Row): Entry | undefined {
  const found = sql.one("select row, late from entry where lane = ? and key = ?", id, key);
  return found && { row: rowIn(found), late: intMaybe(found, "late") };
}

function settleLate({ sql, woke }: Work, held: Held, { rows }: Settlement, now: number): void {
  for (const row of rows) {
    put(sql, held.id, reopenedRow(row, entryOf(sql, held, row)?.row));
    sql.run("update entry set late = ? where lane = ? and key = ?", held.fence, held.id, row.key);
  }
  sql.run(
    "update lane set late = fence, woken_at = coalesce(woken_at, ?), wake_at = min(coalesce(wake_at, ?), ?) where id = ?",
    now,
    now,
    now,
    held.id,
  );
  woke();
}

/** Lengthens leases; answers the claims that no longer hold. */
export function extend({ sql }: Work, claims: readonly Claim[], until: number): readonly Claim[] {
  const lanes = lanesOf(sql, claims);
  return claims.filter((claim) => {
    const held = lanes.get(claim);
    if (held?.fence !== claim.fence) return true;
    sql.run("update lane set lease_until = ? where id = ?", until, held.id);
    return false;
  });
}
