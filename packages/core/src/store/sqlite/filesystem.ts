import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { WrapupError } from "../../errors.ts";

/** Filesystems shared between hosts, by the `f_type` that Linux' statfs answers (statfs(2), linux/magic.h). */
const networkFilesystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB2"],
  [0xff534d42, "CIFS"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
]);

/** The name of the network filesystem that a statfs type stands for; `undefined` for local ones. */
export const networkFilesystem = (type: number): string | undefined =>
  networkFilesystems.get(type >>> 0);

/** What statfs says of a folder. */
export type FilesystemOf = (folder: string) => Promise<{ readonly type: number }>;

/**
 * Refuses a folder on a network filesystem: SQLite's write-ahead log needs memory shared by all who open the file, and locks that
 * hold (sqlite.org/wal.html, "all processes using a database must be on the same host computer"). Only Linux can be asked.
 */
export async function refuseNetworkFilesystem(
  path: string,
  filesystemOf: FilesystemOf = statfs,
  platform: string = process.platform,
): Promise<void> {
  if (platform !== "linux") return;
  const folder = dirname(resolve(path));
  const found = await filesystemOf(folder).catch(() => undefined);
  const name = found === undefined ? undefined : networkFilesystem(found.type);
  if (name === undefined) return;
  throw new WrapupError(
    "store_unwritable",
    `the store's folder is on ${name}, where SQLite loses data`,
    {
      place: path,
      mend: "Put the file on a local disk; for workers on several hosts use the PostgreSQL store.",
    },
  );
}
