import { describe, expect, test } from "vitest";
import { openWorld } from "../world.ts";

describe("L5 E6 an interaction that nobody accepted", () => {
  test("L5 with the policy `log` it is written, though nobody could link it", async () => {
    const { wrapup, crm } = await openWorld({ options: { lifecycle: { abandoned: "log" } } });
    const call = await wrapup.interactions.start({
      id: "c-1",
      channel: "voice",
      customer: { phone: "+14155550100" },
    });
    await call.offer({ offer: "o-1" });
    await call.endOffer({ offer: "o-1", outcome: "timedOut" });
    await wrapup.drain();
    expect(crm.rows.size).toBe(0);
    await call.abandon();
    await wrapup.drain();
    expect([...crm.rows.values()].map(({ entry }) => [entry.leg, entry.roles])).toEqual([
      ["*", {}],
    ]);
    expect((await call.explain()).connections[0]?.state).toBe("written");
    await wrapup.close();
  });

  test("L5 by default nothing is written, and explain says why", async () => {
    const { wrapup, crm } = await openWorld();
    const call = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    await call.abandon();
    await wrapup.drain();
    expect(crm.requests).toEqual([]);
    expect((await call.explain()).connections[0]).toMatchObject({
      state: "nothingToWrite",
      why: expect.stringContaining("L5"),
    });
    await wrapup.close();
  });
});
