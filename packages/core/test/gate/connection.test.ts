import { CrmError, type Mapping, memoryStore } from "@wrapup/core";
import { manualClock, scriptedCrm, scriptedMapping } from "@wrapup/core/testing";
import { describe, expect, test } from "vitest";
import { Connections } from "../../src/gate/connections.ts";
import { troubleOf } from "../../src/gate/connection.ts";
import { readOptions } from "../../src/options/read-options.ts";
import { type ConnectionWorld, openConnection, settle } from "./gate-world.ts";

const day = 86_400_000;

type Watched = ConnectionWorld & {
  readonly looks: () => number;
  /** From now on the CRM is away. */
  readonly goAway: () => void;
};

/** A connection whose looks at the CRM are counted. */
async function openWatched(): Promise<Watched> {
  const world = await openConnection();
  const { adapter } = world.crm;
  const check = adapter.check.bind(adapter);
  let looks = 0;
  let away = false;
  adapter.check = (context) => {
    looks += 1;
    return away ? Promise.reject(new CrmError("auth", "no", "signed out")) : check(context);
  };
  return { ...world, looks: () => looks, goAway: () => (away = true) };
}

describe("K3 what is known of an org", () => {
  test("K3 it is looked up once, and remembered", async () => {
    const { connection, looks } = await openWatched();
    expect(connection.remembered).toBeUndefined();
    const known = await connection.known();
    expect(known.abilities.maxBatch).toBe(50);
    expect(known.types.map(({ name }) => name)).toEqual(["activity"]);
    expect(await connection.known()).toBe(known);
    expect(connection.remembered).toBe(known);
    expect(looks()).toBe(1);
  });

  test("K3 it is kept in the store: after a restart the CRM may be away", async () => {
    const { connection, restarted, looks, goAway } = await openWatched();
    const known = await connection.known();
    goAway();
    expect(await restarted().known()).toEqual(known);
    expect(looks()).toBe(1);
  });

  test("K3 what an older version kept in another shape is looked up anew", async () => {
    const { store, connection, looks } = await openWatched();
    await store.keep(connection.key, "known", JSON.stringify({ old: "shape" }));
    await connection.known();
    expect(looks()).toBe(1);
  });

  test("K3 after a day it is looked up beside the work, which goes on with the old while the CRM is away", async () => {
    const { connection, clock, looks, goAway } = await openWatched();
    const known = await connection.known();
    await clock.advance(day);
    await connection.known();
    expect(looks()).toBe(1);
    await clock.advance(1);
    expect(await connection.known()).toBe(known);
    await settle();
    expect(looks()).toBe(2);
    expect((await connection.known()).at).toBe(clock.now());
    goAway();
    await clock.advance(day + 1);
    expect(await connection.known()).toMatchObject({ abilities: known.abilities });
    await settle();
    expect(looks()).toBe(3);
  });

  test("K3 those who look at the same time share one look; later ones look again", async () => {
    const { connection, looks } = await openWatched();
    const [one, other] = await Promise.all([connection.check(), connection.check()]);
    expect(one).toBe(other);
    expect(looks()).toBe(1);
    await connection.check();
    expect(looks()).toBe(2);
  });

  test("K3 a look that failed is not remembered", async () => {
    const { connection, crm } = await openWatched();
    const check = crm.adapter.check.bind(crm.adapter);
    crm.adapter.check = () => Promise.reject(new CrmError("refused", "no", "not yours"));
    await expect(connection.known()).rejects.toMatchObject({ why: "refused" });
    crm.adapter.check = check;
    expect(await connection.known()).toMatchObject({ abilities: { maxBatch: 50 } });
  });

  test("K3 a mapping that names a new type makes it look, at most once a minute", async () => {
    const { connection, restarted, clock, looks } = await openWatched();
    await connection.known();
    const mapping: Mapping = {
      ...scriptedMapping,
      activities: { chat: { type: "ticket", fields: {} } },
    };
    const other = restarted({ mapping });
    await clock.advance(60_000);
    expect((await other.known()).types.map(({ name }) => name)).toEqual(["activity"]);
    await clock.advance(1);
    expect((await other.known()).types.map(({ name }) => name)).toEqual(["ticket", "activity"]);
    expect(looks()).toBe(2);
    await clock.advance(60_001);
    await other.known();
    expect(looks()).toBe(2);
  });

  test("K3 an adapter that cannot read is not asked for types again and again", async () => {
    const { connection, crm, clock, looks } = await openWatched();
    Reflect.deleteProperty(crm.adapter, "reads");
    await connection.known();
    await clock.advance(120_000);
    await connection.known();
    expect(looks()).toBe(1);
  });

  test("K3 what a schema error made doubtful is looked up before it is used again", async () => {
    const { connection, looks, goAway } = await openWatched();
    await connection.known();
    connection.expire();
    await connection.known();
    expect(looks()).toBe(2);
    await connection.known();
    expect(looks()).toBe(2);
    goAway();
    connection.expire();
    await expect(connection.known()).rejects.toMatchObject({ why: "auth" });
  });

  test("W5 the look says how many requests the CRM takes gladly, also after a restart", async () => {
    const { connection, gate } = await openConnection();
    expect(gate.places).toBe(4);
    connection.adapter.check = async () => ({
      abilities: { ...(await scriptedCrm().adapter.check(anyContext)).abilities, maxConcurrent: 2 },
      findings: [],
    });
    await connection.known();
    expect(gate.places).toBe(2);
  });

  test("W6 errors of setting up as the gate's trouble: a refusal is the administrator's to mend", () => {
    expect(troubleOf(new CrmError("refused", "no", "not allowed"))).toEqual({
      why: "schema",
      reason: "not allowed",
    });
    expect(troubleOf(new CrmError("throttled", "no", "busy", { afterMs: 7 }))).toEqual({
      why: "throttled",
      reason: "busy",
      afterMs: 7,
    });
    expect(troubleOf(new Error("disk full"))).toBeUndefined();
  });
});

