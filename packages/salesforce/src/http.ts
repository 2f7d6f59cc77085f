import { PassThrough } from "node:stream";
import type { HttpRequest, HttpResponse, OAuth2 } from "jsforce";
import { CrmError } from "@wrapup/core";
import { z } from "zod";

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
  const own =
    "code" in error && typeof error.code === "string" && /^\w{1,80}$/.test(error.code)
      ? error.code
      : "";
  const syscall = "syscall" in error && typeof error.syscall === "string" ? error.syscall : "";
  const inner =
    error instanceof AggregateError ? error.errors.flatMap((one) => codesOf(one, depth + 1)) : [];
  return [
    ...(own === "" ? [] : [{ code: own, syscall }]),
    ...inner,
    ...codesOf(error.cause, depth + 1),
  ];
};

/**
 * What may be kept of a failure: its name and code. The rest may quote what must not be shown: undici keeps raw bytes of the
 * answer, and fetch names the header that it could not send, with our token (O3).
 */
export const causeOf = (error: unknown): Error => {
  const { name } = error instanceof Error ? error : new Error();
  const [first] = codesOf(error);
  return Object.assign(new Error(first?.code ?? "no code"), { name });
};

/** Whether a time limit ended it, and not somebody who no longer wants it. */
const ranOut = (signal: AbortSignal): boolean => {
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.name === "TimeoutError";
};

const tooLate = (sent: "no" | "maybe", cause?: Error): CrmError =>
  new CrmError("unreachable", sent, "Salesforce did not answer in time", { cause });

/** A call that ended before anything of it was sent. */
export const stoppedBefore = (signal: AbortSignal): CrmError =>
  ranOut(signal)
    ? tooLate("no")
    : new CrmError("transient", "no", "The call to Salesforce was stopped before it began");

/** What a request without an answer means. `sent` is "no" only where the connection never stood. */
export const networkError = (
  error: unknown,
  stopped: AbortSignal,
  timedOut: AbortSignal,
): CrmError => {
  const cause = causeOf(error);
  if (timedOut.aborted || (stopped.aborted && ranOut(stopped))) return tooLate("maybe", cause);
  if (stopped.aborted)
    return new CrmError(
      "transient",
      "maybe",
      "The call to Salesforce was stopped before it answered",
      { cause },
    );
  const codes = codesOf(error);
  const never = codes.some(
    ({ code, syscall }) =>
      beforeSending.test(code) || syscall === "connect" || syscall === "getaddrinfo",
  );
  const named = codes[0] === undefined ? "" : ` (${codes[0].code})`;
  return never
    ? new CrmError("unreachable", "no", `Salesforce could not be reached${named}`, { cause })
    : new CrmError(
        "unreachable",
        "maybe",
        `The connection to Salesforce broke before it answered${named}`,
        { cause },
      );
};

/** Far above any answer of Salesforce's: the largest page of a query is some megabytes. */
const mostBytes = 32 * 1024 * 1024;

/** The body as text; what is larger than it can be is not read to its end. Throws `CrmError`. */
const textOf = async ({ body }: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  const pieces: AsyncIterable<Uint8Array> | readonly Uint8Array[] = body ?? [];
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > mostBytes)
      throw new CrmError("transient", "maybe", "Salesforce's answer is larger than any can be");
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
};

/** A list of at most so many. It is refused at its first fault, as naming the fault of each would fill the memory (O5). */
export const listOf = <T extends z.ZodType>(item: T, most: number) =>
  z
    .custom<unknown[]>((given) => Array.isArray(given) && given.length <= most)
    .transform((given, context): z.output<T>[] => {
      const list: z.output<T>[] = [];
      for (const one of given) {
        const parsed = item.safeParse(one);
        if (!parsed.success) {
          context.addIssue("An item is not as it should be");
          return z.NEVER;
        }
        list.push(parsed.data);
      }
      return list;
    });

/**
 * A transport for one jsforce call: exactly one attempt over Node's own fetch, which can be aborted, follows no redirect with our
 * token, and takes proxies the way Node does. `keep` receives the reply with its status and headers, which jsforce drops; jsforce
 * gets no body, as it would read whatever that is, XML too, before anybody had looked how much it holds (O5).
 */
export const oneAttempt = (options: {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly keep: (reply: RawReply) => void;
}): Transport => {
  const attempt = async (request: HttpRequest): Promise<HttpResponse> => {
    if (options.signal.aborted) throw stoppedBefore(options.signal);
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
        text: await textOf(response),
      };
      options.keep(reply);
      return { statusCode: reply.status, headers: Object.fromEntries(reply.headers), body: "" };
    } catch (error) {
      throw error instanceof CrmError ? error : networkError(error, options.signal, timedOut);
    }
  };
  return {
    httpRequest: (request) => Object.assign(attempt(request), { stream: () => new PassThrough() }),
    getRequestStreamCreator: () => () => new PassThrough(),
  };
};

/** Far above what an answer holds: a page has 2,000 rows. More of them would fill the memory, and hold up the process for minutes. */
const mostObjects = 250_000;

/** Lists count as objects; braces inside of texts do too, which the limit leaves room for. */
const hasTooMuch = (text: string): boolean => {
  let count = 0;
  for (const mark of ["{", "["])
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
      count += 1;
      if (count > mostObjects) return true;
    }
  return false;
};

/** A body that should be JSON; `undefined` when it is something else, and for more than any answer holds (O5). */
export const jsonIn = (text: string): unknown => {
  if (hasTooMuch(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};
