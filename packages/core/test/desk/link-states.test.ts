import { type Answer, CrmError, type InteractionHandle, type LinkRules } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../world.ts";

const person = { connection: "crm", type: "person", id: "p1" };
const ticket = { connection: "crm", type: "ticket", id: "t1" };
const company = { connection: "crm", type: "company", id: "co1" };
const refused: Answer = { is: "refused", why: "permission", reason: "not allowed" };
const locked: Answer = { is: "retry", why: "lock", sent: "no", reason: "row is locked" };

const statesOf = async (call: InteractionHandle) =>
  (await call.card()).links.map(({ record, state, reason }) => [record.id, state, reason]);
const answer = (world: World, what: Answer) =>
  world.crm.script({ is: "answers", when: () => true, answer: what });
const rules = (...types: readonly string[]): { readonly linkRules: LinkRules } => ({
  linkRules: { roles: [{ name: "on", types, max: 2 }], apart: [], order: ["*"] },
});

describe("K6 every state of a link", () => {
  test("K6 waits for the wrap-up, is due, is being written, is written", async () => {
    const idle = await openWorld({ options: { work: false } });
    const { call, leg } = await idle.call("c-1");
    expect(await statesOf(call)).toEqual([["p1", "waitingForWrapUp", undefined]]);
    await leg.endTalk();
    expect(await statesOf(call)).toEqual([["p1", "waitingForWrapUp", undefined]]);
    await leg.completeWrapUp();
    expect(await statesOf(call)).toEqual([["p1", "due", undefined]]);
    await idle.wrapup.close();

    const world = await openWorld();
    const during: unknown[] = [];
    world.crm.onRequest(async () => {
      during.push(...(await statesOf(await world.wrapup.interactions.get("c-1"))));
    });
    const written = await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(during).toEqual([["p1", "due", undefined]]);
    expect((await written.card()).links).toEqual([
      {
        record: person,
        state: "written",
        url: "https://crm.example/p1",
        activityUrl: "https://crm.example/a1",
      },
    ]);
    await world.wrapup.close();
  });

  test("K6 L4 a leg that writes nothing does not make it due", async () => {
    const { wrapup } = await openWorld({ options: { work: false } });
    const call = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    const leg = await call.accept({ agent: { id: "eve" }, role: "monitor" });
    await call.link(person);
    await leg.endTalk({ wrapUp: "none" });
    expect(await statesOf(call)).toEqual([["p1", "waitingForWrapUp", undefined]]);
    await wrapup.close();
  });

  test("K6 W6 retrying, with what the CRM said, until it is written", async () => {
    const world = await openWorld();
    answer(world, locked);
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(await statesOf(call)).toEqual([["p1", "retrying", "row is locked"]]);
    await world.pass(10 * 60_000);
    expect(await statesOf(call)).toEqual([["p1", "written", undefined]]);
    await world.wrapup.close();
  });

  test("K6 W5 paused while the connection is, but what is written or not yet due is not", async () => {
    const world = await openWorld();
    const before = await world.closedCall("c-0", "p0");
    await world.wrapup.drain();
    world.crm.script({ is: "fails", error: new CrmError("auth", "no", "signed out") });
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    const open = await world.call("c-2", "p2");
    const later = await world.closedCall("c-3", "p3");
    expect(await statesOf(call)).toEqual([["p1", "paused", "auth: signed out"]]);
    expect(await statesOf(later)).toEqual([["p3", "paused", "auth: signed out"]]);
    expect(await statesOf(before)).toEqual([["p0", "written", undefined]]);
    expect(await statesOf(open.call)).toEqual([["p2", "waitingForWrapUp", undefined]]);
    await world.wrapup.close();
  });

  test("K6 W6 parked, with the reason", async () => {
    const world = await openWorld();
    answer(world, refused);
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(await statesOf(call)).toEqual([
      ["p1", "parked", expect.stringContaining("not allowed")],
    ]);
    await world.wrapup.close();
  });

  test("K6 removed in the CRM by people", async () => {
    const world = await openWorld();
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    world.crm.remove("a1");
    await call.learn({ recordingUrl: "https://rec.example/1" });
    await world.wrapup.drain();
    expect(await statesOf(call)).toEqual([["p1", "removedInCrm", undefined]]);
    await world.wrapup.close();
  });

  test("K4 K6 excluded where the CRM's rules have no place for it beside what was written", async () => {
    const world = await openWorld({ crm: { abilities: rules("person") } });
    const { call, leg } = await world.call("c-1");
    await call.link(ticket);
    expect(await statesOf(call)).toEqual([
      ["p1", "waitingForWrapUp", undefined],
      ["t1", "waitingForWrapUp", undefined],
    ]);
    await leg.endTalk({ wrapUp: "none" });
    await world.wrapup.drain();
    expect(await statesOf(call)).toEqual([
      ["p1", "written", undefined],
      ["t1", "excluded", expect.stringContaining("no place")],
    ]);
    await world.wrapup.close();
  });

  test("K4 an account reached through its case is written with it, and opens what was written", async () => {
    const world = await openWorld();
    const { call, leg } = await world.call("c-1");
    await call.link({ ref: ticket, title: "Refund", parents: [{ type: "company", id: "co1" }] });
    await call.link(company);
    await leg.endTalk({ wrapUp: "none" });
    await world.wrapup.drain();
    const [row] = world.crm.rows.values();
    expect(Object.values(row?.entry.roles ?? {}).flat()).not.toContainEqual({
      type: "company",
      id: "co1",
    });
    const account = (await call.card()).links.find(({ record }) => record.id === "co1");
    expect(account).toMatchObject({ state: "written", activityUrl: "https://crm.example/a1" });
    await world.wrapup.close();
  });

  test("K1 what another connection wrote says nothing about this one", async () => {
    const second = await openWorld();
    const world = await openWorld();
    const both = await openWorld({
      options: { connections: { crm: world.crm.adapter, second: second.crm.adapter } },
    });
    second.crm.script({ is: "fails", error: new CrmError("auth", "no", "signed out") });
    const { call, leg } = await both.call("c-1");
    await call.link({ ...person, connection: "second" });
    await leg.endTalk({ wrapUp: "none" });
    await both.wrapup.drain();
    expect(await statesOf(call)).toEqual([
      ["p1", "written", undefined],
      ["p1", "paused", "auth: signed out"],
    ]);
    for (const { wrapup } of [both, world, second]) await wrapup.close();
  });
});
