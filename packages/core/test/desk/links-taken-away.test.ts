import { type Answer, CrmError, type InteractionHandle } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../world.ts";

const person = { connection: "crm", type: "person", id: "p1" };
const refused: Answer = { is: "refused", why: "permission", reason: "not allowed" };
const locked: Answer = { is: "retry", why: "lock", sent: "no", reason: "row is locked" };

const statesOf = async (call: InteractionHandle) =>
  (await call.card()).links.map(({ record, state, reason }) => [record.id, state, reason]);
const answer = (world: World, what: Answer) =>
  world.crm.script({ is: "answers", when: () => true, answer: what });

describe("K5 K6 links taken away after writing", () => {
  test("K5 K6 it is shown as being removed until the CRM has done it, also while the connection is paused", async () => {
    const world = await openWorld();
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    const seen: unknown[] = [];
    world.crm.onRequest(async () => void seen.push(...(await statesOf(call))));
    world.crm.script({ is: "fails", error: new CrmError("auth", "no", "signed out") });
    await call.unlink(person);
    await world.wrapup.drain();
    expect(seen).toEqual([["p1", "removing", undefined]]);
    expect(await statesOf(call)).toEqual([["p1", "removing", undefined]]);
    await world.wrapup.resume("crm");
    await world.wrapup.drain();
    expect([await statesOf(call), world.crm.rows.size]).toEqual([[], 0]);
    await world.wrapup.close();
  });

  test("K5 K6 before a worker has looked it is being removed too; what stays linked is not", async () => {
    const world = await openWorld();
    const { call, leg } = await world.call("c-1");
    await call.link({ ...person, id: "p2" });
    await leg.endTalk({ wrapUp: "none" });
    await world.wrapup.drain();
    world.crm.script({ is: "fails", error: new CrmError("auth", "no", "signed out") });
    await world.closedCall("c-2");
    await world.wrapup.drain();
    await call.unlink(person);
    await world.wrapup.drain();
    expect(await statesOf(call)).toEqual([
      ["p2", "written", undefined],
      ["p1", "removing", undefined],
    ]);
    await world.wrapup.close();
  });

  test("K5 K6 W6 a refused removal waits for a person, with the reason", async () => {
    const world = await openWorld();
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    answer(world, refused);
    await call.unlink(person);
    await world.wrapup.drain();
    expect(await statesOf(call)).toEqual([
      ["p1", "parked", expect.stringContaining("not allowed")],
    ]);
    await world.wrapup.close();
  });

  test("K5 K6 one of two is shown as being removed while the CRM does not take it, and as parked once it refuses", async () => {
    const world = await openWorld();
    const { call, leg } = await world.call("c-1");
    await call.link({ ...person, id: "p2" });
    await leg.endTalk({ wrapUp: "none" });
    await world.wrapup.drain();
    answer(world, locked);
    answer(world, refused);
    await call.unlink(person);
    await world.wrapup.drain();
    expect(await statesOf(call)).toEqual([
      ["p2", "retrying", "row is locked"],
      ["p1", "removing", undefined],
    ]);
    await world.pass(10 * 60_000);
    const refusal = expect.stringContaining("not allowed");
    expect(await statesOf(call)).toEqual([
      ["p2", "parked", refusal],
      ["p1", "parked", refusal],
    ]);
    await world.wrapup.close();
  });

  test("K1 K6 what was refused before it was ever written is not in the CRM, so nothing is left of its link", async () => {
    const world = await openWorld();
    answer(world, refused);
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    world.crm.script({ is: "fails", error: new CrmError("auth", "no", "signed out") });
    await world.closedCall("c-2");
    await world.wrapup.drain();
    await call.unlink(person);
    expect(await statesOf(call)).toEqual([]);
    await world.wrapup.close();
  });

  test("K5 where what is written is kept, nothing is being removed, not even while a late fact is written", async () => {
    const world = await openWorld({ connection: { onUnlink: "keep" } });
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    world.crm.script({ is: "fails", error: new CrmError("auth", "no", "signed out") });
    await world.closedCall("c-2");
    await world.wrapup.drain();
    await call.unlink(person);
    expect(await statesOf(call)).toEqual([]);
    await world.wrapup.resume("crm");
    await world.wrapup.drain();
    answer(world, locked);
    await call.learn({ recordingUrl: "https://rec.example/1" });
    await world.wrapup.drain();
    expect([await statesOf(call), world.crm.rows.size]).toEqual([[], 2]);
    await world.wrapup.close();
  });
});
