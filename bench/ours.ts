import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createWrapup, type CrmAdapter, type Store, type Wrapup } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { agents, playCall } from "./story.ts";

/** The library over a fresh SQLite file, writing to one emulated CRM under the name `sales`. */
export type Running = {
  readonly wrapup: Wrapup;
  readonly store: Store;
  /** Closes it and deletes its file. */
  readonly close: () => Promise<void>;
};

/** Opens it with every default. */
export async function openOurs(
  adapter: CrmAdapter,
  file: { readonly directory: string; readonly name: string },
  work = true,
): Promise<Running> {
  const path = join(file.directory, `${file.name}.db`);
  const store = sqliteStore(path);
  const wrapup = await createWrapup({
    store,
    connections: { sales: adapter },
    work,
  });
  return {
    wrapup,
    store,
    close: async () => {
      await wrapup.close();
      for (const end of ["", "-wal", "-shm"]) await rm(`${path}${end}`, { force: true });
    },
  };
}

/** Writes one call of each agent: afterwards the session stands, the org is described and every owner is known. */
export async function warm(
  { wrapup }: Running,
  contacts: readonly string[],
  type = "Contact",
): Promise<void> {
  for (const n of agents.keys())
    await playCall(wrapup, { id: `warm-${n}`, n, contact: contacts[n] ?? "", type });
  const left = await wrapup.drain();
  if (left.parked + left.ready > 0)
    throw new Error(`warming up failed: ${JSON.stringify(left)} is left`);
}

/** Keeps the connection from being written to until `wrapup.resume("sales")`, so that a backlog can gather. */
export async function hold({ store }: Running): Promise<void> {
  await store.changeGate({ tenant: "default", connection: "sales" }, (now, at) => ({
    ...now,
    pausedUntil: at + 3_600_000,
  }));
}
