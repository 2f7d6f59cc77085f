import { mkdtemp, rm } from "node:fs/promises";
import { backup, DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createWrapup, systemClock } from "@wrapup/core";
import type {
  ExplainedConnection,
  InteractionHandle,
  RecordRef,
  Wrapup,
  WrapupEvent,
} from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { dynamics } from "@wrapup/dynamics";
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import { salesforce } from "@wrapup/salesforce";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import { expect, onTestFinished, test } from "vitest";

/** One row that a CRM keeps of a call. */
type Activity = {
  readonly linkedTo: readonly string[];
  readonly disposition: string;
  readonly modifications: number;
};

/** Each CRM as this test sees it, in one form: what happens in one must not show in the other. */
type Side = {
  readonly connection: "sales" | "service";
  readonly person: (name: string, id?: string) => Promise<RecordRef>;
  /** Those that are there. */
  readonly activities: () => Promise<readonly Activity[]>;
  /** Requests that try to write, since it was asked last. */
  readonly writes: () => Promise<number>;
  readonly fault: (what: "throttled" | "down" | "replyLost" | "hang") => Promise<void>;
  readonly mend: () => Promise<void>;
};

type World = {
  readonly wrapup: Wrapup;
  readonly events: readonly WrapupEvent[];
  readonly sides: { readonly sales: Side; readonly service: Side };
  readonly call: (id: string, ...links: readonly RecordRef[]) => Promise<InteractionHandle>;
  readonly explained: (id: string, connection: string) => Promise<ExplainedConnection>;
  readonly passTime: (ms: number) => void;
  /** Writes, and passes the time of pauses, until nothing waits any more. */
  readonly settled: () => Promise<void>;
  /** The app as it would start anew from its disk as it is at this moment. */
  readonly crashed: () => Promise<World>;
};

const textIn = (value: unknown): string => (typeof value === "string" ? value : "");

const salesSide = async () => {
  const emulator = await startSalesforceEmulator();
  onTestFinished(() => emulator.close());
  const { control } = emulator;
  const { clientId, clientSecret } = emulator.credentials;
  let told = 0;
  const path = "/composite/sobjects";
  const faults = {
    throttled: { kind: "status", status: 429, headers: { "retry-after": "30" }, times: 3 },
    down: { kind: "reset", times: Number.POSITIVE_INFINITY },
    replyLost: { kind: "replyLost", path },
    hang: { kind: "hang", path, ms: 1_500 },
  } as const;
  const side: Side = {
    connection: "sales",
    person: async (name) => {
      const [id = ""] = await control.seed([{ sobject: "Contact", fields: { LastName: name } }]);
      return { connection: "sales", type: "Contact", id };
    },
    activities: async () =>
      (await control.records("Task"))
        .filter(({ deleted }) => !deleted)
        .map(({ fields, modifications }) => ({
          linkedTo: [textIn(fields["WhoId"])],
          disposition: textIn(fields["CallDisposition"]),
          modifications,
        })),
    writes: async () => {
      const all = (await control.calls()).filter(({ records }) => records > 0);
      const fresh = all.length - told;
      told = all.length;
      return fresh;
    },
    fault: async (what) => void (await control.fault(faults[what])),
    mend: () => control.clearFaults(),
  };
  const adapter = () => salesforce({ signIn: { clientId, clientSecret, domain: emulator.url } });
  return { side, adapter };
};

const serviceSide = async () => {
  const emulator = await startDynamicsEmulator();
  onTestFinished(() => emulator.close());
  const { control } = emulator;
  const { tenantId, clientId, clientSecret } = emulator.credentials;
  let told = 0;
  const path = "/$batch";
  const faults = {
    throttled: {
      kind: "status",
      status: 429,
      code: "0x80072322",
      headers: { "retry-after": "30" },
      times: 3,
    },
    down: { kind: "reset", times: Number.POSITIVE_INFINITY },
    replyLost: { kind: "replyLost", path },
    hang: { kind: "hang", path, ms: 1_500 },
  } as const;
  const side: Side = {
    connection: "service",
    person: async (name, contactid) => {
      const columns = { lastname: name, ...(contactid !== undefined && { contactid }) };
      const [id = ""] = await control.seed([{ table: "contact", columns }]);
      return { connection: "service", type: "contact", id };
    },
    activities: async () =>
      (await control.rows("phonecall"))
        .filter(({ deleted }) => !deleted)
        .map(({ parties, columns, modifications }) => ({
          linkedTo: parties.filter(({ table }) => table === "contact").map(({ id }) => id),
          disposition: JSON.stringify(columns).includes("Resolved") ? "Resolved" : "",
          modifications,
        })),
    writes: async () => {
      const all = (await control.calls()).filter(({ writes }) => writes > 0);
      const fresh = all.length - told;
      told = all.length;
      return fresh;
    },
    fault: async (what) => void (await control.fault(faults[what])),
    mend: () => control.clearFaults(),
  };
  const adapter = () =>
    dynamics({
      environment: emulator.url,
      signIn: { tenantId, clientId, clientSecret, authority: emulator.authority },
    });
  return { side, adapter };
};

