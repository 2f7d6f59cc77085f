import type { Connection } from "jsforce";
import { CrmError } from "@wrapup/core";
import type { Context } from "@wrapup/core";
import { crmErrorOf } from "./errors.ts";
import { errorsIn } from "./vendor-error.ts";
import { retryAfterIn, usageIn } from "./headers.ts";
import { causeOf, jsonIn, oneAttempt, stoppedBefore } from "./http.ts";
import type { RawReply } from "./http.ts";
import type { Settings } from "./options.ts";
import { signIn } from "./sign-in.ts";
import type { Session } from "./sign-in.ts";

/**
 * jsforce behind a port of a few calls. jsforce knows Salesforce's addresses, versions, sign-in flows and headers; what surprises
 * in it is met here, in http.ts and in sign-in.ts. Each trap has a test titled with its number (facts §1; jsforce-node 3.12).
 *
 * - J1  A `refreshFn` that throws makes every waiting request hang for ever. It gets none: refreshing is ours.
 * - J2  A refreshed token that is refused again makes an endless loop of 401s. Here a call refreshes once.
 * - J3  With a client id and no refresh token, a 401 becomes an error without code. Here it is "auth".
 * - J4  GET, PUT and DELETE are retried five times over 15 s, and Retry-After is ignored. Here: one attempt.
 * - J5  A retry with a body throws "Response body object should not be disturbed", hiding the real error. No retries, no hiding.
 * - J6  HTTP status and headers are lost in errors. The transport keeps them (Retry-After, Date).
 * - J7  The API version defaults to 50.0. One is always passed.
 * - J8  The timeout is 30 minutes, and its message says so whatever was set. `timeoutMs` rules.
 * - J9  A request cannot be aborted. Ours ends with the context's signal.
 * - J10 `find()` builds SOQL that a backslash breaks out of. All queries are built in query.ts.
 * - J11 `upsert(record, field)` puts the key into the address unencoded. Keys travel in the body of a collection.
 * - J12 Over 200 records one call fails, or loses the results of chunks already committed. We cut, and keep each chunk's results.
 * - J13 `create()` silently drops the keys `type`, `attributes` and `Id`. Our bodies are our own.
 * - J14 A 200 with broken JSON, or HTML, is returned as a string. It is an error here, and the write may have happened.
 * - J15 `authorize()` throws a TypeError when the token reply has no `id`. It is optional here.
 * - J16 OAuth errors have no code or status, and a 200 that is not JSON gives `undefined`. The kept reply is read instead.
 * - J17 `identity()` puts the access token into the address, where logs keep it. Never called.
 * - J18 Proxy variables are read once at import, NO_PROXY is ignored, and each request makes a new agent. Node's fetch is used
 *       (NODE_USE_ENV_PROXY).
 * - J19 Redirects are followed with the Authorization header. None is followed.
 * - J20 Of Sforce-Limit-Info only api-usage is read, by position in the text. Parsed by key here.
 * - J21 Two errors in one body become MULTIPLE_API_ERRORS. All are read.
 * - J22 A Lightning address throws in the constructor. The options say what to use instead.
 * - J23 After a refresh that moved the instance, a waiting request keeps its old address. Addresses are made per attempt.
 * - J24 Loading it takes 0.2 s and hundreds of modules. It is imported at the first call.
 */
export type Client = {
  /** One attempt, apart from one repeat after an expired session. Answers every 2xx with JSON or nothing; throws `CrmError` else. */
  readonly send: (request: Request, context: Context) => Promise<unknown>;
  /** The same, but answers what Salesforce says with 400, 403 and 404, for callers that read the errors themselves. */
  readonly ask: (request: Request, context: Context) => Promise<Reply>;
  /** The org's address, once signed in. */
  readonly instanceUrl: () => string | undefined;
  /** The integration user's id, where the sign-in named it. */
  readonly userId: () => string | undefined;
  readonly close: () => void;
};

/** `path`: under the API version (`/query?q=…`), or from the root when it begins with `/services/`. */
export type Request = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A read has no effect, so it is never "maybe sent". Default: GETs. */
  readonly reads?: boolean;
};

/** What came back; `body` is parsed JSON, `undefined` for none. */
export type Reply = {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
};

