import { Buffer } from "node:buffer";
import { constants, createSign, generateKeyPairSync } from "node:crypto";
import type { DynamicsEmulator, EmulatorOptions } from "@wrapup/dynamics/emulator";
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { askToken, at, read, startApi, tokenFor } from "./api.ts";

async function start(options: EmulatorOptions = {}): Promise<DynamicsEmulator> {
  const emulator = await startDynamicsEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

const encode = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString("base64url");

type Wrong = {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: string;
};

function assertion(emulator: DynamicsEmulator, alg: "PS256" | "RS256", wrong: Wrong = {}): string {
  const { tenantId, clientId, certificate } = emulator.credentials;
  const now = Math.floor(Date.now() / 1000);
  const x5t = Buffer.from(certificate.thumbprintSha256, "hex").toString("base64url");
  const claims = {
    aud: `${emulator.url}/${tenantId}/oauth2/v2.0/token`,
    iss: clientId,
    sub: clientId,
    nbf: now,
    exp: now + 600,
    jti: "1",
    ...wrong.claims,
  };
  const part = `${encode({ alg, "x5t#S256": x5t, ...wrong.header })}.${encode(claims)}`;
  const padding = alg === "PS256" ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const key = { key: wrong.key ?? certificate.privateKey, padding, saltLength: 32 };
  return `${part}.${createSign("sha256").update(part).sign(key).toString("base64url")}`;
}

const asked = (text: string): Record<string, string | undefined> => ({
  client_secret: undefined,
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: text,
});

describe("A4 sign-in at the authority", () => {
  test("client credentials answer the shape of a token for that one service", async () => {
    const emulator = await start();
    const reply = await askToken(emulator);
    expect(reply).toMatchObject({
      status: 200,
      json: { token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599 },
    });
    expect(Object.keys(Object(reply.json)).toSorted()).toEqual([
      "access_token",
      "expires_in",
      "ext_expires_in",
      "token_type",
    ]);
  });

  test("a signed assertion is as good as the secret, in both algorithms and for both schemes", async () => {
    const emulator = await start();
    const secure = `${emulator.url.replace("http:", "https:")}/${emulator.credentials.tenantId}/oauth2/v2.0/token`;
    for (const text of [
      assertion(emulator, "PS256"),
      assertion(emulator, "RS256"),
      assertion(emulator, "PS256", { claims: { aud: secure } }),
    ])
      expect((await askToken(emulator, asked(text))).status).toBe(200);
  });

  test.for([
    ["an unknown certificate", { header: { "x5t#S256": "AAAA" } }, 700_027],
    ["another algorithm", { header: { alg: "none" } }, 700_027],
    ["another issuer", { claims: { iss: "other" } }, 700_021],
    ["another subject", { claims: { sub: "other" } }, 700_021],
    ["another audience", { claims: { aud: "https://other.example" } }, 700_023],
    ["a time that is over", { claims: { exp: 1 } }, 700_024],
    ["no time", { claims: { exp: undefined } }, 700_024],
    ["a time that has not come", { claims: { nbf: 9_999_999_999 } }, 700_024],
  ] as const)("an assertion with %s is refused", async ([, wrong, number]) => {
    const emulator = await start();
    const reply = await askToken(emulator, asked(assertion(emulator, "PS256", wrong)));
    expect(reply).toMatchObject({
      status: 401,
      json: { error: "invalid_client", error_codes: [number] },
    });
  });

  test("an assertion of another key, or none, is refused", async () => {
    const emulator = await start();
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const foreign = assertion(emulator, "PS256", { key: privateKey });
    for (const text of [foreign, "a.b.c", ""])
      expect(await askToken(emulator, asked(text))).toMatchObject({
        status: 401,
        json: { error: "invalid_client" },
      });
  });

  test.for([
    ["another tenant", {}, "11111111-2222-4333-8444-555555555555", 400, "invalid_request", 90_002],
    ["an unknown client", { client_id: "x" }, undefined, 400, "unauthorized_client", 700_016],
    ["no client", { client_id: undefined }, undefined, 400, "invalid_request", 900_144],
    ["a wrong secret", { client_secret: "x" }, undefined, 401, "invalid_client", 7_000_215],
    ["no secret", { client_secret: undefined }, undefined, 401, "invalid_client", 7_000_216],
    [
      "a scope without .default",
      { scope: "user_impersonation" },
      undefined,
      400,
      "invalid_scope",
      1_002_012,
    ],
    [
      "another resource",
      { scope: "https://other.example/.default" },
      undefined,
      400,
      "invalid_resource",
      500_011,
    ],
    ["another grant", { grant_type: "password" }, undefined, 400, "unsupported_grant_type", 70_003],
  ] as const)(
    "%s is refused with Entra's body",
    async ([, form, tenant, status, error, number]) => {
      const emulator = await start();
      const reply = await askToken(emulator, form, tenant);
      expect(reply).toMatchObject({
        status,
        json: {
          error,
          error_codes: [number],
          error_description: expect.stringMatching(new RegExp(`^AADSTS${number}: .+Trace ID: `)),
          trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
        },
      });
    },
  );

  test("a secret that ran out says so; a wrong one is wrong first; a certificate still works", async () => {
    const emulator = await start({ secretExpired: true });
    expect(await askToken(emulator)).toMatchObject({
      status: 401,
      json: { error: "invalid_client", error_codes: [7_000_222] },
    });
    expect(at((await askToken(emulator, { client_secret: "x" })).json, "error_codes", 0)).toBe(
      7_000_215,
    );
    expect((await askToken(emulator, asked(assertion(emulator, "PS256")))).status).toBe(200);
  });

  test("the configuration and instance discovery name the emulator's own addresses", async () => {
    const { url, credentials } = await start();
    const where = `${url}/${credentials.tenantId}/v2.0/.well-known/openid-configuration`;
    expect((await read(await fetch(where))).json).toMatchObject({
      issuer: `${url}/${credentials.tenantId}/v2.0`,
      token_endpoint: `${url}/${credentials.tenantId}/oauth2/v2.0/token`,
    });
    expect((await read(await fetch(`${url}/common/discovery/instance`))).json).toMatchObject({
      tenant_discovery_endpoint: where,
    });
    expect(
      await read(await fetch(where.replace(credentials.tenantId, "nobody.example"))),
    ).toMatchObject({ status: 400, json: { error: "invalid_tenant" } });
  });
});

describe("A4 tokens at the door", () => {
  test("a token opens its own service only", async () => {
    const api = await startApi();
    const { url, graphUrl } = api.emulator;
    expect(new URL(url).origin).not.toBe(new URL(graphUrl).origin);
    const graphToken = await tokenFor(api.emulator, graphUrl);
    const ask = async (address: string, token: string): Promise<number> =>
      (await fetch(address, { headers: { authorization: `Bearer ${token}` } })).status;
    const users = `${graphUrl}/v1.0/users`;
    const whoAmI = `${url}/api/data/v9.2/WhoAmI()`;
    expect([await ask(whoAmI, api.token), await ask(whoAmI, graphToken)]).toEqual([200, 401]);
    expect([await ask(users, api.token), (await ask(users, graphToken)) === 401]).toEqual([
      401,
      false,
    ]);
  });

  test("a token that ran out is 401 with WWW-Authenticate, by the clock or by hand", async () => {
    let now = 1_700_000_000_000;
    const api = await startApi({ clock: () => now, tokenTtlMs: 60_000 });
    expect((await api.call("GET", "WhoAmI()")).status).toBe(200);
    now += 60_000;
    const late = await api.call("GET", "WhoAmI()");
    expect([late.status, late.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining(`resource_id=${api.emulator.url}/`),
    ]);
    const fresh = await startApi();
    await fresh.emulator.control.expireTokens();
    expect((await fresh.call("GET", "WhoAmI()")).status).toBe(401);
    expect((await askToken(fresh.emulator)).status).toBe(200);
  });

  test("an app that is no application user is 403 0x80072560", async () => {
    const api = await startApi({ applicationUser: false });
    expect(await api.call("GET", "WhoAmI()")).toMatchObject({
      status: 403,
      json: {
        error: { code: "0x80072560", message: "The user is not a member of the organization." },
      },
    });
  });
});
