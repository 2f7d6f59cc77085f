import { Buffer } from "node:buffer";
import { isAppThumbprint, isSignedByApp } from "./app-keys.ts";

/** What the emulated tenant expects of an assertion. */
export type Expected = {
  readonly clientId: string;
  /** Address of the token endpoint. */
  readonly audience: string;
  readonly nowMs: number;
};

/** Number of the AADSTS error and its text. */
export type AssertionProblem = { readonly number: number; readonly text: string };

const slackSeconds = 300;

function decode(part: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8"));
    return typeof json === "object" && json !== null ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}

const withoutScheme = (address: unknown): string => String(address).replace(/^https?:/, "");

/**
 * Checks a client assertion: signed by the app's key, iss and sub = client id, aud = token endpoint, nbf and exp around now. The numbers
 * are those of Entra's list of error codes; that the texts say more is not needed by anyone.
 */
export function checkAssertion(
  assertion: string,
  expected: Expected,
): AssertionProblem | undefined {
  const [head, body, signature, ...more] = assertion.split(".");
  const header = decode(head);
  const claims = decode(body);
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0)
    return { number: 50027, text: "JWT token is invalid or malformed." };
  if (!isAppThumbprint(header["x5t#S256"]))
    return {
      number: 700027,
      text: "The certificate with identifier used to sign the client assertion is not registered on application.",
    };
  if (!isSignedByApp(header["alg"], `${head}.${body}`, signature))
    return { number: 700027, text: "Client assertion failed signature validation." };
  if (claims["iss"] !== expected.clientId || claims["sub"] !== expected.clientId)
    return {
      number: 700021,
      text: "Client assertion application identifier doesn't match 'client_id' parameter.",
    };
  // A client that only knows https signs for https, though this server speaks http.
  if (withoutScheme(claims["aud"]) !== withoutScheme(expected.audience))
    return { number: 700023, text: "Client assertion audience claim does not match Realm issuer." };
  const seconds = expected.nowMs / 1000;
  const [from, until] = [claims["nbf"] ?? 0, claims["exp"]];
  if (
    typeof from !== "number" ||
    typeof until !== "number" ||
    from > seconds + slackSeconds ||
    until < seconds
  )
    return { number: 700024, text: "Client assertion is not within its valid time range." };
  return undefined;
}
