import { type Claim, CrmError, memoryStore, type Row, type Store } from "@wrapup/core";
import type { ScriptedFault } from "@wrapup/core/testing";
import { describe, expect, test } from "vitest";
import { ada, bob, openWorld, type World } from "../world.ts";

const fails = (why: CrmError["why"], afterMs?: number): ScriptedFault => ({
  is: "fails",
  error: new CrmError(why, "no", `it was ${why}`, afterMs === undefined ? {} : { afterMs }),
});

/** The CRM is not looked at before `release`, so that what becomes due meanwhile goes out in one flight. */
function holdBack({ crm }: World): { readonly release: () => void } {
  const held = Promise.withResolvers<void>();
  const check = crm.adapter.check.bind(crm.adapter);
  crm.adapter.check = async (context) => {
    await held.promise;
    return check(context);
  };
  return { release: () => held.resolve() };
}

/** A call with two legs on one record: two activities that touch the same row of the CRM. */
async function twoLegs({ call, clock }: World, apartMs = 0): Promise<void> {
  const { call: c, leg: first } = await call("c-1");
  await first.transfer({ to: bob });
  const second = await c.accept({ agent: bob });
  await first.completeWrapUp();
  await clock.advance(apartMs);
  await second.endTalk();
  await second.completeWrapUp();
}

const entriesOf = async ({ wrapup }: World, id = "c-1") =>
  (await wrapup.explain(id)).connections[0]?.entries ?? [];

const told = <Event extends World["events"][number]["event"]>(
  { events }: World,
  name: Event,
): readonly Extract<World["events"][number], { event: Event }>[] =>
  events.filter(
    (event): event is Extract<World["events"][number], { event: Event }> => event.event === name,
  );

describe("W5 the gate is asked before each request", () => {
  test("W5 W4 one after another: what would have followed a pause waits unharmed", async () => {
    const world = await openWorld({ crm: { abilities: { maxBatch: 1 } } });
    const { release } = holdBack(world);
    await twoLegs(world);
    world.crm.script(fails("throttled", 30_000));
    release();
    await world.wrapup.drain();
    expect(world.crm.requests).toHaveLength(1);
    expect((await entriesOf(world)).map(({ state }) => state)).not.toContain("parked");
    await world.pass(31_000);
    expect(world.crm.requests.flat().map(({ maybeSent }) => maybeSent)).toEqual([
      false,
      false,
      false,
    ]);
    expect((await entriesOf(world)).map(({ state, tries }) => [state, tries])).toEqual([
      ["written", 2],
      ["written", 1],
    ]);
    await world.wrapup.close();
  });

  test("W5 side by side: whoever waited for a place does not go out into the pause", async () => {
    const world = await openWorld({ crm: { abilities: { maxBatch: 1, maxConcurrent: 1 } } });
    const { release } = holdBack(world);
    const { call, leg } = await world.call("c-1");
    for (const id of ["p2", "p3", "p4", "p5"])
      await call.link({ connection: "crm", type: "person", id });
    await leg.endTalk();
    await leg.completeWrapUp();
    world.crm.script(fails("throttled", 30_000));
    release();
    await world.wrapup.drain();
    expect(world.crm.requests).toHaveLength(1);
    await world.pass(31_000);
    expect(world.crm.rows.size).toBe(3);
    await world.wrapup.close();
  });
});

