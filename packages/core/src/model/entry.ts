import type { Fields, RecordId } from "./record.ts";
import type { Warning } from "./warning.ts";

/** What Wrapup can want to exist in a CRM about an interaction. */
export type EntryKind = "activity" | "followUp" | "publication" | "notice";

/** One thing Wrapup wants to exist in one CRM about one interaction. It has one key, one ledger row and one receipt, for ever. */
export type Entry = {
  /** `wu` and 64 hexadecimal digits: make the CRM's column at least 66 characters, unique and case-sensitive. */
  readonly key: string;
  readonly kind: EntryKind;
  /** The leg's id, or `*` for an activity of the whole interaction (L9); of a mail, the mail's own id. */
  readonly leg: string;
  readonly slot: number;
  /** The CRM's type of row. */
  readonly type: string;
  readonly fields: Fields;
  /** Linked records by role, as the adapter's link rules name the roles. */
  readonly roles: Readonly<Record<string, readonly RecordId[]>>;
  /** The CRM user it belongs to (W10); of a mail, the mailbox it goes out from (N3). */
  readonly owner?: string;
  /** Complete it; otherwise it will grow (L9). Of a mail: send it; otherwise it is a draft. */
  readonly final: boolean;
  /** Keys of rows that the CRM may lock for this write: two concurrent requests never share one (W4). Not part of the wish. */
  readonly touches: readonly string[];
  /** What was shortened or left out in making it. Not part of the wish. */
  readonly warnings: readonly Warning[];
};

/** Proof that an entry is in the CRM. */
export type Receipt = {
  readonly ref: RecordId;
  /** The row's version there, opaque to core (W7). */
  readonly stamp?: string;
  /** How to open it. */
  readonly url?: string;
};
