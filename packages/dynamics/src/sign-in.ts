import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";
import { CrmError } from "@wrapup/core";
import type { Clock } from "@wrapup/core";
import { z } from "zod";
import { retryAfterIn } from "./headers.ts";
import { createHttp, jsonIn, listOf, unlessStopped } from "./http.ts";
import type { Http, RawReply } from "./http.ts";
import { isLoopback } from "./options.ts";
import type { CheckedSignIn } from "./options.ts";

/** Where tokens come from; one per resource (`scope`), shared by all that ask at once. Throws `CrmError` auth, throttled or unreachable, with sent "no". */
export type TokenSource = {
  readonly get: (scope: string, signal: AbortSignal) => Promise<string>;
  /** A token other than `refused`; whoever asks while one is on its way gets the same. */
  readonly renew: (scope: string, refused: string, signal: AbortSignal) => Promise<string>;
};

type WithApp = Exclude<CheckedSignIn, { readonly token: unknown }>;
type Held = { readonly token: string; readonly until: number };

const refused = (text: string): CrmError => new CrmError("auth", "no", text);

/** What Entra's codes mean, in words that name the option (Microsoft's list of AADSTS error codes). */
const meanings: readonly (readonly [codes: readonly number[], text: string])[] = [
  [
    [90002, 900021, 900023, 50059],
    "the directory is unknown. Check signIn.tenantId, and signIn.authority when it is in another cloud",
  ],
  [[700016], "the app is unknown in this directory. Check signIn.clientId and signIn.tenantId"],
  [[7000112], "the app is switched off. Enable its enterprise application in Entra"],
  [
    [7000215],
    "the client secret is wrong. Give the secret's value, not its id, as signIn.clientSecret",
  ],
  [
    [7000222],
    "the client secret has expired. Make a new one in the app registration and give it as signIn.clientSecret",
  ],
  [
    [700027, 7000214, 700024, 700030, 5000611],
    "the certificate is not accepted. Check that signIn.certificate's thumbprint and key belong to a valid certificate of the app registration, and this machine's clock",
  ],
  [
    [500011, 650057, 65001],
    "the address asked for is unknown in this directory. Check environment (or graphUrl), and that it belongs to signIn.tenantId",
  ],
  [[70011, 1002012], "the scope is not accepted. Check environment (or graphUrl)"],
  [
    [53003, 530034, 53000],
    "a conditional access policy blocks the app. Exclude it, or allow this network",
  ],
];

const busy = new Set([50196, 90055]);
/** Entra's own passing troubles. */
const passing = new Set([90033, 90016, 90013]);

const errorSchema = z.object({
  error: z.string(),
  error_codes: listOf(z.number(), 100).optional(),
  error_description: z.string().optional(),
});

/** What can stand in a header; anything else would be quoted by the error of whoever tries to send it (O3). */
const tokenText = z.string().regex(/^[\x21-\x7e]+$/);
const tokenSchema = z.object({ access_token: tokenText, expires_in: z.coerce.number().optional() });

/** Entra's number for what went wrong; its text names the app and the tenant, and is not shown. */
const codeIn = (body: unknown): number | undefined => {
  const found = errorSchema.safeParse(body);
  if (!found.success) return undefined;
  const said = /\bAADSTS(\d{4,7})\b/.exec(found.data.error_description ?? "")?.[1];
  return found.data.error_codes?.[0] ?? (said === undefined ? 0 : Number(said));
};

