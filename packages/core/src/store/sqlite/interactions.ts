import { hash } from "node:crypto";
import type { Decision, HistoryLine } from "../../model/command.ts";
import type { Interaction } from "../../model/interaction.ts";
import type { Applied, InteractionKey, Store } from "../contract.ts";
import { bytes, int, interactionIn, intMaybe, linesIn, rowIn, text } from "./columns.ts";
import type { Columns } from "./columns.ts";
import { gateId } from "./gates.ts";
import type { Sql } from "./sql.ts";
import { WorkThrew } from "./writer.ts";
import type { Work } from "./writer.ts";

/** What one command asks for. */
export type Transaction = {
  readonly of: InteractionKey;
  readonly event: { readonly id: string; readonly content: string } | undefined;
  readonly change: (now: Interaction | undefined, at: number) => Decision;
};

const find = (sql: Sql, { tenant, interaction }: InteractionKey): Columns | undefined =>
  sql.one("select id, state from interaction where tenant = ? and name = ?", tenant, interaction);

/** What an event said, for telling a repeat from a contradiction: a digest, so that no customer data is kept for it. */
const digest = (content: string): Uint8Array => hash("sha256", content, "buffer");

/** One command: state, history, woken lanes, deadline and event id, all or nothing. */
export function transact(
  { sql, woke }: Work,
  { of, event, change }: Transaction,
  at: number,
): Applied {
  const found = find(sql, of);
  const now = found === undefined ? undefined : interactionIn(found);
  const content = event === undefined ? undefined : digest(event.content);
  if (found !== undefined && now !== undefined && event !== undefined) {
    const seen = sql.one(
      "select content from event where interaction = ? and id = ?",
      int(found, "id"),
      event.id,
    );
    if (seen !== undefined)
      return {
        interaction: now,
        repeated:
          content !== undefined && Buffer.compare(bytes(seen, "content"), content) === 0
            ? "same"
            : "different",
      };
  }
  const decision = decide(change, now, at);
  const id =
    found === undefined
      ? insert(sql, of, decision)
      : update(sql, int(found, "id"), decision, decision.next !== now);
  if (event !== undefined && content !== undefined)
    sql.run(
      "insert into event (interaction, id, content, at) values (?, ?, ?, ?)",
      id,
      event.id,
      content,
      at,
    );
  if (decision.history.length > 0)
    sql.run(
      "insert into history (interaction, lines) values (?, ?)",
      id,
      JSON.stringify(decision.history),
    );
  for (const connection of new Set(decision.wake)) {
    wakeLane(sql, id, gateId(sql, { tenant: of.tenant, connection }), at);
    woke();
  }
  return { interaction: decision.next, repeated: "no" };
}

function decide(change: Transaction["change"], now: Interaction | undefined, at: number): Decision {
  try {
    return change(now, at);
  } catch (error) {
    throw new WorkThrew(error);
  }
}

const columnsOf = ({
  next,
  deadline,
}: Decision): readonly [number, number | null, number | null, number | null, string] => [
  next.version,
  deadline ?? null,
  next.deleted?.at ?? null,
  next.over ? next.recordedAt : null,
  JSON.stringify(next),
];

const insert = (sql: Sql, { tenant, interaction }: InteractionKey, decision: Decision): number =>
  sql.run(
    "insert into interaction (tenant, name, version, deadline_at, deleted_at, finished_at, state) values (?, ?, ?, ?, ?, ?, ?)",
    tenant,
    interaction,
    ...columnsOf(decision),
  ).id;

function update(sql: Sql, id: number, decision: Decision, isChanged: boolean): number {
  if (isChanged)
    sql.run(
      "update interaction set version = ?, deadline_at = ?, deleted_at = ?, finished_at = ?, state = ? where id = ?",
      ...columnsOf(decision),
      id,
    );
  else {
    const deadline = decision.deadline ?? null;
    sql.run(
      "update interaction set deadline_at = ? where id = ? and deadline_at is not ?",
      deadline,
      id,
      deadline,
    );
  }
  return id;
}

/** `woken_at` outlives a claim that is being worked on: letting go then leaves the lane ready. */
const wakeLane = (sql: Sql, interaction: number, gate: number, at: number): void =>
  void sql.run(
    `insert into lane (interaction, gate, wake_at, woken_at) values (?, ?, ?, ?)
     on conflict (interaction, gate) do update set
       wake_at = min(coalesce(wake_at, excluded.wake_at), excluded.wake_at), woken_at = coalesce(woken_at, excluded.woken_at)`,
    interaction,
    gate,
    at,
    at,
  );

type LaneRead = NonNullable<Awaited<ReturnType<Store["read"]>>>["lanes"][number];

/** One interaction with all its lanes. */
export function read(
  sql: Sql,
  of: InteractionKey,
  now: number,
): Awaited<ReturnType<Store["read"]>> {
  const found = find(sql, of);
  if (found === undefined) return undefined;
  const lanes = sql.all(
    `select l.id, g.connection, l.wake_at, l.lease_until
     from lane l join gate g on g.id = l.gate where l.interaction = ? order by g.connection`,
    int(found, "id"),
  );
  return {
    interaction: interactionIn(found),
    lanes: lanes.map((lane) => laneIn(sql, lane, now)),
  };
}

function laneIn(sql: Sql, columns: Columns, now: number): LaneRead {
  const wakeAt = intMaybe(columns, "wake_at");
  const lane = {
    connection: text(columns, "connection"),
    claimed: int(columns, "lease_until") > now,
    rows: sql
      .all("select row from entry where lane = ? order by key", int(columns, "id"))
      .map(rowIn),
  };
  return wakeAt === undefined ? lane : { ...lane, wakeAt };
}

/** Oldest first. */
export const history = (
  sql: Sql,
  { tenant, interaction }: InteractionKey,
): readonly HistoryLine[] =>
  sql
    .all(
      "select h.lines from interaction i join history h on h.interaction = i.id where i.tenant = ? and i.name = ? order by h.id",
      tenant,
      interaction,
    )
    .flatMap(linesIn);

/** Interactions whose deadline has passed, earliest first. */
export const overdue = (sql: Sql, now: number, limit: number): readonly InteractionKey[] =>
  sql
    .all(
      "select tenant, name from interaction where deadline_at <= ? order by deadline_at limit ?",
      now,
      limit,
    )
    .map((found) => ({ tenant: text(found, "tenant"), interaction: text(found, "name") }));
