import { WrapupError } from "../../errors.ts";
import type { Store } from "../contract.ts";
import { SqliteStore } from "./store.ts";
import type { SqliteStoreOptions } from "./store.ts";

export type { SqliteStoreOptions } from "./store.ts";

/**
 * The default store: one SQLite file through node:sqlite, nothing to install (O1). What it acknowledged survives `kill -9` and a
 * power cut (write-ahead log, synced at each commit); commands that wait at the same time share one commit.
 * Several processes of one host may open the same file; hosts may not share it, so known network filesystems (NFS, SMB, AFS, Ceph)
 * are refused on Linux, and elsewhere it is on you. Event ids and deleted interactions are remembered for 400 days (L6, N5).
 *
 * Errors: `invalid_input` for a path that is no file; `store_unwritable` when the file is read-only, locked for longer than
 * `busyMs`, on a full disk or no Wrapup store, with nothing half done; `store_too_new`; `store_closed`.
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  if (path !== "" && !path.startsWith(":memory:") && !path.startsWith("file:"))
    return new SqliteStore(path, options);
  throw new WrapupError("invalid_input", "the SQLite store needs the path of a file", {
    place: "sqliteStore(path)",
    mend: "Name a file such as ./wrapup.db; a store in memory is memoryStore().",
  });
}
