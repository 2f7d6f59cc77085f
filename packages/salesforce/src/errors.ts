import { CrmError } from "@wrapup/core";
import { rowOf } from "./error-codes.ts";
import type { Verdict } from "./error-codes.ts";
import { errorsIn } from "./vendor-error.ts";
import type { VendorError } from "./vendor-error.ts";

/** The one reader of the table: what to do about an error of one record. Unknown codes are refused and shown. */
export const verdictOf = (error: VendorError): Verdict =>
  rowOf(error)?.verdict ?? { does: "refuse", why: "validation" };

/** More than this of a vendor's text is not even looked at, so that no length can hold up the process. */
const mostRead = 1000;
const mostShown = 200;

/** A word that is cut in the middle would not be known for what it is. */
const beginningOf = (message: string): string =>
  message.length <= mostRead ? message : message.slice(0, mostRead).replace(/\S*$/, "");

/**
 * What may be an id, an address, a number or a quoted value is taken out; Salesforce repeats what was sent, and may cut it off
 * before the closing quote.
 */
export const withoutValues = (message: string): string =>
  beginningOf(message)
    .replaceAll(/"[^"]*(?:"|$)|(?<!\w)'(?:[^']|'(?=\w))*(?:'|$)/g, "…")
    .replaceAll(/\S+@\S+/g, "…")
    .replaceAll(/https?:\S+/g, "…")
    .replaceAll(/\b(?=\w*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\b/g, "…")
    .replaceAll(/\+?\d[\d\s().-]{4,}\d/g, "…")
    .slice(0, mostShown)
    .toWellFormed();

/** Words for people: our own, the field, the code; the vendor's text only where it is the org's and holds no values. */
export const reasonOf = (error: VendorError): string => {
  const row = rowOf(error);
  const where = error.fields.length > 0 ? ` (${error.fields.join(", ")})` : "";
  const said =
    row === undefined || row.ours === true || error.message === ""
      ? ""
      : `: ${withoutValues(error.message)}`;
  return `Salesforce: ${row?.words ?? "the request was refused"}${where} [${error.code}]${said}`;
};

/** A reply that is not the answer asked for. */
export type FailedReply = {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
};

const byStatus = ({ status, retryAfterMs }: FailedReply): CrmError => {
  const after = retryAfterMs === undefined ? {} : { afterMs: retryAfterMs };
  if (status === 401)
    return new CrmError("auth", "no", "Salesforce did not accept the session (HTTP 401)");
  if (status === 429)
    return new CrmError(
      "throttled",
      "no",
      "Salesforce, or a gateway before it, asks to slow down (HTTP 429)",
      after,
    );
  if (status === 502 || status === 503)
    return new CrmError(
      "unreachable",
      "maybe",
      `Salesforce is not available (HTTP ${status})`,
      after,
    );
  if (status >= 500 || status === 420 || status === 409)
    return new CrmError("transient", "maybe", `Salesforce failed (HTTP ${status})`, after);
  if (status >= 300 && status < 400)
    return new CrmError(
      "unreachable",
      "no",
      `The address answers with a redirect (HTTP ${status}); check that the domain is the org's My Domain`,
    );
  if (status === 403)
    return new CrmError(
      "auth",
      "no",
      "The way to Salesforce is forbidden (HTTP 403); check the API permission and IP ranges",
    );
  if (status >= 400)
    return new CrmError("refused", "no", `Salesforce refused the request (HTTP ${status})`);
  return new CrmError("transient", "maybe", `Salesforce sent a broken answer (HTTP ${status})`);
};

/** What a request that failed as a whole means: by its code first, by its status where it has none (facts §2.8). */
export const crmErrorOf = (reply: FailedReply): CrmError => {
  // Whoever answers 429 asks to slow down, whatever code stands beside it.
  if (reply.status === 429) return byStatus(reply);
  const first = errorsIn(reply.body)[0];
  const row = first === undefined ? undefined : rowOf(first);
  if (first === undefined || row === undefined) {
    if (first === undefined || reply.status >= 500 || reply.status === 401) return byStatus(reply);
    return new CrmError("refused", "no", reasonOf(first));
  }
  const { verdict } = row;
  if (verdict.does === "retry") {
    const afterMs = reply.retryAfterMs ?? verdict.afterMs;
    return new CrmError(
      verdict.why,
      verdict.sent,
      reasonOf(first),
      afterMs === undefined ? {} : { afterMs },
    );
  }
  return verdict.does === "signIn"
    ? new CrmError("auth", "no", reasonOf(first))
    : new CrmError("refused", "no", reasonOf(first));
};
