import { randomUUID } from "node:crypto";
import type { EmulatorCredentials } from "../options.ts";
import type { Org } from "../org.ts";
import { appCertificate } from "./app-keys.ts";
import type { Answer } from "./call.ts";
import { checkAssertion } from "./client-assertion.ts";
import type { Incoming } from "./operation.ts";
import type { Audience } from "./tokens.ts";

/** Application id of the emulated app registration. */
export const clientId = "c11e0000-0000-4000-8000-7e4a47000002";
const clientSecret = "emu~8Q.wrapup-emulator-secret-0000000000";

/** What an app signs in with; the key is made when it is first read. */
export function credentialsOf(org: Org): EmulatorCredentials {
  return {
    tenantId: org.tenantId,
    clientId,
    clientSecret,
    get certificate() {
      return appCertificate();
    },
  };
}

/** What Entra says no to: HTTP status, OAuth error, number of the AADSTS error and its text. */
type Refused = {
  readonly status: number;
  readonly error: string;
  readonly number: number;
  readonly text: string;
};

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** The shape of every error of Entra (facts §2; Entra's own list of error codes). */
function refusal(org: Org, { status, error, number, text }: Refused): Answer {
  const timestamp = `${new Date(org.now()).toISOString().slice(0, 19).replace("T", " ")}Z`;
  const trace = randomUUID();
  const correlation = randomUUID();
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${number}: ${text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [number],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `${org.url}/error?code=${number}`,
    },
  };
}

function tenantProblem(org: Org, tenant: string, error: string): Refused | undefined {
  if (tenant.toLowerCase() === org.tenantId) return undefined;
  const text = `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`;
  return { status: 400, error, number: 90002, text };
}

function secretProblem(org: Org, secret: string): Refused | undefined {
  const text =
    secret === clientSecret
      ? `The provided client secret keys for app '${clientId}' are expired.`
      : "Invalid client secret provided.";
  const refused = { status: 401, error: "invalid_client", text };
  if (secret !== clientSecret) return { ...refused, number: 7000215 };
  return org.options.secretExpired === true ? { ...refused, number: 7000222 } : undefined;
}

function clientProblem(org: Org, form: URLSearchParams): Refused | undefined {
  const id = form.get("client_id");
  if (id === null)
    return {
      status: 400,
      error: "invalid_request",
      number: 900144,
      text: "The request body must contain the following parameter: 'client_id'.",
    };
  if (id !== clientId)
    return {
      status: 400,
      error: "unauthorized_client",
      number: 700016,
      text: `Application with identifier '${id}' was not found in the directory '${org.tenantId}'.`,
    };
  const assertion = form.get("client_assertion");
  if (assertion !== null && form.get("client_assertion_type") === jwtBearer) {
    const audience = `${org.url}/${org.tenantId}/oauth2/v2.0/token`;
    const wrong = checkAssertion(assertion, { clientId, audience, nowMs: org.now() });
    return wrong && { status: 401, error: "invalid_client", ...wrong };
  }
  const secret = form.get("client_secret");
  if (secret !== null) return secretProblem(org, secret);
  return {
    status: 401,
    error: "invalid_client",
    number: 7000216,
    text: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  };
}

/** Which service a scope opens: it is the service's origin with `/.default` behind it (facts §2). */
function audienceOf(org: Org, scope: string): Audience | Refused {
  if (!scope.endsWith("/.default"))
    return {
      status: 400,
      error: "invalid_scope",
      number: 1002012,
      text: `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    };
  // A resource that ends in a slash is known too, and then there are two of them.
  const resource = scope.slice(0, -"/.default".length).replace(/\/$/, "");
  if (resource === org.url) return "dataverse";
  if (resource === org.graphUrl) return "graph";
  return {
    status: 400,
    error: "invalid_resource",
    number: 500011,
    text: `The resource principal named ${resource} was not found in the tenant named ${org.tenantId}.`,
  };
}

function answerToken(org: Org, tenant: string, request: Incoming): Answer {
  const form = new URLSearchParams(request.text);
  const wrongTenant = tenantProblem(org, tenant, "invalid_request");
  if (wrongTenant !== undefined) return refusal(org, wrongTenant);
  const grant = form.get("grant_type");
  if (grant !== "client_credentials")
    return refusal(org, {
      status: 400,
      error: "unsupported_grant_type",
      number: 70003,
      text: `The app requested an unsupported grant type '${grant ?? ""}'.`,
    });
  const client = clientProblem(org, form);
  if (client !== undefined) return refusal(org, client);
  const audience = audienceOf(org, form.get("scope") ?? "");
  if (typeof audience !== "string") return refusal(org, audience);
  const seconds = Math.max(1, Math.floor(org.tokens.ttlMs / 1000) - 1);
  return {
    status: 200,
    body: {
      token_type: "Bearer",
      expires_in: seconds,
      ext_expires_in: seconds,
      access_token: org.tokens.open(audience),
    },
  };
}

function openidConfiguration(org: Org, tenant: string): Answer {
  const wrong = tenantProblem(org, tenant, "invalid_tenant");
  if (wrong !== undefined) return refusal(org, wrong);
  const root = `${org.url}/${org.tenantId}`;
  return {
    status: 200,
    body: {
      issuer: `${root}/v2.0`,
      token_endpoint: `${root}/oauth2/v2.0/token`,
      authorization_endpoint: `${root}/oauth2/v2.0/authorize`,
      end_session_endpoint: `${root}/oauth2/v2.0/logout`,
      jwks_uri: `${root}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
      response_types_supported: ["code"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
      tenant_region_scope: "EU",
    },
  };
}

function instanceDiscovery(org: Org): Answer {
  const { host } = new URL(org.url);
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `${org.url}/${org.tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  };
}

/** The sign-in authority: token endpoint, its configuration and instance discovery. Undefined for addresses that are not its own. */
export function serveAuthority(org: Org, request: Incoming): Answer | undefined {
  const { method, path } = request;
  if (method === "GET" && path === "/common/discovery/instance") return instanceDiscovery(org);
  const [, tenant = "", ...rest] = path.split("/");
  const below = rest.join("/");
  if (method === "POST" && below === "oauth2/v2.0/token") return answerToken(org, tenant, request);
  if (method === "GET" && below === "v2.0/.well-known/openid-configuration")
    return openidConfiguration(org, tenant);
  return undefined;
}
