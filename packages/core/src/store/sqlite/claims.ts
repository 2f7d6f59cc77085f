import type { Interaction } from "../../model/interaction.ts";
import { reopenedRow } from "../../model/ledger.ts";
import type { Row } from "../../model/ledger.ts";
import type { Claim, ConnectionKey, Settlement, Store } from "../contract.ts";
import { int, interactionIn, intMaybe, rowIn } from "./columns.ts";
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

/** The lane of a claim as it stands now, whoever holds it. */
function laneOf(sql: Sql, { lane }: Claim): Held | undefined {
  const found = sql.one(
    `select l.id, l.fence, l.late, l.woken_at, i.version
     from interaction i
     cross join gate g on g.tenant = i.tenant and g.connection = ?
     cross join lane l on l.interaction = i.id and l.gate = g.id
     where i.tenant = ? and i.name = ?`,
    lane.connection,
    lane.tenant,
    lane.interaction,
  );
  if (found === undefined) return undefined;
  return {
    id: int(found, "id"),
    fence: int(found, "fence"),
    late: intMaybe(found, "late"),
    wokenAt: intMaybe(found, "woken_at"),
    version: int(found, "version"),
  };
}

function put(sql: Sql, lane: number, row: Row): void {
  sql.run(
    `insert into entry (lane, key, state, row) values (?, ?, ?, ?)
     on conflict (lane, key) do update set state = excluded.state, row = excluded.row`,
    lane,
    row.key,
    row.state,
    JSON.stringify(row),
  );
}

/** Keeps rows of claims that still hold, before their requests leave. Answers those claims. */
export const begin = ({ sql }: Work, begun: Parameters<Store["begin"]>[0]): readonly Claim[] =>
  begun.flatMap(({ claim, rows }) => {
    const held = laneOf(sql, claim);
    if (held?.fence !== claim.fence) return [];
    for (const row of rows) put(sql, held.id, row);
    return [claim];
  });

/** Keeps what became of claims, the late ones as `reopenedRow` says. Answers the late ones. */
export const settle = (
  work: Work,
  settlements: readonly Settlement[],
  now: number,
): readonly Claim[] =>
  settlements.flatMap((settlement) => {
    const held = laneOf(work.sql, settlement.claim);
    if (held?.fence === settlement.claim.fence) {
      settleInTime(work, held, settlement, now);
      return [];
    }
    if (held !== undefined) settleLate(work, held, settlement, now);
    return [settlement.claim];
  });

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
export const extend = ({ sql }: Work, claims: readonly Claim[], until: number): readonly Claim[] =>
  claims.filter((claim) => {
    const held = laneOf(sql, claim);
    if (held?.fence !== claim.fence) return true;
    sql.run("update lane set lease_until = ? where id = ?", until, held.id);
    return false;
  });
