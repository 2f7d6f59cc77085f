import { type Claim, CrmError, memoryStore, type Store } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { openConnection, settle } from "../gate/gate-world.ts";
import { Pump } from "../../src/sync/pump.ts";
import { ada, openWorld, type World } from "../world.ts";

const never = (): Promise<never> => new Promise(() => undefined);

/** The CRM is not looked at before `release`, so that lanes gather. */
function holdBack({ crm }: World): { readonly release: () => void } {
  const held = Promise.withResolvers<void>();
  const check = crm.adapter.check.bind(crm.adapter);
  crm.adapter.check = async (context) => {
    await held.promise;
    return check(context);
  };
  return { release: () => held.resolve() };
}

/** Requests to this CRM are answered when the test says so, in any order. */
function answering({ crm }: World): {
  readonly underWay: () => readonly (readonly string[])[];
  readonly answer: (record?: string) => Promise<void>;
} {
  const open: { readonly records: readonly string[]; readonly go: () => void }[] = [];
  crm.onRequest(
    (writes) =>
      new Promise<void>((go) => {
        open.push({ records: writes.map(({ entry }) => entry.roles["on"]?.[0]?.id ?? ""), go });
      }),
  );
  return {
    underWay: () => open.map(({ records }) => records),
    answer: async (record) => {
      const at = open.findIndex(({ records }) => record === undefined || records.includes(record));
      for (const { go } of open.splice(Math.max(0, at), 1)) go();
      await settle();
    },
  };
}

const closeMany = async (world: World, count: number, record = (n: number) => `p${n}`) => {
  for (let n = 1; n <= count; n += 1) await world.closedCall(`c-${n}`, record(n));
};

describe("W4 W5 how much one worker takes on", () => {
  test("W4 a flight claims what fits one request, and no more than the gate has places for", async () => {
    const world = await openWorld({ crm: { abilities: { maxBatch: 3, maxConcurrent: 2 } } });
    const { release } = holdBack(world);
    const { underWay, answer } = answering(world);
    await closeMany(world, 20);
    release();
    await settle();
    expect(underWay().map((records) => records.length)).toEqual([3, 3]);
    expect(await world.wrapup.stats()).toMatchObject({ claimed: 6, ready: 14 });
    await answer();
    expect(underWay().map((records) => records.length)).toEqual([3, 3]);
    expect(await world.wrapup.stats()).toMatchObject({ claimed: 6, ready: 11 });
    world.crm.onRequest(() => undefined);
    while (underWay().length > 0) await answer();
    await world.wrapup.drain();
    expect(world.crm.rows.size).toBe(20);
    await world.wrapup.close();
  });

  test("W4 what waits for a row of the CRM goes before what came later", async () => {
    const world = await openWorld({ crm: { abilities: { maxBatch: 1, maxConcurrent: 2 } } });
    const { underWay, answer } = answering(world);
    await world.closedCall("c-1", "shared");
    await settle();
    await world.closedCall("c-2", "shared");
    await settle();
    expect(underWay()).toEqual([["shared"]]);
    await world.closedCall("c-3", "p3");
    await world.closedCall("c-4", "p4");
    await answer();
    expect(underWay()[0]).toEqual(["shared"]);
    while (underWay().length > 0) await answer();
    await world.wrapup.drain();
    expect(world.crm.rows.size).toBe(4);
    await world.wrapup.close();
  });

  test("W4 a worker whose hands are full of what waits for one row rests until that request lands", async () => {
    const world = await openWorld({ crm: { abilities: { maxBatch: 1, maxConcurrent: 2 } } });
    const { underWay, answer } = answering(world);
    await world.closedCall("c-1", "shared");
    await settle();
    await world.closedCall("c-2", "shared");
    await settle();
    await world.closedCall("c-3", "p3");
    let looks = 0;
    const ready = world.store.ready.bind(world.store);
    world.store.ready = (of) => {
      looks += 1;
      return ready(of);
    };
    await settle(200);
    expect(looks).toBeLessThan(10);
    while (underWay().length > 0) await answer();
    await world.wrapup.drain();
    expect(world.crm.rows.size).toBe(3);
    await world.wrapup.close();
  });

  test("W4 what waited for a row goes as soon as that row is free, however slow another request is", async () => {
    const world = await openWorld({ crm: { abilities: { maxBatch: 1, maxConcurrent: 8 } } });
    const { underWay, answer } = answering(world);
    await world.closedCall("c-1", "shared");
    await settle();
    await world.closedCall("c-2", "slow");
    await settle();
    await world.closedCall("c-3", "shared");
    await settle();
    expect(underWay()).toEqual([["shared"], ["slow"]]);
    await answer("shared");
    expect(underWay()).toEqual([["slow"], ["shared"]]);
    while (underWay().length > 0) await answer();
    await world.wrapup.drain();
    expect(world.crm.rows.size).toBe(3);
    await world.wrapup.close();
  });

  test("W1 stopping lets go of what is held, so that another worker has it at once", async () => {
    const store = memoryStore();
    const world = await openWorld({
      store: Object.assign(store, { close: () => Promise.resolve() }),
      crm: { abilities: { maxBatch: 1, maxConcurrent: 2 } },
    });
    const { underWay, answer } = answering(world);
    await world.closedCall("c-1", "shared");
    await settle();
    await world.closedCall("c-2", "shared");
    await settle();
    expect(await store.stats()).toMatchObject({ claimed: 2 });
    const closed = world.wrapup.close();
    await settle();
    while (underWay().length > 0) await answer();
    await closed;
    expect(world.crm.rows.size).toBe(1);
    expect(await store.stats()).toMatchObject({ claimed: 0, ready: 1 });
  });
});

