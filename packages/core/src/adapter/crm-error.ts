import { isWrapupError } from "../errors.ts";
import type { Answer, Trouble } from "./contract.ts";

/**
 * What reads, `check` and `createRecord` throw when the CRM did not answer as it should.
 * `push` never throws it: it answers per write, so that one broken request never swallows its siblings' answers.
 */
export class CrmError extends Error {
  readonly code = "crm_error";
  readonly why: Trouble | "refused";
  /** Whether the request may have taken effect. */
  readonly sent: "no" | "maybe";
  readonly afterMs?: number;

  /** `message`: words for people; never a secret, never customer data. */
  constructor(
    why: Trouble | "refused",
    sent: "no" | "maybe",
    message: string,
    more: { readonly cause?: unknown; readonly afterMs?: number } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "CrmError";
    this.why = why;
    this.sent = sent;
    if (more.afterMs !== undefined) this.afterMs = more.afterMs;
  }
}

/** The answer to every write of a request that failed as a whole. */
export const answerOf = (error: CrmError): Answer =>
  error.why === "refused"
    ? { is: "refused", why: "validation", reason: error.message }
    : {
        is: "retry",
        why: error.why,
        sent: error.sent,
        reason: error.message,
        ...(error.afterMs !== undefined && { afterMs: error.afterMs }),
      };

/** What may be told of an error: our own words; of others, who may quote anything, only that it happened (O3). */
export const tellable = (error: unknown): string =>
  error instanceof CrmError || isWrapupError(error)
    ? error.message
    : "Asking the CRM failed in a way that is a defect; the log tells its kind.";