const anyContext = {
  signal: new AbortController().signal,
  urgency: "background",
  observe: () => undefined,
} as const;

/** All connections of tenants that share one adapter. */
async function openAll(): Promise<{
  readonly connections: Connections;
  readonly closed: () => number;
}> {
  const clock = manualClock();
  const store = memoryStore();
  await store.open(clock);
  const { adapter } = scriptedCrm();
  let closed = 0;
  adapter.close = async () => void (closed += 1);
  const { configured } = readOptions({ store, connections: { b: adapter, a: adapter } });
  const observer = {
    event: () => undefined,
    span: <T>(_name: string, _of: unknown, work: () => Promise<T>) => work(),
  };
  return {
    connections: new Connections(configured, { store, clock, observer, random: () => 0.5 }),
    closed: () => closed,
  };
}

describe("O2 every connection of every tenant", () => {
  test("W5 O2 workers and agents share one; tenants do not", async () => {
    const { connections } = await openAll();
    const of = { tenant: "t1", connection: "a" };
    const [one, other] = await Promise.all([connections.find(of), connections.find(of)]);
    expect(one).toBeDefined();
    expect(one).toBe(other);
    expect(await connections.need(of, "here")).toBe(one);
    expect(await connections.find({ ...of, tenant: "t2" })).not.toBe(one);
  });

  test("K7 an unknown name is one clear error that lists those configured", async () => {
    const { connections } = await openAll();
    expect(await connections.find({ tenant: "t1", connection: "c" })).toBeUndefined();
    await expect(connections.need({ tenant: "t1", connection: "c" }, "here")).rejects.toMatchObject(
      { code: "unknown_connection", place: "here", mend: "Configured are: b, a." },
    );
    const none = new Connections(() => Promise.resolve(new Map()), {
      store: memoryStore(),
      clock: manualClock(),
      observer: { event: () => undefined, span: (_n, _a, work) => work() },
      random: () => 0.5,
    });
    await expect(none.need({ tenant: "t1", connection: "c" }, "here")).rejects.toMatchObject({
      mend: expect.stringContaining("createWrapup"),
    });
  });

  test("K1 all of a tenant, in the order they are configured", async () => {
    const { connections } = await openAll();
    const all = await connections.of("t1");
    expect(all.map(({ key }) => key.connection)).toEqual(["b", "a"]);
  });

  test("W1 closing closes each adapter once; aborting ends what is under way everywhere", async () => {
    const { connections, closed } = await openAll();
    const [b, a] = await connections.of("t1");
    const ended: string[] = [];
    for (const connection of [a, b])
      void connection?.gate.run(
        "agent",
        ({ signal }) =>
          new Promise<void>((resolve) => {
            signal.addEventListener("abort", () => {
              ended.push(connection.key.connection);
              resolve();
            });
          }),
      );
    await settle();
    connections.abort();
    expect(ended.toSorted()).toEqual(["a", "b"]);
    await connections.close();
    expect(closed()).toBe(1);
  });
});
