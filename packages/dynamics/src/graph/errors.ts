import { CrmError } from "@wrapup/core";
import { busyMailbox, rowOf, throttledApp } from "./error-codes.ts";
import type { Row, Verdict } from "./error-codes.ts";

/** One error as Graph gives it. `code`: "" where it gives none. */
export type GraphError = {
  readonly code: string;
  readonly message: string;
  readonly status: number;
};

/** A reply as it came; `body` is parsed JSON, `undefined` for none and for what is no JSON. */
export type GraphReply = {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a body is one that Graph sends with a refusal. */
export const isErrorBody = (body: unknown): boolean => isObject(body) && isObject(body["error"]);

/** The error in a reply; an empty one where it holds none. What does not look like a code may be a customer's text. */
export const errorIn = ({ status, body }: GraphReply): GraphError => {
  const error = isObject(body) && isObject(body["error"]) ? body["error"] : {};
  const { code, message } = error;
  return {
    status,
    code: typeof code === "string" && /^[A-Za-z][\w.]{0,79}$/.test(code) ? code : "",
    message: typeof message === "string" ? message.slice(0, 1000) : "",
  };
};

const row = (verdict: Verdict, words: string): Row => ({ verdict, words });

const byStatus = (status: number): Row => {
  if (status === 401) return row({ does: "signIn" }, "the token was not accepted");
  if (status === 403) return row({ does: "refuse", why: "permission" }, "the app may not do this");
  if (status === 404) return row({ does: "refuse", why: "notFound" }, "it is not there");
  if (status === 409 || status === 412 || status === 423)
    return row({ does: "retry", why: "lock", sent: "no" }, "it is being changed by somebody else");
  if (status === 502 || status === 503)
    return row({ does: "retry", why: "unreachable", sent: "maybe" }, "it is not available");
  if (status >= 500 || status === 408)
    return row({ does: "retry", why: "transient", sent: "maybe" }, "it failed");
  if (status >= 300 && status < 400)
    return row(
      { does: "retry", why: "unreachable", sent: "no" },
      "the address answers with a redirect; check graphUrl",
    );
  if (status >= 400) return row({ does: "refuse", why: "validation" }, "the request was refused");
  return row({ does: "retry", why: "transient", sent: "maybe" }, "the answer was broken");
};

const rowFor = (error: GraphError): Row => {
  if (error.status === 429)
    return /MailboxConcurrency/i.test(error.message) ? busyMailbox : throttledApp;
  return rowOf(error.code) ?? byStatus(error.status);
};

/** The one reader of the table: by code first, by status where the code is not known. */
export const verdictOf = (error: GraphError): Verdict => rowFor(error).verdict;

/** Words for people: ours and the code, never the vendor's text, which repeats addresses. */
export const reasonOf = (error: GraphError): string =>
  `Microsoft Graph: ${rowFor(error).words} [${error.code === "" ? `HTTP ${error.status}` : error.code}]`;

/** What a reply that is no answer means. A mailbox's 503 with a code of Exchange's own is that mailbox's trouble only. */
export const crmErrorOf = (reply: GraphReply): CrmError => {
  const error = errorIn(reply);
  const verdict = verdictOf(error);
  if (verdict.does === "signIn")
    return new CrmError(
      "auth",
      "no",
      `${reasonOf(error)}. Check signIn, and that graphUrl is the cloud that the app is registered in`,
    );
  if (verdict.does !== "retry") return new CrmError("refused", "no", reasonOf(error));
  const afterMs = reply.retryAfterMs ?? verdict.afterMs;
  return new CrmError(
    verdict.why,
    verdict.sent,
    reasonOf(error),
    afterMs === undefined ? {} : { afterMs },
  );
};
