import { generateKeyPairSync } from "node:crypto";
import { WrapupError } from "@wrapup/core";
import { expect, test } from "vitest";
import { dynamics } from "../src/index.ts";
import { checkOptions, originOf } from "../src/options.ts";
import type { DynamicsOptions } from "../src/options.ts";

const environment = "https://acme.crm4.dynamics.com";
const app = {
  tenantId: "acme.onmicrosoft.com",
  clientId: "99999999-8888-4777-8666-555555555555",
  clientSecret: "sekret~value",
} as const;
const good: DynamicsOptions = { environment, signIn: app };

/** What the options are refused with. */
const refusal = (options: unknown): WrapupError => {
  try {
    checkOptions(options as DynamicsOptions);
  } catch (error) {
    if (error instanceof WrapupError) return error;
    throw error;
  }
  throw new Error("accepted");
};

test("only environment and signIn are needed; the rest has defaults", () => {
  expect(checkOptions(good)).toMatchObject({
    environment,
    signIn: { ...app, authority: "https://login.microsoftonline.com" },
    appId: undefined,
    chatTable: "task",
    directory: undefined,
    timeoutMs: 120_000,
    maxConcurrent: 8,
    maxBatch: 200,
  });
  expect(checkOptions({ ...good, directory: {} }).directory).toEqual({
    graphUrl: "https://graph.microsoft.com",
  });
});

test("addresses become origins, and a bare host is https", () => {
  for (const given of [
    "acme.crm4.dynamics.com",
    `${environment}/`,
    " https://ACME.crm4.dynamics.com",
  ])
    expect(checkOptions({ ...good, environment: given }).environment).toBe(environment);
  expect(checkOptions({ ...good, environment: "http://127.0.0.1:4080" }).environment).toBe(
    "http://127.0.0.1:4080",
  );
});

test.for([
  ["http://acme.crm4.dynamics.com", "https"],
  [`${environment}/api/data/v9.2/`, "path"],
  [`${environment}/main.aspx?appid=1`, "bare"],
  ["https://user:pw@acme.crm4.dynamics.com", "bare"],
  ["ftp://acme.crm4.dynamics.com", "https"],
  ["not a host", "address"],
  ["", ""],
] as const)("O5 an environment that is no origin (%s) is refused with why", ([given, why]) => {
  const error = refusal({ ...good, environment: given });
  expect([error.code, error.place]).toEqual(["invalid_input", "dynamics options.environment"]);
  expect(error.message).toContain(why);
});

test("plain http is taken for this machine only", () => {
  for (const given of ["http://localhost:1", "http://[::1]:1", "http://127.9.9.9"])
    expect(originOf(given)).toHaveProperty("origin");
  for (const given of ["http://127.0.0.1.evil.example", "http://10.0.0.1", "http://localhost.evil"])
    expect(originOf(given)).toEqual({ problem: "must be https" });
});

const pem = (type: "rsa" | "ec"): string =>
  (type === "rsa"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" })
  ).privateKey
    .export({ type: "pkcs8", format: "pem" })
    .toString();
const certificate = { thumbprintSha256: "AB:".repeat(31) + "AB", privateKey: pem("rsa") };
const { clientSecret: _, ...noSecret } = app;

test("a certificate's thumbprint is taken with and without colons", () => {
  expect(checkOptions({ environment, signIn: { ...noSecret, certificate } }).signIn).toMatchObject({
    certificate: { thumbprintSha256: "AB".repeat(32) },
  });
});

test.for([
  ["a missing secret", { signIn: noSecret }, "signIn.clientSecret"],
  ["a secret's id", { signIn: { ...app, clientSecret: app.clientId } }, "signIn.clientSecret"],
  ["a strange tenant", { signIn: { ...app, tenantId: "a/b" } }, "signIn.tenantId"],
  ["a tenant that climbs", { signIn: { ...app, tenantId: ".." } }, "signIn.tenantId"],
  ["a client id that is none", { signIn: { ...app, clientId: "app" } }, "signIn.clientId"],
  [
    "an authority with a tenant",
    { signIn: { ...app, authority: "https://login.x/abc" } },
    "signIn.authority",
  ],
  [
    "a SHA-1 thumbprint",
    { signIn: { ...noSecret, certificate: { ...certificate, thumbprintSha256: "ab".repeat(20) } } },
    "signIn.certificate.thumbprintSha256",
  ],
  [
    "a key that is not RSA",
    { signIn: { ...noSecret, certificate: { ...certificate, privateKey: pem("ec") } } },
    "signIn.certificate.privateKey",
  ],
  ["a token that is no function", { signIn: { token: "eyJ" } }, "signIn.token"],
  ["an app id that is none", { appId: "sales" }, "appId"],
  ["a table that is no name", { chatTable: "tasks?$filter" }, "chatTable"],
  ["a column that is no name", { alsoRead: { contact: ["a b"] } }, "alsoRead"],
  ["too many at once", { maxConcurrent: 53 }, "maxConcurrent"],
  [
    "a directory elsewhere",
    { directory: { graphUrl: "http://graph.example" } },
    "directory.graphUrl",
  ],
] as const)("%s is refused by name, and never shown", ([, more, place]) => {
  const error = refusal({ ...good, ...more });
  expect(error.code).toBe("invalid_input");
  expect(error.place).toContain(`dynamics options.${place}`);
  expect(JSON.stringify([error.message, error.mend])).not.toMatch(/sekret|PRIVATE KEY|eyJ/);
});

test("a misspelt option is named as such", () => {
  expect(refusal({ ...good, maxBatchs: 3 }).message).toContain("no option maxBatchs");
  expect(refusal({ ...good, signIn: { ...app, tenant: "x" } }).message).toContain("signIn.tenant");
});

test("making an adapter loads and sends nothing, and says how records open", () => {
  const adapter = dynamics({ ...good, appId: "5f1a8e0c-0000-4000-8000-000000000001" });
  const id = "7E4A47C0-0000-4000-8000-0000000000AA";
  expect(adapter.openUrl?.({ type: "contact", id })).toBe(
    `${environment}/main.aspx?appid=5f1a8e0c-0000-4000-8000-000000000001&pagetype=entityrecord&etn=contact&id=${id.toLowerCase()}`,
  );
  expect(adapter.openUrl?.({ type: "contact", id: "../../evil" })).toBeUndefined();
  expect(adapter.openUrl?.({ type: "contact&id=1", id })).toBeUndefined();
});

test("O5 an option that is missing is said to be missing, by name", () => {
  const { environment: _left, ...without } = good;
  expect(refusal(without).message).toContain("The option environment is missing");
  const unset = { ...good, signIn: { ...app, clientSecret: undefined } };
  expect(refusal(unset).message).toContain("The option signIn.clientSecret is missing");
});
