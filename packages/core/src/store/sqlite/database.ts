import * as sqlite from "node:sqlite";
import type { DatabaseSync } from "node:sqlite";
import { WrapupError } from "../../errors.ts";

/** How a database file is opened; tests put their own in place. */
export type OpenDatabase = (path: string) => DatabaseSync;

/** How long SQLite itself waits for another process's lock, ms. It blocks this thread, so longer waits are done between turns. */
const blockingWaitMs = 50;

/** Of a fresh file. A ledger row fits into one page, so that draining is half as fast again as with SQLite's 4,096. */
const pageBytes = 8_192;

/** Node renames the class: the old name is deprecated (DEP0210), the new one is not everywhere yet. */
const names: {
  readonly Database?: typeof DatabaseSync;
  readonly DatabaseSync?: typeof DatabaseSync;
} = sqlite;

/** Opens the file and sets what SQLite does not remember in it. Durable against power cuts: the log is synced at each commit. */
export function openDatabase(path: string): DatabaseSync {
  const Opener = names.Database ?? names.DatabaseSync;
  if (Opener === undefined)
    throw new WrapupError("not_supported", "this Node has no SQLite", {
      place: "node:sqlite",
      mend: "Use Node 22.18 or later.",
    });
  const database = new Opener(path, { timeout: blockingWaitMs });
  try {
    database.exec(`pragma page_size = ${pageBytes}`);
    const mode = database.prepare("pragma journal_mode = wal").get();
    if (mode?.["journal_mode"] !== "wal")
      throw new WrapupError("store_unwritable", "SQLite cannot keep a write-ahead log there", {
        place: path,
        mend: "Put the file on a local disk; a store in memory is memoryStore().",
      });
    database.exec(
      "pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory; pragma cache_size = -16000; pragma journal_size_limit = 67108864;",
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
