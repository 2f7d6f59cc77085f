import { createServer } from "node:http";
import { createWrapup, CrmError, memoryStore } from "@wrapup/core";
import type { ConnectionOptions, Context, CrmAdapter, Finding } from "@wrapup/core";
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import { expect, onTestFinished, test } from "vitest";
import { activityFindings, linkedFindings, privilegeFindings } from "../src/check.ts";
import { dynamics, setup } from "../src/index.ts";
import type { DynamicsOptions } from "../src/index.ts";
import { checkOptions } from "../src/options.ts";
import { openOrg } from "./client/org.ts";

const context = (): Context => ({
  signal: AbortSignal.timeout(15_000),
  urgency: "background",
  observe: () => undefined,
});

/** What a check that cannot say anything throws. */
const failure = async (adapter: CrmAdapter): Promise<CrmError> => {
  const error: unknown = await adapter.check(context()).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  await adapter.close();
  if (error instanceof CrmError) return error;
  throw new Error("no CrmError", { cause: error });
};

/** Good options for an emulated organisation, to be spoilt one by one. */
const organisation = async (
  emulated: Parameters<typeof startDynamicsEmulator>[0] = {},
): Promise<{
  readonly environment: string;
  readonly signIn: {
    readonly tenantId: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly authority: string;
  };
}> => {
  const emulator = await startDynamicsEmulator(emulated);
  onTestFinished(() => emulator.close());
  const { tenantId, clientId, clientSecret } = emulator.credentials;
  return {
    environment: emulator.url,
    signIn: { tenantId, clientId, clientSecret, authority: emulator.authority },
  };
};

/** One clear line: a reason, the setting, what to do. */
const expectLine = (error: CrmError, setting: RegExp): void => {
  expect(error.message).not.toContain("\n");
  expect(error.message.length).toBeLessThan(400);
  expect(error.message).toMatch(setting);
};

test("A1 an environment as it should be has nothing to mend, and says what it can do", async () => {
  const org = await openOrg({ dopHint: 6 });
  const { abilities, findings } = await org.adapter.check(org.context);
  expect(findings).toEqual([]);
  expect(abilities).toMatchObject({
    maxBatch: 200,
    maxConcurrent: 6,
    kinds: ["activity"],
    once: "key",
    completedIsFrozen: true,
    landsWithinMs: 600_000,
  });
  expect(Object.keys(abilities.linkRulesOf ?? {}).toSorted()).toEqual(["email", "phonecall"]);
});

test("A1 the environment's own hint lowers how many requests go at once, and never raises it", async () => {
  const busy = await openOrg({ dopHint: 2 });
  expect((await busy.adapter.check(busy.context)).abilities.maxConcurrent).toBe(2);
  const idle = await openOrg({ dopHint: 50 }, { maxConcurrent: 5 });
  expect((await idle.adapter.check(idle.context)).abilities.maxConcurrent).toBe(5);
});

test("a check of an organisation is one request for each table, its rights, and who we are", async () => {
  const org = await openOrg({ concurrencyLimit: 12 });
  await org.adapter.check(org.context);
  const calls = await org.calls();
  const names = calls.map(({ path }) => path.split("/").at(-1));
  expect(names.filter((name) => name === "$batch")).toHaveLength(10);
  expect(names.filter((name) => name !== "$batch")).toEqual([
    "WhoAmI",
    "Microsoft.Dynamics.CRM.RetrieveUserPrivileges()",
  ]);
  expect(calls.some(({ status }) => status === 429)).toBe(false);
});

test("Bad input: a wrong tenant is one line that names signIn.tenantId", async () => {
  const good = await organisation();
  const tenantId = "00000000-0000-4000-8000-000000000000";
  const error = await failure(dynamics({ ...good, signIn: { ...good.signIn, tenantId } }));
  expect(error.why).toBe("auth");
  expectLine(error, /signIn\.tenantId/);
});

test("Bad input: an unknown client and a wrong secret each name their option", async () => {
  const good = await organisation();
  const clientId = "00000000-0000-4000-8000-000000000000";
  expectLine(
    await failure(dynamics({ ...good, signIn: { ...good.signIn, clientId } })),
    /signIn\.clientId/,
  );
  const clientSecret = "wrong~secret";
  const wrong = await failure(dynamics({ ...good, signIn: { ...good.signIn, clientSecret } }));
  expectLine(wrong, /signIn\.clientSecret/);
  expect(wrong.message).not.toContain(clientSecret);
});

test("Bad input: an expired secret is told from a wrong one", async () => {
  const error = await failure(dynamics(await organisation({ secretExpired: true })));
  expect(error.why).toBe("auth");
  expectLine(error, /expired.*signIn\.clientSecret/);
});

/** An address of this machine where nobody listens. */
const nowhere = async (): Promise<string> => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
};

