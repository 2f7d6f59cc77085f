import { WrapupError } from "@wrapup/core";
import { expect, test } from "vitest";
import { salesforce } from "../src/index.ts";
import { checkOptions, originOf } from "../src/options.ts";
import type { SalesforceOptions } from "../src/options.ts";

const app = { clientId: "id", clientSecret: "very-secret", domain: "acme.my.salesforce.com" };

/** What untyped JavaScript may hand over. */
const refusal = (options: unknown): WrapupError => {
  try {
    salesforce(options as SalesforceOptions);
  } catch (error) {
    if (error instanceof WrapupError) return error;
    throw error;
  }
  throw new Error("it was taken");
};

test.for([
  [{}, "signIn"],
  [{ signIn: {} }, "signIn.clientId"],
  [{ signIn: { ...app, clientSecret: undefined } }, "signIn.clientSecret"],
  [
    { signIn: { clientId: "id", privateKey: "no key at all", username: "u", domain: "d.example" } },
    "signIn.privateKey",
  ],
  [{ signIn: { clientId: "id", refreshToken: "", domain: "d.example" } }, "signIn.refreshToken"],
  [{ signIn: { token: "a token" } }, "signIn.token"],
  [{ signIn: { ...app, domain: "http://acme.my.salesforce.com" } }, "signIn.domain"],
  [{ signIn: app, apiVersion: "latest" }, "apiVersion"],
  [{ signIn: app, keyField: "Wrapup Key" }, "keyField"],
  [{ signIn: app, timeoutMs: 0 }, "timeoutMs"],
  [{ signIn: app, alsoRead: { "Account; DROP": [] } }, "alsoRead"],
  [{ signIn: app, statuses: { open: "Open" } }, "statuses.completed"],
] as const)(
  "O5 %# an option that cannot be used is named, and its value is not shown",
  ([options, place]) => {
    const error = refusal(options);
    expect(error.code).toBe("invalid_input");
    expect(error.place).toContain(`salesforce options.${place}`);
    expect(error.message).not.toContain("very-secret");
    expect(error.message).not.toContain("no key at all");
  },
);

test("O5 an option that does not exist is refused, not ignored", () => {
  expect(refusal({ signIn: app, apiversion: "66.0" }).message).toContain("apiversion");
  expect(refusal({ signIn: { ...app, clientSecrets: "x" } }).message).toContain("clientSecrets");
});

test("O5 a misspelt option is named before the one that is missing for it", () => {
  const { clientId, domain } = app;
  const misspelt = refusal({ signIn: { clientId, clientSecert: "very-secret", domain } });
  expect(misspelt.message).toContain("There is no option signIn.clientSecert");
  expect(misspelt.message).not.toContain("very-secret");
  expect(refusal({ signin: app }).message).toContain("There is no option signin");
  expect(refusal({ signIn: app, statuses: { opne: "Open" } }).message).toContain(
    "There is no option statuses.opne",
  );
});

test("J22 a Lightning address says which one to use", () => {
  expect(refusal({ signIn: { ...app, domain: "acme.lightning.force.com" } }).message).toContain(
    ".my.salesforce.com",
  );
});

test("O5 a domain is a host or an origin; plain http only for this machine", () => {
  expect(originOf("acme.my.salesforce.com")).toEqual({ origin: "https://acme.my.salesforce.com" });
  expect(originOf("https://acme.my.salesforce.com/")).toEqual({
    origin: "https://acme.my.salesforce.com",
  });
  expect(originOf("http://localhost:3000")).toEqual({ origin: "http://localhost:3000" });
  for (const bad of [
    "http://acme.my.salesforce.com",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "https://a.example/path",
    "https://u:p@a.example",
    "ftp://a.example",
    "",
    "a b",
  ])
    expect(originOf(bad), bad).toHaveProperty("problem");
});

test("defaults are filled", () => {
  expect(checkOptions({ signIn: app })).toMatchObject({
    apiVersion: "66.0",
    keyField: "Wrapup_Key__c",
    timeoutMs: 120_000,
    maxConcurrent: 8,
    statuses: { open: "In Progress", completed: "Completed" },
  });
});

test("O5 an option that is missing is said to be missing, by name", () => {
  expect(refusal({}).message).toContain("The option signIn is missing");
  const unset = { signIn: { ...app, clientSecret: undefined } };
  expect(refusal(unset).message).toContain("The option signIn.clientSecret is missing");
});
