import type { Clock } from "../../model/clock.ts";
import { systemClock } from "../../model/clock.ts";
import type {
  Claim,
  ConnectionKey,
  GateState,
  InteractionKey,
  RowFilter,
  Settlement,
  Store,
} from "../contract.ts";
import { begin, claim, extend, settle } from "./claims.ts";
import { openDatabase } from "./database.ts";
import type { OpenDatabase } from "./database.ts";
import { refuseNetworkFilesystem } from "./filesystem.ts";
import {
  changeGate,
  expireLeases,
  gateState,
  hasExpired,
  keep,
  kept,
  nextDueAt,
  ready,
} from "./gates.ts";
import { history, overdue, read, transact } from "./interactions.ts";
import type { Transaction } from "./interactions.ts";
import { replay, rows, stats } from "./ledger.ts";
import { migrate, newestSchema, schemaOf } from "./schema.ts";
import { Sql } from "./sql.ts";
import { sweep } from "./sweep.ts";
import { closed, isBusy, told } from "./trouble.ts";
import { Writer } from "./writer.ts";

/** How a SQLite store behaves, where the default does not fit. */
export type SqliteStoreOptions = {
  /**
   * How long interactions are kept after they are over, ms; for ever by default. Only those go that have nothing waiting, parked
   * or unanswered. Their event ids go with them, so an event that a platform repeats later than this makes a new interaction.
   */
  readonly keepFinishedMs?: number;
  /** How long a command waits while another process holds the file, ms; 10,000 by default. Then it fails with `store_unwritable`. */
  readonly busyMs?: number;
};

type Opened = { readonly sql: Sql; readonly writer: Writer };

/** One file, opened by one process. Reads see the last commit; writes go through one writer that shares commits. */
export class SqliteStore implements Store {
  readonly abilities = { durability: "power", multiProcess: true, multiHost: false } as const;
  readonly #path: string;
  readonly #options: SqliteStoreOptions;
  readonly #openDatabase: OpenDatabase;
  readonly #hints = new Set<() => void>();
  #clock: Clock = systemClock;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;

  constructor(path: string, options: SqliteStoreOptions, open: OpenDatabase = openDatabase) {
    this.#path = path;
    this.#options = options;
    this.#openDatabase = open;
  }

