import type { Answer, Receipt, RecordId, Warning, Write } from "@wrapup/core";
import { answerOf, CrmError } from "@wrapup/core";
import type { Verdict } from "./error-codes.ts";
import { reasonOf } from "./errors.ts";
import { columnOf } from "./vendor-error.ts";
import type { VendorError } from "./vendor-error.ts";

/**
 * The proof kept of a row. `touched`: a person has changed it, so it is never deleted by us (K5). `noteTouched`: and the annotation
 * beside it, so that what they wrote there stays.
 */
export const written = (
  write: Write,
  how: "created" | "already" | "updated" | "appended",
  id: string,
  more: {
    readonly url: string | undefined;
    readonly touched?: boolean;
    readonly noteTouched?: boolean;
    readonly warnings?: readonly Warning[];
  },
): Answer => ({
  is: "written",
  how,
  receipt: {
    ref: { type: write.entry.type, id },
    ...(more.touched === true && { stamp: touchedStamp }),
    ...(more.noteTouched === true && { stamp: noteStamp }),
    ...(more.url !== undefined && { url: more.url }),
  },
  ...(more.warnings !== undefined && more.warnings.length > 0 && { warnings: more.warnings }),
});

/**
 * The only stamps there are. A row's etag would cost a read after each write, and is read anyway before the next one; whether a person
 * ever changed the row is what a later look cannot tell, once we changed it after them.
 */
const touchedStamp = "touched";
const noteStamp = "touched, with its note";

/** Whether a person is known to have changed the row. */
export const isTouched = (receipt: Receipt | undefined): boolean =>
  receipt?.stamp === touchedStamp || receipt?.stamp === noteStamp;

/** Whether a person is known to have changed the annotation beside it. */
export const isNoteTouched = (receipt: Receipt | undefined): boolean =>
  receipt?.stamp === noteStamp;

/** An error that needs no further look. */
export const plainAnswer = (error: VendorError, verdict: Verdict): Answer => {
  const reason = reasonOf(error);
  const field = columnOf(error);
  switch (verdict.does) {
    case "retry":
      return {
        is: "retry",
        why: verdict.why,
        sent: verdict.sent,
        reason,
        ...(verdict.afterMs !== undefined && { afterMs: verdict.afterMs }),
      };
    case "signIn":
      return { is: "retry", why: "auth", sent: "no", reason };
    // Read anew, the next attempt sees what it met.
    case "changed":
    case "frozen":
      return { is: "retry", why: "lock", sent: "no", reason };
    case "alreadyThere":
      return { is: "refused", why: "duplicate", reason };
    case "lookAtTarget":
      return { is: "refused", why: "notFound", reason };
    case "split":
      return { is: "refused", why: "validation", reason };
    case "refuse":
      return { is: "refused", why: verdict.why, reason, ...(field !== undefined && { field }) };
  }
};

/** A linked record went elsewhere. */
export const moved = (from: RecordId, to: RecordId): Answer => ({ is: "moved", from, to });

/** What was thrown, as it can be answered: what is no `CrmError` is a mistake of ours, and nobody knows how far the request came. */
export const asCrmError = (thrown: unknown): CrmError => {
  if (thrown instanceof CrmError) return thrown;
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return new CrmError("transient", "maybe", `The Dynamics 365 adapter failed by itself (${name})`);
};

/** The answer to every write that a failed request carried. */
export const failed = (thrown: unknown, sent?: "no" | "maybe"): Answer => {
  const answer = answerOf(asCrmError(thrown));
  return answer.is === "retry" ? { ...answer, sent: sent ?? answer.sent } : answer;
};
