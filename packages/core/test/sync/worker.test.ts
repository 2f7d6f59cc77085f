import { createWrapup, CrmError, memoryStore, type Store, type WrapupEvent } from "@wrapup/core";
import { manualClock, scriptedCrm } from "@wrapup/core/testing";
import { describe, expect, test } from "vitest";
import { settle } from "../gate/gate-world.ts";
import { ada, noon, openWorld } from "../world.ts";

const hour = 3_600_000;
const minute = 60_000;

/** A memory store some of whose methods are watched or fail. */
const storeWith = (own: (inner: Store) => Partial<Store>): Store => {
  const inner = memoryStore();
  return Object.assign(inner, own(inner));
};

const failures = (events: readonly WrapupEvent[]): readonly string[] =>
  events.flatMap((event) => (event.event === "failure" ? event.where : []));

describe("O1 the worker keeps house", () => {
  test("O1 what the store derives is rebuilt at the start and about once an hour", async () => {
    let sweeps = 0;
    const store = storeWith((inner) => {
      const sweep = inner.sweep.bind(inner);
      return {
        sweep: () => {
          sweeps += 1;
          return sweep();
        },
      };
    });
    const { clock, wrapup } = await openWorld({ store, options: { pollMs: 10 * minute } });
    expect(sweeps).toBe(1);
    await settle();
    for (let n = 0; n < 18; n += 1) {
      await clock.advance(10 * minute);
      await settle(5);
    }
    expect(sweeps).toBe(4);
    await wrapup.close();
  });

  test("W1 a sweep that fails is told, and the work goes on", async () => {
    let full = false;
    const store = storeWith((inner) => {
      const sweep = inner.sweep.bind(inner);
      return { sweep: () => (full ? Promise.reject(new Error("disk full")) : sweep()) };
    });
    const { clock, wrapup, closedCall, crm, events } = await openWorld({
      store,
      options: { pollMs: 10 * minute },
    });
    await settle();
    full = true;
    await clock.advance(hour);
    await settle();
    expect(failures(events)).toEqual(["sync.turn"]);
    await closedCall("c-1");
    await settle();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });
});

describe("L7 deadlines", () => {
  test("L7 one that cannot be recorded does not keep the others", async () => {
    const store = storeWith((inner) => {
      const transact = inner.transact.bind(inner);
      return {
        transact: (of, event, change) =>
          of.interaction === "c-1" && broken
            ? Promise.reject(new Error("a row is damaged"))
            : transact(of, event, change),
      };
    });
    let broken = false;
    const { call, clock, crm, events, wrapup } = await openWorld({ store });
    await (await call("c-1", "p1")).leg.endTalk();
    await (await call("c-2", "p2")).leg.endTalk();
    broken = true;
    await clock.advance(15 * minute);
    await settle();
    expect([...crm.rows.values()].map(({ entry }) => entry.roles["on"]?.[0]?.id)).toEqual(["p2"]);
    expect(failures(events)).toContain("sync.deadline");
    broken = false;
    await clock.advance(61_000);
    await settle();
    expect(crm.rows.size).toBe(2);
    await wrapup.close();
  });

  test("L7 after a start none counts for the catch-up time", async () => {
    const { call, clock, crm, wrapup } = await openWorld({
      options: { catchUpMs: hour, pollMs: minute },
    });
    await (await call("c-1")).leg.endTalk();
    await clock.advance(hour - 1);
    await settle();
    expect(crm.rows.size).toBe(0);
    await clock.advance(minute);
    await settle();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });
});