type Started = {
  readonly folder: string;
  readonly sales: Awaited<ReturnType<typeof salesSide>>;
  readonly service: Awaited<ReturnType<typeof serviceSide>>;
};

const openOn = async (of: Started, file: string, from = 0): Promise<World> => {
  let passed = from;
  const clock = { ...systemClock, now: () => Date.now() + passed };
  const wrapup = await createWrapup({
    store: sqliteStore(join(of.folder, file)),
    connections: {
      sales: { adapter: of.sales.adapter(), timeoutMs: 1_000 },
      service: { adapter: of.service.adapter(), timeoutMs: 1_000 },
    },
    catchUpMs: 0,
    pollMs: 20,
    clock,
  });
  const events: WrapupEvent[] = [];
  wrapup.on((event) => void events.push(event));
  onTestFinished(() => wrapup.close());
  const explained = async (id: string, connection: string): Promise<ExplainedConnection> => {
    const { connections } = await wrapup.explain(id);
    const found = connections.find((one) => one.connection === connection);
    if (found === undefined) throw new Error(`${connection} is not explained`);
    return found;
  };
  return {
    wrapup,
    events,
    sides: { sales: of.sales.side, service: of.service.side },
    explained,
    call: async (id, ...links) => {
      const call = await wrapup.interactions.start({ id, channel: "voice", direction: "inbound" });
      const leg = await call.accept({ agent: { id: "ada" } });
      for (const link of links) await call.link(link);
      await leg.endTalk();
      await leg.completeWrapUp({ disposition: "Resolved" });
      return call;
    },
    passTime: (ms) => {
      passed += ms;
    },
    settled: async () => {
      for (let n = 0; n < 200; n += 1) {
        const { ready, claimed, later } = await wrapup.drain();
        if (ready + claimed + later === 0) return;
        passed += 5_000;
        await sleep(10);
      }
      throw new Error("something waits for ever");
    },
    crashed: async () => {
      const copy = `crashed-${passed}.db`;
      const source = new DatabaseSync(join(of.folder, file), { readOnly: true });
      await backup(source, join(of.folder, copy));
      source.close();
      await wrapup.close();
      // Long enough for the dead worker's holds to end.
      return openOn(of, copy, passed + 10 * 60_000);
    },
  };
};

