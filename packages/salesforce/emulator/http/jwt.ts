import { Buffer } from "node:buffer";
import type { OAuthProblem } from "./oauth.ts";
import { isSignedByApp } from "./sign-in-keys.ts";

/** What the emulated app expects of an assertion. */
export type Expected = {
  readonly clientId: string;
  readonly username: string;
  readonly url: string;
  readonly now: number;
};

const loginHosts = new Set(["https://login.salesforce.com"]);
const maxLifeSeconds = 180;
const clockSlackSeconds = 5;

function decode(part: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8"));
    return typeof json === "object" && json !== null ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}

const invalid = (description: string): OAuthProblem => ({
  error: "invalid_grant",
  error_description: description,
});

/**
 * Checks a JWT bearer assertion: RS256, iss = consumer key, sub = username, aud = My Domain or login host, exp at most 3 minutes away
 * [D facts §1.4]. test.salesforce.com answers app_not_found [I facts §1.4]. "user hasn't approved this consumer" and "external client
 * app is not installed in this org" are wordings of public reports; [U] the others.
 */
export function checkAssertion(assertion: string, expected: Expected): OAuthProblem | undefined {
  const [head, body, signature, ...more] = assertion.split(".");
  const header = decode(head);
  const claims = decode(body);
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0)
    return invalid("invalid assertion");
  if (header["alg"] !== "RS256" || !isSignedByApp(`${head}.${body}`, signature))
    return invalid("invalid assertion");
  const audience = claims["aud"];
  if (audience === "https://test.salesforce.com") {
    return {
      error: "app_not_found",
      error_description: "external client app is not installed in this org",
    };
  }
  if (claims["iss"] !== expected.clientId)
    return { error: "invalid_client_id", error_description: "client identifier invalid" };
  if (typeof audience !== "string" || (audience !== expected.url && !loginHosts.has(audience)))
    return invalid("audience is invalid");
  const seconds = expected.now / 1000;
  const expiry = claims["exp"];
  if (
    typeof expiry !== "number" ||
    expiry < seconds ||
    expiry > seconds + maxLifeSeconds + clockSlackSeconds
  ) {
    return invalid("expired authorization code");
  }
  return claims["sub"] === expected.username
    ? undefined
    : invalid("user hasn't approved this consumer");
}