/** The error of a reply that holds no token. */
const errorOf = (reply: RawReply, nowMs: number): CrmError => {
  const code = codeIn(jsonIn(reply.text));
  const afterMs = retryAfterIn(reply.headers.get("retry-after"), nowMs);
  const after = afterMs === undefined ? {} : { afterMs };
  if (reply.status === 429 || (code !== undefined && busy.has(code)))
    return new CrmError("throttled", "no", "Microsoft's sign-in asks to slow down", after);
  if (reply.status >= 500 || (code !== undefined && passing.has(code)))
    return new CrmError(
      "unreachable",
      "no",
      `Microsoft's sign-in is not available (HTTP ${reply.status})`,
      after,
    );
  if (code === undefined)
    return refused(
      `What answers is not Microsoft's sign-in (HTTP ${reply.status}). Check signIn.authority`,
    );
  const meaning = meanings.find(([codes]) => codes.includes(code))?.[1];
  return refused(
    `Microsoft refused the sign-in (${code === 0 ? "no code" : `AADSTS${code}`}): ${meaning ?? "see the sign-in logs of the app in Entra"}`,
  );
};

const isObject = (given: unknown): boolean => typeof given === "object" && given !== null;

/** Hosts that stand for one another in a cloud; its sign-in may name another of its own. */
const knownHosts = new Set([
  "login.microsoftonline.com",
  "login.microsoftonline.us",
  "login.partner.microsoftonline.cn",
]);

/**
 * msal's door to the network. It asks for https everywhere, and checks that the authority does too: only where that is this machine
 * over plain http, both are told otherwise. The secret goes to the authority and to nobody else (O5).
 * `kept` gets what came of each request, as msal's own errors lose it.
 */
const networkOf = (
  http: Http,
  authority: string,
  signal: AbortSignal,
  kept: (RawReply | CrmError)[],
): INetworkModule => {
  const home = new URL(authority);
  const plain = home.protocol === "http:" && isLoopback(home.hostname);
  const attempt = (
    method: string,
    url: string,
    options: NetworkRequestOptions | undefined,
  ): Promise<RawReply | CrmError> => {
    const text = options?.body === undefined ? {} : { text: options.body };
    return http
      .send({ method, url, headers: options?.headers ?? {}, ...text }, signal)
      .catch((error: unknown) => {
        if (error instanceof CrmError) return unreachable(error);
        throw error;
      });
  };
  const send = async <T>(
    method: string,
    address: string,
    options?: NetworkRequestOptions,
  ): Promise<NetworkResponse<T>> => {
    const url = new URL(address);
    if (plain && url.host === home.host) url.protocol = "http:";
    const allowed =
      url.origin === home.origin || (url.protocol === "https:" && knownHosts.has(url.host));
    const reply = allowed ? await attempt(method, url.href, options) : elsewhere;
    kept.push(reply);
    if (reply instanceof CrmError) throw reply;
    const text = plain ? reply.text.replaceAll(home.origin, `https://${home.host}`) : reply.text;
    // msal says which members it expects, and looks for them by itself.
    const body = z.custom<T>(isObject).parse(jsonIn(text));
    return { headers: Object.fromEntries(reply.headers), body, status: reply.status };
  };
  return {
    sendGetRequestAsync: (url, options) => send("GET", url, options),
    sendPostRequestAsync: (url, options) => send("POST", url, options),
  };
};

const elsewhere = refused(
  "The sign-in names an address outside of signIn.authority; nothing is sent there",
);

/** Signs in as the app, once. Each time with an msal of its own: its cache would give the refused token again. */
const askEntra = async (
  app: WithApp,
  scope: string,
  http: Http,
  signal: AbortSignal,
  nowMs: number,
): Promise<{ readonly token: string; readonly forMs: number }> => {
  const { ConfidentialClientApplication } = await import("@azure/msal-node");
  const kept: (RawReply | CrmError)[] = [];
  const { host } = new URL(app.authority);
  try {
    const msal = new ConfidentialClientApplication({
      auth: {
        clientId: app.clientId,
        authority: `https://${host}/${app.tenantId}`,
        knownAuthorities: [host],
        ...("certificate" in app
          ? { clientCertificate: app.certificate }
          : { clientSecret: app.clientSecret }),
      },
      system: {
        networkClient: networkOf(http, app.authority, signal, kept),
        disableInternalRetries: true,
      },
    });
    await msal.acquireTokenByClientCredential({ scopes: [scope], skipCache: true });
  } catch {
    // What is kept says more than msal's error, which may quote it.
    if (kept.length === 0)
      throw refused(
        "The sign-in could not be prepared. Check signIn.certificate and signIn.authority",
      );
  }
  const reply = kept.at(-1);
  if (reply instanceof CrmError) throw reply;
  const given = tokenSchema.safeParse(jsonIn(reply?.text ?? ""));
  if (reply === undefined || reply.status !== 200 || !given.success)
    throw reply === undefined
      ? refused("Microsoft's sign-in did not answer")
      : errorOf(reply, nowMs);
  return { token: given.data.access_token, forMs: (given.data.expires_in ?? 300) * 1000 };
};

