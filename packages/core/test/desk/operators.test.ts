import { type Answer, CrmError } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../world.ts";

const refusal = (reason: string): Answer => ({ is: "refused", why: "validation", reason });
const refuseAll = (world: World, reason: string, times = 1): void => {
  for (let n = 0; n < times; n += 1)
    world.crm.script({ is: "answers", when: () => true, answer: refusal(reason) });
};

describe("W6 parked writes", () => {
  test("W6 all of them are listed, also more than one page holds, each once", async () => {
    const world = await openWorld();
    refuseAll(world, "no such stage", 1_100);
    for (let n = 0; n < 1_005; n += 1) await world.closedCall(`c-${n}`);
    await world.wrapup.drain();
    const parked = await world.wrapup.parked.list();
    expect(parked).toHaveLength(1_005);
    expect(new Set(parked.map(({ interaction }) => interaction)).size).toBe(1_005);
    await world.wrapup.close();
  });

  test("W6 by connection, state and words of the reason; replayed by the same filter, with who did it", async () => {
    const world = await openWorld();
    const refused = ["no such stage", "no permission"];
    for (const [n, reason] of refused.entries()) {
      refuseAll(world, reason);
      await world.closedCall(`c-${n}`);
      await world.wrapup.drain();
    }
    const { parked } = world.wrapup;
    const listed = async (filter = {}) =>
      (await parked.list(filter)).map(({ interaction }) => interaction).toSorted();
    expect(await listed()).toEqual(["c-0", "c-1"]);
    expect(await listed({ reasonIncludes: "permission" })).toEqual(["c-1"]);
    expect(await listed({ connection: "crm" })).toEqual(["c-0", "c-1"]);
    expect(await listed({ connection: "other" })).toEqual([]);
    expect(await parked.list({ reasonIncludes: "stage" })).toEqual([
      {
        key: expect.any(String),
        connection: "crm",
        interaction: "c-0",
        state: "parked",
        reason: expect.stringContaining("no such stage"),
        tries: 1,
      },
    ]);
    expect(await parked.replay({ reasonIncludes: "permission" }, "olga")).toBe(1);
    await world.wrapup.drain();
    expect(await listed()).toEqual(["c-0"]);
    expect((await world.wrapup.explain("c-1")).timeline).toContainEqual(
      expect.objectContaining({ what: "replayed", by: "olga" }),
    );
    expect((await world.wrapup.explain("c-0")).timeline.map(({ by }) => by)).not.toContain("olga");
    expect(await parked.replay([], "olga")).toBe(0);
    await world.wrapup.close();
  });

  test("K6 W6 what people deleted is listed apart, and made anew by a replay", async () => {
    const world = await openWorld();
    const call = await world.closedCall("c-1");
    await world.wrapup.drain();
    world.crm.remove("a1");
    await call.learn({ recordingUrl: "https://rec.example/1" });
    await world.wrapup.drain();
    const { parked } = world.wrapup;
    expect(await parked.list()).toEqual([]);
    const [gone, ...more] = await parked.list({ state: "gone" });
    expect([gone?.state, gone?.interaction, more]).toEqual(["gone", "c-1", []]);
    expect(gone?.reason).not.toBe("");
    expect(await parked.replay([gone?.key ?? ""], "olga")).toBe(1);
    await world.wrapup.drain();
    expect([...world.crm.rows.values()].map(({ id }) => id)).toEqual(["a2"]);
    await world.wrapup.close();
  });
});