describe("W1 what was claimed is never lost", () => {
  test("W1 leases are lengthened while a request is under way, also for what is held", async () => {
    const world = await openWorld({
      crm: { abilities: { maxBatch: 1, maxConcurrent: 2 } },
      connection: { timeoutMs: 3_600_000 },
    });
    const { underWay, answer } = answering(world);
    await world.closedCall("c-1", "shared");
    await settle();
    await world.closedCall("c-2", "shared");
    await settle();
    await world.clock.advance(600_000);
    expect(await world.wrapup.stats()).toMatchObject({ claimed: 2, ready: 0 });
    while (underWay().length > 0) await answer();
    await world.wrapup.drain();
    expect(world.crm.requests.flat().map(({ maybeSent }) => maybeSent)).toEqual([false, false]);
    await world.wrapup.close();
  });

  test("O3 a lease that cannot be lengthened is told, and tried again", async () => {
    const world = await openWorld({ connection: { timeoutMs: 3_600_000 } });
    world.crm.onRequest(never);
    let tries = 0;
    world.store.extend = () => {
      tries += 1;
      return Promise.reject(new Error("disk full"));
    };
    await world.closedCall("c-1");
    await settle();
    await world.clock.advance(150_000);
    expect(tries).toBe(2);
    expect(world.events.filter(({ event }) => event === "failure")).toMatchObject([
      { where: "sync.extend" },
      { where: "sync.extend" },
    ]);
  });

  test("W1 W4 a flight that fails leaves its lane to the lease, and the rows of the CRM it had taken are free", async () => {
    const world = await openWorld({ connection: { timeoutMs: 3_600_000 } });
    const begin = world.store.begin.bind(world.store);
    let full = true;
    world.store.begin = (begun) => {
      if (!full) return begin(begun);
      full = false;
      return Promise.reject(new Error("disk full"));
    };
    await world.closedCall("c-1", "shared");
    await world.wrapup.drain();
    expect(world.events).toMatchObject([{ event: "failure", where: "sync.flight" }]);
    await world.closedCall("c-2", "shared");
    await world.wrapup.drain();
    expect(world.crm.rows.size).toBe(1);
    await world.pass(151_000);
    expect(world.crm.rows.size).toBe(2);
    await world.wrapup.close();
  });

  test("W1 W10 owners that cannot be looked up: the lane is let go, and the connection waits", async () => {
    const world = await openWorld();
    const { adapter } = world.crm;
    const usersOf = adapter.usersOf?.bind(adapter);
    Object.assign(adapter, {
      usersOf: () => Promise.reject(new CrmError("unreachable", "no", "away")),
    });
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(await world.wrapup.stats()).toMatchObject({ claimed: 0 });
    expect(world.events).toMatchObject([{ event: "paused", why: "unreachable" }]);
    Object.assign(adapter, { usersOf });
    await world.pass(2_000);
    expect([...world.crm.rows.values()].map(({ entry }) => entry.owner)).toEqual(["user-ada"]);
    await world.wrapup.close();
  });

  test("O3 W5 a defect while setting up is told, and the connection is tried again soon", async () => {
    const world = await openWorld();
    const kept = world.store.kept.bind(world.store);
    world.store.kept = () => Promise.reject(new Error("disk full"));
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(world.events).toMatchObject([
      { event: "failure", where: "sync.setup" },
      { event: "paused", why: "transient" },
    ]);
    world.store.kept = kept;
    await world.pass(2_000);
    expect(world.crm.rows.size).toBe(1);
    await world.wrapup.close();
  });

  test("W5 paused by somebody else at that moment: their reason stands, and nothing of ours has failed", async () => {
    const world = await openWorld();
    const { store } = world;
    const kept = store.kept.bind(store);
    store.kept = async (of, name) => {
      store.kept = kept;
      const until = world.clock.now() + 30_000;
      await store.changeGate(of, () => ({
        failures: 1,
        why: "auth",
        reason: "signed out",
        pausedUntil: until,
        agentsPausedUntil: until,
      }));
      return kept(of, name);
    };
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(world.events).toEqual([]);
    expect((await world.wrapup.explain("c-1")).connections[0]).toMatchObject({
      state: "paused",
      why: expect.stringContaining("signed out"),
    });
    await world.pass(30_000);
    expect(world.crm.rows.size).toBe(1);
    await world.wrapup.close();
  });

  test("W5 K3 a flight that was planned when another's schema error came is let go, not left to its lease", async () => {
    const world = await openWorld({ crm: { abilities: { maxBatch: 1, maxConcurrent: 2 } } });
    const { underWay, answer } = answering(world);
    world.crm.script({ is: "fails", error: new CrmError("schema", "no", "a field is gone") });
    await world.closedCall("c-1", "p1");
    await settle();
    const { adapter } = world.crm;
    const usersOf = adapter.usersOf?.bind(adapter);
    const asked = Promise.withResolvers<void>();
    Object.assign(adapter, {
      usersOf: async (...call: Parameters<NonNullable<typeof usersOf>>) => {
        await asked.promise;
        return usersOf?.(...call);
      },
    });
    const call = await world.wrapup.interactions.start({ id: "c-2", channel: "voice" });
    const leg = await call.accept({ agent: { id: "bob" } });
    await call.link({ connection: "crm", type: "person", id: "p2" });
    await leg.endTalk();
    await leg.completeWrapUp();
    await settle();
    await answer("p1");
    asked.resolve();
    await settle();
    expect(underWay()).toEqual([]);
    expect(world.events.map(({ event }) => event)).not.toContain("failure");
    expect(await world.wrapup.stats()).toMatchObject({ claimed: 0 });
    await world.wrapup.close();
  });

  test("O3 an interaction that cannot be planned is told and left alone; the others go", async () => {
    const world = await openWorld();
    const { release } = holdBack(world);
    await closeMany(world, 2);
    const claim = world.store.claim.bind(world.store);
    let spoilt = true;
    world.store.claim = async (of) =>
      (await claim(of)).map((one): Claim =>
        spoilt && one.lane.interaction === "c-1"
          ? Object.defineProperty({ ...one }, "rows", {
              get: () => {
                throw new Error("not readable");
              },
            })
          : one,
      );
    release();
    await world.wrapup.drain();
    expect(world.crm.rows.size).toBe(1);
    expect(world.events.filter(({ event }) => event === "failure")).toMatchObject([
      { where: "sync.plan" },
    ]);
    expect(await world.wrapup.stats()).toMatchObject({ claimed: 0, later: 1 });
    spoilt = false;
    await world.pass(900_000);
    expect(world.crm.rows.size).toBe(2);
    await world.wrapup.close();
  });
});