/** A sign-in has no effect that could be doubled, and who cannot be reached is named with the option. */
const unreachable = (error: CrmError): CrmError =>
  error.why === "unreachable"
    ? new CrmError(
        "unreachable",
        "no",
        `${error.message}. Check signIn.authority, and the way to it`,
        {
          cause: error.cause,
        },
      )
    : new CrmError(error.why, "no", error.message, { cause: error.cause });

/** How long an app's own token is used before the app is asked again: it keeps the real ones, and knows when they end. */
const appTokenMs = 5 * 60_000;

const askApp = async (
  ask: Extract<CheckedSignIn, { readonly token: unknown }>["token"],
  scope: string,
  timedOut: AbortSignal,
): Promise<{ readonly token: string; readonly forMs: number }> => {
  try {
    // All callers wait for one question: one that is never answered must not keep the next from being asked.
    const token = await unlessStopped(ask(scope), timedOut);
    return { token: tokenText.parse(token), forMs: appTokenMs * 2 };
  } catch (error) {
    if (timedOut.aborted && error instanceof CrmError)
      throw new CrmError("unreachable", "no", "signIn.token did not answer in time");
    throw refused("signIn.token gave no token that can be sent: it must answer the access token");
  }
};

/** A token is renewed this long before it ends, or at half its time. */
const skewMs = 5 * 60_000;

/** A source of tokens; nothing is loaded or sent before the first is asked for. `closed` ends what is on its way. */
export const createTokens = (
  signIn: CheckedSignIn,
  given: { readonly clock: Clock; readonly timeoutMs: number; readonly closed: AbortSignal },
): TokenSource => {
  const timeoutMs = Math.min(given.timeoutMs, 30_000);
  const http = createHttp({
    timeoutMs,
    name: "Microsoft's sign-in",
  });
  given.closed.addEventListener("abort", () => http.close(), { once: true });
  const held = new Map<string, Held>();
  const pending = new Map<string, Promise<string>>();
  const acquire = async (scope: string): Promise<string> => {
    const { token, forMs } = await ("token" in signIn
      ? askApp(signIn.token, scope, AbortSignal.timeout(timeoutMs))
      : askEntra(signIn, scope, http, given.closed, given.clock.now()));
    const until = given.clock.now() + forMs - Math.min(skewMs, forMs / 2);
    held.set(scope, { token, until });
    return token;
  };
  const once = (scope: string): Promise<string> => {
    const waiting = pending.get(scope) ?? acquire(scope).finally(() => pending.delete(scope));
    pending.set(scope, waiting);
    return waiting;
  };
  const current = (scope: string): string | undefined => {
    const kept = held.get(scope);
    return kept !== undefined && kept.until > given.clock.now() ? kept.token : undefined;
  };
  return {
    get: async (scope, signal) => current(scope) ?? unlessStopped(once(scope), signal),
    renew: async (scope, old, signal) => {
      const kept = pending.has(scope) ? undefined : current(scope);
      return kept !== undefined && kept !== old ? kept : unlessStopped(once(scope), signal);
    },
  };
};
