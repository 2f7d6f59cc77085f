import { CrmError } from "@wrapup/core";
import type { Context, Seen } from "@wrapup/core";
import nock from "nock";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { createClient } from "../../src/client.ts";
import type { Client } from "../../src/client.ts";
import { checkOptions } from "../../src/options.ts";
import type { DynamicsOptions } from "../../src/options.ts";

/** An environment that exists nowhere; nock answers for it. */
export const environment = "https://acme.crm4.dynamics.com";
export const authority = "https://login.microsoftonline.com";
export const api = "/api/data/v9.2/";
export const secret = "eyJ0.TOKEN.that.must.never.show";
export const userId = "7e4a47c0-0000-4000-8000-0000000000aa";

/** What a call that must fail throws. */
export const failure = async (work: Promise<unknown>): Promise<CrmError> => {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(CrmError);
  return error instanceof CrmError ? error : new CrmError("refused", "no", "no error");
};

/** A context that remembers what was observed. */
export const quiet = (
  signal: AbortSignal = AbortSignal.timeout(15_000),
): Context & { readonly seen: Seen[] } => {
  const seen: Seen[] = [];
  return { signal, urgency: "background", observe: (one) => seen.push(one), seen };
};

export const tokenOptions = (more: Partial<DynamicsOptions> = {}): DynamicsOptions => ({
  environment,
  signIn: { token: () => Promise.resolve(secret) },
  ...more,
});

export const secretApp = {
  tenantId: "11111111-2222-4333-8444-555555555555",
  clientId: "99999999-8888-4777-8666-555555555555",
  clientSecret: "the~client-secret",
} as const;

/** msal adds a query with an id of the request. */
export const tokenPath = new RegExp(`^/${secretApp.tenantId}/oauth2/v2\\.0/token(?:\\?|$)`);

export const clientWith = (options: DynamicsOptions = tokenOptions()): Client =>
  createClient(checkOptions(options));

/** One reply of the token endpoint. */
export const tokenReply = (
  accessToken: string,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  token_type: "Bearer",
  expires_in: 3599,
  ext_expires_in: 3599,
  access_token: accessToken,
  ...more,
});

/** A refusal as Entra writes it. */
export const entraError = (error: string, code: number): Record<string, unknown> => ({
  error,
  error_description: `AADSTS${code}: Something about rose@edge.example in tenant secret-tenant. Trace ID: 1 Correlation ID: 2 Timestamp: 2026-11-21 10:00:00Z`,
  error_codes: [code],
  timestamp: "2026-11-21 10:00:00Z",
  trace_id: "1",
  correlation_id: "2",
});

/** A refusal as Dataverse writes it. */
export const vendorError = (code: string, message = "Something."): Record<string, unknown> => ({
  error: { code, message },
});

/**
 * Nock for one file of tests: on before, off after (files share a process), and no request may have gone unanswered: nock answers
 * those with 501, which would look like a fault of the CRM.
 */
export const vendorServer = (): {
  readonly org: () => ReturnType<typeof nock>;
  readonly entra: () => ReturnType<typeof nock>;
  readonly requests: () => readonly string[];
} => {
  const unmatched: string[] = [];
  const seen: string[] = [];
  const miss = (request: Request): void => {
    unmatched.push(`${request.method} ${request.url}`);
  };
  const at = (origin: string): ReturnType<typeof nock> => {
    const scope = nock(origin);
    scope.on("request", (request: Request) => {
      const { pathname, search } = new URL(request.url);
      seen.push(`${request.method} ${pathname}${search}`);
    });
    return scope;
  };
  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    nock.emitter.on("no match", miss);
  });
  afterEach(() => {
    nock.abortPendingRequests();
    nock.cleanAll();
    const missed = unmatched.splice(0);
    seen.splice(0);
    expect(missed).toEqual([]);
  });
  afterAll(() => {
    nock.emitter.off("no match", miss);
    nock.enableNetConnect();
    nock.restore();
  });
  return { org: () => at(environment), entra: () => at(authority), requests: () => seen };
};
