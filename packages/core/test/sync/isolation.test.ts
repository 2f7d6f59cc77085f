import { createWrapup, memoryStore, type Store } from "@wrapup/core";
import { manualClock, scriptedCrm } from "@wrapup/core/testing";
import { describe, expect, test } from "vitest";
import { ada, noon, openWorld } from "../world.ts";

const never = (): Promise<never> => new Promise(() => undefined);

const untilTrue = async (done: () => boolean): Promise<void> => {
  for (let turns = 0; turns < 2_000 && !done(); turns += 1)
    await new Promise((resolve) => setImmediate(resolve));
};

/** Two CRMs; one interaction linked to both. */
async function openTwo(): Promise<{
  readonly sick: ReturnType<typeof scriptedCrm>;
  readonly well: ReturnType<typeof scriptedCrm>;
  readonly wrapup: Awaited<ReturnType<typeof createWrapup>>;
  readonly close: () => Promise<void>;
}> {
  const clock = manualClock(noon);
  const sick = scriptedCrm({ now: () => clock.now() });
  const well = scriptedCrm({ now: () => clock.now() });
  const wrapup = await createWrapup({
    store: memoryStore(),
    clock,
    connections: { sick: sick.adapter, well: well.adapter },
  });
  return { sick, well, wrapup, close: () => wrapup.close() };
}

async function callLinkedToBoth(wrapup: Awaited<ReturnType<typeof createWrapup>>): Promise<void> {
  const call = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
  const leg = await call.accept({ agent: ada });
  await call.link({ connection: "sick", type: "person", id: "p1" });
  await call.link({ connection: "well", type: "person", id: "p1" });
  await leg.endTalk();
  await leg.completeWrapUp();
}

describe("W1 one CRM's outage never delays the other", () => {
  test("W1 a CRM that does not even answer the sign-in", async () => {
    const { sick, well, wrapup } = await openTwo();
    sick.adapter.check = never;
    await callLinkedToBoth(wrapup);
    await untilTrue(() => well.rows.size === 1);
    expect(well.rows.size).toBe(1);
    expect(
      (await wrapup.explain("c-1")).connections.map(({ connection, state }) => [connection, state]),
    ).toEqual([
      ["sick", "due"],
      ["well", "written"],
    ]);
  });

  test("W1 a CRM whose write never returns", async () => {
    const { sick, well, wrapup } = await openTwo();
    sick.onRequest(never);
    await callLinkedToBoth(wrapup);
    await untilTrue(() => well.rows.size === 1);
    expect(well.rows.size).toBe(1);
  });

  test("W1 O2 a tenant whose configuration cannot be read", async () => {
    const crm = scriptedCrm();
    const wrapup = await createWrapup({
      store: memoryStore(),
      connections: (tenant) =>
        tenant === "broken"
          ? Promise.reject(new Error("vault is closed"))
          : Promise.resolve({ well: crm.adapter }),
    });
    await expect(
      wrapup.tenant("broken").interactions.start({ id: "c-1", channel: "voice" }),
    ).rejects.toThrow("vault is closed");
    const view = wrapup.tenant("fine");
    const call = await view.interactions.start({ id: "c-1", channel: "voice" });
    const leg = await call.accept({ agent: ada });
    await call.link({ connection: "well", type: "person", id: "p1" });
    await leg.endTalk();
    await leg.completeWrapUp();
    await wrapup.drain();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });
});

