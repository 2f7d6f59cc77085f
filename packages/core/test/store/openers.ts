import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../src/index.ts";
import { memoryStore } from "../../src/store/memory/index.ts";
import { sqliteStore } from "../../src/store/sqlite/index.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import type { StoreUnderTest } from "../../src/testing/store-laws.ts";

/** A memory store on a clock that the test moves. */
export async function openMemory(make: () => Store = memoryStore): Promise<StoreUnderTest> {
  const clock = manualClock();
  const store = make();
  await store.open(clock);
  return { store, advance: (ms) => clock.advance(ms), close: () => store.close() };
}

/** A folder that is gone when the test is done. */
export async function scratchFolder(): Promise<{
  readonly path: string;
  readonly remove: () => Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), "wrapup-store-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A SQLite store in a folder of its own, on a clock that the test moves. */
export async function openSqlite(): Promise<StoreUnderTest> {
  const clock = manualClock();
  const folder = await scratchFolder();
  const opened: Store[] = [];
  const open = async (): Promise<Store> => {
    const store = sqliteStore(join(folder.path, "wrapup.db"));
    await store.open(clock);
    opened.push(store);
    return store;
  };
  const closeAll = async (): Promise<void> => {
    for (const store of opened.splice(0)) await store.close();
  };
  return {
    store: await open(),
    advance: (ms) => clock.advance(ms),
    second: open,
    reopen: async () => {
      await closeAll();
      return open();
    },
    close: async () => {
      await closeAll();
      await folder.remove();
    },
  };
}
