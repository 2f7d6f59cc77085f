import { createPublicKey, createVerify, generateKeyPairSync } from "node:crypto";
import { CrmError } from "@wrapup/core";
import { expect, test } from "vitest";
import { checkedInstance } from "../../src/sign-in.ts";
import type { SalesforceOptions } from "../../src/options.ts";
import {
  clientWith,
  failure,
  instance,
  quiet,
  secretApp,
  tokenReply,
  vendorServer,
} from "./vendor.ts";

const { org, requests } = vendorServer();
const limits = "/services/data/v66.0/limits";
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const now = Date.UTC(2026, 10, 21, 10);
const clock = { now: () => now, after: () => () => undefined };

const ask = (options: SalesforceOptions): Promise<unknown> =>
  clientWith(options).send({ method: "GET", path: "/limits" }, quiet());

const form = (body: unknown): URLSearchParams =>
  new URLSearchParams(body as Record<string, string>);

test("O5 client credentials go in the form of one POST to the domain", async () => {
  org()
    .post("/services/oauth2/token", (body: unknown) => {
      const sent = form(body);
      return (
        sent.get("grant_type") === "client_credentials" &&
        sent.get("client_id") === secretApp.clientId &&
        sent.get("client_secret") === secretApp.clientSecret
      );
    })
    .reply(200, tokenReply("good"));
  org().get(limits).matchHeader("authorization", "Bearer good").reply(200, { ok: 1 });
  await expect(ask({ signIn: secretApp })).resolves.toEqual({ ok: 1 });
  expect(requests().join()).not.toContain(secretApp.clientSecret);
});

test("JWT bearer: RS256, iss, sub, aud, and at most three minutes", async () => {
  let assertion = "";
  org()
    .post("/services/oauth2/token", (body: unknown) => {
      assertion = form(body).get("assertion") ?? "";
      return form(body).get("grant_type") === "urn:ietf:params:oauth:grant-type:jwt-bearer";
    })
    .reply(200, tokenReply("good"));
  org().get(limits).reply(200, {});
  await ask({
    signIn: { clientId: "app", privateKey, username: "wrapup@acme.example", domain: instance },
    clock,
  });
  const [head = "", body = "", signature = ""] = assertion.split(".");
  const claims: unknown = JSON.parse(Buffer.from(body, "base64url").toString());
  expect(JSON.parse(Buffer.from(head, "base64url").toString())).toEqual({
    alg: "RS256",
    typ: "JWT",
  });
  expect(claims).toEqual({
    iss: "app",
    sub: "wrapup@acme.example",
    aud: instance,
    exp: now / 1000 + 180,
  });
  expect(
    createVerify("RSA-SHA256")
      .update(`${head}.${body}`)
      .verify(createPublicKey(privateKey), signature, "base64url"),
  ).toBe(true);
});

test("a refresh token is exchanged, with or without a client secret", async () => {
  for (const secret of [{}, { clientSecret: "s" }]) {
    org()
      .post(
        "/services/oauth2/token",
        (body: unknown) =>
          form(body).get("refresh_token") === "5Aep" &&
          form(body).get("client_secret") ===
            (("clientSecret" in secret && secret.clientSecret) || null),
      )
      .reply(200, tokenReply("good"));
    org().get(limits).reply(200, { ok: true });
    await expect(
      ask({
        signIn: {
          clientId: "app",
          refreshToken: "5Aep",
          domain: "acme.my.salesforce.com",
          ...secret,
        },
      }),
    ).resolves.toEqual({ ok: true });
  }
});

test("J15 a token reply without an id signs in all the same", async () => {
  org()
    .post("/services/oauth2/token")
    .reply(200, tokenReply("good", { id: undefined }));
  org().get(limits).reply(200, { ok: 1 });
  await expect(ask({ signIn: secretApp })).resolves.toEqual({ ok: 1 });
});

