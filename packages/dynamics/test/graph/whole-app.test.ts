import { createWrapup, memoryStore, systemClock } from "@wrapup/core";
import type { InteractionHandle, LegHandle, Wrapup } from "@wrapup/core";
import { scriptedCrm } from "@wrapup/core/testing";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { agentEmail, openTenant } from "./tenant.ts";
import type { Tenant } from "./tenant.ts";

const agent = { id: "a-7", email: agentEmail };
const customer = "ada@customer.example";

/** A whole app whose agents write emails through an emulated Graph. */
const openApp = async (
  tenant: Tenant,
): Promise<{
  readonly wrapup: Wrapup;
  readonly call: InteractionHandle;
  readonly leg: LegHandle;
  readonly crm: ReturnType<typeof scriptedCrm>;
  /** Lets time pass until something is so. */
  readonly until: (is: () => Promise<boolean>) => Promise<void>;
}> => {
  let passed = 0;
  const clock = { ...systemClock, now: () => Date.now() + passed };
  const crm = scriptedCrm({ now: () => clock.now() });
  const wrapup = await createWrapup({
    store: memoryStore(),
    connections: { crm: crm.adapter, mail: { adapter: tenant.another({ clock }) } },
    pollMs: 20,
    catchUpMs: 0,
    clock,
  });
  onTestFinished(() => wrapup.close());
  const call = await wrapup.interactions.start({
    id: "c-1",
    channel: "voice",
    customer: { email: customer },
  });
  const leg = await call.accept({ agent });
  return {
    wrapup,
    call,
    leg,
    crm,
    until: async (is) => {
      for (let n = 0; n < 200; n += 1) {
        await wrapup.drain();
        if (await is()) return;
        passed += 5_000;
        await sleep(10);
      }
      throw new Error("it never came to that");
    },
  };
};

const order = { via: "mail", id: "m-1", subject: "Your order", text: "Dear Ada,\nit left today." };

const stateOf = async (call: InteractionHandle): Promise<string | undefined> =>
  (await call.card()).mails[0]?.state;

test("C5 L3 an agent's email goes out from the agent's mailbox, while the call goes on", async () => {
  const tenant = await openTenant();
  const { call, until } = await openApp(tenant);
  await call.email(order);
  await until(async () => (await stateOf(call)) === "sent");
  expect(await tenant.sent()).toMatchObject([
    { from: agentEmail, to: [customer], subject: "Your order", body: { content: order.text } },
  ]);
  expect(await tenant.drafts()).toEqual([]);
});

test.each([
  ["replyLost", "/messages"],
  ["reset", "/messages"],
  ["brokenBody", "/messages"],
  ["html", "/messages"],
  ["replyLost", "/send"],
  ["reset", "/send"],
  ["html", "/send"],
] as const)("N3 W2 %s at %s: the mail goes out once", async (kind, path) => {
  const tenant = await openTenant();
  const { call, until } = await openApp(tenant);
  await tenant.control.fault({ kind, path, method: "POST", times: 2 });
  await call.email(order);
  await until(async () => (await stateOf(call)) === "sent");
  expect(await tenant.sent()).toHaveLength(1);
  expect(await tenant.drafts()).toEqual([]);
});

test("N3 an agent without a mailbox is told before anything is recorded or made", async () => {
  const tenant = await openTenant();
  const { call } = await openApp(tenant);
  const stranger = { id: "a-8", email: "nobody@classics.example" };
  await expect(call.email({ ...order, by: stranger })).rejects.toMatchObject({
    code: "no_mailbox",
  });
  expect((await call.card()).mails).toEqual([]);
  expect(await tenant.control.mails()).toEqual([]);
});

test("W1 a throttled Graph pauses mail, and the CRM's writes go on", async () => {
  const tenant = await openTenant();
  const { call, leg, wrapup, crm, until } = await openApp(tenant);
  await tenant.control.fault({
    kind: "status",
    status: 429,
    method: "POST",
    path: "/send",
    headers: { "Retry-After": "3600" },
  });
  const ref = { type: "person", id: "p-1" };
  crm.addRecord({ ref, title: "Ada", url: "https://crm.example/p-1", fields: {} });
  await call.link({ connection: "crm", ...ref });
  await call.email(order);
  await until(async () => (await stateOf(call)) === "paused");
  expect(await tenant.drafts()).toHaveLength(1);
  await leg.endTalk();
  await leg.completeWrapUp();
  await wrapup.drain();
  expect(crm.rows.size).toBe(1);
  expect(await tenant.sent()).toEqual([]);
});
