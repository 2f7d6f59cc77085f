import type { Client as VendorClient, GraphRequest } from "@microsoft/microsoft-graph-client";
import { CrmError } from "@wrapup/core";
import type { Clock, Context } from "@wrapup/core";
import { retryAfterIn } from "../headers.ts";
import { jsonIn, networkError, stoppedBefore } from "../http.ts";
import type { TokenSource } from "../sign-in.ts";
import { bearer, Call } from "./bearer.ts";
import { crmErrorOf, errorIn, isErrorBody, verdictOf } from "./errors.ts";
import type { GraphReply } from "./errors.ts";
import { textOf } from "./reply-text.ts";

/**
 * @microsoft/microsoft-graph-client behind a port of one call. It knows Graph's addresses and methods; what surprises in it is met here
 * and in bearer.ts. Each trap has a test titled with its number (facts §3; microsoft-graph-client 3.0.7).
 *
 * - G1  Its token handler leaves the header out for http and for hosts that are not on its list. The bearer is ours.
 * - G2  Its retry handler repeats POSTs, sendMail among them, and waits three minutes at most. It is not in our chain: one attempt.
 * - G3  Its redirect handler follows other origins. None is followed.
 * - G4  A network error keeps its name only, with status -1. The transport's own error is kept beside it.
 * - G5  Status and headers of an answer are lost, and a 202 is an empty stream. Replies are taken raw.
 * - G6  An address inside a path ("https://…") replaces the origin. Paths are relative and encoded, or refused.
 * - G7  Its directory import of token providers does not load in ESM. Nothing of it is imported.
 * - G8  Loading it takes time and memory. It is imported at the first call.
 * - G9  It has no timeout. Ours, and the caller's signal, end a call.
 */
export type GraphClient = {
  /**
   * One attempt, apart from one repeat after a token that was refused. Answers every 2xx, and the refusals that callers read by themselves:
   * no mailbox, no such item, bad content, no permission. Throws `CrmError` for what may succeed later.
   */
  readonly ask: (request: GraphRequestText, context: Context) => Promise<GraphReply>;
  /** Gets a token, which is the first half of a health check. Throws `CrmError`. */
  readonly signIn: (context: Context) => Promise<void>;
  readonly close: () => void;
};

/** `path`: below `/v1.0/`, with its query, every part encoded already. */
export type GraphRequestText = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What a client needs to know. */
export type GraphClientSettings = {
  /** Origin of Graph in the app's cloud. */
  readonly origin: string;
  readonly tokens: TokenSource;
  readonly timeoutMs: number;
  readonly clock: Clock;
};

/** Whom errors name. */
const name = "Microsoft Graph";

/** Stands for a body that should have been JSON. */
const broken = Symbol("broken");

const bodyIn = (text: string): unknown => {
  if (text.trim() === "") return undefined;
  const body = jsonIn(text);
  return body === undefined ? broken : body;
};

const isSafe = (path: string): boolean =>
  /^[\w!$&'()*+,;=:@%.~?/-]+$/.test(path) &&
  !path.includes("//") &&
  !/(?:^|\/)\.\.?(?:\/|\?|$)/.test(path);

const sendWith = (request: GraphRequest, { method, body }: GraphRequestText): Promise<unknown> => {
  if (method === "GET") return request.get();
  if (method === "DELETE") return request.delete();
  return method === "PATCH" ? request.patch(body) : request.post(body);
};

const unsent = (error: CrmError): CrmError =>
  error.sent === "no"
    ? error
    : new CrmError(error.why, "no", error.message, {
        cause: error.cause,
        ...(error.afterMs !== undefined && { afterMs: error.afterMs }),
      });

/** A reply as callers get it: the refusals that they read by themselves, too. Throws `CrmError` for the rest. */
const answered = (reply: GraphReply): GraphReply => {
  if (reply.status < 300) {
    if (reply.body !== broken) return reply;
    throw new CrmError("transient", "maybe", "Microsoft Graph sent a broken answer");
  }
  const does = verdictOf(errorIn(reply)).does;
  if (isErrorBody(reply.body) && does !== "retry" && does !== "signIn") return reply;
  throw crmErrorOf(reply);
};

/** Builds the port; nothing is loaded or sent before the first call. */
export const createGraphClient = (settings: GraphClientSettings): GraphClient => {
  const closing = new AbortController();
  const scope = `${settings.origin}/.default`;
  let loading: Promise<VendorClient> | undefined;

  const load = (): Promise<VendorClient> => {
    loading ??= import("@microsoft/microsoft-graph-client").then(({ Client, HTTPMessageHandler }) =>
      Client.initWithMiddleware({
        baseUrl: `${settings.origin}/`,
        defaultVersion: "v1.0",
        middleware: [bearer(settings.origin), new HTTPMessageHandler()],
      }),
    );
    return loading;
  };

  const attempt = async (
    request: GraphRequestText,
    token: string,
    context: Context,
  ): Promise<GraphReply> => {
    if (!isSafe(request.path)) throw new RangeError("Not a path below Graph");
    const [client, { ResponseType }] = await Promise.all([
      load(),
      import("@microsoft/microsoft-graph-client"),
    ]);
    const stopped = AbortSignal.any([context.signal, closing.signal]);
    if (stopped.aborted) throw stoppedBefore(stopped, name);
    const timedOut = AbortSignal.timeout(settings.timeoutMs);
    const call = new Call(token);
    const prepared = client
      .api(`/${request.path}`)
      .middlewareOptions([call])
      .responseType(ResponseType.RAW)
      .headers({ accept: "application/json", ...request.headers })
      .options({ signal: AbortSignal.any([stopped, timedOut]), redirect: "manual" });
    try {
      const response = await sendWith(prepared, request);
      if (!(response instanceof Response)) throw new TypeError("No reply");
      const serverTime = Date.parse(response.headers.get("date") ?? "");
      if (!Number.isNaN(serverTime)) context.observe({ serverTime });
      return {
        status: response.status,
        retryAfterMs: retryAfterIn(response.headers.get("retry-after"), settings.clock.now()),
        body: bodyIn(await textOf(response)),
      };
    } catch (error) {
      if (error instanceof CrmError) throw error;
      throw networkError(call.failure ?? error, { name, stopped, timedOut });
    }
  };

  const withToken = async (request: GraphRequestText, context: Context): Promise<GraphReply> => {
    const token = await settings.tokens.get(scope, context.signal);
    const reply = await attempt(request, token, context);
    if (verdictOf(errorIn(reply)).does !== "signIn") return reply;
    const fresh = await settings.tokens.renew(scope, token, context.signal);
    return attempt(request, fresh, context);
  };

  return {
    ask: async (request, context) => {
      try {
        return answered(await withToken(request, context));
      } catch (error) {
        if (!(error instanceof CrmError) || request.method !== "GET") throw error;
        throw unsent(error);
      }
    },
    signIn: async (context) => {
      await settings.tokens.get(scope, context.signal);
    },
    close: () => closing.abort(),
  };
};
