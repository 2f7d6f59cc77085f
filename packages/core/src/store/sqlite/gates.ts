import type { ConnectionKey, GateState } from "../contract.ts";
import { calmGate } from "../keeping.ts";
import { gateIn, int, intMaybe, text } from "./columns.ts";
import type { Sql } from "./sql.ts";
import { WorkThrew } from "./writer.ts";
import type { Work } from "./writer.ts";

/** The number of a connection in this file, made when it is first named. */
export function gateId(sql: Sql, { tenant, connection }: ConnectionKey): number {
  const known = sql.one(
    "select id from gate where tenant = ? and connection = ?",
    tenant,
    connection,
  );
  if (known !== undefined) return int(known, "id");
  return sql.run("insert into gate (tenant, connection) values (?, ?)", tenant, connection).id;
}

/** What all workers of a connection share. */
export function gateState(sql: Sql, { tenant, connection }: ConnectionKey): GateState {
  const found = sql.one(
    "select state from gate where tenant = ? and connection = ? and state is not null",
    tenant,
    connection,
  );
  return found === undefined ? calmGate : gateIn(found);
}

/** A pure change of what all workers of a connection share; nothing is written when it answers the same object. */
export function changeGate(
  { sql, woke }: Work,
  of: ConnectionKey,
  change: (now: GateState, at: number) => GateState,
  at: number,
): GateState {
  const before = gateState(sql, of);
  const after = changed(change, before, at);
  if (after === before) return after;
  const until = after.pausedUntil ?? 0;
  sql.run(
    "update gate set state = ?, paused_until = ? where id = ?",
    JSON.stringify(after),
    until,
    gateId(sql, of),
  );
  if ((before.pausedUntil ?? 0) > at && until <= at) woke();
  return after;
}

function changed(
  change: (now: GateState, at: number) => GateState,
  before: GateState,
  at: number,
): GateState {
  try {
    return change(before, at);
  } catch (error) {
    throw new WorkThrew(error);
  }
}

/** Whether a held lane's lease has run out, so that `expireLeases` has something to do. */
export const hasExpired = (sql: Sql, now: number): boolean =>
  sql.one("select 1 from lane where lease_until > 0 and lease_until <= ? limit 1", now) !==
  undefined;

/** Lanes whose lease is over wait again. Their fence stays until somebody claims them. */
export const expireLeases = (sql: Sql, now: number): void =>
  void sql.run("update lane set lease_until = 0 where lease_until > 0 and lease_until <= ?", now);

/** Goes from connection to connection, looking at the head of each one's queue; counts only what will be answered. */
export const ready = (
  sql: Sql,
  { limit, upTo }: { readonly limit: number; readonly upTo: number },
  now: number,
): readonly (ConnectionKey & { readonly lanes: number })[] =>
  sql
    .all(
      `with heads as materialized (
         select id, tenant, connection, oldest from (
           select g.id, g.tenant, g.connection, (
             select wake_at from lane where gate = g.id and lease_until = 0 and wake_at is not null order by wake_at limit 1
           ) as oldest
           from gate g where g.paused_until <= ?
         ) where oldest <= ? order by oldest limit ?
       )
       select tenant, connection, (
         select count(*) from (select 1 from lane where gate = heads.id and lease_until = 0 and wake_at <= ? limit ?)
       ) as lanes
       from heads order by oldest`,
      now,
      now,
      limit,
      now,
      upTo,
    )
    .map((found) => ({
      tenant: text(found, "tenant"),
      connection: text(found, "connection"),
      lanes: int(found, "lanes"),
    }));

/** When the next lane, lease or deadline comes up. */
export function nextDueAt(sql: Sql): number | undefined {
  const found = sql.one(
    `select min(at) as at from (
       select max(g.paused_until, (
         select wake_at from lane where gate = g.id and lease_until = 0 and wake_at is not null order by wake_at limit 1
       )) as at from gate g
       union all
       select max(g.paused_until, l.lease_until) from lane l join gate g on g.id = l.gate where l.lease_until > 0
       union all
       select min(deadline_at) from interaction where deadline_at is not null
     )`,
  );
  return found === undefined ? undefined : intMaybe(found, "at");
}

export const keep = ({ sql }: Work, of: ConnectionKey, name: string, value: string): void =>
  void sql.run(
    "insert into kept (gate, name, value) values (?, ?, ?) on conflict (gate, name) do update set value = excluded.value",
    gateId(sql, of),
    name,
    value,
  );

export function kept(
  sql: Sql,
  { tenant, connection }: ConnectionKey,
  name: string,
): string | undefined {
  const found = sql.one(
    "select k.value from gate g join kept k on k.gate = g.id where g.tenant = ? and g.connection = ? and k.name = ?",
    tenant,
    connection,
    name,
  );
  return found === undefined ? undefined : text(found, "value");
}
