import type { InteractionHandle } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { ada, bob, noon, openWorld } from "../world.ts";

const legsOf = async (c: InteractionHandle) => (await c.read()).legs.map(({ id }) => id);

async function begun(channel: "voice" | "chat" = "voice") {
  const world = await openWorld();
  return { ...world, c: await world.wrapup.interactions.start({ id: "c-1", channel }) };
}

describe("L6 L9 the app and the platform both tell that an agent took it", () => {
  test("L6 the app first, then the platform: one leg, one activity, however often the event comes", async () => {
    const { c, wrapup, crm } = await begun();
    const own = await c.accept({ agent: ada });
    const told = [
      await c.accept({ agent: ada, eventId: "e-1" }),
      await c.accept({ agent: ada, eventId: "e-1" }),
      await c.accept({ agent: ada, eventId: "e-2" }),
    ];
    expect(told.map(({ id }) => id)).toEqual([own.id, own.id, own.id]);
    await c.link({ connection: "crm", type: "person", id: "p1" });
    await c.endTalk({ wrapUp: "none" });
    expect((await c.accept({ agent: ada, eventId: "e-1" })).id).toBe(own.id);
    await wrapup.drain();
    expect([await legsOf(c), crm.rows.size]).toEqual([[own.id], 1]);
    await wrapup.close();
  });

  test("L6 the platform first, then the app: one leg", async () => {
    const { c, wrapup } = await begun();
    const told = await c.accept({ agent: ada, eventId: "e-1" });
    const own = await c.accept({ agent: ada });
    const again = await c.accept({ agent: ada, eventId: "e-1" });
    expect([own.id, again.id, await legsOf(c)]).toEqual([told.id, told.id, [told.id]]);
    await wrapup.close();
  });

  test("L6 the same for dialling out", async () => {
    const { c, wrapup } = await begun();
    const own = await c.dial({ agent: ada });
    expect((await c.dial({ agent: ada, eventId: "e-1" })).id).toBe(own.id);
    expect(await legsOf(c)).toEqual([own.id]);
    await wrapup.close();
  });

  test("L9 another agent, a leg named by the event's app, and a leg after the last one closed are legs of their own", async () => {
    const { c, wrapup } = await begun("chat");
    const own = await c.accept({ agent: ada });
    const other = await c.accept({ agent: bob, eventId: "e-1" });
    const named = await c.accept({ agent: ada, leg: "A", eventId: "e-2" });
    expect(await legsOf(c)).toEqual([own.id, other.id, "A"]);
    expect(named.id).toBe("A");
    await c.leg(own.id).unassign();
    await named.unassign();
    const back = await c.accept({ agent: ada, eventId: "e-3" });
    expect(await legsOf(c)).toEqual([own.id, other.id, "A", back.id]);
    await wrapup.close();
  });

  test("L4 L9 during wrap-up: an accept from before its end is that leg, a later one is a new leg", async () => {
    const { c, wrapup } = await begun();
    const own = await c.accept({ agent: ada, at: noon - 60_000 });
    await own.endTalk({ at: noon - 30_000 });
    const late = await c.accept({ agent: ada, eventId: "e-1", at: noon - 60_000 });
    const silent = await c.accept({ agent: ada, eventId: "e-2" });
    const back = await c.accept({ agent: ada, eventId: "e-3", at: noon - 10_000 });
    expect([late.id, silent.id]).toEqual([own.id, own.id]);
    expect(back.id).not.toBe(own.id);
    await wrapup.close();
  });

  test("L4 a supervisor's monitoring leg is not the leg of a call the same person takes", async () => {
    const { c, wrapup } = await begun();
    const watching = await c.accept({ agent: ada, role: "monitor" });
    const taken = await c.accept({ agent: ada, eventId: "e-1" });
    expect(taken.id).not.toBe(watching.id);
    expect((await c.accept({ agent: ada, role: "monitor", eventId: "e-2" })).id).toBe(watching.id);
    await wrapup.close();
  });

  test("L6 an event repeated with another agent gives no leg that nobody opened, and warns", async () => {
    const { c, wrapup, events } = await begun();
    await c.accept({ agent: ada });
    await c.accept({ agent: ada, eventId: "e-1" });
    await expect(c.accept({ agent: bob, eventId: "e-1" })).rejects.toMatchObject({
      code: "unknown_leg",
    });
    expect(events.map(({ event }) => event)).toContain("repeatedWithOtherContent");
    await wrapup.close();
  });
});

