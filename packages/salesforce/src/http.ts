import { PassThrough } from "node:stream";
import type { HttpRequest, HttpResponse, OAuth2 } from "jsforce";
import { CrmError } from "@wrapup/core";

/** jsforce's own extension point for HTTP; its class is not exported. */
export type Transport = OAuth2["_transport"];

/** One reply as it came: nothing lost, nothing thrown for a status. */
export type RawReply = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

/** Failures before anything could have been sent: looking up the host, connecting, the TLS handshake. */
const beforeSending =
  /^(ENOTFOUND|EAI_\w+|ECONNREFUSED|EHOSTDOWN|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|ERR_INVALID_URL)$/;

const codesOf = (
  error: unknown,
  depth = 0,
): readonly { readonly code: string; readonly syscall: string }[] => {
  if (!(error instanceof Error) || depth > 4) return [];
  const own = "code" in error && typeof error.code === "string" ? error.code : "";
  const syscall = "syscall" in error && typeof error.syscall === "string" ? error.syscall : "";
  const inner =
    error instanceof AggregateError ? error.errors.flatMap((one) => codesOf(one, depth + 1)) : [];
  return [
    ...(own === "" ? [] : [{ code: own, syscall }]),
    ...inner,
    ...codesOf(error.cause, depth + 1),
  ];
};

/** What a request without an answer means. `sent` is "no" only where the connection never stood. */
export const networkError = (
  error: unknown,
  stopped: AbortSignal,
  timedOut: AbortSignal,
): CrmError => {
  if (stopped.aborted)
    return new CrmError(
      "transient",
      "maybe",
      "The call to Salesforce was stopped before it answered",
      { cause: error },
    );
  if (timedOut.aborted)
    return new CrmError("unreachable", "maybe", "Salesforce did not answer in time", {
      cause: error,
    });
  const codes = codesOf(error);
  const never = codes.some(
    ({ code, syscall }) =>
      beforeSending.test(code) || syscall === "connect" || syscall === "getaddrinfo",
  );
  const named = codes[0] === undefined ? "" : ` (${codes[0].code})`;
  return never
    ? new CrmError("unreachable", "no", `Salesforce could not be reached${named}`, { cause: error })
    : new CrmError(
        "unreachable",
        "maybe",
        `The connection to Salesforce broke before it answered${named}`,
        { cause: error },
      );
};

/**
 * A transport for one jsforce call: exactly one attempt over Node's own fetch, which can be aborted, follows no redirect with our
 * token, and takes proxies the way Node does. `keep` receives the reply with its status and headers, which jsforce drops.
 */
export const oneAttempt = (options: {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly keep: (reply: RawReply) => void;
}): Transport => {
  const attempt = async (request: HttpRequest): Promise<HttpResponse> => {
    if (options.signal.aborted)
      throw new CrmError("transient", "no", "The call to Salesforce was stopped before it began");
    const timedOut = AbortSignal.timeout(options.timeoutMs);
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: request.headers ?? {},
        redirect: "manual",
        signal: AbortSignal.any([options.signal, timedOut]),
        ...(typeof request.body === "string" && { body: request.body }),
      });
      const reply = {
        status: response.status,
        headers: response.headers,
        text: await response.text(),
      };
      options.keep(reply);
      return {
        statusCode: reply.status,
        headers: Object.fromEntries(reply.headers),
        body: reply.text,
      };
    } catch (error) {
      throw networkError(error, options.signal, timedOut);
    }
  };
  return {
    httpRequest: (request) => Object.assign(attempt(request), { stream: () => new PassThrough() }),
    getRequestStreamCreator: () => () => new PassThrough(),
  };
};

/** A body that should be JSON; `undefined` when it is something else. */
export const jsonIn = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};
