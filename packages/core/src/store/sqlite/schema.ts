import { WrapupError } from "../../errors.ts";
import { text } from "./columns.ts";
import type { Sql } from "./sql.ts";

/**
 * Every change of the schema, oldest first; never edited once released, only added to.
 * `lease_until` is 0 while nobody holds a lane; the two partial indexes keep ready lanes and held lanes apart,
 * so that finding either costs what is found.
 */
const migrations: readonly string[] = [
  `
  create table gate (
    id integer primary key,
    tenant text not null,
    connection text not null,
    paused_until integer not null default 0,
    state text,
    unique (tenant, connection)
  );
  create table interaction (
    id integer primary key,
    tenant text not null,
    name text not null,
    version integer not null,
    deadline_at integer,
    deleted_at integer,
    finished_at integer,
    state text not null,
    unique (tenant, name)
  );
  create index interaction_deadline on interaction (deadline_at) where deadline_at is not null;
  create index interaction_deleted on interaction (deleted_at) where deleted_at is not null;
  create index interaction_finished on interaction (finished_at) where finished_at is not null;
  create table event (
    interaction integer not null references interaction (id) on delete cascade,
    id text not null,
    content blob not null,
    at integer not null,
    primary key (interaction, id)
  ) without rowid;
  create index event_at on event (at);
  create table history (
    id integer primary key,
    interaction integer not null references interaction (id) on delete cascade,
    lines text not null
  );
  create index history_interaction on history (interaction);
  create table lane (
    id integer primary key,
    interaction integer not null references interaction (id) on delete cascade,
    gate integer not null references gate (id),
    wake_at integer,
    woken_at integer,
    lease_until integer not null default 0,
    fence integer not null default 0,
    late integer,
    unique (interaction, gate)
  );
  create index lane_ready on lane (gate, wake_at) where lease_until = 0 and wake_at is not null;
  create index lane_held on lane (lease_until) where lease_until > 0;
  create table entry (
    lane integer not null references lane (id) on delete cascade,
    key text not null,
    state text not null,
    late integer,
    row text not null,
    primary key (lane, key)
  ) without rowid;
  create index entry_gone on entry (key) where state = 'gone';
  create index entry_parked on entry (key) where state = 'parked';
  create table kept (
    gate integer not null references gate (id),
    name text not null,
    value text not null,
    primary key (gate, name)
  ) without rowid;
  `,
];

/** The newest schema this version of the library knows. */
export const newestSchema = migrations.length;

/** Which schema the file has: 0 for a fresh one. Throws `store_too_new` when a newer library wrote it. */
export function schemaOf(sql: Sql, path: string): number {
  if (sql.one("select 1 from sqlite_schema where type = 'table' and name = 'meta'") === undefined)
    return 0;
  const found = sql.one("select value from meta where name = 'schema'");
  const version = found === undefined ? 0 : Number(text(found, "value"));
  if (version <= newestSchema) return version;
  throw new WrapupError(
    "store_too_new",
    `the store has schema ${version}, and this library knows up to ${newestSchema}`,
    {
      place: path,
      mend: "Use at least the version of @wrapup/core that last opened it; a schema never goes backwards.",
    },
  );
}

/** Brings the schema forward; inside one write transaction, so that two processes never migrate at once. */
export function migrate(sql: Sql, path: string): void {
  const from = schemaOf(sql, path);
  if (from === newestSchema) return;
  sql.script(
    "create table if not exists meta (name text primary key, value text not null) without rowid",
  );
  for (const step of migrations.slice(from)) sql.script(step);
  sql.run(
    "insert into meta (name, value) values ('schema', ?) on conflict (name) do update set value = excluded.value",
    `${newestSchema}`,
  );
}
