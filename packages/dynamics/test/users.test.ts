import type { Agent, Context } from "@wrapup/core";
import { expect, onTestFinished, test } from "vitest";
import type { Client } from "../src/client.ts";
import { dynamics } from "../src/index.ts";
import { usersOf as findUsers } from "../src/users.ts";
import { openOrg } from "./client/org.ts";
import type { Org } from "./client/org.ts";

const user = (columns: Readonly<Record<string, unknown>>) => ({ table: "systemuser", columns });

/** The same organisation, with an adapter that may ask Entra. */
const withDirectory = (org: Org): Org => {
  const { url, authority, graphUrl, credentials } = org.emulator;
  const { tenantId, clientId, clientSecret } = credentials;
  const adapter = dynamics({
    environment: url,
    signIn: { tenantId, clientId, clientSecret, authority },
    directory: { graphUrl },
  });
  onTestFinished(() => adapter.close());
  return { ...org, adapter };
};

const usersOf = async (
  { adapter, context }: Org,
  agents: readonly Agent[],
): Promise<readonly (string | undefined)[]> => (await adapter.usersOf?.(agents, context)) ?? [];

const silent: Client = {
  ask: () => Promise.reject(new Error("asked")),
  send: () => Promise.reject(new Error("asked")),
  environment: "https://acme.crm4.dynamics.com",
  userId: () => undefined,
  whoAmI: () => Promise.reject(new Error("asked")),
  parallelism: () => undefined,
  close: () => undefined,
};

const context: Context = {
  signal: AbortSignal.timeout(10_000),
  urgency: "background",
  observe: () => undefined,
};

const entra = (n: number): string => `0e000000-0000-4000-8000-00000000000${n}`;

const address = (agent: string) => ({
  internalemailaddress: `${agent}@x.example`,
  domainname: `${agent}@login.example`,
});

test("W10 an agent is one active user, by email, sign-in name or id: never two, never a former one", async () => {
  const org = await openOrg();
  const [one = "", , , former = ""] = await org.control.seed([
    user({
      internalemailaddress: "One@x.example",
      domainname: "one@login.example",
      azureactivedirectoryobjectid: entra(1),
    }),
    user({ internalemailaddress: "twin@x.example", domainname: "twin1@login.example" }),
    user({ internalemailaddress: "twin@x.example", domainname: "twin2@login.example" }),
    user({ ...address("former"), isdisabled: true, azureactivedirectoryobjectid: entra(4) }),
  ]);
  const agents: readonly Agent[] = [
    { id: "a1", email: "one@X.example" },
    { id: "a2", email: "twin@x.example" },
    { id: "a3", email: "former@x.example" },
    { id: one },
    { id: former },
    { id: "a6" },
    { id: "a7", email: "' or isdisabled eq true or internalemailaddress eq '" },
    { id: "a8", email: "one@x.example " },
    { id: "a9", email: "ONE@login.example" },
    { id: entra(1).toUpperCase() },
    { id: entra(4) },
  ];
  expect(await usersOf(org, agents)).toEqual([
    one,
    undefined,
    undefined,
    one,
    undefined,
    undefined,
    undefined,
    one,
    one,
    one,
    undefined,
  ]);
});

test("W10 many agents are asked for in few requests", async () => {
  const org = await openOrg();
  const many = Array.from({ length: 60 }, (_, n) => `agent${n}`);
  const ids = await org.control.seed(many.map((agent) => user(address(agent))));
  await org.adapter.check(org.context);
  await org.calls();
  const agents = many.map((agent) => ({ id: agent, email: `${agent}@x.example` }));
  expect(await usersOf(org, agents)).toEqual(ids);
  expect(await org.calls()).toHaveLength(2);
});

test("W10 a platform whose ids look like Entra's leaves the email to name the user", async () => {
  const org = await openOrg();
  const [ann = ""] = await org.control.seed([user(address("ann"))]);
  await org.adapter.check(org.context);
  await org.calls();
  expect(await usersOf(org, [{ id: entra(7), email: "ann@x.example" }])).toEqual([ann]);
  expect((await org.calls()).map(({ path }) => path)).toEqual([
    "/api/data/v9.2/systemusers",
    "/api/data/v9.2/systemusers",
  ]);
});

test("W10 an Entra id that no user has is asked for once by its own key, which makes a group's member a user", async () => {
  const org = await openOrg();
  await org.adapter.check(org.context);
  await org.calls();
  expect(await usersOf(org, [{ id: entra(8) }, { id: entra(8), email: "" }])).toEqual([
    undefined,
    undefined,
  ]);
  expect((await org.calls()).map(({ path }) => path)).toEqual([
    "/api/data/v9.2/systemusers",
    `/api/data/v9.2/systemusers(azureactivedirectoryobjectid=${entra(8)})`,
  ]);
});

test("W10 who became a user by being asked for is the agent's user", async () => {
  const row = { systemuserid: entra(6), isdisabled: false };
  const client: Client = {
    ...silent,
    send: async () => ({ value: [] }),
    ask: async () => ({
      status: 200,
      headers: new Headers(),
      body: row,
      text: "",
      retryAfterMs: undefined,
    }),
  };
  const agents = [{ id: entra(8) }, { id: "a-1", email: "x@x.example" }];
  expect(await findUsers(client, undefined, agents, context)).toEqual([entra(6), undefined]);
  row.isdisabled = true;
  expect(await findUsers(client, undefined, agents, context)).toEqual([undefined, undefined]);
});

test("W10 an agent whose email no user has is found through Entra where that is wanted, by UPN or mail", async () => {
  const org = await openOrg();
  const [bea = ""] = await org.control.seed([
    user({
      internalemailaddress: "beatrice@crm.example",
      domainname: "beatrice@crm.example",
      azureactivedirectoryobjectid: entra(3),
    }),
  ]);
  await org.control.seedUsers([
    { id: entra(3), userPrincipalName: "bea@login.example", mail: "bea@x.example" },
    { id: entra(5), userPrincipalName: "nobody@login.example", mail: "nobody@x.example" },
  ]);
  const agents = [
    { id: "a1", email: "bea@x.example" },
    { id: "a2", email: "bea@login.example" },
    { id: "a3", email: "nobody@x.example" },
    { id: "a4", email: "stranger@x.example" },
  ];
  expect(await usersOf(withDirectory(org), agents)).toEqual([bea, bea, undefined, undefined]);
  const single = (await org.calls()).filter(({ path }) => path.includes("("));
  expect(single.map(({ path }) => path.split("=")[1])).toEqual([`${entra(5)})`]);
});

test("W10 without that option Entra is never asked", async () => {
  const org = await openOrg();
  await org.control.seedUsers([{ id: entra(3), userPrincipalName: "bea@x.example" }]);
  expect(await usersOf(org, [{ id: "a1", email: "bea@x.example" }])).toEqual([undefined]);
  expect((await org.control.calls()).filter(({ service }) => service === "graph")).toEqual([]);
});

test("W10 W6 a CRM that does not answer is no answer: nobody is taken for unknown", async () => {
  const org = await openOrg();
  await org.adapter.check(org.context);
  await org.control.fault({ kind: "status", status: 503, path: "/systemusers" });
  await expect(usersOf(org, [{ id: "a1", email: "one@x.example" }])).rejects.toMatchObject({
    code: "crm_error",
    sent: "no",
  });
});
