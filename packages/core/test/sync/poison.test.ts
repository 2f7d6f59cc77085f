import { CrmError } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { ada, openWorld } from "../world.ts";

describe("W4 W6 one bad interaction never holds up the others", () => {
  test("W4 one that cannot be planned is left alone and told; the others are written", async () => {
    // Planning never throws on purpose: the trap stands for a defect of ours.
    let defect = true;
    const types = Object.assign(["person"], {
      includes: (type: string): boolean => {
        if (defect && type === "poison") throw new TypeError("a defect");
        return type === "person" || type === "poison";
      },
    });
    const linkRules = { roles: [{ name: "on", types, max: 2 }], apart: [], order: ["*"] };
    const { wrapup, crm, events, closedCall, clock } = await openWorld({
      crm: { abilities: { linkRules } },
      options: { work: true },
    });
    const call = await wrapup.interactions.start({ id: "c-poison", channel: "voice" });
    const leg = await call.accept({ agent: ada });
    await call.link({ connection: "crm", type: "poison", id: "p0" });
    await leg.endTalk();
    await leg.completeWrapUp();
    await closedCall("c-fine", "p2");
    await wrapup.drain();
    expect([...crm.rows.values()].map(({ entry }) => entry.roles["on"]?.[0]?.id)).toEqual(["p2"]);
    expect(events.filter(({ event }) => event === "failure")).toMatchObject([
      { where: "sync.plan" },
    ]);
    expect(events.some(({ event }) => event === "paused")).toBe(false);
    defect = false;
    await clock.advance(16 * 60_000);
    await wrapup.drain();
    expect(crm.rows.size).toBe(2);
    await wrapup.close();
  });

  test("A1 W4 a write whose request the adapter cannot name is sent alone", async () => {
    const { wrapup, crm, closedCall } = await openWorld();
    const requestOf = crm.adapter.requestOf.bind(crm.adapter);
    crm.adapter.requestOf = (write) => {
      if (write.entry.roles["on"]?.[0]?.id === "odd") throw new TypeError("a defect");
      return requestOf(write);
    };
    const hold = Promise.withResolvers<void>();
    crm.onRequest(() => hold.promise);
    await closedCall("c-1", "p1");
    await closedCall("c-2", "odd");
    await closedCall("c-3", "p3");
    hold.resolve();
    await wrapup.drain();
    expect(crm.rows.size).toBe(3);
    const odd = crm.requests.filter((writes) =>
      writes.some(({ entry }) => entry.roles["on"]?.[0]?.id === "odd"),
    );
    expect(odd.map((writes) => writes.length)).toEqual([1]);
    await wrapup.close();
  });

  test("W10 W6 an agent whom the CRM refuses to look up gets the fallback; the others their own user", async () => {
    const { wrapup, crm } = await openWorld({ connection: { ownerFallback: "user-team" } });
    crm.adapter.usersOf = (agents) =>
      agents.some(({ id }) => id === "unaskable")
        ? Promise.reject(new CrmError("refused", "no", "the query is too long"))
        : Promise.resolve(agents.map(({ id }) => crm.users.get(id)));
    for (const [n, agent] of ["ada", "unaskable", "bob"].entries()) {
      const call = await wrapup.interactions.start({ id: `c-${n}`, channel: "voice" });
      const leg = await call.accept({ agent: { id: agent } });
      await call.link({ connection: "crm", type: "person", id: `p${n}` });
      await leg.endTalk();
      await leg.completeWrapUp();
    }
    await wrapup.drain();
    expect(new Set([...crm.rows.values()].map(({ entry }) => entry.owner))).toEqual(
      new Set(["user-ada", "user-team", "user-bob"]),
    );
    await wrapup.close();
  });
});
