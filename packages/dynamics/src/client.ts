import { CrmError } from "@wrapup/core";
import type { Context } from "@wrapup/core";
import { z } from "zod";
import { crmErrorOf, unsent, verdictOf } from "./errors.ts";
import { headersOf, isMultipart, parallelismIn, retryAfterIn } from "./headers.ts";
import { causeOf, createHttp, jsonIn } from "./http.ts";
import type { Http, RawReply } from "./http.ts";
import type { Settings } from "./options.ts";
import { apiPath, isGuid } from "./query.ts";
import { createTokens } from "./sign-in.ts";
import type { TokenSource } from "./sign-in.ts";
import { errorIn, isErrorBody } from "./vendor-error.ts";

/**
 * One environment's Web API behind a port of a few calls. Addresses, headers and tokens are made here; each call is one attempt,
 * apart from one repeat after a token that was refused.
 */
export type Client = {
  /** Answers every 2xx, and the refusals that callers read by themselves (400, 403, 404, 412, and 500 with a code that is permanent), and a batch's answers whatever their status. Throws `CrmError` else. */
  readonly ask: (request: Request, context: Context) => Promise<Reply>;
  /** The body of a 2xx: parsed JSON, or `undefined` for none. Throws `CrmError` else. */
  readonly send: (request: Request, context: Context) => Promise<unknown>;
  /** The environment's origin. */
  readonly environment: string;
  /** The application user's systemuserid, once `whoAmI` has learnt it. */
  readonly userId: () => string | undefined;
  /** Asks who we are, once; `again` asks anew. The health check (facts §1.10). Throws `CrmError`. */
  readonly whoAmI: (context: Context, again?: boolean) => Promise<string>;
  /** How many requests at once the environment last said it takes gladly (`x-ms-dop-hint`). */
  readonly parallelism: () => number | undefined;
  readonly close: () => void;
};

/** `path`: below `/api/data/v9.2/`, with its query, encoded already; never an absolute address. */
export type Request = {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent instead of `body`, for `$batch`. */
  readonly multipart?: { readonly boundary: string; readonly text: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** A read has no effect, so it is never "maybe sent". Default: GETs. */
  readonly reads?: boolean;
};

/** What came back. `body`: parsed JSON; `undefined` for none, and for what is no JSON (a batch's answer, which `text` holds). */
export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
};

const whoSchema = z.object({ UserId: z.string().refine(isGuid) });

/** Refusals that are an answer to read. */
const readable = new Set([400, 403, 404, 412, 413, 500]);

const isRead = (request: Request): boolean => request.reads ?? request.method === "GET";

const contentOf = (request: Request): { readonly type?: string; readonly text?: string } => {
  if (request.multipart !== undefined)
    return {
      type: `multipart/mixed;boundary=${request.multipart.boundary}`,
      text: request.multipart.text,
    };
  return request.body === undefined
    ? {}
    : { type: "application/json; charset=utf-8", text: JSON.stringify(request.body) };
};

/** A 2xx whose body should be JSON and is not: the write may have happened. */
const isBroken = (reply: Reply): boolean =>
  reply.body === undefined && reply.text.trim() !== "" && !isMultipart(reply.headers);

const replyOf = (raw: RawReply, nowMs: number): Reply => ({
  status: raw.status,
  headers: raw.headers,
  text: raw.text,
  body: isMultipart(raw.headers) ? undefined : jsonIn(raw.text),
  retryAfterMs: retryAfterIn(raw.headers.get("retry-after"), nowMs),
});

/** Only what stays below the API: a path that climbs out of it would take the token along (O5). */
const addressOf = (environment: string, path: string): string => {
  const base = `${environment}${apiPath}`;
  const address = `${base}${path}`;
  if (!URL.canParse(address) || !new URL(address).href.startsWith(base))
    throw new RangeError("Not a path below the Web API");
  return address;
};

/** Builds the port; nothing is loaded or sent before the first call. `shared`: a sign-in that is used for Graph too. */
export const createClient = (settings: Settings, shared?: TokenSource): Client => {
  const { signIn, clock, timeoutMs } = settings;
  const closing = new AbortController();
  const http: Http = createHttp({ timeoutMs, name: "Dynamics 365" });
  const tokens = shared ?? createTokens(signIn, { clock, timeoutMs, closed: closing.signal });
  const scope = `${settings.environment}/.default`;
  let user: string | undefined;
  let parallelism: number | undefined;

  const attempt = async (request: Request, token: string, context: Context): Promise<Reply> => {
    const content = contentOf(request);
    const raw = await http.send(
      {
        method: request.method,
        url: addressOf(settings.environment, request.path),
        headers: {
          ...headersOf(request.headers ?? {}, content.type),
          authorization: `Bearer ${token}`,
        },
        ...(content.text !== undefined && { text: content.text }),
      },
      AbortSignal.any([context.signal, closing.signal]),
    );
    const serverTime = Date.parse(raw.headers.get("date") ?? "");
    if (!Number.isNaN(serverTime)) context.observe({ serverTime });
    parallelism = parallelismIn(raw.headers.get("x-ms-dop-hint")) ?? parallelism;
    return replyOf(raw, clock.now());
  };

  const withToken = async (request: Request, context: Context): Promise<Reply> => {
    const token = await tokens.get(scope, context.signal);
    const reply = await attempt(request, token, context);
    // What answers the parts of a batch may have carried some of them out: it is not sent twice.
    const refused =
      (reply.status === 401 && !isMultipart(reply.headers)) ||
      (isErrorBody(reply.body) && verdictOf(errorIn(reply.status, reply.body)).does === "signIn");
    if (!refused) return reply;
    const fresh = await tokens.renew(scope, token, context.signal);
    return attempt(request, fresh, context);
  };

  const ask = async (request: Request, context: Context): Promise<Reply> => {
    try {
      const reply = await withToken(request, context);
      if (reply.status < 300 && !isBroken(reply)) return reply;
      // A batch that stopped at its first failure answers its parts with the status of that failure.
      if (isMultipart(reply.headers) && request.multipart !== undefined) return reply;
      const error = crmErrorOf(reply);
      // A refusal is an answer to read; what may succeed later, and what is about ourselves, is not.
      if (readable.has(reply.status) && isErrorBody(reply.body) && error.why === "refused")
        return reply;
      throw error;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      const thrown =
        error instanceof CrmError
          ? error
          : new CrmError("unreachable", "maybe", "The call to Dynamics 365 failed", {
              cause: causeOf(error),
            });
      throw isRead(request) ? unsent(thrown) : thrown;
    }
  };

  const send = async (request: Request, context: Context): Promise<unknown> => {
    const reply = await ask(request, context);
    if (reply.status < 300) return reply.body;
    const error = crmErrorOf(reply);
    throw isRead(request) ? unsent(error) : error;
  };

  const whoAmI = async (context: Context, again = false): Promise<string> => {
    if (user !== undefined && !again) return user;
    const parsed = whoSchema.safeParse(await send({ method: "GET", path: "WhoAmI" }, context));
    if (!parsed.success)
      throw new CrmError(
        "unreachable",
        "no",
        "What answers at environment is not a Dataverse Web API. Check environment: the organisation's address, such as https://acme.crm4.dynamics.com",
      );
    user = parsed.data.UserId.toLowerCase();
    return user;
  };

  return {
    ask,
    send,
    environment: settings.environment,
    userId: () => user,
    whoAmI,
    parallelism: () => parallelism,
    close: () => {
      closing.abort();
      http.close();
    },
  };
};