describe("K3 check", () => {
  test("K3 a CRM that is away is a finding, with how to mend it; another one's are told beside it", async () => {
    const up = await openWorld();
    const down = await openWorld();
    down.crm.adapter.check = () => Promise.reject(new CrmError("auth", "no", "signed out"));
    const world = await openWorld({
      options: {
        connections: {
          down: down.crm.adapter,
          up: { adapter: up.crm.adapter, searchOrder: ["persn"] },
        },
      },
    });
    expect(await world.wrapup.check()).toMatchObject([
      {
        connection: "down",
        severity: "error",
        place: "connections.down",
        text: "signed out",
        mend: expect.stringContaining("sign-in"),
      },
      { connection: "up", severity: "warning", place: expect.stringContaining("searchOrder") },
    ]);
    for (const { wrapup } of [world, up, down]) await wrapup.close();
  });

  test.for(["auth", "schema"] as const)("K3 W5 a clean check ends a pause for %s", async (why) => {
    const world = await openWorld();
    world.crm.script({ is: "fails", error: new CrmError(why, "no", "broken") });
    await world.closedCall("c-1");
    await world.wrapup.drain();
    const state = async () => (await world.wrapup.explain("c-1")).connections[0]?.state;
    expect(await state()).toBe("paused");
    expect(await world.wrapup.check()).toEqual([]);
    await world.wrapup.drain();
    expect(await state()).toBe("written");
    await world.wrapup.close();
  });

  test("K3 W5 a check that finds an error does not end it", async () => {
    const world = await openWorld();
    const good = world.crm.adapter.check.bind(world.crm.adapter);
    world.crm.adapter.check = async (context) => ({
      ...(await good(context)),
      findings: [{ severity: "error", place: "p", text: "t", mend: "m" }],
    });
    world.crm.script({ is: "fails", error: new CrmError("auth", "no", "broken") });
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(await world.wrapup.check()).toMatchObject([{ connection: "crm", text: "t" }]);
    expect((await world.wrapup.explain("c-1")).connections[0]?.state).toBe("paused");
    await world.wrapup.close();
  });

  test("K3 W5 a check does not go past a throttled CRM, and says why it did not look", async () => {
    const world = await openWorld();
    const slow = new CrmError("throttled", "no", "slow down", { afterMs: 600_000 });
    world.crm.script({ is: "fails", error: slow });
    await world.closedCall("c-1");
    await world.wrapup.drain();
    expect(await world.wrapup.check()).toMatchObject([
      { connection: "crm", severity: "error", text: expect.stringContaining("slow down") },
    ]);
    expect((await world.wrapup.explain("c-1")).connections[0]?.state).toBe("paused");
    await world.wrapup.close();
  });

  test("K3 R1 R3 a slip in the names for agents is a warning that names the setting", async () => {
    const named = async (connection: object) => {
      const { wrapup } = await openWorld({ connection });
      const findings = await wrapup.check();
      await wrapup.close();
      return findings.map(({ severity, place, text }) => [severity, place, text]);
    };
    const saying = (text: string): unknown => expect.stringContaining(text);
    expect(await named({ searchOrder: ["person", "persn"] })).toEqual([
      ["warning", saying("searchOrder"), saying('"persn"')],
    ]);
    expect(await named({ creatable: ["tikcet"] })).toEqual([
      ["warning", saying("creatable"), saying('"tikcet"')],
    ]);
    expect(await named({ customerNumber: { type: "person", field: "nr" } })).toEqual([
      ["warning", saying("customerNumber.field"), saying('"nr"')],
    ]);
    expect(await named({ customerNumber: { type: "prson", field: "note" } })).toEqual([
      ["warning", saying("customerNumber.type"), saying('"prson"')],
    ]);
    expect(await named({ customerNumber: { type: "person", field: "note" } })).toEqual([]);
  });
});

describe("W9 preview", () => {
  test("W9 W10 each activity says its leg and owner; nobody's own user is the fallback's, with a warning", async () => {
    const world = await openWorld({ connection: { ownerFallback: "user-desk" } });
    const { call } = await world.call("c-1");
    await call.accept({ agent: { id: "eve" }, leg: "2" });
    const [shown] = (await call.preview()).connections;
    expect(shown?.unavailable).toBeUndefined();
    expect(shown?.activities.map(({ leg, owner }) => [leg, owner])).toEqual([
      ["1", "user-ada"],
      ["2", "user-desk"],
    ]);
    expect(shown?.activities.map(({ warnings }) => warnings.map(({ code }) => code))).toEqual([
      [],
      ["ownerFallback"],
    ]);
    await world.wrapup.close();
  });

  test("W9 an owner that cannot be looked up leaves only the owner out", async () => {
    const world = await openWorld();
    world.crm.adapter.usersOf = () => Promise.reject(new CrmError("auth", "no", "signed out"));
    const { call } = await world.call("c-1");
    const [shown] = (await call.preview()).connections;
    expect(shown?.activities).toHaveLength(1);
    expect(shown?.activities[0]?.owner).toBeUndefined();
    await world.wrapup.close();
  });

  test("W9 where nothing is known of the CRM yet it says so, and the other connections are shown", async () => {
    const up = await openWorld();
    const down = await openWorld();
    down.crm.adapter.check = () => Promise.reject(new CrmError("auth", "no", "signed out"));
    const world = await openWorld({
      options: { connections: { down: down.crm.adapter, crm: up.crm.adapter } },
    });
    const { call } = await world.call("c-1");
    expect((await call.preview()).connections).toMatchObject([
      { connection: "down", activities: [], missing: [], unavailable: "signed out" },
      { connection: "crm", activities: [{ type: "activity" }], missing: ["disposition"] },
    ]);
    for (const { wrapup } of [world, up, down]) await wrapup.close();
  });

  test("W9 K8 a link is missing where nobody made one for this connection", async () => {
    const world = await openWorld();
    const call = await world.wrapup.interactions.start({ id: "c-1", channel: "voice" });
    await call.accept({ agent: { id: "ada" } });
    const [shown] = (await call.preview()).connections;
    expect(shown).toMatchObject({ activities: [], missing: ["disposition", "link"] });
    await world.wrapup.close();
  });
});