describe("W1 the worker sleeps and wakes", () => {
  test("W1 it sleeps until the next due moment, and neither before nor past it", async () => {
    const { closedCall, clock, crm, wrapup } = await openWorld({ options: { pollMs: hour } });
    crm.script({
      is: "answers",
      when: () => true,
      answer: { is: "retry", why: "lock", sent: "no", reason: "locked", afterMs: 90_000 },
    });
    await closedCall("c-1");
    await settle();
    await clock.advance(89_999);
    await settle();
    expect(crm.requests).toHaveLength(1);
    await clock.advance(1);
    await settle();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("W1 a deadline wakes it too", async () => {
    const { call, clock, crm, wrapup } = await openWorld({ options: { pollMs: 24 * hour } });
    await (await call("c-1")).leg.endTalk();
    // It sleeps anew, now that there is a deadline.
    wrapup.caughtUp();
    await settle();
    await clock.advance(15 * minute);
    await settle();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("W1 what it cannot hear of is found within pollMs", async () => {
    const store = storeWith(() => ({ onWake: () => () => undefined }));
    const { closedCall, clock, crm, wrapup } = await openWorld({
      store,
      options: { pollMs: 5_000 },
    });
    await settle();
    await closedCall("c-1");
    await clock.advance(4_999);
    await settle();
    expect(crm.rows.size).toBe(0);
    await clock.advance(1);
    await settle();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("W1 nothing to do costs one look at the store per poll", async () => {
    let looks = 0;
    const store = storeWith((inner) => {
      const ready = inner.ready.bind(inner);
      return {
        ready: (of) => {
          looks += 1;
          return ready(of);
        },
      };
    });
    const { clock, wrapup } = await openWorld({ store, options: { pollMs: minute } });
    await settle();
    looks = 0;
    await clock.advance(10 * minute);
    expect(looks).toBe(10);
    await wrapup.close();
  });

  test.each(["ready", "overdue", "nextDueAt"] as const)(
    "W1 a store error in %s does not end the work",
    async (method) => {
      let full = false;
      const store = storeWith((inner) => {
        const bound: (...call: never[]) => Promise<unknown> = inner[method].bind(inner);
        return {
          [method]: (...call: never[]) =>
            full ? Promise.reject(new Error("disk full")) : bound(...call),
        };
      });
      const { closedCall, clock, crm, events, wrapup } = await openWorld({
        store,
        options: { work: true },
      });
      await settle();
      full = true;
      await closedCall("c-1");
      await settle();
      await clock.advance(3_000);
      expect(failures(events).length > 0).toBe(method !== "nextDueAt");
      full = false;
      await clock.advance(1_000);
      await settle();
      expect(crm.rows.size).toBe(1);
      await wrapup.close();
    },
  );

  test("W1 stopped, it listens no more and looks no more", async () => {
    const hints = new Set<() => void>();
    let looks = 0;
    const store = storeWith((inner) => {
      const ready = inner.ready.bind(inner);
      return {
        close: () => Promise.resolve(),
        ready: (of) => {
          looks += 1;
          return ready(of);
        },
        onWake: (hint) => {
          hints.add(hint);
          return () => void hints.delete(hint);
        },
      };
    });
    const { clock, wrapup } = await openWorld({ store });
    expect(hints.size).toBe(1);
    const [hint] = hints;
    await wrapup.close();
    expect(hints.size).toBe(0);
    looks = 0;
    hint?.();
    await clock.advance(hour);
    expect(looks).toBe(0);
  });
});

describe("K7 a connection that is no longer configured", () => {
  test("K7 O3 is told once, not at every look; its lanes are kept", async () => {
    const store = Object.assign(memoryStore(), { close: () => Promise.resolve() });
    const before = await openWorld({ store, options: { work: false } });
    await before.closedCall("c-1");
    await before.wrapup.close();
    const after = await openWorld({ store, options: { connections: {}, pollMs: minute } });
    await settle();
    for (let n = 0; n < 10; n += 1) {
      await after.clock.advance(5 * minute);
      await settle(5);
    }
    expect(after.events.map(({ event }) => event)).toEqual(["unknownConnection"]);
    const { ready, later, claimed, parked } = await after.wrapup.stats();
    expect([ready + later, claimed, parked]).toEqual([1, 0, 0]);
    await after.wrapup.close();
  });
});

describe("O2 several tenants and connections", () => {
  test("O2 W1 each has its own CRM; one whose configuration fails meanwhile holds up no other", async () => {
    const clock = manualClock(noon);
    const store = Object.assign(memoryStore(), { close: () => Promise.resolve() });
    const crms = new Map(
      ["a", "b"].map((tenant) => [tenant, scriptedCrm({ now: () => clock.now() })] as const),
    );
    const other = scriptedCrm({ now: () => clock.now() });
    let vaultIsClosed = false;
    const connections = (tenant: string) => {
      const crm = crms.get(tenant);
      return crm === undefined || (vaultIsClosed && tenant === "a")
        ? Promise.reject(new Error("the vault is closed"))
        : Promise.resolve({ crm: crm.adapter, other: other.adapter });
    };
    const recorder = await createWrapup({ store, clock, connections, work: false });
    for (const tenant of crms.keys()) {
      const call = await recorder
        .tenant(tenant)
        .interactions.start({ id: "c-1", channel: "voice" });
      const leg = await call.accept({ agent: ada });
      await call.link({ connection: "crm", type: "person", id: `of-${tenant}` });
      await call.link({ connection: "other", type: "person", id: `of-${tenant}` });
      await leg.endTalk();
      await leg.completeWrapUp();
    }
    await recorder.close();
    vaultIsClosed = true;
    const writer = await createWrapup({ store, clock, connections });
    const events: WrapupEvent[] = [];
    writer.on((event) => void events.push(event));
    await settle();
    expect(crms.get("a")?.rows.size).toBe(0);
    expect(crms.get("b")?.rows.size).toBe(1);
    expect(other.rows.size).toBe(1);
    expect(new Set(failures(events))).toEqual(new Set(["sync.connection"]));
    vaultIsClosed = false;
    await clock.advance(61_000);
    await settle();
    expect(crms.get("a")?.rows.size).toBe(1);
    expect(other.rows.size).toBe(2);
    expect([...(crms.get("b")?.rows.values() ?? [])].map(({ entry }) => entry.roles["on"])).toEqual(
      [[{ type: "person", id: "of-b" }]],
    );
    await writer.close();
  });

  test("W1 W5 one tenant's pause is not another's, though they share the adapter", async () => {
    const clock = manualClock(noon);
    const crm = scriptedCrm({ now: () => clock.now() });
    crm.script({
      is: "fails",
      error: new CrmError("throttled", "no", "busy", { afterMs: hour }),
    });
    const wrapup = await createWrapup({
      store: memoryStore(),
      clock,
      connections: { crm: crm.adapter },
    });
    for (const tenant of ["a", "b"]) {
      const call = await wrapup.tenant(tenant).interactions.start({ id: "c-1", channel: "voice" });
      const leg = await call.accept({ agent: ada });
      await call.link({ connection: "crm", type: "person", id: tenant });
      await leg.endTalk();
      await leg.completeWrapUp();
      await wrapup.drain();
    }
    expect([...crm.rows.values()].map(({ entry }) => entry.roles["on"]?.[0]?.id)).toEqual(["b"]);
    await wrapup.close();
  });
});