/** The one session of a client: signing in and refreshing are shared by all that wait. */
const sessionKeeper = (settings: Settings, closed: AbortSignal) => {
  let current: Session | undefined;
  let pending: Promise<Session> | undefined;
  const renew = (): Promise<Session> => {
    pending ??= signIn(settings, closed)
      .then((session) => (current = session))
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
  return {
    current: () => current,
    get: async (): Promise<Session> => pending ?? current ?? renew(),
    /** A session other than `refused`; whoever asks while one is on its way gets the same. */
    after: async (refused: Session): Promise<Session> =>
      pending !== undefined
        ? pending
        : current !== undefined && current !== refused
          ? current
          : renew(),
  };
};

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

const isExpired = (reply: Reply): boolean =>
  reply.status === 401 ||
  errorsIn(reply.body).some(
    ({ code }) => code === "INVALID_SESSION_ID" || code === "INVALID_AUTH_HEADER",
  );

const observe = (raw: RawReply, context: Context): void => {
  const usage = usageIn(raw.headers.get("sforce-limit-info"));
  const serverTime = Date.parse(raw.headers.get("date") ?? "");
  if (usage !== undefined || !Number.isNaN(serverTime))
    context.observe({
      ...(usage && { usage }),
      ...(!Number.isNaN(serverTime) && { serverTime }),
    });
};

/** Builds the port; nothing is loaded or sent before the first call. */
export const createClient = (settings: Settings): Client => {
  const closing = new AbortController();
  const keeper = sessionKeeper(settings, closing.signal);
  const connections = new WeakMap<Session, Connection>();

  const connectionOf = async (session: Session): Promise<Connection> => {
    const { Connection } = await import("jsforce");
    const known = connections.get(session);
    if (known !== undefined) return known;
    // No oauth2 and no refreshFn: J1, J2, J3.
    const fresh = new Connection({
      instanceUrl: session.instanceUrl,
      accessToken: session.accessToken,
      version: settings.apiVersion,
    });
    connections.set(session, fresh);
    return fresh;
  };

  const attempt = async (request: Request, session: Session, context: Context): Promise<Reply> => {
    const connection = await connectionOf(session);
    const kept: RawReply[] = [];
    const transport = oneAttempt({
      timeoutMs: settings.timeoutMs,
      signal: AbortSignal.any([context.signal, closing.signal]),
      keep: (raw) => kept.push(raw),
    });
    const content = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
    const headers = {
      ...(request.body !== undefined && { "content-type": "application/json; charset=utf-8" }),
      accept: "application/json",
      ...request.headers,
    };
    try {
      await connection.request(
        { method: request.method, url: request.path, headers, ...content },
        { transport },
      );
    } catch (error) {
      // With a reply at hand, jsforce's error is the same reply with its status and headers lost (J6).
      if (kept.length === 0) throw error;
    }
    const [raw] = kept;
    if (raw === undefined) throw new CrmError("unreachable", "maybe", "Salesforce did not answer");
    observe(raw, context);
    const body = raw.text.trim() === "" ? undefined : (jsonIn(raw.text) ?? broken);
    return {
      status: raw.status,
      body,
      retryAfterMs: retryAfterIn(raw.headers.get("retry-after"), settings.clock.now()),
    };
  };

  const withSession = async (request: Request, context: Context): Promise<Reply> => {
    const session = await unlessStopped(keeper.get(), context.signal);
    const reply = await attempt(request, session, context);
    if (!isExpired(reply)) return reply;
    const fresh = await unlessStopped(keeper.after(session), context.signal);
    return attempt(request, fresh, context);
  };

  const reply = async (request: Request, context: Context): Promise<Reply> => {
    try {
      return await withSession(request, context);
    } catch (error) {
      if (!(error instanceof CrmError))
        throw new CrmError("unreachable", "maybe", "The call to Salesforce failed", {
          cause: causeOf(error),
        });
      throw (request.reads ?? request.method === "GET") ? unsent(error) : error;
    }
  };

  const ask = async (request: Request, context: Context): Promise<Reply> => {
    const got = await reply(request, context);
    const said =
      got.status === 300 || got.status === 400 || got.status === 403 || got.status === 404;
    const readable = got.body !== broken && !isExpired(got);
    if (readable && got.status < 300) return got;
    const error = crmErrorOf(got);
    // A refusal is an answer to read; what may succeed later (REQUEST_LIMIT_EXCEEDED is a 403 too) is not.
    if (readable && said && error.why === "refused" && errorsIn(got.body).length > 0) return got;
    throw (request.reads ?? request.method === "GET") ? unsent(error) : error;
  };

  return {
    ask,
    send: async (request, context) => {
      const got = await ask(request, context);
      if (got.status < 300) return got.body;
      const error = crmErrorOf(got);
      throw (request.reads ?? request.method === "GET") ? unsent(error) : error;
    },
    instanceUrl: () => keeper.current()?.instanceUrl,
    userId: () => keeper.current()?.userId,
    close: () => closing.abort(),
  };
};

/** Stands for a body that should have been JSON. */
const broken = Symbol("broken");

const unsent = (error: CrmError): CrmError =>
  error.sent === "no"
    ? error
    : new CrmError(error.why, "no", error.message, {
        cause: error,
        ...(error.afterMs !== undefined && { afterMs: error.afterMs }),
      });
