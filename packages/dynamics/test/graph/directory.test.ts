import { CrmError } from "@wrapup/core";
import { manualClock } from "@wrapup/core/testing";
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import type { SeedUser } from "@wrapup/dynamics/emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { createEntraDirectory, createGraphClient } from "../../src/graph/index.ts";
import { usersPath } from "../../src/graph/entra-users.ts";
import { contextOf, openTenant, tokenOf } from "./tenant.ts";

const open = async (users: readonly SeedUser[]) => {
  const emulator = await startDynamicsEmulator();
  const clock = manualClock(1_700_000_000_000);
  const token = (scope: string): Promise<string> => tokenOf(emulator, scope);
  const client = createGraphClient({
    origin: emulator.graphUrl,
    tokens: { get: token, renew: token },
    timeoutMs: 5_000,
    clock,
  });
  onTestFinished(async () => {
    client.close();
    await emulator.close();
  });
  const ids = await emulator.control.seedUsers(users);
  const asked = async (): Promise<number> =>
    (await emulator.control.calls()).filter(({ service }) => service === "graph").length;
  return { emulator, clock, directory: createEntraDirectory(client, clock), ids, asked };
};

const failure = async (work: Promise<unknown>): Promise<CrmError> => {
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (!(error instanceof CrmError)) throw new Error("it did not throw a CrmError");
  return error;
};

describe("W10 agent → Entra user", () => {
  test("by address, principal name or another address, without case; nobody and two are nobody", async () => {
    const { directory, ids } = await open([
      { userPrincipalName: "a@classics.example", mail: "Ada@classics.example" },
      { userPrincipalName: "b@classics.example", mail: "twin@classics.example" },
      { userPrincipalName: "c@classics.example", mail: "twin@classics.example" },
      { userPrincipalName: "left@classics.example", accountEnabled: false },
      { userPrincipalName: "d@classics.example", mail: null },
      { userPrincipalName: "o'hara@classics.example" },
    ]);
    const emails = [
      "ada@classics.example",
      "A@Classics.example",
      "twin@classics.example",
      "left@classics.example",
      "d@classics.example",
      "o'hara@classics.example",
      "nobody@classics.example",
      "",
      `${"x".repeat(200)}@classics.example`,
    ];
    const found = await directory.objectIdsOf(emails, contextOf());
    expect(emails.map((email) => found.get(email))).toEqual([
      ids[0],
      ids[0],
      undefined,
      undefined,
      ids[4],
      ids[5],
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("many addresses go in filters of fifteen comparisons, and each is asked for once an hour", async () => {
    const users = Array.from({ length: 12 }, (_, n) => ({
      userPrincipalName: `agent${n}@classics.example`,
    }));
    const { directory, ids, clock, asked } = await open(users);
    const emails = users.map(({ userPrincipalName }) => userPrincipalName);
    const found = await directory.objectIdsOf(emails, contextOf());
    expect(emails.map((email) => found.get(email))).toEqual(ids);
    expect(await asked()).toBe(3);
    await directory.objectIdsOf(emails, contextOf());
    expect(await directory.objectIdOf("AGENT3@classics.example", contextOf())).toBe(ids[3]);
    expect(await asked()).toBe(3);
    await clock.advance(60 * 60_000 + 1);
    await directory.objectIdOf("agent3@classics.example", contextOf());
    expect(await asked()).toBe(4);
  });

  test("who was not there is asked for again after five minutes", async () => {
    const { directory, clock, emulator } = await open([]);
    expect(await directory.objectIdOf("new@classics.example", contextOf())).toBeUndefined();
    const [id] = await emulator.control.seedUsers([{ userPrincipalName: "new@classics.example" }]);
    expect(await directory.objectIdOf("new@classics.example", contextOf())).toBeUndefined();
    await clock.advance(5 * 60_000 + 1);
    expect(await directory.objectIdOf("new@classics.example", contextOf())).toBe(id);
  });

  test("W1 Graph's throttle, outage or refusal is transient here, so it never pauses Dataverse", async () => {
    const { directory, emulator } = await open([]);
    const faults = [
      { status: 429, headers: { "Retry-After": "9" } },
      { status: 503, headers: { "Retry-After": "8" } },
      { status: 403, code: "Authorization_RequestDenied" },
    ];
    const waits: (number | undefined)[] = [];
    for (const fault of faults) {
      await emulator.control.fault({ kind: "status", path: "/users", ...fault });
      const error = await failure(directory.objectIdOf("x@classics.example", contextOf()));
      expect(error).toMatchObject({ why: "transient", sent: "no" });
      waits.push(error.afterMs);
      expect(error.message).not.toContain("classics");
    }
    expect(waits).toEqual([9_000, 8_000, undefined]);
  });

  test("O5 an address cannot leave its literal, and cannot add a query option", () => {
    const path = usersPath(["x' or mail ne '&$select=passwordProfile#"]);
    const query = new URLSearchParams(path.slice(path.indexOf("?")));
    expect([...query.keys()]).toEqual(["$filter", "$select", "$top"]);
    expect(query.get("$filter")).toContain("mail eq 'x'' or mail ne ''&$select=passwordProfile#'");
    expect(path).not.toContain("+");
  });

  test("findings: whether users may be read is found at the start, with its setting", async () => {
    const { directory, emulator } = await open([]);
    expect(await directory.findings(contextOf())).toEqual([]);
    await emulator.control.fault({
      kind: "status",
      path: "/users",
      status: 403,
      code: "Authorization_RequestDenied",
    });
    expect(await directory.findings(contextOf())).toMatchObject([
      { severity: "error", place: "directory", mend: expect.stringContaining("User.Read.All") },
    ]);
  });
});

describe("agent → mailbox", () => {
  test("W10 by object id, else by email; only who is active and has a mailbox", async () => {
    const tenant = await openTenant();
    const [gone, bare] = await tenant.control.seedUsers([
      { userPrincipalName: "gone@classics.example", accountEnabled: false },
      { userPrincipalName: "bare@classics.example", mailbox: false },
    ]);
    const agents = [
      { id: tenant.agent },
      { id: "a-7", email: "elinor@classics.example" },
      { id: "0b5e0d7e-0000-4000-8000-000000000000", email: "Elinor@classics.example" },
      { id: gone ?? "" },
      { id: "a-8", email: "bare@classics.example" },
      { id: bare ?? "" },
      { id: "a-9" },
    ];
    expect(await tenant.adapter.usersOf?.(agents, tenant.context)).toEqual([
      tenant.agent,
      tenant.agent,
      tenant.agent,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    await tenant.calls();
    await tenant.adapter.usersOf?.(agents, tenant.context);
    expect(await tenant.calls()).toEqual([]);
  });
});
