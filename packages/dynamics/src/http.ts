import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { AxiosInstance } from "axios";
import { CrmError } from "@wrapup/core";
import { z } from "zod";

/** One reply as it came: nothing lost, nothing thrown for a status. */
export type RawReply = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

/** One request as it goes. */
type RawRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text?: string;
};

/** Exactly one attempt per call, with connections that are kept open. */
export type Http = {
  /** Answers every status. Throws `CrmError` when there is no whole answer. */
  readonly send: (request: RawRequest, signal: AbortSignal) => Promise<RawReply>;
  readonly close: () => void;
};

/** Failures before anything could have been sent: looking up the host, connecting, the TLS handshake, a request that is none. */
const beforeSending =
  /^(ENOTFOUND|EAI_\w+|ECONNREFUSED|EHOSTDOWN|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|ERR_INVALID_(?:URL|CHAR|HTTP_TOKEN)|ERR_UNESCAPED_CHARACTERS)$/;

type Found = { readonly code: string; readonly syscall: string };

const codesOf = (error: unknown, depth = 0): readonly Found[] => {
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
 * What may be kept of a failure: its name and code. The rest quotes what must not be shown: axios keeps the whole request in its
 * errors, with our token and the customer's data (O3).
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

const tooLate = (name: string, sent: "no" | "maybe", cause?: Error): CrmError =>
  new CrmError("unreachable", sent, `${name} did not answer in time`, { cause });

/** A call that ended before anything of it was sent. */
export const stoppedBefore = (signal: AbortSignal, name = "Dynamics 365"): CrmError =>
  ranOut(signal)
    ? tooLate(name, "no")
    : new CrmError("transient", "no", `The call to ${name} was stopped before it began`);

/** Waits no longer than the caller does; what is waited for goes on for the others. */
export const unlessStopped = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  if (signal.aborted) {
    promise.catch(() => undefined);
    throw stoppedBefore(signal);
  }
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(stoppedBefore(signal));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
};

type Ended = {
  readonly name: string;
  readonly stopped: AbortSignal;
  readonly timedOut: AbortSignal;
};

/** What a request without an answer means. `sent` is "no" only where the connection never stood. */
export const networkError = (error: unknown, { name, stopped, timedOut }: Ended): CrmError => {
  const cause = causeOf(error);
  if (timedOut.aborted || (stopped.aborted && ranOut(stopped)))
    return tooLate(name, "maybe", cause);
  if (stopped.aborted)
    return new CrmError(
      "transient",
      "maybe",
      `The call to ${name} was stopped before it answered`,
      {
        cause,
      },
    );
  if (error instanceof Error && error.message.startsWith("maxContentLength"))
    return new CrmError("transient", "maybe", `${name}'s answer is larger than any can be`, {
      cause,
    });
  const codes = codesOf(error);
  const precise = codes.find(({ code }) => !/^ERR_(?:NETWORK|BAD_\w+)$/.test(code)) ?? codes[0];
  const named = precise === undefined ? "" : ` (${precise.code})`;
  const never = codes.some(
    ({ code, syscall }) =>
      beforeSending.test(code) || syscall === "connect" || syscall === "getaddrinfo",
  );
  return never
    ? new CrmError("unreachable", "no", `${name} could not be reached${named}`, { cause })
    : new CrmError(
        "unreachable",
        "maybe",
        `The connection to ${name} broke before it answered${named}`,
        { cause },
      );
};

/** Far above any answer that is meant: the largest page of a query is some megabytes. */
const mostBytes = 32 * 1024 * 1024;

const headersIn = (given: readonly (readonly [string, unknown])[]): Headers => {
  const headers = new Headers();
  for (const [name, value] of given)
    for (const one of Array.isArray(value) ? value : [value])
      if (typeof one === "string" && /^[\x20-\x7e\t]*$/.test(one)) headers.append(name, one);
  return headers;
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

/** What axios does by itself and must not: parse, judge by status, follow redirects with our token. Proxies stay as it takes them. */
const instanceWith = async (http: HttpAgent, https: HttpsAgent): Promise<AxiosInstance> => {
  // Loading it takes 0.1 s.
  const { default: axios } = await import("axios");
  return axios.create({
    httpAgent: http,
    httpsAgent: https,
    validateStatus: () => true,
    maxRedirects: 0,
    responseType: "text",
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    maxContentLength: mostBytes,
    maxBodyLength: Number.POSITIVE_INFINITY,
  });
};

/** One axios instance. `name`: whom an error says did not answer, and what to check. */
export const createHttp = (options: {
  readonly timeoutMs: number;
  readonly name: string;
}): Http => {
  const agents = [new HttpAgent({ keepAlive: true }), new HttpsAgent({ keepAlive: true })] as const;
  let instance: Promise<AxiosInstance> | undefined;
  const send = async (request: RawRequest, stopped: AbortSignal): Promise<RawReply> => {
    if (stopped.aborted) throw stoppedBefore(stopped, options.name);
    const timedOut = AbortSignal.timeout(options.timeoutMs);
    try {
      const { status, headers, data } = await (
        await (instance ??= instanceWith(...agents))
      ).request<unknown>({
        method: request.method,
        url: request.url,
        headers: { "user-agent": "wrapup-dynamics", ...request.headers },
        signal: AbortSignal.any([stopped, timedOut]),
        ...(request.text !== undefined && { data: request.text }),
      });
      return {
        status,
        headers: headersIn(Object.entries(headers)),
        text: typeof data === "string" ? data : "",
      };
    } catch (error) {
      throw networkError(error, { name: options.name, stopped, timedOut });
    }
  };
  return {
    send,
    close: () => {
      for (const agent of agents) agent.destroy();
    },
  };
};

/** Far above what an answer holds: a page has 5,000 rows. More of them would fill the memory, and hold up the process for minutes. */
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
  // Nothing to read is the usual answer to a write, and an exception costs more than all the rest.
  if (text.trim() === "" || hasTooMuch(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};