describe("L10 an interaction that continues one nobody has seen yet", () => {
  const record = { connection: "crm", type: "person", id: "p1" };

  test.for(["join", "start again"] as const)(
    "L10 L6 it begins, says so, and takes over by %s once the earlier one begins",
    async (how) => {
      const { wrapup } = await openWorld();
      const begin = { id: "c-2", channel: "voice", previousId: "c-1" } as const;
      const later = await wrapup.interactions.start(begin);
      expect(await later.read()).toMatchObject({ previousId: "c-1", parentKey: "c-2" });
      expect((await later.explain()).timeline.at(-1)).toMatchObject({
        rule: "L10",
        text: expect.stringContaining("has not begun yet"),
      });
      await wrapup.interactions.start(begin);
      const first = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
      await first.link(record);
      await (how === "join" ? later.join("c-1") : wrapup.interactions.start(begin));
      const joined = await later.read();
      expect(joined).toMatchObject({ previousId: "c-1", parentKey: "c-1", links: [{ record }] });
      await later.join("c-1");
      await wrapup.interactions.start(begin);
      expect((await later.read()).version).toBe(joined.version);
      await wrapup.close();
    },
  );

  test("L10 learnt by a second start, the first id told stands until it is joined", async () => {
    const { wrapup } = await openWorld();
    const later = await wrapup.interactions.start({ id: "c-2", channel: "voice" });
    await wrapup.interactions.start({ id: "c-2", channel: "voice", previousId: "c-1" });
    await wrapup.interactions.start({ id: "c-2", channel: "voice", previousId: "c-0" });
    expect((await later.read()).previousId).toBe("c-1");
    await expect(later.join("c-1")).rejects.toMatchObject({ code: "unknown_interaction" });
    await wrapup.close();
  });

  test("L10 nothing continues itself", async () => {
    const { wrapup } = await openWorld();
    const itself = { id: "c-2", channel: "voice", previousId: "c-2" } as const;
    await expect(wrapup.interactions.start(itself)).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(wrapup.interactions.get("c-2")).rejects.toMatchObject({
      code: "unknown_interaction",
    });
    await wrapup.close();
  });

  test("L6 L10 the same event before and after the earlier one began has the same content", async () => {
    const { wrapup, events } = await openWorld();
    const begin = { id: "c-2", channel: "voice", previousId: "c-1", eventId: "e-1" } as const;
    await wrapup.interactions.start(begin);
    await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    await wrapup.interactions.start(begin);
    await wrapup.interactions.start({ ...begin, previousId: "c-7" });
    expect(events.filter(({ event }) => event === "repeatedWithOtherContent")).toHaveLength(1);
    await wrapup.close();
  });
});

describe("L6 the content of an event", () => {
  test("L6 the order of its keys does not matter; any value does, and the first stands", async () => {
    const { c, wrapup, events } = await begun();
    const facts = { one: 1, two: 2 };
    await c.learn(facts, { eventId: "e-1", by: "platform" });
    await c.learn({ two: 2, one: 1 }, { by: "platform", eventId: "e-1" });
    expect(events).toEqual([]);
    await c.learn({ one: 1, two: 3 }, { eventId: "e-1", by: "platform" });
    expect(events).toEqual([
      { event: "repeatedWithOtherContent", tenant: "default", interaction: "c-1", eventId: "e-1" },
    ]);
    expect((await c.read()).facts).toEqual(facts);
    await wrapup.close();
  });

  test("K7 unlinking in a connection that nobody configured is refused and changes nothing", async () => {
    const { c, wrapup } = await begun();
    const before = await c.read();
    const record = { connection: "salse", type: "person", id: "p1" };
    await expect(c.unlink(record)).rejects.toMatchObject({
      code: "unknown_connection",
      mend: expect.stringContaining("crm"),
    });
    expect(await c.read()).toEqual(before);
    await wrapup.close();
  });
});