describe("W5 the budget", () => {
  test("W5 spent down to the reserve: background writing is paused in the store, agents go on", async () => {
    const world = await openWorld();
    const push = world.crm.adapter.push.bind(world.crm.adapter);
    let used = 950;
    world.crm.adapter.push = (writes, context) =>
      push(writes, {
        ...context,
        observe: () => context.observe({ usage: { used, limit: 1_000 } }),
      });
    await world.closedCall("c-1", "p1");
    await world.wrapup.drain();
    await world.closedCall("c-2", "p2");
    await world.wrapup.drain();
    expect(world.crm.requests).toHaveLength(1);
    const { store, clock } = world;
    const state = await store.changeGate({ tenant: "default", connection: "crm" }, (now) => now);
    expect(state).toMatchObject({ why: "budget", failures: 0 });
    expect(state.pausedUntil).toBe(clock.now() + 600_000);
    expect(await store.ready({ limit: 9, upTo: 9 })).toEqual([]);
    await expect(world.wrapup.find("crm", { name: "Cora" })).resolves.toEqual({ is: "none" });
    used = 10;
    await world.pass(600_001);
    expect(world.crm.rows.size).toBe(2);
    expect(world.events.filter(({ event }) => event === "paused")).toHaveLength(1);
    await world.wrapup.close();
  });
});

