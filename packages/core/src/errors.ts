/** Every kind of error that the library throws. */
export type ErrorCode =
  | "invalid_input"
  | "unknown_connection"
  | "unknown_record_type"
  | "unknown_interaction"
  | "unknown_leg"
  | "ambiguous_leg"
  | "leg_closed"
  | "interaction_deleted"
  | "not_supported"
  | "not_allowed"
  | "no_mailbox"
  | "crm_unavailable"
  | "store_too_new"
  | "store_unwritable"
  | "store_closed"
  | "closed";

/** What an error says beyond its message. */
export type ErrorPlace = {
  /** Where: an option's path, a command, a mapping line. */
  readonly place: string;
  /** What the reader should do about it. One sentence. */
  readonly mend: string;
  readonly cause?: unknown;
};

/**
 * The one class of error that core throws: recognise it by `code`, never by its text.
 * The message names what is wrong, where, and how to mend it; it holds no secret and no customer data.
 */
export class WrapupError extends Error {
  readonly code: ErrorCode;
  readonly place: string;
  readonly mend: string;

  constructor(code: ErrorCode, what: string, { place, mend, cause }: ErrorPlace) {
    super(`${what} (at ${place}). ${mend}`, cause === undefined ? undefined : { cause });
    this.name = "WrapupError";
    this.code = code;
    this.place = place;
    this.mend = mend;
  }
}

/** Whether something thrown is one of ours, also when two copies of the library are loaded. */
export const isWrapupError = (error: unknown): error is WrapupError =>
  error instanceof Error && error.name === "WrapupError" && "code" in error && "mend" in error;