const openWorld = async (): Promise<World> => {
  const folder = await mkdtemp(join(tmpdir(), "wrapup-two-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const world = await openOn(
    { folder, sales: await salesSide(), service: await serviceSide() },
    "wrapup.db",
  );
  await world.wrapup.check();
  return world;
};

/** Somebody known in both CRMs. */
const inBoth = async ({ sides: { sales, service } }: World, name: string) =>
  [await sales.person(name), await service.person(name)] as const;

const linked = (activities: readonly Activity[]) => activities.map(({ linkedTo }) => linkedTo);

/** Each CRM in trouble once, the other one at work. */
const eitherOne = [
  ["sales", "service"],
  ["service", "sales"],
] as const;

test("K1 W1 W9 one interaction linked in two CRMs is written in each, and explained for each", async () => {
  const world = await openWorld();
  const { sales, service } = world.sides;
  const [here, there] = await inBoth(world, "Huber");
  await world.call("c-1", here, there);
  await world.settled();
  expect(linked(await sales.activities())).toEqual([[here.id]]);
  expect(linked(await service.activities())).toEqual([[there.id]]);
  for (const side of [sales, service]) {
    const [activity] = await side.activities();
    expect(activity?.disposition, side.connection).toBe("Resolved");
    const { state, entries } = await world.explained("c-1", side.connection);
    expect([state, entries.length, entries[0]?.tries]).toEqual(["written", 1, 1]);
  }
  const urls = [
    (await world.explained("c-1", "sales")).entries[0]?.url,
    (await world.explained("c-1", "service")).entries[0]?.url,
  ];
  expect(new Set(urls).size).toBe(2);
  expect(urls[1]).toContain("etn=phonecall");
});

test("L3 K1 what is unlinked in one CRM before the call is due leaves no trace there, and everything in the other", async () => {
  const world = await openWorld();
  const { sales, service } = world.sides;
  const [here, there] = await inBoth(world, "Huber");
  const call = await world.wrapup.interactions.start({ id: "c-1", channel: "voice" });
  const leg = await call.accept({ agent: { id: "ada" } });
  await call.link(here);
  await call.link(there);
  await call.unlink(here);
  await leg.endTalk();
  await leg.completeWrapUp({});
  await world.settled();
  expect(await sales.activities()).toEqual([]);
  expect(await sales.writes()).toBe(0);
  expect(linked(await service.activities())).toEqual([[there.id]]);
});

test.for(eitherOne)(
  "W1 W5 %s asks to slow down and is paused alone: %s is written meanwhile",
  async ([slow, busy]) => {
    const world = await openWorld();
    const both = await inBoth(world, "Huber");
    await world.sides[slow].fault("throttled");
    await world.call("c-1", ...both);
    await world.call("c-2", ...both);
    await world.wrapup.drain();
    expect(await world.sides[busy].activities()).toHaveLength(2);
    expect((await world.explained("c-1", busy)).state).toBe("written");
    const paused = await world.explained("c-1", slow);
    expect(paused.state).toBe("paused");
    expect(JSON.stringify(paused)).toMatch(/slow down|limit/u);
    expect(await world.sides[slow].activities()).toEqual([]);
    expect(
      world.events.flatMap((one) => (one.event === "paused" ? [one.connection] : [])),
    ).not.toContain(busy);
    await world.sides[busy].writes();
    await world.settled();
    expect(await world.sides[slow].activities()).toHaveLength(2);
    expect(await world.sides[busy].writes()).toBe(0);
    expect(await world.sides[busy].activities()).toHaveLength(2);
  },
);

test.for(eitherOne)("W1 O1 %s is down for an hour: %s notices nothing", async ([down, up]) => {
  const world = await openWorld();
  const both = await inBoth(world, "Huber");
  await world.sides[down].fault("down");
  for (let n = 0; n < 6; n += 1) {
    await world.call(`c-${n}`, ...both);
    await world.wrapup.drain();
    world.passTime(10 * 60_000);
  }
  expect(await world.sides[up].activities()).toHaveLength(6);
  expect(await world.sides[down].activities()).toEqual([]);
  expect((await world.explained("c-0", up)).entries[0]?.tries).toBe(1);
  await world.sides[down].mend();
  await world.settled();
  expect(await world.sides[down].activities()).toHaveLength(6);
  expect(await world.sides[up].activities()).toHaveLength(6);
});

test.for(eitherOne)(
  "W2 W3 %s loses a reply: it is tried again there until it is surely written once, and %s is not touched",
  async ([lossy, fine]) => {
    const world = await openWorld();
    const both = await inBoth(world, "Huber");
    await world.sides[lossy].fault("replyLost");
    await world.call("c-1", ...both);
    await world.settled();
    expect(await world.sides[lossy].activities()).toHaveLength(1);
    expect((await world.explained("c-1", lossy)).entries[0]?.tries).toBeGreaterThan(1);
    const other = await world.explained("c-1", fine);
    expect([other.state, other.entries[0]?.tries]).toEqual(["written", 1]);
    expect(await world.sides[fine].writes()).toBe(1);
  },
);

test.for(eitherOne)(
  "W1 W2 a crash while %s works on a write makes none twice, and asks nothing more of %s",
  async ([hanging, done]) => {
    const world = await openWorld();
    const both = await inBoth(world, "Huber");
    await world.sides[hanging].fault("hang");
    await world.call("c-1", ...both);
    const writing = world.wrapup.drain();
    const underWay = async (): Promise<boolean> =>
      (await world.explained("c-1", done)).state === "written" &&
      (await world.explained("c-1", hanging)).entries[0]?.tries === 1;
    while (!(await underWay())) await sleep(20);
    expect(await world.sides[hanging].activities()).toEqual([]);
    await world.sides[done].writes();
    const again = await world.crashed();
    await writing.catch(() => undefined);
    await again.settled();
    expect((await again.explained("c-1", hanging)).state).toBe("written");
    expect(await again.sides[hanging].activities()).toHaveLength(1);
    expect(await again.sides[done].activities()).toHaveLength(1);
    expect(await again.sides[done].writes()).toBe(0);
  },
);

test.for(eitherOne)(
  "K2 K5 unlinking in %s after writing removes it there, and leaves %s as it is",
  async ([left, kept]) => {
    const world = await openWorld();
    const [here, there] = await inBoth(world, "Huber");
    const call = await world.call("c-1", here, there);
    await world.settled();
    const before = await world.sides[kept].activities();
    await world.sides[kept].writes();
    await call.unlink(left === "sales" ? here : there);
    await world.settled();
    expect(await world.sides[left].activities()).toEqual([]);
    expect(await world.sides[kept].activities()).toEqual(before);
    expect(await world.sides[kept].writes()).toBe(0);
    expect((await world.explained("c-1", kept)).state).toBe("written");
  },
);

test("W6 a record that one CRM does not have is parked there alone, and replayed there alone", async () => {
  const world = await openWorld();
  const { sales, service } = world.sides;
  const [here, other] = await inBoth(world, "Huber");
  const there = { ...other, id: other.id.replace(/^.{8}/u, "0e0e0e0e") };
  await world.call("c-1", here, there);
  await world.settled();
  expect((await world.explained("c-1", "sales")).state).toBe("written");
  expect((await world.explained("c-1", "service")).state).toBe("parked");
  const parked = await world.wrapup.parked.list();
  expect(parked.map(({ connection }) => connection)).toEqual(["service"]);
  await sales.writes();
  await service.person("Huber", there.id);
  expect(await world.wrapup.parked.replay({}, "ada")).toBe(1);
  await world.settled();
  expect((await world.explained("c-1", "service")).state).toBe("written");
  expect(linked(await service.activities())).toEqual([[there.id]]);
  expect(await sales.writes()).toBe(0);
});