test("Bad input: an authority out of reach names signIn.authority, an environment out of reach environment", async () => {
  const good = await organisation();
  const [noAuthority, noEnvironment] = [await nowhere(), await nowhere()];
  const authority = await failure(
    dynamics({ ...good, signIn: { ...good.signIn, authority: noAuthority } }),
  );
  expect([authority.why, authority.sent]).toEqual(["unreachable", "no"]);
  expectLine(authority, /Check signIn\.authority/);
  const environment = await failure(
    dynamics({ environment: noEnvironment, signIn: { token: () => Promise.resolve("t") } }),
  );
  expect([environment.why, environment.sent]).toEqual(["unreachable", "no"]);
  expectLine(environment, /Check environment/);
});

test("Bad input: an environment that the directory does not know names environment", async () => {
  const good = await organisation();
  const other = await organisation();
  const error = await failure(dynamics({ ...good, environment: other.environment }));
  expect(error.why).toBe("auth");
  expectLine(error, /environment/);
});

test("Bad input: an address that is no Dataverse names environment", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(404, { "content-type": "text/html" });
    response.end("<html>not here</html>");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const environment = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const error = await failure(
    dynamics({ environment, signIn: { token: () => Promise.resolve("t") } }),
  );
  expect(error.why).toBe("unreachable");
  expectLine(error, /Check environment/);
});

test("Bad input: a user that is no application user is told how to become one", async () => {
  const error = await failure(dynamics(await organisation({ applicationUser: false })));
  expect([error.why, error.sent]).toEqual(["auth", "no"]);
  expectLine(error, /application user of this environment.*signIn\.clientId/);
});

test.for(["hex", "decimal", "empty"] as const)(
  "Bad input: the same, however the code is spelt (%s)",
  async (errorCodes) => {
    const stranger = await failure(
      dynamics(await organisation({ applicationUser: false, errorCodes })),
    );
    expect(stranger.why).toBe("auth");
    expectLine(stranger, /signIn\.clientId|application user/);
  },
);

test("a certificate signs in too, to Dataverse and to Graph with a token each", async () => {
  const emulator = await startDynamicsEmulator();
  onTestFinished(() => emulator.close());
  const { tenantId, clientId, certificate } = emulator.credentials;
  const adapter = dynamics({
    environment: emulator.url,
    signIn: { tenantId, clientId, certificate, authority: emulator.authority },
    directory: { graphUrl: emulator.graphUrl },
  });
  const { findings } = await adapter.check(context());
  await adapter.close();
  expect(findings).toEqual([]);
  const calls = await emulator.control.calls();
  expect(calls.filter(({ path }) => path.endsWith("/oauth2/v2.0/token"))).toHaveLength(2);
  expect(calls.filter(({ service }) => service === "graph").map(({ status }) => status)).toEqual([
    200,
  ]);
});

