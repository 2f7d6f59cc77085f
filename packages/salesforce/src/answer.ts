import type { Answer, RecordId, Warning, Write } from "@wrapup/core";
import { answerOf, CrmError } from "@wrapup/core";
import { reasonOf, verdictOf } from "./errors.ts";
import { errorsIn } from "./vendor-error.ts";
import type { Verdict } from "./error-codes.ts";
import { isRecordId } from "./query.ts";
import type { VendorError } from "./vendor-error.ts";

/** What a collection says of one of its records (facts §1.7, recorded upsert-sobject-collection). */
export type SaveResult =
  | { readonly success: true; readonly id: string; readonly created: boolean }
  | { readonly success: false; readonly errors: readonly VendorError[] };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const oneResult = (value: unknown): SaveResult | undefined => {
  if (!isObject(value)) return undefined;
  const { id, success, created } = value;
  if (success === true)
    return typeof id === "string" && isRecordId(id)
      ? { success: true, id, created: created === true }
      : undefined;
  return success === false ? { success: false, errors: errorsIn(value["errors"]) } : undefined;
};

/**
 * One result per record, in order; `undefined` when the body is anything else, so that no result is ever given to a wrong record.
 * A result that says nothing of use (success without an id) is `undefined` and costs its own record only (W4).
 */
export const resultsIn = (
  body: unknown,
  expected: number,
): readonly (SaveResult | undefined)[] | undefined =>
  Array.isArray(body) && body.length === expected ? body.map(oneResult) : undefined;

/** The error that decides: one that asks for an action goes before one that only refuses. */
export const decisive = (
  errors: readonly VendorError[],
): { readonly error: VendorError; readonly verdict: Verdict } => {
  const all = errors.map((error) => ({ error, verdict: verdictOf(error) }));
  const unknown: VendorError = { code: "UNKNOWN", message: "", fields: [] };
  return (
    all.find(({ verdict }) => verdict.does !== "refuse" && verdict.does !== "retry") ??
    all.find(({ verdict }) => verdict.does === "retry") ??
    all[0] ?? { error: unknown, verdict: verdictOf(unknown) }
  );
};

/** The proof kept of a row. `touched`: a person has changed it, so it is never deleted by us (K5). */
export const written = (
  write: Write,
  how: "created" | "already" | "updated",
  id: string,
  more: {
    readonly url: string | undefined;
    readonly touched?: boolean;
    readonly warnings?: readonly Warning[];
  },
): Answer => ({
  is: "written",
  how,
  receipt: {
    ref: { type: write.entry.type, id },
    ...(more.touched === true && { stamp: touchedStamp }),
    ...(more.url !== undefined && { url: more.url }),
  },
  ...(more.warnings !== undefined && more.warnings.length > 0 && { warnings: more.warnings }),
});

/**
 * The only stamp there is: a collection's answer carries no version of the row, and reading it back would cost a call for each.
 * So whether a person changed the row is noted when an amendment reads it anyway, and asked again before a deletion.
 */
export const touchedStamp = "touched";

/** An error that needs no further look. */
export const plainAnswer = (error: VendorError, verdict: Verdict): Answer => {
  if (verdict.does === "retry")
    return {
      is: "retry",
      why: verdict.why,
      sent: verdict.sent,
      reason: reasonOf(error),
      ...(verdict.afterMs !== undefined && { afterMs: verdict.afterMs }),
    };
  const [field] = error.fields;
  const why =
    verdict.does === "refuse"
      ? verdict.why
      : verdict.does === "lookAtTarget"
        ? "notFound"
        : verdict.does === "lookByKey"
          ? "duplicate"
          : "validation";
  if (verdict.does === "signIn")
    return { is: "retry", why: "auth", sent: "no", reason: reasonOf(error) };
  return { is: "refused", why, reason: reasonOf(error), ...(field !== undefined && { field }) };
};

/** A linked record went elsewhere. */
export const moved = (from: RecordId, to: RecordId): Answer => ({ is: "moved", from, to });

/** What was thrown, as it can be answered: what is no `CrmError` is a mistake of ours, and nobody knows how far the request came. */
export const asCrmError = (thrown: unknown): CrmError => {
  if (thrown instanceof CrmError) return thrown;
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return new CrmError("transient", "maybe", `The Salesforce adapter failed by itself (${name})`);
};

/** The answer to every write that a failed request carried. */
export const failed = (thrown: unknown, sent?: "no" | "maybe"): Answer => {
  const answer = answerOf(asCrmError(thrown));
  return answer.is === "retry" ? { ...answer, sent: sent ?? answer.sent } : answer;
};