describe("W1 a worker that lost its claim", () => {
  /** Somebody else takes c-1's lane over at the moment the test says. */
  const stealing = (when: "begin" | "settle"): Store => {
    let stolen = false;
    const inner = memoryStore();
    const settle = inner.settle.bind(inner);
    const begin = inner.begin.bind(inner);
    const steal = async (claims: readonly Claim[]): Promise<void> => {
      const claim = claims.find(({ lane }) => lane.interaction === "c-1");
      if (stolen || claim === undefined) return;
      stolen = true;
      await settle([{ claim, rows: [], release: { again: await inner.now() } }]);
    };
    return Object.assign(inner, {
      begin: async (begun: Parameters<Store["begin"]>[0]) => {
        if (when === "begin") await steal(begun.map(({ claim }) => claim));
        return begin(begun);
      },
      settle: async (settlements: Parameters<Store["settle"]>[0]) => {
        if (when === "settle")
          await steal(settlements.filter(({ rows }) => rows.length > 0).map(({ claim }) => claim));
        return settle(settlements);
      },
    });
  };

  test("W1 W3 what it had not begun is not sent by it; its batch goes on, and the lane is written by whoever has it", async () => {
    const world = await openWorld({ store: stealing("begin") });
    const { release } = holdBack(world);
    await world.closedCall("c-1", "p1");
    await world.closedCall("c-2", "p2");
    release();
    await world.wrapup.drain();
    expect(
      world.crm.requests.map((writes) => writes.map(({ entry }) => entry.roles["on"]?.[0]?.id)),
    ).toEqual([["p2"], ["p1"]]);
    expect(world.crm.requests.flat().every(({ maybeSent }) => !maybeSent)).toBe(true);
    await world.wrapup.close();
  });

  test("W3 O3 an answer that comes too late is told, and its lane is looked at again: one activity", async () => {
    const world = await openWorld({ store: stealing("settle") });
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(told(world, "failure")).toMatchObject([
      { where: "sync.settle", error: { message: expect.stringContaining("the lease had ended") } },
    ]);
    expect(world.crm.rows.size).toBe(1);
    expect(world.crm.requests.flat().map(({ op, maybeSent }) => [op, maybeSent])).toEqual([
      ["put", false],
      ["amend", true],
    ]);
    expect((await entriesOf(world)).map(({ state }) => state)).toEqual(["written"]);
    await world.wrapup.close();
  });
});

