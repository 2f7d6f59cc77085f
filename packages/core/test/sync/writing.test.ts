import { CrmError } from "@wrapup/core";
import type { ScriptedFault } from "@wrapup/core/testing";
import type { Write } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { ada, bob, openWorld } from "../world.ts";

const minute = 60_000;

describe("an interaction reaches the CRM once its agent is done", () => {
  test("L1 L3 nothing is written before after-contact work has ended, and then at once", async () => {
    const { wrapup, crm, call } = await openWorld();
    const { leg } = await call("c-1");
    await wrapup.drain();
    await leg.endTalk();
    await wrapup.drain();
    expect(crm.requests).toEqual([]);
    await leg.completeWrapUp({ disposition: "Resolved" });
    await wrapup.drain();
    expect([...crm.rows.values()].map(({ entry }) => entry)).toMatchObject([
      {
        type: "activity",
        roles: { on: [{ type: "person", id: "p1" }] },
        owner: "user-ada",
        fields: { disposition: "Resolved", subject: "voice with Cora Customer" },
      },
    ]);
    await wrapup.close();
  });

  test("L2 a chat is written when it is unassigned, not when messages come", async () => {
    const { wrapup, crm } = await openWorld();
    const chat = await wrapup.interactions.start({
      id: "chat-1",
      channel: "chat",
      customer: { name: "Cora" },
    });
    const leg = await chat.accept({ agent: ada });
    await chat.link({ connection: "crm", type: "person", id: "p1" });
    await chat.message({ from: "customer" });
    await wrapup.drain();
    expect(crm.requests).toEqual([]);
    await leg.unassign();
    await wrapup.drain();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("L9 a chat's one activity grows with each leg", async () => {
    const { wrapup, crm } = await openWorld();
    const chat = await wrapup.interactions.start({ id: "chat-1", channel: "chat" });
    await chat.link({ connection: "crm", type: "person", id: "p1" });
    const first = await chat.accept({ agent: ada });
    await first.transfer({ to: bob });
    await wrapup.drain();
    const second = await chat.accept({ agent: bob });
    await second.unassign({ disposition: "Sold" });
    await wrapup.drain();
    expect(
      [...crm.rows.values()].map(({ entry, writes }) => [
        entry.fields["disposition"],
        entry.owner,
        writes,
      ]),
    ).toEqual([["Sold", "user-bob", 2]]);
    await wrapup.close();
  });

  test("L4 a cold transfer gives two activities joined by one parent key, in any order", async () => {
    const { wrapup, crm, call } = await openWorld();
    const { call: c, leg: a } = await call("c-1");
    await a.transfer({ to: bob });
    const b = await c.accept({ agent: bob });
    await b.endTalk();
    await b.completeWrapUp();
    await wrapup.drain();
    expect(crm.rows.size).toBe(1);
    await a.completeWrapUp();
    await wrapup.drain();
    expect(new Set([...crm.rows.values()].map(({ entry }) => entry.owner))).toEqual(
      new Set(["user-ada", "user-bob"]),
    );
    await wrapup.close();
  });

  test("L7 a lost wrap-up end closes by its deadline, and the real end amends the same activity", async () => {
    const { crm, call, pass, wrapup } = await openWorld();
    const { leg } = await call("c-1");
    await leg.endTalk();
    await pass(14 * minute);
    expect(crm.rows.size).toBe(0);
    await pass(2 * minute);
    expect(crm.rows.size).toBe(1);
    await leg.completeWrapUp({ disposition: "Late but real", eventId: "acw-end" });
    await wrapup.drain();
    expect(
      [...crm.rows.values()].map(({ entry, writes }) => [entry.fields["disposition"], writes]),
    ).toEqual([["Late but real", 2]]);
    await wrapup.close();
  });

  test("L7 deadlines that passed while the app was down wait for late events, or until it says it caught up", async () => {
    const { crm, call, pass, wrapup } = await openWorld({ options: { catchUpMs: 60 * minute } });
    const { leg } = await call("c-1");
    await leg.endTalk();
    await pass(30 * minute);
    expect(crm.rows.size).toBe(0);
    wrapup.caughtUp();
    await pass(minute);
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("K1 link then unlink before due leaves no trace", async () => {
    const { crm, call, wrapup } = await openWorld();
    const { call: c, leg } = await call("c-1");
    await c.unlink({ connection: "crm", type: "person", id: "p1" });
    await leg.endTalk();
    await leg.completeWrapUp();
    await wrapup.drain();
    expect(crm.requests).toEqual([]);
    const [connection] = (await wrapup.explain("c-1")).connections;
    expect(connection).toMatchObject({
      state: "nothingToWrite",
      why: expect.stringContaining("K8"),
    });
    await wrapup.close();
  });

  test("K2 a link made in a conference feeds the open legs, not one that has closed already", async () => {
    const { crm, wrapup, call } = await openWorld();
    const { call: c, leg: a } = await call("c-1");
    const b = await c.accept({ agent: bob });
    await b.endTalk();
    await b.completeWrapUp();
    await wrapup.drain();
    await c.link({ connection: "crm", type: "person", id: "p2" });
    await a.endTalk();
    await a.completeWrapUp();
    await wrapup.drain();
    const linked = [...crm.rows.values()].map(({ entry }) => [
      entry.owner,
      entry.roles["on"]?.map(({ id }) => id).join(" "),
    ]);
    expect(new Map(linked.map(([owner, ids]) => [owner, ids]))).toEqual(
      new Map([
        ["user-ada", "p1 p2"],
        ["user-bob", "p1"],
      ]),
    );
    await wrapup.close();
  });

  test("K5 unlinking after writing takes the activity away; relinking writes a new one", async () => {
    const { crm, closedCall, wrapup } = await openWorld();
    const c = await closedCall("c-1");
    await wrapup.drain();
    const [first] = crm.rows.keys();
    await c.unlink({ connection: "crm", type: "person", id: "p1" });
    await wrapup.drain();
    expect(crm.rows.size).toBe(0);
    await c.link({ connection: "crm", type: "person", id: "p2" });
    await wrapup.drain();
    expect([...crm.rows.keys()]).not.toContain(first);
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("K8 a link made after due is written at once", async () => {
    const { crm, wrapup } = await openWorld();
    const c = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    const leg = await c.accept({ agent: ada });
    await leg.endTalk();
    await leg.completeWrapUp();
    await wrapup.drain();
    expect(crm.rows.size).toBe(0);
    await c.link({ connection: "crm", type: "person", id: "p9" });
    await wrapup.drain();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("K8 a connection that logs unlinked interactions writes them without a record, and gives the slot to a later link", async () => {
    const { crm, wrapup } = await openWorld({ connection: { unlinked: "log" } });
    const c = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    const leg = await c.accept({ agent: ada });
    await leg.endTalk();
    await leg.completeWrapUp();
    await wrapup.drain();
    expect([...crm.rows.values()].map(({ entry }) => entry.roles)).toEqual([{}]);
    await c.link({ connection: "crm", type: "person", id: "p9" });
    await wrapup.drain();
    expect([...crm.rows.values()].map(({ entry }) => entry.roles)).toEqual([
      { on: [{ type: "person", id: "p9" }] },
    ]);
    await wrapup.close();
  });

  test("W10 an agent without a CRM user falls back to the configured owner, with a warning in the receipt", async () => {
    const { crm, wrapup } = await openWorld({ connection: { ownerFallback: "user-team" } });
    const c = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    const leg = await c.accept({ agent: { id: "stranger" } });
    await c.link({ connection: "crm", type: "person", id: "p1" });
    await leg.endTalk();
    await leg.completeWrapUp();
    await wrapup.drain();
    expect([...crm.rows.values()].map(({ entry }) => entry.owner)).toEqual(["user-team"]);
    const [entry] = (await wrapup.explain("c-1")).connections[0]?.entries ?? [];
    expect(entry?.warnings.map(({ code }) => code)).toContain("ownerFallback");
    await wrapup.close();
  });
});

describe("few calls", () => {
  test("W4 due writes of many interactions share requests up to the adapter's limit", async () => {
    const { crm, closedCall, wrapup } = await openWorld({
      options: { work: true },
      crm: { abilities: { maxBatch: 20 } },
    });
    // Somebody has to ask once for the connection's settings.
    await closedCall("before", "p-before");
    await wrapup.drain();
    const held = Promise.withResolvers<void>();
    crm.onRequest(() => held.promise);
    for (let n = 0; n < 61; n += 1) await closedCall(`c-${n}`, `p${n}`);
    held.resolve();
    await wrapup.drain();
    expect(crm.rows.size).toBe(62);
    // The first went at once, alone; the others gathered while it was under way.
    expect(crm.requests[1]).toHaveLength(1);
    expect(crm.requests.length).toBeLessThanOrEqual(7);
    await wrapup.close();
  });

  test("W4 no two concurrent requests contain the same record", async () => {
    const { crm, closedCall, wrapup } = await openWorld({
      crm: { abilities: { maxBatch: 2, maxConcurrent: 8 } },
    });
    const under: Set<string>[] = [];
    let clashes = 0;
    crm.onRequest(async (writes) => {
      const touched = new Set(writes.flatMap(({ entry }) => entry.touches));
      clashes += under.filter((other) => [...touched].some((touch) => other.has(touch))).length;
      under.push(touched);
      await new Promise((resolve) => setTimeout(resolve, 2));
      under.splice(under.indexOf(touched), 1);
    });
    await Promise.all(Array.from({ length: 30 }, (_, n) => closedCall(`c-${n}`, `p${n % 3}`)));
    await wrapup.drain();
    expect(crm.rows.size).toBe(30);
    expect(clashes).toBe(0);
    await wrapup.close();
  });

  test("W3 nothing is sent when nothing changed", async () => {
    const { crm, closedCall, wrapup } = await openWorld();
    const c = await closedCall("c-1");
    await wrapup.drain();
    await c.link({ connection: "crm", type: "person", id: "p1" });
    await c.note({ text: "only for us" });
    await wrapup.drain();
    expect(crm.requests).toHaveLength(1);
    await wrapup.close();
  });
});

describe("when things fail", () => {
  test("W3 a reply lost after the commit: the same write is repeated, and there is one activity", async () => {
    const { crm, closedCall, pass, wrapup } = await openWorld();
    crm.script({ is: "lostAfter" });
    await closedCall("c-1");
    await wrapup.drain();
    expect((await wrapup.explain("c-1")).connections[0]?.state).toBe("paused");
    await pass(10_000);
    expect(crm.rows.size).toBe(1);
    expect(crm.requests.map(([write]) => [write?.op, write?.maybeSent])).toEqual([
      ["put", false],
      ["put", true],
    ]);
    await wrapup.close();
  });

  test("W3 what may have been sent is repeated unchanged, and only then the newer wish goes", async () => {
    const { crm, closedCall, pass, wrapup } = await openWorld();
    crm.script({ is: "lostAfter" });
    const c = await closedCall("c-1");
    await wrapup.drain();
    await c.learn({ summary: "they agreed" });
    await pass(10_000);
    expect(crm.requests.map(([write]) => write?.op)).toEqual(["put", "put", "amend"]);
    expect([...crm.rows.values()].map(({ entry }) => entry.fields["description"])).toEqual([
      expect.stringContaining("they agreed"),
    ]);
    await wrapup.close();
  });

  test("W3 unlinked while its answer is lost: it is taken back by key", async () => {
    const { crm, closedCall, pass, wrapup } = await openWorld();
    crm.script({ is: "lostAfter" });
    const c = await closedCall("c-1");
    await wrapup.drain();
    expect(crm.rows.size).toBe(1);
    await c.unlink({ connection: "crm", type: "person", id: "p1" });
    await pass(10_000);
    expect(crm.rows.size).toBe(0);
    await wrapup.close();
  });

  test.each(["throttled", "auth", "unreachable", "budget"] as const)(
    "W5 W6 %s pauses the connection; nothing is parked and all is written afterwards",
    async (why) => {
      const { crm, closedCall, pass, wrapup } = await openWorld();
      crm.script({
        is: "fails",
        error: new CrmError(why, "no", "the CRM said no", { afterMs: 30_000 }),
      });
      await closedCall("c-1");
      await closedCall("c-2", "p2");
      await wrapup.drain();
      const requests = crm.requests.length;
      await pass(20_000);
      expect(crm.requests).toHaveLength(requests);
      expect(await wrapup.parked.list()).toEqual([]);
      expect((await wrapup.explain("c-2")).connections[0]).toMatchObject({
        state: "paused",
        why: expect.stringContaining(why),
      });
      await pass(15_000);
      expect(crm.rows.size).toBe(2);
      await wrapup.close();
    },
  );

  test("W6 one refused record is parked with its reason in words, its batch goes through, and a replay writes it", async () => {
    const { crm, closedCall, pass, wrapup } = await openWorld();
    let ruled = true;
    const rule: ScriptedFault = {
      is: "answers",
      when: ({ entry }) => ruled && entry.roles["on"]?.[0]?.id === "p2",
      answer: { is: "refused", why: "validation", reason: "a rule of the CRM says no" },
    };
    crm.script(...Array.from({ length: 9 }, () => rule));
    await Promise.all([closedCall("c-1", "p1"), closedCall("c-2", "p2"), closedCall("c-3", "p3")]);
    await wrapup.drain();
    expect(crm.rows.size).toBe(2);
    expect(await wrapup.parked.list()).toMatchObject([
      { interaction: "c-2", reason: expect.stringContaining("a rule of the CRM says no") },
    ]);
    expect((await wrapup.explain("c-2")).connections[0]?.state).toBe("parked");
    await pass(60 * minute);
    expect(crm.rows.size).toBe(2);
    ruled = false;
    expect(await wrapup.parked.replay({ connection: "crm" }, "op-1")).toBe(1);
    await wrapup.drain();
    expect(crm.rows.size).toBe(3);
    await wrapup.close();
  });

  test("W6 an adapter that throws has maybe sent everything: nothing is lost or doubled", async () => {
    const { crm, closedCall, pass, wrapup } = await openWorld();
    crm.script({ is: "throws", error: new TypeError("a defect") });
    await closedCall("c-1");
    await wrapup.drain();
    await pass(10_000);
    expect(crm.requests.map(([write]) => write?.maybeSent)).toEqual([false, true]);
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("K6 what people deleted in the CRM is not revived by a late fact, only by a replay", async () => {
    const { crm, closedCall, wrapup } = await openWorld();
    const c = await closedCall("c-1");
    await wrapup.drain();
    crm.remove("a1");
    await c.learn({ summary: "late" });
    await wrapup.drain();
    expect(crm.rows.size).toBe(0);
    expect((await c.card()).links).toMatchObject([{ state: "removedInCrm" }]);
    expect(await wrapup.parked.replay({ state: "gone" }, "op-1")).toBe(1);
    await wrapup.drain();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("K9 a record merged meanwhile: the link follows it, and the activity is on the winner", async () => {
    const { crm, closedCall, pass, wrapup } = await openWorld();
    crm.script({
      is: "answers",
      when: () => true,
      answer: {
        is: "moved",
        from: { type: "person", id: "p1" },
        to: { type: "person", id: "winner" },
      },
    });
    const c = await closedCall("c-1");
    await wrapup.drain();
    await pass(1_000);
    expect([...crm.rows.values()].map(({ entry }) => entry.roles)).toEqual([
      { on: [{ type: "person", id: "winner" }] },
    ]);
    expect((await c.card()).links).toMatchObject([{ record: { id: "winner" }, state: "written" }]);
    await wrapup.close();
  });

  test("K9 N5 a record merged before its interaction is deleted, and kept: what was on its way there goes to the winner", async () => {
    const { crm, closedCall, pass, wrapup } = await openWorld();
    const c = await closedCall("c-1");
    await wrapup.drain();
    const isAmend = (write: Write): boolean => write.op === "amend";
    crm.script({
      is: "answers",
      when: isAmend,
      answer: { is: "retry", why: "lock", sent: "maybe", reason: "busy" },
    });
    await c.learn({ summary: "late" });
    await wrapup.drain();
    await c.delete({ written: "keep" });
    crm.script({
      is: "answers",
      when: isAmend,
      answer: {
        is: "moved",
        from: { type: "person", id: "p1" },
        to: { type: "person", id: "winner" },
      },
    });
    for (let k = 0; k < 5; k += 1) await pass(60_000);
    expect([...crm.rows.values()].map(({ entry }) => entry.roles)).toEqual([
      { on: [{ type: "person", id: "winner" }] },
    ]);
    await wrapup.close();
  });

  test("W1 closing lets what is under way settle", async () => {
    const { crm, closedCall, wrapup, store } = await openWorld();
    const arrival = Promise.withResolvers<void>();
    crm.onRequest(async () => {
      arrival.resolve();
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    await closedCall("c-1");
    await arrival.promise;
    const settled: number[] = [];
    const settle = store.settle.bind(store);
    store.settle = async (settlements) => {
      settled.push(settlements.length);
      return settle(settlements);
    };
    await wrapup.close();
    expect(crm.rows.size).toBe(1);
    expect(settled).not.toEqual([]);
  });
});
