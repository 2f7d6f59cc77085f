import { createSign } from "node:crypto";
import { CrmError } from "@wrapup/core";
import { z } from "zod";
import { jsonIn, oneAttempt } from "./http.ts";
import type { RawReply } from "./http.ts";
import { isLoopback, originOf } from "./options.ts";
import type { Settings, SignIn } from "./options.ts";
import { isOauthCode } from "./vendor-error.ts";

/** What a sign-in gives. `userId` is the integration user's, where the answer names it. */
export type Session = {
  readonly accessToken: string;
  readonly instanceUrl: string;
  readonly userId?: string;
};

type WithApp = Exclude<SignIn, { readonly token: unknown }>;

/** A JWT bearer assertion may live three minutes at most (facts §1.4). */
const assertionSeconds = 180;

const base64url = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

/** The signed assertion that asks for a token on behalf of `username` (RFC 7523, RS256). Pure. */
const assertionOf = (
  app: {
    readonly clientId: string;
    readonly privateKey: string;
    readonly username: string;
    readonly domain: string;
  },
  nowMs: number,
): string => {
  const claims = {
    iss: app.clientId,
    sub: app.username,
    aud: app.domain,
    exp: Math.floor(nowMs / 1000) + assertionSeconds,
  };
  const content = `${base64url({ alg: "RS256", typ: "JWT" })}.${base64url(claims)}`;
  return `${content}.${createSign("RSA-SHA256").update(content).sign(app.privateKey, "base64url")}`;
};

const grantOf = (
  app: WithApp,
  nowMs: number,
): { readonly grant_type: string; readonly [name: string]: string } => {
  if ("privateKey" in app)
    return {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: assertionOf(app, nowMs),
    };
  if ("refreshToken" in app)
    return { grant_type: "refresh_token", refresh_token: app.refreshToken };
  return { grant_type: "client_credentials" };
};

/** Sites that belong to Salesforce: an org's instance may be at any of them. */
const salesforceSites = [
  ".salesforce.com",
  ".force.com",
  ".salesforce.mil",
  ".cloudforce.com",
  ".sfcrmproducts.cn",
];

/** The instance that a token is good for, checked before our token is ever sent there (O5). */
export const checkedInstance = (given: string, signInOrigin: string | undefined): string => {
  const found = originOf(given.replace(/\/+$/, ""));
  if ("problem" in found)
    throw new CrmError("auth", "no", `The sign-in named an instance address that ${found.problem}`);
  if (signInOrigin === undefined) return found.origin;
  const [host, home] = [new URL(found.origin).hostname, new URL(signInOrigin).hostname];
  const known =
    host === home ||
    salesforceSites.some((site) => host.endsWith(site)) ||
    (isLoopback(host) && isLoopback(home));
  if (!known)
    throw new CrmError(
      "auth",
      "no",
      "The sign-in named an instance address outside of Salesforce; the token is not sent there",
    );
  return found.origin;
};

const mends: Readonly<Record<string, string>> = {
  invalid_client: "the client secret is wrong. Check signIn.clientSecret",
  invalid_client_id:
    "the client id is unknown in this org. Check signIn.clientId and signIn.domain",
  invalid_grant:
    "the user, refresh token or key is not accepted. Check that the user is active and approved for the app, and the app's certificate",
  unsupported_grant_type:
    "the app does not allow this way to sign in. Enable the flow in the External Client App",
  app_not_found: "the app is not known at this address. Use the org's My Domain as signIn.domain",
  inactive_user: "the integration user is not active",
  inactive_org: "the org is not active",
};

/** What can stand in a header; anything else would be quoted by the error of whoever tries to send it (O3). */
const token = z.string().regex(/^[\x21-\x7e]+$/);
const tokenReply = z.object({
  access_token: token,
  instance_url: z.string().min(1),
  id: z.string().optional(),
});
const oauthError = z.object({
  error: z.string().min(1),
  error_description: z.string().optional(),
});

/** What a reply of the token endpoint means. The description is never shown: it may name the user. */
const sessionIn = (reply: RawReply, origin: string): Session => {
  const body = jsonIn(reply.text);
  const refused = oauthError.safeParse(body);
  if (refused.success && reply.status < 500) {
    const { error, error_description = "" } = refused.data;
    if (/login rate|too many/i.test(error_description))
      throw new CrmError("throttled", "no", "Salesforce: too many sign-ins at once");
    const known = isOauthCode(error) ? error : "unknown error";
    throw new CrmError(
      "auth",
      "no",
      `Salesforce refused the sign-in (${known}): ${mends[known] ?? "see the login history of the org"}`,
    );
  }
  if (reply.status === 429 || reply.status >= 500)
    throw new CrmError(
      reply.status === 429 ? "throttled" : "unreachable",
      "no",
      `Salesforce's sign-in is not available (HTTP ${reply.status})`,
    );
  const given = tokenReply.safeParse(body);
  if (reply.status !== 200 || !given.success)
    throw new CrmError(
      "auth",
      "no",
      `What answers at the domain is not Salesforce's sign-in (HTTP ${reply.status}). Check signIn.domain`,
    );
  const userId = /\/(005\w{12}(?:\w{3})?)$/.exec(given.data.id ?? "")?.[1];
  return {
    accessToken: given.data.access_token,
    instanceUrl: checkedInstance(given.data.instance_url, origin),
    ...(userId !== undefined && { userId }),
  };
};

const askApp = async (
  ask: Extract<SignIn, { readonly token: unknown }>["token"],
): Promise<Session> => {
  try {
    const given = z
      .object({ accessToken: token, instanceUrl: z.string().min(1) })
      .parse(await ask());
    return {
      accessToken: given.accessToken,
      instanceUrl: checkedInstance(given.instanceUrl, undefined),
    };
  } catch (error) {
    if (error instanceof CrmError) throw error;
    throw new CrmError(
      "auth",
      "no",
      "signIn.token gave no token that can be sent: it must answer { accessToken, instanceUrl }",
    );
  }
};

/** Signs in once. Throws `CrmError`: auth, throttled or unreachable, always with sent "no", as nothing of ours was asked for yet. */
export const signIn = async (settings: Settings, signal: AbortSignal): Promise<Session> => {
  const app = settings.signIn;
  if ("token" in app) return askApp(app.token);
  const { OAuth2 } = await import("jsforce");
  const secret =
    "clientSecret" in app && app.clientSecret !== undefined
      ? { clientSecret: app.clientSecret }
      : {};
  const oauth2 = new OAuth2({ clientId: app.clientId, ...secret, loginUrl: app.domain });
  const kept: RawReply[] = [];
  const transport = oneAttempt({
    timeoutMs: Math.min(settings.timeoutMs, 30_000),
    signal,
    keep: (reply) => kept.push(reply),
  });
  // The place where jsforce keeps its own; it takes none as an option.
  Object.assign(oauth2, { _transport: transport });
  try {
    await oauth2.requestToken(grantOf(app, settings.clock.now()));
  } catch (error) {
    // jsforce throws away the status; the kept reply says more.
    if (kept.length === 0) {
      const why = error instanceof CrmError ? error : undefined;
      throw new CrmError(
        why?.why ?? "unreachable",
        "no",
        why?.message ?? "Salesforce's sign-in could not be reached",
      );
    }
  }
  const [reply] = kept;
  if (reply === undefined)
    throw new CrmError("unreachable", "no", "Salesforce's sign-in did not answer");
  return sessionIn(reply, app.domain);
};
