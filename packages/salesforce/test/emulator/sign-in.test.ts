import { Buffer } from "node:buffer";
import { createSign, generateKeyPairSync } from "node:crypto";
import type { SalesforceEmulator } from "@wrapup/salesforce/emulator";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { askToken, at } from "./api.ts";

async function start(): Promise<SalesforceEmulator> {
  const emulator = await startSalesforceEmulator();
  onTestFinished(() => emulator.close());
  return emulator;
}

const encode = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString("base64url");

function assertion(
  emulator: SalesforceEmulator,
  claims: Readonly<Record<string, unknown>> = {},
  key = emulator.credentials.privateKey,
): string {
  const { clientId, username } = emulator.credentials;
  const exp = Math.floor(Date.now() / 1000) + 120;
  const part = `${encode({ alg: "RS256" })}.${encode({ iss: clientId, sub: username, aud: emulator.url, exp, ...claims })}`;
  return `${part}.${createSign("RSA-SHA256").update(part).sign(key).toString("base64url")}`;
}

const bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

describe("A4 sign-in", () => {
  test("client credentials answer the shape of a real token, without expires_in", async () => {
    const emulator = await start();
    const { clientId, clientSecret } = emulator.credentials;
    const reply = await askToken(emulator.url, {
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    });
    expect(reply.status).toBe(200);
    expect(Object.keys(Object(reply.json)).toSorted()).toEqual([
      "access_token",
      "id",
      "instance_url",
      "issued_at",
      "signature",
      "token_type",
    ]);
    expect(reply.json).toMatchObject({
      instance_url: emulator.url,
      token_type: "Bearer",
      issued_at: expect.stringMatching(/^\d{13}$/),
    });
    const identity = await fetch(String(at(reply.json, "id")), {
      headers: { authorization: `Bearer ${String(at(reply.json, "access_token"))}` },
    });
    expect(await identity.json()).toMatchObject({ username: "integration@wrapup.example" });
  });

  test("the client may come in a Basic header", async () => {
    const emulator = await start();
    const { clientId, clientSecret } = emulator.credentials;
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
    const body = new URLSearchParams({ grant_type: "client_credentials" });
    expect(
      (
        await fetch(`${emulator.url}/services/oauth2/token`, {
          method: "POST",
          headers: { authorization },
          body,
        })
      ).status,
    ).toBe(200);
  });

  test("a refresh token gives a new access token", async () => {
    const emulator = await start();
    const { clientId, refreshToken } = emulator.credentials;
    expect(
      (
        await askToken(emulator.url, {
          grant_type: "refresh_token",
          client_id: clientId,
          refresh_token: refreshToken,
        })
      ).status,
    ).toBe(200);
  });

  test("a signed assertion for My Domain or the login host gives a token", async () => {
    const emulator = await start();
    for (const aud of [emulator.url, "https://login.salesforce.com"]) {
      expect(
        (
          await askToken(emulator.url, {
            grant_type: bearer,
            assertion: assertion(emulator, { aud }),
          })
        ).status,
      ).toBe(200);
    }
  });

  test.for([
    [
      "an unknown user",
      { sub: "nobody@wrapup.example" },
      "invalid_grant",
      "user hasn't approved this consumer",
    ],
    ["an unknown app", { iss: "other" }, "invalid_client_id", "client identifier invalid"],
    ["another audience", { aud: "https://other.example" }, "invalid_grant", "audience is invalid"],
    [
      "test.salesforce.com",
      { aud: "https://test.salesforce.com" },
      "app_not_found",
      "external client app is not installed in this org",
    ],
    ["a time that is over", { exp: 1 }, "invalid_grant", "expired authorization code"],
    [
      "a time too far away",
      { exp: Math.floor(Date.now() / 1000) + 3600 },
      "invalid_grant",
      "expired authorization code",
    ],
    ["no time", { exp: undefined }, "invalid_grant", "expired authorization code"],
  ] as const)("an assertion with %s is refused", async ([, claims, error, description]) => {
    const emulator = await start();
    const reply = await askToken(emulator.url, {
      grant_type: bearer,
      assertion: assertion(emulator, claims),
    });
    expect(reply).toMatchObject({ status: 400, json: { error, error_description: description } });
  });

  test("an assertion of another key, or none, is refused", async () => {
    const emulator = await start();
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    for (const text of [assertion(emulator, {}, privateKey), "a.b.c", ""]) {
      expect(await askToken(emulator.url, { grant_type: bearer, assertion: text })).toMatchObject({
        status: 400,
        json: { error: "invalid_grant" },
      });
    }
  });

  test.for([
    ["a wrong secret", { grant_type: "client_credentials", client_secret: "x" }, "invalid_client"],
    ["a missing secret", { grant_type: "client_credentials" }, "invalid_client"],
    [
      "an unknown client",
      { grant_type: "client_credentials", client_id: "x" },
      "invalid_client_id",
    ],
    ["a bad refresh token", { grant_type: "refresh_token", refresh_token: "x" }, "invalid_grant"],
    [
      "a password",
      { grant_type: "password", username: "a", password: "b" },
      "unsupported_grant_type",
    ],
  ] as const)("%s is refused with the OAuth body", async ([, form, error]) => {
    const emulator = await start();
    const reply = await askToken(emulator.url, {
      client_id: emulator.credentials.clientId,
      ...form,
    });
    expect([reply.status, Object.keys(Object(reply.json)), at(reply.json, "error")]).toEqual([
      400,
      ["error", "error_description"],
      error,
    ]);
  });
});