describe("A1 W3 an adapter that breaks its word", () => {
  test.each([
    ["too few", 0, "0 answers to 2 writes"],
    ["too many", 3, "3 answers to 2 writes"],
  ])("W3 %s answers: all may have been sent", async (_name, count, reason) => {
    const world = await openWorld();
    const { release } = holdBack(world);
    const { adapter } = world.crm;
    const push = adapter.push.bind(adapter);
    let broken = true;
    adapter.push = async (writes, context) => {
      const answers = await push(writes, context);
      if (!broken) return answers;
      broken = false;
      return [...answers, ...answers].slice(0, count);
    };
    await world.closedCall("c-1", "p1");
    await world.closedCall("c-2", "p2");
    release();
    await world.wrapup.drain();
    expect(told(world, "retrying").map(({ interaction, why }) => [interaction, why])).toEqual([
      ["c-1", "transient"],
      ["c-2", "transient"],
    ]);
    expect((await entriesOf(world))[0]).toMatchObject({ reason: expect.stringContaining(reason) });
    await world.pass(5_000);
    expect(world.crm.requests.flat().map(({ maybeSent }) => maybeSent)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(world.crm.rows.size).toBe(2);
    await world.wrapup.close();
  });

  test("W4 one write whose request cannot be named sinks no other", async () => {
    const world = await openWorld();
    const { release } = holdBack(world);
    world.crm.adapter.requestOf = ({ op, entry }) => {
      if (entry.roles["on"]?.[0]?.id === "p1") throw new Error("a defect");
      return op;
    };
    for (const n of [1, 2, 3]) await world.closedCall(`c-${n}`, `p${n}`);
    release();
    await world.wrapup.drain();
    expect(world.crm.requests.map((writes) => writes.length)).toEqual([1, 2]);
    expect(world.crm.rows.size).toBe(3);
    await world.wrapup.close();
  });
});

describe("W5 what an answer means for the connection", () => {
  test("K3 a schema answer makes Wrapup look at the org anew before the next request", async () => {
    const world = await openWorld();
    const { adapter } = world.crm;
    const check = adapter.check.bind(adapter);
    let looks = 0;
    adapter.check = (context) => {
      looks += 1;
      return check(context);
    };
    world.crm.script(fails("schema", 30_000));
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(looks).toBe(1);
    await world.pass(31_000);
    expect(looks).toBe(2);
    expect(world.crm.rows.size).toBe(1);
    await world.wrapup.close();
  });

  test("W5 O3 a success after a pause is told to the gate: it is healed, and the next pause begins anew", async () => {
    const world = await openWorld();
    world.crm.script(fails("unreachable"), fails("unreachable"), undefined, fails("unreachable"));
    await world.closedCall("c-1");
    await world.wrapup.drain();
    await world.pass(10_000);
    await world.pass(10_000);
    expect(told(world, "resumed")).toHaveLength(1);
    await world.closedCall("c-2", "p2");
    const before = world.clock.now();
    await world.wrapup.drain();
    const pauses = told(world, "paused");
    expect(pauses).toHaveLength(3);
    expect((pauses.at(-1)?.until ?? 0) - before).toBeLessThanOrEqual(1_250);
    await world.wrapup.close();
  });

  test("W6 one write's lock is its own: nothing is paused, and it is tried again by itself", async () => {
    const world = await openWorld();
    const { release } = holdBack(world);
    world.crm.script({
      is: "answers",
      when: ({ entry }) => entry.roles["on"]?.[0]?.id === "p1",
      answer: { is: "retry", why: "lock", sent: "no", reason: "locked" },
    });
    await world.closedCall("c-1", "p1");
    await world.closedCall("c-2", "p2");
    release();
    await world.wrapup.drain();
    expect(world.crm.rows.size).toBe(1);
    expect(told(world, "paused")).toEqual([]);
    await world.pass(1_000);
    expect(world.crm.rows.size).toBe(2);
    await world.wrapup.close();
  });
});

describe("W3 what is left to do after an answer", () => {
  test("K6 K4 people deleted the activity: a link that was on its way there finds another place at once", async () => {
    const world = await openWorld();
    const c = await world.closedCall("c-1", "p1");
    await world.wrapup.drain();
    world.crm.remove("a1");
    await c.link({ connection: "crm", type: "person", id: "p2" });
    await world.wrapup.drain();
    expect([...world.crm.rows.values()].map(({ entry }) => entry.roles["on"])).toEqual([
      [{ type: "person", id: "p2" }],
    ]);
    expect((await world.wrapup.stats()).later).toBe(0);
    await world.wrapup.close();
  });

  test("W3 an entry that waits for its next try is not sent before, though its lane has other work", async () => {
    const world = await openWorld();
    world.crm.script({
      is: "answers",
      when: () => true,
      answer: { is: "retry", why: "lock", sent: "no", reason: "locked", afterMs: 60_000 },
    });
    const c = await world.closedCall("c-1");
    await world.wrapup.drain();
    const next = await c.accept({ agent: ada });
    await next.endTalk();
    await next.completeWrapUp();
    await world.wrapup.drain();
    expect(world.crm.rows.size).toBe(1);
    expect(world.crm.requests).toHaveLength(2);
    await world.pass(59_999);
    expect(world.crm.requests).toHaveLength(2);
    await world.pass(1);
    expect(world.crm.rows.size).toBe(2);
    await world.wrapup.close();
  });

  test("W3 what was never sent and is no longer wanted is forgotten without a call", async () => {
    const world = await openWorld();
    world.crm.script(fails("throttled", 30_000));
    const c = await world.closedCall("c-1");
    await world.wrapup.drain();
    await c.unlink({ connection: "crm", type: "person", id: "p1" });
    await world.pass(31_000);
    expect(world.crm.requests).toHaveLength(1);
    const rows: readonly Row[] = (await world.store.rows({})).map(({ row }) => row);
    expect(rows.map(({ state }) => state)).toEqual(["removed"]);
    expect(await world.wrapup.stats()).toMatchObject({ ready: 0, later: 0, claimed: 0 });
    await world.wrapup.close();
  });
});

describe("O3 what is told of each write", () => {
  test("O3 the time from due to written counts from the entry's own leg", async () => {
    const world = await openWorld();
    const { release } = holdBack(world);
    await twoLegs(world, 20_000);
    await world.clock.advance(10_000);
    release();
    await world.wrapup.drain();
    expect(told(world, "written").map(({ dueToWrittenMs }) => dueToWrittenMs)).toEqual([
      30_000, 10_000,
    ]);
    await world.wrapup.close();
  });

  test("O3 L9 of an activity of the whole interaction: from the last leg's close", async () => {
    const world = await openWorld();
    const { release } = holdBack(world);
    const chat = await world.wrapup.interactions.start({ id: "chat-1", channel: "chat" });
    await chat.link({ connection: "crm", type: "person", id: "p1" });
    const first = await chat.accept({ agent: ada });
    await first.transfer({ to: bob });
    await world.clock.advance(20_000);
    const second = await chat.accept({ agent: bob });
    await second.unassign();
    await world.clock.advance(10_000);
    release();
    await world.wrapup.drain();
    expect(told(world, "written").map(({ dueToWrittenMs }) => dueToWrittenMs)).toEqual([10_000]);
    await world.wrapup.close();
  });

  test("O3 written, removed, gone, parked and retrying are each told with their interaction", async () => {
    const world = await openWorld();
    const c = await world.closedCall("c-1");
    await world.wrapup.drain();
    await c.unlink({ connection: "crm", type: "person", id: "p1" });
    await world.wrapup.drain();
    const d = await world.closedCall("c-2", "p2");
    await world.wrapup.drain();
    world.crm.remove("a2");
    await d.learn({ summary: "late" });
    await world.wrapup.drain();
    world.crm.script(
      {
        is: "answers",
        when: () => true,
        answer: { is: "retry", why: "lock", sent: "no", reason: "locked" },
      },
      {
        is: "answers",
        when: () => true,
        answer: { is: "refused", why: "permission", reason: "not yours" },
      },
    );
    await world.closedCall("c-3", "p3");
    await world.wrapup.drain();
    await world.pass(2_000);
    expect(
      world.events.flatMap((event) =>
        "interaction" in event && "connection" in event
          ? `${event.event} ${event.interaction} ${"how" in event ? event.how : "why" in event ? event.why : event.reason}`
          : [],
      ),
    ).toEqual([
      "written c-1 created",
      "removed c-1 deleted",
      "written c-2 created",
      "removed c-2 gone",
      "retrying c-3 lock",
      "parked c-3 the CRM did not allow it: not yours",
    ]);
    await world.wrapup.close();
  });
});

describe("K3 what is wrong with the setting up", () => {
  test("K3 findings of the CRM are told as events, and a warning stops nothing", async () => {
    const world = await openWorld();
    const { adapter } = world.crm;
    const check = adapter.check.bind(adapter);
    adapter.check = async (context) => ({
      ...(await check(context)),
      findings: [
        {
          severity: "warning",
          place: "the key field",
          text: "It is not unique.",
          mend: "Mend it.",
        },
      ],
    });
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(told(world, "finding")).toEqual([
      {
        event: "finding",
        tenant: "default",
        connection: "crm",
        severity: "warning",
        place: "the key field",
        text: "It is not unique.",
      },
    ]);
    expect(world.crm.rows.size).toBe(1);
    await world.wrapup.close();
  });

  /** A CRM that lacks a mapped field until it is mended. */
  async function openBrokenMapping(): Promise<World & { readonly mend: () => void }> {
    const world = await openWorld();
    const { reads } = world.crm.adapter;
    const describeTypes = reads?.describe.bind(reads);
    if (reads === undefined || describeTypes === undefined) throw new Error("it reads");
    let mended = false;
    Object.assign(reads, {
      describe: async (...call: Parameters<typeof describeTypes>) =>
        (await describeTypes(...call)).map((type) => ({
          ...type,
          fields: type.fields.filter(({ name }) => mended || name !== "disposition"),
        })),
    });
    return { ...world, mend: () => (mended = true) };
  }

  test("K3 a mapping error pauses the connection with the line that is wrong; nothing is sent or parked", async () => {
    const world = await openBrokenMapping();
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(world.crm.requests).toEqual([]);
    expect(told(world, "finding")).toMatchObject([
      { severity: "error", place: expect.stringContaining("disposition") },
    ]);
    expect(told(world, "paused")).toMatchObject([
      { why: "schema", reason: expect.stringContaining("disposition") },
    ]);
    expect(await world.wrapup.parked.list()).toEqual([]);
    await world.wrapup.close();
  });

  test("K3 mended in the CRM, it heals at the next try", async () => {
    const world = await openBrokenMapping();
    await world.closedCall("c-1");
    await world.wrapup.drain();
    world.mend();
    await world.pass(80_000);
    expect(world.crm.rows.size).toBe(1);
    expect(told(world, "paused")).toHaveLength(1);
    await world.wrapup.close();
  });

  test("K3 W5 mended in the CRM, one resume() is enough", async () => {
    const world = await openBrokenMapping();
    await world.closedCall("c-1");
    await world.wrapup.drain();
    world.mend();
    await world.wrapup.resume("crm");
    await world.wrapup.drain();
    expect(world.crm.rows.size).toBe(1);
    await world.wrapup.close();
  });
});
