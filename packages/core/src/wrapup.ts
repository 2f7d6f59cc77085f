import { check, type CheckFinding } from "./desk/check.ts";
import { needConnection, record } from "./desk/commands.ts";
import { Creates } from "./desk/creates.ts";
import type { Desk } from "./desk/desk.ts";
import { explain, type Explanation } from "./desk/explain.ts";
import { Interactions } from "./desk/interactions.ts";
import { type Opened, openRecord } from "./desk/open-record.ts";
import { Parked } from "./desk/parked.ts";
import { type Find, type Match, search } from "./desk/search.ts";
import { WrapupError } from "./errors.ts";
import type { RecordRef } from "./model/record.ts";
import { Connections } from "./gate/connections.ts";
import type { WrapupOptions } from "./options/options.ts";
import { readOptions, readTenant } from "./options/read-options.ts";
import type { StoreAbilities, StoreStats } from "./store/contract.ts";
import { Worker } from "./sync/worker.ts";
import { createObserver, type EventListener } from "./telemetry.ts";

/** One tenant's view: its interactions, its CRMs, its parked writes. */
export type TenantView = {
  readonly interactions: Interactions;
  /** Searches one CRM: none, one or many (R1). */
  find(connection: string, query: Find): Promise<Match>;
  /** Signs in everywhere and compares mapping and settings with what is there (K3). */
  check(): Promise<readonly CheckFinding[]>;
  /** Why is it, or is it not, in the CRM (W9). Throws `unknown_interaction`. */
  explain(interaction: string): Promise<Explanation>;
  /** How to open a record in its CRM (R6). Throws `unknown_connection`. */
  open(record: RecordRef): Promise<Opened>;
  /** Writes that wait for a person. */
  readonly parked: Parked;
  /** A person says that the reason of a pause is gone. */
  resume(connection: string): Promise<void>;
};

/** The library, running. `await using` closes it. */
export interface Wrapup extends TenantView, AsyncDisposable {
  /** The same for another tenant; isolated from all others (O2). */
  tenant(id: string): TenantView;
  /** What the store survives (O1). */
  readonly durability: StoreAbilities["durability"];
  /** Hears every event; answers how to stop. */
  on(listener: EventListener): () => void;
  /** The platform's late events have been delivered: deadlines count from now on (L7). */
  caughtUp(): void;
  /** Writes until nothing is ready now. What waits for a later moment, a paused connection or a person stays. */
  drain(): Promise<StoreStats>;
  stats(): Promise<StoreStats>;
  /** Stops claiming, lets what is under way settle, and closes the store. Idempotent. */
  close(): Promise<void>;
}

const defaultTenant = "default";

/** Longest wait for requests under way when closing, ms by the machine's clock. */
const closeWithinMs = 30_000;

/**
 * Opens the store and starts writing. It never needs a CRM to be up.
 * Throws `invalid_input` naming the option, `store_too_new`, `store_unwritable`.
 */
export async function createWrapup(input: WrapupOptions): Promise<Wrapup> {
  const options = readOptions(input);
  const { store, clock, logger } = options;
  await store.open(clock);
  await store.sweep();
  const listeners = new Set<EventListener>();
  const observer = createObserver(logger, listeners);
  const random = Math.random.bind(Math);
  const connections = new Connections(options.configured, { store, clock, observer, random });
  const creates = new Creates(clock);
  let closing: Promise<void> | undefined;
  const ensureOpen = (): void => {
    if (closing !== undefined)
      throw new WrapupError("closed", "Wrapup was closed", {
        place: "wrapup",
        mend: "Create a new one with createWrapup.",
      });
  };
  const deskOf = (tenant: string): Desk => ({
    tenant,
    store,
    clock,
    observer,
    connections,
    creates,
    ensureOpen,
    lifecycle: () => options.lifecycle(tenant),
    unknownCustomer: options.unknownCustomer,
  });
  /** What is under way when closing still records what became of it. */
  const workersDesk = (tenant: string): Desk => ({
    ...deskOf(tenant),
    ensureOpen: () => undefined,
  });
  let deadlinesFrom = clock.now() + options.catchUpMs;
  const worker = new Worker({
    store,
    clock,
    observer,
    random,
    leaseMs: options.leaseMs,
    pollMs: options.pollMs,
    maxAttempts: options.maxAttempts,
    deadlinesFrom: () => deadlinesFrom,
    connectionOf: (key) => connections.find(key),
    tick: async ({ tenant, interaction }) =>
      void (await record(workersDesk(tenant), interaction, { do: "tick", by: "system" })),
    relink: async ({ lane }, from, to) =>
      void (await record(workersDesk(lane.tenant), lane.interaction, {
        do: "relink",
        from,
        to,
        by: "system",
      })),
  });
  logger.info("Wrapup is open", {
    durability: store.abilities.durability,
    multiProcess: store.abilities.multiProcess,
    writes: options.work,
  });
  if (options.work) worker.start();
  const close = async (): Promise<void> => {
    const late = setTimeout(() => connections.abort(), closeWithinMs);
    // What fails on the way out must not leave the store's file open.
    const ends = [() => worker.stop(), () => connections.close(), () => store.close()];
    const failed: unknown[] = [];
    for (const end of ends) await end().catch((error: unknown) => failed.push(error));
    clearTimeout(late);
    if (failed.length > 0) throw failed[0];
  };
  return {
    ...viewOf(deskOf(defaultTenant)),
    tenant: (id) => viewOf(deskOf(readTenant(id))),
    durability: store.abilities.durability,
    on: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    caughtUp: () => {
      deadlinesFrom = clock.now();
      worker.nudge();
    },
    drain: async () => {
      ensureOpen();
      if (options.work) await worker.drain();
      return store.stats();
    },
    stats: async () => {
      ensureOpen();
      return store.stats();
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

function viewOf(desk: Desk): TenantView {
  return {
    interactions: new Interactions(desk),
    find: (connection, query) => search(desk, connection, query),
    check: () => check(desk),
    explain: (interaction) => explain(desk, interaction),
    open: (record) => openRecord(desk, record),
    parked: new Parked(desk),
    resume: async (connection) => (await needConnection(desk, connection, "resume")).gate.resume(),
  };
}