test.for([
  ["invalid_client", "clientSecret"],
  ["invalid_client_id", "clientId"],
  ["invalid_grant", "user"],
  ["app_not_found", "My Domain"],
] as const)(
  "J16 a refused sign-in (%s) says what to mend, and nothing else",
  async ([error, word]) => {
    org()
      .post("/services/oauth2/token")
      .reply(400, { error, error_description: "user rose@edge.example is bad" });
    const thrown = await failure(ask({ signIn: secretApp }));
    expect([thrown.why, thrown.sent]).toEqual(["auth", "no"]);
    expect(thrown.message).toContain(word);
    expect(thrown.message).not.toContain("rose@edge.example");
    expect(thrown.message).not.toContain(secretApp.clientSecret);
  },
);

test.for(["CoraCustomer", "constructor", "secret with spaces"])(
  "O3 J16 a code that no sign-in has (%s) is not shown",
  async (code) => {
    org().post("/services/oauth2/token").reply(400, { error: code });
    const thrown = await failure(ask({ signIn: secretApp }));
    expect([thrown.why, thrown.sent]).toEqual(["auth", "no"]);
    expect(thrown.message).not.toContain(code);
    expect(thrown.message).toContain("login history");
  },
);

test.for(["TOKENvalue\nX: 1", "TOKEN value", "TOKENvalué", ""])(
  "O3 a token that cannot stand in a header (%j) is an auth error that does not show it",
  async (accessToken) => {
    const thrown = await failure(
      ask({ signIn: { token: () => Promise.resolve({ accessToken, instanceUrl: instance }) } }),
    );
    expect([thrown.why, thrown.sent, thrown.cause]).toEqual(["auth", "no", undefined]);
    expect(thrown.message).not.toContain("TOKEN");
    expect(requests()).toEqual([]);
  },
);

test("J16 what is not Salesforce's sign-in is said so: HTML with 200, and a redirect", async () => {
  org()
    .post("/services/oauth2/token")
    .reply(200, "<html>welcome</html>", { "content-type": "text/html" });
  expect((await failure(ask({ signIn: secretApp }))).message).toContain("signIn.domain");
  org().post("/services/oauth2/token").reply(302, "", { location: "https://evil.example/" });
  expect((await failure(ask({ signIn: secretApp }))).why).toBe("auth");
});

test("W6 a sign-in that is down or throttled is no auth error: nobody must change a secret", async () => {
  org().post("/services/oauth2/token").reply(503, "<html>maintenance</html>");
  expect((await failure(ask({ signIn: secretApp }))).why).toBe("unreachable");
  org()
    .post("/services/oauth2/token")
    .reply(400, { error: "invalid_grant", error_description: "login rate exceeded" });
  expect((await failure(ask({ signIn: secretApp }))).why).toBe("throttled");
});

test("O5 a token reply that names a foreign instance is refused before the token goes there", async () => {
  org()
    .post("/services/oauth2/token")
    .reply(200, tokenReply("good", { instance_url: "https://evil.example" }));
  const error = await failure(ask({ signIn: secretApp }));
  expect(error.why).toBe("auth");
  expect(requests()).toEqual(["POST /services/oauth2/token"]);
});

test("O5 instances: Salesforce's own sites, the domain itself, loopback with loopback", () => {
  const good = [
    ["https://acme.my.salesforce.com", "https://acme.my.salesforce.com"],
    ["https://na1.salesforce.com/", "https://acme.my.salesforce.com"],
    ["https://acme--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:9090"],
  ] as const;
  for (const [given, home] of good)
    expect(checkedInstance(given, home)).toBe(new URL(given).origin);
  const bad = [
    "https://salesforce.com.evil.example",
    "http://acme.my.salesforce.com",
    "https://evilsalesforce.com",
    "http://127.0.0.1:80",
    "https://u:p@acme.my.salesforce.com",
    "javascript:alert(1)",
    "nonsense nonsense",
    "https://acme.lightning.force.com",
  ];
  for (const given of bad)
    expect(() => checkedInstance(given, "https://acme.my.salesforce.com"), given).toThrow(CrmError);
});