test("a token that Dataverse no longer takes is renewed once, however many calls notice", async () => {
  const org = await openOrg();
  await org.adapter.check(org.context);
  await org.control.expireTokens();
  const ref = await org.contact();
  const get = async (): Promise<unknown> => org.adapter.reads?.get([ref], org.context);
  await Promise.all([get(), get(), get()]);
  const calls = await org.control.calls();
  expect(calls.filter(({ path }) => path.endsWith("/oauth2/v2.0/token"))).toHaveLength(2);
  expect(calls.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
});

const placed = (findings: readonly Finding[], place: string): readonly Finding[] =>
  findings.filter((one) => one.place === place);

test.for(["create", "read", "write", "append"] as const)(
  "Bad input: a missing privilege (%s on phone calls) is an error that names it and where to add it",
  async (privilege) => {
    const org = await openOrg({ missingPrivileges: [{ table: "phonecall", privilege }] });
    const { findings } = await org.adapter.check(org.context);
    const [only, ...more] = placed(findings, "phonecall");
    expect(more).toEqual([]);
    expect(only?.severity).toBe("error");
    expect(only?.text.toLowerCase()).toContain(`prv${privilege}`);
    expect(only?.mend).toContain("security role");
  },
);

test("a privilege that is only better to have is a warning", async () => {
  const org = await openOrg({
    missingPrivileges: [
      { table: "task", privilege: "delete" },
      { table: "contact", privilege: "create" },
      { table: "contact", privilege: "appendTo" },
    ],
  });
  const { findings } = await org.adapter.check(org.context);
  expect(findings.map(({ severity, place }) => `${severity} ${place}`).toSorted()).toEqual([
    "error contact",
    "warning contact",
    "warning task",
  ]);
});

test("Bad input: a table that is not enabled for activities is named before anything is linked to it", async () => {
  const org = await openOrg(
    {
      customTables: [
        { name: "new_ticket", entitySet: "new_tickets", hasActivities: false },
        { name: "new_order", entitySet: "new_orders", hasActivities: true },
      ],
    },
    { alsoRead: { new_ticket: ["new_name"], new_order: [], nothere: [] } },
  );
  const { findings } = await org.adapter.check(org.context);
  expect(placed(findings, "new_ticket")).toMatchObject([{ severity: "error" }]);
  expect(placed(findings, "new_ticket")[0]?.mend).toMatch(/Activities/);
  expect(placed(findings, "new_order")).toEqual([]);
  expect(placed(findings, "nothere")).toMatchObject([{ severity: "warning" }]);
});

test("Bad input: a chatTable that is no activity, or is not there, names the option", async () => {
  const plain = await openOrg(
    { customTables: [{ name: "new_chat", entitySet: "new_chats" }] },
    { chatTable: "new_chat" },
  );
  const { findings } = await plain.adapter.check(plain.context);
  expect(placed(findings, "chatTable")).toMatchObject([{ severity: "error" }]);
  const absent = await openOrg({}, { chatTable: "new_nothing" });
  const missing = await absent.adapter.check(absent.context);
  expect(placed(missing.findings, "chatTable")).toMatchObject([{ severity: "error" }]);
});

test("a custom activity table is written to, with its parties", async () => {
  const org = await openOrg(
    { customTables: [{ name: "new_chat", entitySet: "new_chats", activity: true }] },
    { chatTable: "new_chat" },
  );
  const { abilities, findings } = await org.adapter.check(org.context);
  expect(findings).toEqual([]);
  expect(abilities.linkRulesOf).toHaveProperty("new_chat");
});

test("Bad input: an unknown appId names the option; a known one is fine", async () => {
  const appId = "5f1a8e0c-0000-4000-8000-000000000001";
  const org = await openOrg({}, { appId });
  const before = await org.adapter.check(org.context);
  expect(placed(before.findings, "appId")).toMatchObject([{ severity: "error" }]);
  await org.control.seed([
    {
      table: "appmodule",
      columns: { appmoduleid: appId, name: "Sales", uniquename: "sales" },
    },
  ]);
  const after = await org.adapter.check(org.context);
  expect(placed(after.findings, "appId")).toEqual([]);
});

/** What core says of one connection with this adapter. */
const coreFindings = async (
  adapter: CrmAdapter,
  mapping?: ConnectionOptions["mapping"],
): Promise<readonly Finding[]> => {
  const wrapup = await createWrapup({
    store: memoryStore(),
    connections: { crm: { adapter, ...(mapping !== undefined && { mapping }) } },
  });
  const findings = await wrapup.check();
  await wrapup.close();
  return findings;
};

test("K3 the default mapping fits what Dynamics 365 describes: core has nothing to say", async () => {
  const org = await openOrg();
  expect(await coreFindings(org.adapter)).toEqual([]);
});

test("Bad input: an unknown column in the mapping is found at start-up, by name", async () => {
  const org = await openOrg();
  const findings = await coreFindings(org.adapter, {
    activities: {
      voice: {
        type: "phonecall",
        fields: { subject: { fact: "subject" }, new_nocolumn: { fact: "disposition" } },
      },
    },
    otherwise: { type: "new_notable", fields: { subject: { fact: "subject" } } },
  });
  expect(findings.map(({ text }) => text).join()).toMatch(/new_nocolumn/);
  expect(findings.map(({ text }) => text).join()).toMatch(/new_notable/);
  expect(findings.every(({ severity }) => severity === "error")).toBe(true);
});

test("a privilege that the table does not know is not missed", () => {
  const known = [{ right: "Read", name: "prvReadActivity", id: "a" }];
  const wanted = { table: "phonecall", needed: ["Read", "Assign"], better: [] } as const;
  expect(privilegeFindings(wanted, known, new Set(["a"]))).toEqual([]);
  expect(privilegeFindings(wanted, known, new Set())).toMatchObject([
    { severity: "error", text: expect.stringContaining("prvReadActivity") },
  ]);
});

test("what a describe cannot say is not guessed", () => {
  const options: DynamicsOptions = {
    environment: "https://acme.crm.dynamics.com",
    signIn: { token: () => Promise.resolve("t") },
  };
  const settings = checkOptions(options);
  expect(activityFindings("phonecall", undefined, settings)).toMatchObject([
    { severity: "error", place: "phonecall" },
  ]);
  expect(linkedFindings("contact", undefined)).toMatchObject([{ severity: "warning" }]);
});

test("setup() says in words and as data what an administrator does once", () => {
  const { privileges, graphPermissions, steps } = setup({ chatTable: "new_chat" });
  expect(privileges.map(({ table }) => table)).toEqual(
    expect.arrayContaining(["phonecall", "email", "task", "new_chat", "contact", "annotation"]),
  );
  for (const { needed, better } of privileges)
    expect(new Set([...needed, ...better]).size).toBe(needed.length + better.length);
  expect(graphPermissions.map(({ name }) => name)).toContain("Mail.Send");
  expect(steps.join(" ")).toMatch(/application user.*security role/s);
});
