import { CrmError } from "@wrapup/core";
import { rowOf } from "./error-codes.ts";
import type { Row, Verdict } from "./error-codes.ts";
import { columnOf, errorIn, isErrorBody, privilegeOf } from "./vendor-error.ts";
import type { VendorError } from "./vendor-error.ts";

/** What the status alone says of one operation, for codes that are empty or unknown. */
const verdictByStatus = (status: number): Verdict => {
  if (status === 401) return { does: "signIn" };
  if (status === 403) return { does: "refuse", why: "permission" };
  if (status === 404) return { does: "lookAtTarget" };
  if (status === 412) return { does: "changed" };
  if (status === 413) return { does: "split" };
  if (status === 429) return { does: "retry", why: "throttled", sent: "no" };
  if (status === 502 || status === 503) return { does: "retry", why: "unreachable", sent: "maybe" };
  if (status >= 500) return { does: "retry", why: "transient", sent: "maybe" };
  return { does: "refuse", why: "validation" };
};

/** The one reader of the table: what to do about an error of one operation. By its code first, by its status where it has none. */
export const verdictOf = (error: VendorError): Verdict =>
  rowOf(error)?.verdict ?? verdictByStatus(error.status);

/**
 * Words for people: our own, the column or privilege, the code; never the vendor's text, which repeats what was sent, and says what an
 * organisation's plug-ins want it to say (O3).
 */
export const reasonOf = (error: VendorError): string => {
  const names = [columnOf(error), privilegeOf(error)].filter((name) => name !== undefined);
  const where = names.length > 0 ? ` (${names.join(", ")})` : "";
  const code = error.code === "" ? `HTTP ${error.status}` : error.code;
  return `Dynamics 365: ${rowOf(error)?.words ?? "the request was refused"}${where} [${code}]`;
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
    return new CrmError(
      "auth",
      "no",
      "Dynamics 365 did not accept the token (HTTP 401). Check that environment is the one the app may use, and signIn.tenantId",
    );
  if (status === 429)
    return new CrmError(
      "throttled",
      "no",
      "Dynamics 365, or a gateway before it, asks to slow down (HTTP 429)",
      after,
    );
  if (status === 502 || status === 503)
    return new CrmError(
      "unreachable",
      "maybe",
      `Dynamics 365 is not available (HTTP ${status})`,
      after,
    );
  if (status >= 500 || status === 408 || status === 409)
    return new CrmError("transient", "maybe", `Dynamics 365 failed (HTTP ${status})`, after);
  if (status >= 300 && status < 400)
    return new CrmError(
      "unreachable",
      "no",
      `The address answers with a redirect (HTTP ${status}); check that environment is the organisation's own address`,
    );
  if (status === 403)
    return new CrmError(
      "auth",
      "no",
      "The way to Dynamics 365 is forbidden (HTTP 403); check that the app registration is an application user of this environment, and its IP firewall",
    );
  if (status >= 400)
    return new CrmError("refused", "no", `Dynamics 365 refused the request (HTTP ${status})`);
  return new CrmError("transient", "maybe", `Dynamics 365 sent a broken answer (HTTP ${status})`);
};

const aboutUser = (error: VendorError, mend: string): CrmError =>
  new CrmError("auth", "no", `${reasonOf(error)}. ${mend}`);

const ofRow = (error: VendorError, { verdict }: Row, reply: FailedReply): CrmError => {
  if (verdict.does === "signIn") return new CrmError("auth", "no", reasonOf(error));
  if (verdict.does !== "retry") return new CrmError("refused", "no", reasonOf(error));
  const afterMs = reply.retryAfterMs ?? verdict.afterMs;
  return new CrmError(
    verdict.why,
    verdict.sent,
    reasonOf(error),
    afterMs === undefined ? {} : { afterMs },
  );
};

/** What a request that failed as a whole means: by its code first, by its status where it has none. */
export const crmErrorOf = (reply: FailedReply): CrmError => {
  const error = errorIn(reply.status, reply.body);
  const row = rowOf(error);
  // Whoever answers 429 asks to slow down, whatever code stands beside it; 401 is about the token, but for what names the user.
  if (reply.status === 429) return byStatus(reply);
  if (row?.aboutUs !== undefined) return aboutUser(error, row.aboutUs);
  if (reply.status === 401 || !isErrorBody(reply.body)) return byStatus(reply);
  if (row !== undefined) return ofRow(error, row, reply);
  return reply.status >= 500 ? byStatus(reply) : new CrmError("refused", "no", reasonOf(error));
};

/** The same failure of a call that has no effect: never "maybe sent". */
export const unsent = (error: CrmError): CrmError =>
  error.sent === "no"
    ? error
    : new CrmError(error.why, "no", error.message, {
        cause: error.cause,
        ...(error.afterMs !== undefined && { afterMs: error.afterMs }),
      });