  async open(clock: Clock): Promise<void> {
    this.#clock = clock;
    const opening = (this.#opening ??= this.#openFile());
    try {
      const opened = await opening;
      // Closed meanwhile: then it stays closed.
      if (this.#opening === opening) this.#opened = opened;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opened = undefined;
    this.#opening = undefined;
    const opened = await opening?.catch(() => undefined);
    await opened?.writer.finish(closed("close"));
    opened?.sql.close();
  }

  async now(): Promise<number> {
    this.#need("now");
    return this.#clock.now();
  }

  async transact(
    of: InteractionKey,
    event: Transaction["event"],
    change: Transaction["change"],
  ): ReturnType<Store["transact"]> {
    return this.#need("transact").writer.write((work) =>
      transact(work, { of, event, change }, this.#clock.now()),
    );
  }

  async read(of: InteractionKey): ReturnType<Store["read"]> {
    return this.#look("read", (sql) => read(sql, of, this.#clock.now()));
  }

  async history(of: InteractionKey): ReturnType<Store["history"]> {
    return this.#look("history", (sql) => history(sql, of));
  }

  async ready(of: { readonly limit: number; readonly upTo: number }): ReturnType<Store["ready"]> {
    await this.#expire("ready");
    return this.#look("ready", (sql) => ready(sql, of, this.#clock.now()));
  }

  async claim(
    of: ConnectionKey & { readonly limit: number; readonly leaseMs: number },
  ): ReturnType<Store["claim"]> {
    return this.#need("claim").writer.write((work) => claim(work, of, this.#clock.now()));
  }

  async begin(begun: Parameters<Store["begin"]>[0]): ReturnType<Store["begin"]> {
    return this.#need("begin").writer.write((work) => begin(work, begun));
  }

  async settle(settlements: readonly Settlement[]): ReturnType<Store["settle"]> {
    return this.#need("settle").writer.write((work) =>
      settle(work, settlements, this.#clock.now()),
    );
  }

  async extend(claims: readonly Claim[], leaseMs: number): ReturnType<Store["extend"]> {
    return this.#need("extend").writer.write((work) =>
      extend(work, claims, this.#clock.now() + leaseMs),
    );
  }

  async overdue(limit: number): ReturnType<Store["overdue"]> {
    return this.#look("overdue", (sql) => overdue(sql, this.#clock.now(), limit));
  }

  async nextDueAt(): ReturnType<Store["nextDueAt"]> {
    return this.#look("nextDueAt", nextDueAt);
  }

  async changeGate(
    of: ConnectionKey,
    change: (now: GateState, at: number) => GateState,
  ): ReturnType<Store["changeGate"]> {
    const { writer } = this.#need("changeGate");
    // Mostly it is only asked for, and that needs no lock. Not before what was asked for earlier is done: callers count on their order.
    if (writer.isIdle) {
      const state = this.#look("changeGate", (sql) => gateState(sql, of));
      if (change(state, this.#clock.now()) === state) return state;
    }
    return writer.write((work) => changeGate(work, of, change, this.#clock.now()));
  }

  async rows(filter: RowFilter): ReturnType<Store["rows"]> {
    return this.#look("rows", (sql) => rows(sql, filter));
  }

  async replay(tenant: string, keys: readonly string[], by: string): ReturnType<Store["replay"]> {
    return this.#need("replay").writer.write((work) =>
      replay(work, { tenant, keys, by }, this.#clock.now()),
    );
  }

  async keep(of: ConnectionKey, name: string, value: string): ReturnType<Store["keep"]> {
    return this.#need("keep").writer.write((work) => keep(work, of, name, value));
  }

  async kept(of: ConnectionKey, name: string): ReturnType<Store["kept"]> {
    return this.#look("kept", (sql) => kept(sql, of, name));
  }

  async sweep(): ReturnType<Store["sweep"]> {
    return sweep(this.#need("sweep").writer, this.#clock.now(), this.#options.keepFinishedMs);
  }

  async stats(): ReturnType<Store["stats"]> {
    await this.#expire("stats");
    return this.#look("stats", (sql) => stats(sql, this.#clock.now()));
  }

  onWake(hint: () => void): () => void {
    const mine = (): void => hint();
    this.#hints.add(mine);
    return () => void this.#hints.delete(mine);
  }

  async #openFile(): Promise<Opened> {
    await refuseNetworkFilesystem(this.#path);
    const sql = await this.#patiently(() => new Sql(this.#openDatabase(this.#path)));
    const writer = new Writer(sql, {
      path: this.#path,
      busyMs: this.#busyMs,
      onWake: () => {
        for (const hint of this.#hints) queueMicrotask(hint);
      },
    });
    try {
      // Asked first, so that a store that needs nothing is opened without writing.
      if ((await this.#patiently(() => schemaOf(sql, this.#path))) !== newestSchema)
        await writer.write((work) => migrate(work.sql, this.#path));
      return { sql, writer };
    } catch (error) {
      sql.close();
      throw error;
    }
  }

  get #busyMs(): number {
    return this.#options.busyMs ?? 10_000;
  }

  /** Opening asks for locks that SQLite does not always wait for. */
  async #patiently<Result>(run: () => Result): Promise<Result> {
    for (const since = performance.now(); ; await new Promise((resolve) => setTimeout(resolve, 20)))
      try {
        return run();
      } catch (error) {
        if (!isBusy(error) || performance.now() - since >= this.#busyMs)
          throw told(error, this.#path);
      }
  }

  async #expire(place: string): Promise<void> {
    const now = this.#clock.now();
    const isNeeded = this.#look(place, (sql) => hasExpired(sql, now));
    if (isNeeded) await this.#need(place).writer.write(({ sql }) => expireLeases(sql, now));
  }

  #look<Result>(place: string, run: (sql: Sql) => Result): Result {
    const { sql } = this.#need(place);
    try {
      return run(sql);
    } catch (error) {
      throw told(error, this.#path);
    }
  }

  #need(place: string): Opened {
    if (this.#opened !== undefined) return this.#opened;
    throw closed(place);
  }
}
