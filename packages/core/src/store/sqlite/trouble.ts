import { isWrapupError, WrapupError } from "../../errors.ts";

/** SQLite's primary result codes (sqlite.org/rescode.html) that mean: this file cannot be worked with now. */
const reasons: Readonly<Record<number, { readonly what: string; readonly mend: string }>> = {
  3: {
    what: "access to the store's file is not permitted",
    mend: "Give this process the right to read and write the file and its folder.",
  },
  5: {
    what: "the store's file stayed locked by another process",
    mend: "Find the process that holds a transaction open, or raise `busyMs`.",
  },
  6: { what: "a table of the store stayed locked", mend: "Let nothing else use this connection." },
  8: {
    what: "the store's file is read-only",
    mend: "Give this process the right to write the file and its folder.",
  },
  10: {
    what: "the disk failed to read or write the store's file",
    mend: "Look at the disk, its quota and the system's log.",
  },
  11: { what: "the store's file is damaged", mend: "Restore the file from a backup." },
  13: {
    what: "the disk is full",
    mend: "Make room; what was acknowledged before is intact, and work goes on by itself.",
  },
  14: {
    what: "the store's file cannot be opened",
    mend: "Check that its folder exists and that this process may write there.",
  },
  23: {
    what: "access to the store's file was denied",
    mend: "Give this process the right to read and write the file and its folder.",
  },
  26: { what: "the file is no SQLite database", mend: "Give the store a path of its own." },
};

const busy = 5;

/** SQLite's primary result code, when the error is SQLite's own. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_SQLITE_ERROR")
    return undefined;
  return "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 1;
}

/** Another process is writing: trying again soon will do. */
export const isBusy = (error: unknown): boolean => codeOf(error) === busy;

/** The file or the disk is at fault, not the caller. */
export const isTrouble = (error: unknown): boolean => codeOf(error) !== undefined;

/** What a caller is told: SQLite's errors as `store_unwritable` with the reason, everything else as it is. */
export function told(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === undefined || isWrapupError(error)) return error;
  const { what, mend } = reasons[code] ?? {
    what: `SQLite could not do its work (result code ${code})`,
    mend: "Check that the file belongs to Wrapup alone; the cause says more.",
  };
  return new WrapupError("store_unwritable", what, { place: path, mend, cause: error });
}

/** What a caller is told who comes before `open` or after `close`. */
export const closed = (place: string): WrapupError =>
  new WrapupError("store_closed", "the SQLite store is not open", {
    place,
    mend: "Call open() first, and nothing after close().",
  });
