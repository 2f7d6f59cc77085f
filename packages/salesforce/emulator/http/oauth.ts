import { Buffer } from "node:buffer";
import type { Org } from "../org.ts";
import type { Answer } from "./call.ts";
import { checkAssertion } from "./jwt.ts";
import { privateKeyPem } from "./sign-in-keys.ts";
import type { EmulatorCredentials } from "../options.ts";

/** An OAuth error body: `error`, not errorCode [M facts §1.4]. */
export type OAuthProblem = { readonly error: string; readonly error_description: string };

const clientId =
  "3MVG9emulatorEMULATORemulator.wrapup.0000000000000000000000000000000000000000000000";
const clientSecret = "E5A1EMULATOR0000000000000000000000000000000000000000000000000000";
const refreshToken =
  "5Aep861emulatorRefreshToken.0000000000000000000000000000000000000000000000000000000000";

/** The user that the API acts as. */
export const integrationUsername = "integration@wrapup.example";

/** What an app signs in with; the key is made when it is first read. */
export const credentials: EmulatorCredentials = {
  clientId,
  clientSecret,
  username: integrationUsername,
  refreshToken,
  get privateKey(): string {
    return privateKeyPem();
  },
};

const problem = (error: string, description: string): OAuthProblem => ({
  error,
  error_description: description,
});

function clientOf(
  form: URLSearchParams,
  authorization: string | undefined,
): { id: string | null; secret: string | null } {
  if (authorization?.startsWith("Basic ") === true) {
    const [id = "", secret = ""] = Buffer.from(authorization.slice(6), "base64")
      .toString("utf8")
      .split(":");
    return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
  }
  return { id: form.get("client_id"), secret: form.get("client_secret") };
}

/** [U] the exact pair of codes: invalid_client_id for an unknown key, invalid_client for a wrong secret. */
function checkClient(
  form: URLSearchParams,
  authorization: string | undefined,
  secretNeeded: boolean,
): OAuthProblem | undefined {
  const client = clientOf(form, authorization);
  if (client.id !== clientId) return problem("invalid_client_id", "client identifier invalid");
  const wrong = client.secret === null ? secretNeeded : client.secret !== clientSecret;
  return wrong ? problem("invalid_client", "invalid client credentials") : undefined;
}

function checkGrant(
  org: Org,
  form: URLSearchParams,
  authorization: string | undefined,
): OAuthProblem | undefined {
  const grant = form.get("grant_type");
  if (grant === "client_credentials") return checkClient(form, authorization, true);
  if (grant === "refresh_token") {
    const client = checkClient(form, authorization, false);
    if (client !== undefined) return client;
    return form.get("refresh_token") === refreshToken
      ? undefined
      : problem("invalid_grant", "expired access/refresh token");
  }
  if (grant === "urn:ietf:params:oauth:grant-type:jwt-bearer") {
    const expected = { clientId, username: integrationUsername, url: org.url, now: org.now() };
    return checkAssertion(form.get("assertion") ?? "", expected);
  }
  return problem("unsupported_grant_type", "grant type not supported");
}

/** POST /services/oauth2/token. Username-password is on its way out [D facts §1.4] and not offered. */
export function answerToken(
  org: Org,
  text: string,
  contentType: string,
  authorization: string | undefined,
): Answer {
  if (!contentType.startsWith("application/x-www-form-urlencoded")) {
    return { status: 400, body: problem("unsupported_grant_type", "grant type not supported") };
  }
  const refused = checkGrant(org, new URLSearchParams(text), authorization);
  if (refused !== undefined) return { status: 400, body: refused };
  return { status: 200, body: org.sessions.open(org.organizationId, org.userId, org.url) };
}

/** POST /services/oauth2/revoke. */
export function answerRevoke(org: Org, text: string): Answer {
  org.sessions.close(new URLSearchParams(text).get("token") ?? "");
  return { status: 200 };
}
