import { CrmError } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../world.ts";

const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 60; turns += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** One request under way, and a claim held because it shares that request's record; then the CRM says no to both. */
async function heldWhilePaused(why: "budget" | "throttled"): Promise<World> {
  const world = await openWorld({ crm: { abilities: { maxBatch: 1, maxConcurrent: 8 } } });
  const { crm, closedCall } = world;
  const first = Promise.withResolvers<void>();
  let requests = 0;
  crm.onRequest(() => {
    requests += 1;
    return requests === 1 ? first.promise : Promise.resolve();
  });
  crm.script({ is: "fails", error: new CrmError(why, "no", "used up", { afterMs: 30_000 }) });
  await closedCall("c-1", "p1");
  await settle();
  await closedCall("c-2", "p1");
  await settle();
  first.resolve();
  await settle();
  return world;
}

describe("W4 W5 claims held for a shared record, and a pause", () => {
  test.each(["budget", "throttled"] as const)(
    "W5 %s: the pause ends when it ends, however busy the contact center is meanwhile",
    async (why) => {
      const { clock, closedCall, crm, events, wrapup } = await heldWhilePaused(why);
      for (let n = 0; n < 120; n += 1) {
        await clock.advance(500);
        await closedCall(`busy-${n}`, `q${n}`);
      }
      await wrapup.drain();
      expect(crm.rows.size).toBe(122);
      expect(events.filter(({ event }) => event === "paused").length).toBeLessThanOrEqual(2);
      await wrapup.close();
    },
  );

  test.each(["budget", "throttled"] as const)(
    "W1 W9 %s: drain comes back, the lane is let go, and explain says paused",
    async (why) => {
      const { crm, wrapup } = await heldWhilePaused(why);
      await wrapup.drain();
      expect(crm.rows.size).toBe(0);
      expect((await wrapup.stats()).claimed).toBe(0);
      expect((await wrapup.explain("c-2")).connections[0]?.state).toBe("paused");
      await wrapup.close();
    },
  );
});