describe("several processes on one store", () => {
  const sameStore = (): { readonly store: Store; readonly reopen: () => Store } => {
    const store = memoryStore();
    // A second app on the same store: closing one must not close it for the other.
    return { store, reopen: () => ({ ...bound(store), close: () => Promise.resolve() }) };
  };

  test("W1 an app that only records, and another that writes", async () => {
    const { store, reopen } = sameStore();
    const recorder = await openWorld({ store: reopen(), options: { work: false } });
    await recorder.closedCall("c-1");
    await recorder.wrapup.drain();
    expect(recorder.crm.requests).toEqual([]);
    const writer = await openWorld({ store });
    await writer.wrapup.drain();
    expect(writer.crm.rows.size).toBe(1);
    await writer.wrapup.close();
  });

  test("W1 W3 a worker that died while its request was under way: after its lease another repeats it, and there is one activity", async () => {
    const { store, reopen } = sameStore();
    const dead = await openWorld({ store: reopen() });
    dead.crm.onRequest(never);
    await dead.closedCall("c-1");
    await untilTrue(() => dead.crm.requests.length === 1);
    const alive = await openWorld({ store });
    await alive.wrapup.drain();
    expect(alive.crm.requests).toEqual([]);
    await alive.clock.advance(200_000);
    await alive.wrapup.drain();
    expect(alive.crm.requests.flat().map(({ op, maybeSent }) => [op, maybeSent])).toEqual([
      ["put", true],
    ]);
    expect(alive.crm.rows.size).toBe(1);
    await alive.wrapup.close();
  });
});

/** A store's methods are its own; spreading a class instance would lose them. */
const bound = (store: Store): Store => ({
  abilities: store.abilities,
  open: (clock) => store.open(clock),
  now: () => store.now(),
  transact: (of, event, change) => store.transact(of, event, change),
  read: (of) => store.read(of),
  history: (of) => store.history(of),
  ready: (of) => store.ready(of),
  claim: (of) => store.claim(of),
  begin: (rows) => store.begin(rows),
  settle: (settlements) => store.settle(settlements),
  extend: (claims, ms) => store.extend(claims, ms),
  overdue: (limit) => store.overdue(limit),
  nextDueAt: () => store.nextDueAt(),
  changeGate: (of, change) => store.changeGate(of, change),
  rows: (filter) => store.rows(filter),
  replay: (tenant, keys, by) => store.replay(tenant, keys, by),
  keep: (of, name, value) => store.keep(of, name, value),
  kept: (of, name) => store.kept(of, name),
  sweep: () => store.sweep(),
  stats: () => store.stats(),
  onWake: (hint) => store.onWake(hint),
  close: () => store.close(),
});

describe("W4 a slow request does not hold up those who come after it", () => {
  test("W4 after a second of waiting a second request goes beside it", async () => {
    const { crm, closedCall, clock, wrapup } = await openWorld();
    let slow = true;
    const gate = Promise.withResolvers<void>();
    crm.onRequest(() => {
      const wait = slow ? gate.promise : Promise.resolve();
      slow = false;
      return wait;
    });
    await closedCall("c-1");
    await untilTrue(() => crm.requests.length === 1);
    await closedCall("c-2", "p2");
    await untilTrue(() => crm.rows.size > 0);
    expect(crm.requests).toHaveLength(1);
    await clock.advance(2_500);
    await untilTrue(() => crm.rows.size === 1);
    expect([...crm.rows.values()].map(({ entry }) => entry.roles)).toEqual([
      { on: [{ type: "person", id: "p2" }] },
    ]);
    gate.resolve();
    await wrapup.close();
    expect(crm.rows.size).toBe(2);
  });
});

describe("what a worker meets", () => {
  test("K7 lanes of a connection that is no longer configured are kept and told once", async () => {
    const store = memoryStore();
    const first = await openWorld({
      store: { ...bound(store), close: () => Promise.resolve() },
      options: { work: false },
    });
    await first.closedCall("c-1");
    const clock = manualClock(noon);
    const told: string[] = [];
    const second = await createWrapup({ store, clock, connections: {} });
    second.on(({ event }) => void told.push(event));
    await second.drain();
    await clock.advance(10_000);
    expect(told.filter((event) => event === "unknownConnection").length).toBe(1);
    expect((await second.explain("c-1")).connections).toMatchObject([
      { connection: "crm", why: expect.stringContaining("No connection named") },
    ]);
    const { ready, later } = await second.stats();
    expect(ready + later).toBe(1);
    await second.close();
  });

  test("using it after closing is one clear error", async () => {
    const { wrapup } = await openWorld();
    await wrapup.close();
    await wrapup.close();
    await expect(wrapup.drain()).rejects.toMatchObject({ code: "closed" });
    await expect(wrapup.interactions.start({ id: "c-1", channel: "voice" })).rejects.toMatchObject({
      code: "closed",
    });
  });
});
