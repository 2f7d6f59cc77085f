import { DatabaseSync, type StatementSync } from "node:sqlite";

/** What one command writes. */
export type Transaction = {
  /** The interaction as JSON. */
  readonly state: string;
  readonly deadlineAt: number | null;
  /** The platform's event id. */
  readonly event: string;
  /** History lines as JSON. */
  readonly history: string;
  /** It makes the interaction due. */
  readonly wakes: boolean;
};

/** As much of the store's tables as a command touches, with the same indexes. */
const tables = `
  create table interaction (
    id integer primary key, tenant text not null, name text not null, version integer not null, deadline_at integer,
    state text not null, unique (tenant, name)
  );
  create index interaction_deadline on interaction (deadline_at) where deadline_at is not null;
  create table event (
    interaction integer not null, id text not null, content blob not null, at integer not null, primary key (interaction, id)
  ) without rowid;
  create index event_at on event (at);
  create table history (id integer primary key, interaction integer not null, lines text not null);
  create index history_interaction on history (interaction);
  create table lane (
    id integer primary key, interaction integer not null, gate integer not null, wake_at integer, unique (interaction, gate)
  );
  create index lane_ready on lane (gate, wake_at) where wake_at is not null;
`;

/** The least that keeps a command durably: one transaction per command, prepared statements, nothing else. */
export class BareStore {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #interaction: StatementSync;
  readonly #event: StatementSync;
  readonly #history: StatementSync;
  readonly #lane: StatementSync;
  readonly #digest = new Uint8Array(32).fill(7);
  #version = 0;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`pragma journal_mode = wal; pragma synchronous = full; ${tables}`);
    const prepare = (text: string): StatementSync => this.#database.prepare(text);
    this.#begin = prepare("begin immediate");
    this.#commit = prepare("commit");
    this.#interaction = prepare(
      `insert into interaction (tenant, name, version, deadline_at, state) values ('default', ?, ?, ?, ?)
       on conflict (tenant, name) do update set version = excluded.version, deadline_at = excluded.deadline_at, state = excluded.state
       returning id`,
    );
    this.#event = prepare("insert into event (interaction, id, content, at) values (?, ?, ?, ?)");
    this.#history = prepare("insert into history (interaction, lines) values (?, ?)");
    this.#lane = prepare(
      `insert into lane (interaction, gate, wake_at) values (?, 1, ?)
       on conflict (interaction, gate) do update set wake_at = excluded.wake_at`,
    );
  }

  /** One command, durable when it returns. */
  write(name: string, { state, deadlineAt, event, history, wakes }: Transaction): void {
    const now = Date.now();
    this.#version += 1;
    this.#begin.run();
    const id = Number(this.#interaction.get(name, this.#version, deadlineAt, state)?.["id"] ?? 0);
    this.#event.run(id, event, this.#digest, now);
    this.#history.run(id, history);
    if (wakes) this.#lane.run(id, now);
    this.#commit.run();
  }

  close(): void {
    this.#database.close();
  }
}