describe("W1 an offer that comes while another is dealt with", () => {
  /** A pump whose store hands out claims when the test says so. */
  async function openPump(): Promise<{
    readonly pump: Pump;
    readonly claimed: PromiseWithResolvers<readonly Claim[]>;
    readonly landed: () => void;
    readonly landings: () => number;
  }> {
    const { connection, store, clock } = await openConnection();
    await connection.known();
    const claimed = Promise.withResolvers<readonly Claim[]>();
    const slow: Store = Object.assign(store, { claim: () => claimed.promise });
    let landings = 0;
    const pump = new Pump({
      connection,
      store: slow,
      clock,
      observer: { event: () => undefined, span: (_n, _a, work) => work() },
      random: () => 0.5,
      maxAttempts: 30,
      leaseMs: 150_000,
      relink: () => Promise.resolve(),
    });
    return { pump, claimed, landed: () => (landings += 1), landings: () => landings };
  }

  test("W1 it is followed up", async () => {
    const { pump, claimed, landed, landings } = await openPump();
    pump.offer(1, landed);
    await settle();
    pump.offer(1, landed);
    expect(pump.working).toBe(true);
    claimed.resolve([]);
    await pump.progress();
    await settle();
    expect(landings()).toBe(1);
    expect(pump.working).toBe(false);
  });

  test("W1 where none came, nobody is told that there is more to do", async () => {
    const { pump, claimed, landed, landings } = await openPump();
    pump.offer(1, landed);
    claimed.resolve([]);
    await settle();
    expect(landings()).toBe(0);
  });

  test("W1 a pump that was stopped takes nothing on", async () => {
    const { pump, landed } = await openPump();
    await pump.stop();
    pump.offer(1, landed);
    expect(pump.working).toBe(false);
  });
});

describe("L9 K9 what changes while a request is under way", () => {
  test("W1 an interaction that changed after it was claimed is looked at again at once", async () => {
    const world = await openWorld();
    const { underWay, answer } = answering(world);
    const chat = await world.wrapup.interactions.start({ id: "chat-1", channel: "chat" });
    await chat.link({ connection: "crm", type: "person", id: "p1" });
    const leg = await chat.accept({ agent: ada });
    await leg.unassign();
    await settle();
    expect(underWay()).toEqual([["p1"]]);
    await chat.learn({ summary: "came late" });
    await settle();
    while (underWay().length > 0) await answer();
    await world.wrapup.drain();
    expect([...world.crm.rows.values()].map(({ entry }) => entry.fields["description"])).toEqual([
      expect.stringContaining("came late"),
    ]);
    await world.wrapup.close();
  });
});
