import { CrmError } from "@wrapup/core";
import type { Context, Seen } from "@wrapup/core";
import nock from "nock";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { createClient } from "../../src/client.ts";
import type { Client } from "../../src/client.ts";
import { checkOptions } from "../../src/options.ts";
import type { SalesforceOptions } from "../../src/options.ts";

/** An org that exists nowhere; nock answers for it. */
export const instance = "https://acme.my.salesforce.com";
export const secret = "00Dxx!TOKEN.that.must.never.show";

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

export const tokenOptions = (more: Partial<SalesforceOptions> = {}): SalesforceOptions => ({
  signIn: { token: () => Promise.resolve({ accessToken: secret, instanceUrl: instance }) },
  ...more,
});

export const secretApp = {
  clientId: "3MVG9app",
  clientSecret: "the-client-secret",
  domain: "acme.my.salesforce.com",
} as const;

export const clientWith = (options: SalesforceOptions = tokenOptions()): Client =>
  createClient(checkOptions(options));

/** One reply of the token endpoint. */
export const tokenReply = (
  accessToken: string,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  access_token: accessToken,
  instance_url: instance,
  id: `${instance}/id/00Dxx0000001gPFEAY/005xx000001SwiUAAS`,
  token_type: "Bearer",
  issued_at: "1795000000000",
  signature: "x",
  ...more,
});

/**
 * Nock for one file of tests: on before, off after (files share a process), and no request may have gone unanswered: nock answers
 * those with 501, which would look like a fault of the CRM.
 */
export const vendorServer = (): {
  readonly org: () => ReturnType<typeof nock>;
  readonly requests: () => readonly string[];
} => {
  const unmatched: string[] = [];
  const seen: string[] = [];
  const miss = (request: Request): void => {
    unmatched.push(`${request.method} ${request.url}`);
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
  return {
    org: () => {
      const scope = nock(instance);
      scope.on("request", (request: Request) => {
        const { pathname, search } = new URL(request.url);
        seen.push(`${request.method} ${pathname}${search}`);
      });
      return scope;
    },
    requests: () => seen,
  };
};
