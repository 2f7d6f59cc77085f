import { CrmError, type Saved } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../world.ts";
import { onCreate } from "./creates.ts";

const minute = 60_000;
const idOf = (saved: Saved): string | undefined =>
  saved.is === "created" || saved.is === "already" ? saved.record.ref.id : undefined;

/** Two agents' drafts of one type, each in an interaction of its own. */
async function twoDrafts(world: World, type = "person") {
  const { call: first } = await world.call("c-1");
  const { call: second } = await world.call("c-2");
  return [
    await first.draft("crm", type, { by: "ada" }),
    await second.draft("crm", type, { by: "bob" }),
  ] as const;
}

describe("R4 two agents create the same customer", () => {
  const alike: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    Readonly<Record<string, string>>,
  ])[] = [
    [
      "email, however it is written",
      { name: "Cora", email: "Cora@Wrapup.Example", phone: "" },
      { name: "C. Customer", email: "cora@wrapup.example ", phone: "+14155550199" },
    ],
    [
      "phone where there is no email, however it is written",
      { name: "Cora", phone: "(415) 555-0142" },
      { name: "C. Customer", phone: "+1 415 555 0142" },
    ],
    [
      "exact name where there is neither",
      { name: "Cora Customer", phone: "", note: "one" },
      { name: "Cora Customer", phone: "", note: "two" },
    ],
  ];

  test.for(alike)("R4 at once, same %s: one record, the other is offered it", async ([, a, b]) => {
    const world = await openWorld();
    const [mine, theirs] = await twoDrafts(world);
    const [first, second] = await Promise.all([mine.save(a), theirs.save(b)]);
    expect(first.is).toBe("created");
    expect(second).toEqual({
      is: "duplicate",
      candidates: [{ ...(first.is === "created" && first.record) }],
      mayOverride: true,
    });
    expect(second).toMatchObject({ candidates: [{ ref: { connection: "crm", type: "person" } }] });
    expect(world.crm.createdCount()).toBe(1);
    await world.wrapup.close();
  });

  test("R4 another email, another phone without an email, or another name is another person", async () => {
    const world = await openWorld();
    const [mine, theirs] = await twoDrafts(world);
    const third = await (await world.call("c-3")).call.draft("crm", "person");
    const fourth = await (await world.call("c-4")).call.draft("crm", "person");
    const saved = await Promise.all([
      mine.save({ name: "Cora", email: "cora@wrapup.example" }),
      theirs.save({ name: "Cora", email: "other@wrapup.example" }),
      third.save({ name: "Cora", phone: "+14155550142" }),
      fourth.save({ name: "Cora", phone: "" }),
    ]);
    expect(saved.map(({ is }) => is)).toEqual(["created", "created", "created", "created"]);
    await world.wrapup.close();
  });

  test("R4 the second waits for the first, whatever became of it; other identities do not wait", async () => {
    const world = await openWorld();
    const order: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen = onCreate(
      world,
      async () => held,
      async () => void order.push("other"),
      new CrmError("refused", "no", "not you"),
      undefined,
    );
    const [mine, theirs] = await twoDrafts(world);
    const other = await (await world.call("c-3")).call.draft("crm", "person");
    const first = mine.save({ name: "Cora", email: "a@wrapup.example" });
    const second = theirs.save({ name: "Cora", email: "a@wrapup.example" });
    expect((await other.save({ name: "Zoe", email: "z@wrapup.example" })).is).toBe("created");
    expect(seen).toHaveLength(2);
    release();
    expect([(await first).is, (await second).is]).toEqual(["created", "duplicate"]);
    const failing = await (await world.call("c-4")).call.draft("crm", "person");
    const after = await (await world.call("c-5")).call.draft("crm", "person");
    const [refused, made] = await Promise.allSettled([
      failing.save({ name: "Eve", email: "e@wrapup.example" }),
      after.save({ name: "Eve", email: "e@wrapup.example" }),
    ]);
    expect([refused.status, made]).toMatchObject(["rejected", { value: { is: "created" } }]);
    await world.wrapup.close();
  });

  test("R4 R5 a person who says so makes another one, and the next is offered that one", async () => {
    const world = await openWorld();
    const [mine, theirs] = await twoDrafts(world);
    await mine.save({ name: "Cora" });
    expect((await theirs.save({ name: "Cora" })).is).toBe("duplicate");
    expect((await (await world.wrapup.interactions.get("c-2")).read()).drafts).toEqual([]);
    const made = await theirs.save({ name: "Cora" }, { allowDuplicate: true });
    expect(made.is).toBe("created");
    const third = await (await world.call("c-3")).call.draft("crm", "person");
    expect(await third.save({ name: "Cora" })).toMatchObject({
      candidates: [{ ref: { id: idOf(made) } }],
    });
    await world.wrapup.close();
  });

  test("R4 it is remembered for ten minutes, then the CRM's own rules decide", async () => {
    const world = await openWorld();
    const [mine, theirs] = await twoDrafts(world);
    await mine.save({ name: "Cora" });
    await world.clock.advance(10 * minute - 1);
    expect((await theirs.save({ name: "Cora" })).is).toBe("duplicate");
    await world.clock.advance(1);
    expect((await theirs.save({ name: "Cora" })).is).toBe("created");
    await world.wrapup.close();
  });

  test("R4 one customer may have two cases, but not the very same one twice", async () => {
    const world = await openWorld();
    const [mine, theirs] = await twoDrafts(world, "ticket");
    const other = await (await world.call("c-3")).call.draft("crm", "ticket");
    const saved = await Promise.all([
      mine.save({ name: "Refund" }),
      theirs.save({ name: "Refund" }),
      other.save({ name: "Delivery" }),
    ]);
    expect(saved.map(({ is }) => is)).toEqual(["created", "duplicate", "created"]);
    await world.wrapup.close();
  });

  test("R4 the order of the fields and empty ones make no other case; another type does", async () => {
    const world = await openWorld({ connection: { creatable: ["ticket", "company"] } });
    const [mine, theirs] = await twoDrafts(world, "ticket");
    const third = await (await world.call("c-3")).call.draft("crm", "ticket");
    const company = await (await world.call("c-4")).call.draft("crm", "company");
    const saved = [
      await mine.save({ name: "Refund", note: "now" }),
      await theirs.save({ note: "now", name: "Refund" }),
      await third.save({ name: "Refund", note: "now", email: "" }),
      await company.save({ name: "Refund", note: "now" }),
    ];
    expect(saved.map(({ is }) => is)).toEqual(["created", "duplicate", "duplicate", "created"]);
    await world.wrapup.close();
  });

  test("R4 the same draft saved from a second interaction is the same record, not its duplicate", async () => {
    const world = await openWorld();
    const { call: first } = await world.call("c-1");
    const { call: second } = await world.call("c-2");
    const saved = await (await first.draft("crm", "person", { id: "d-1" })).save({ name: "Cora" });
    const again = await (await second.draft("crm", "person", { id: "d-1" })).save({ name: "Cora" });
    expect([again.is, idOf(again)]).toEqual(["already", idOf(saved)]);
    expect((await second.read()).links).toHaveLength(2);
    await world.wrapup.close();
  });

  test("R4 O2 another type, another connection and another tenant are not the same", async () => {
    const other = await openWorld();
    const world = await openWorld({
      options: { connections: { crm: other.crm.adapter, second: other.crm.adapter } },
    });
    const { call } = await world.call("c-1");
    const elsewhere = await world.wrapup
      .tenant("t-2")
      .interactions.start({ id: "c-1", channel: "voice", customer: { phone: "+14155550100" } });
    const values = { name: "Cora", phone: "+14155550100" };
    const saved = [
      await (await call.draft("crm", "person")).save(values),
      await (await call.draft("crm", "ticket")).save(values),
      await (await call.draft("second", "person")).save(values),
      await (await elsewhere.draft("crm", "person")).save(values),
      await (await call.draft("crm", "person")).save(values),
    ];
    expect(saved.map(({ is }) => is)).toEqual([
      "created",
      "created",
      "created",
      "created",
      "duplicate",
    ]);
    await world.wrapup.close();
    await other.wrapup.close();
  });

  test("R4 one draft opened twice and saved at once is one create, though the values differ", async () => {
    const world = await openWorld();
    const seen = onCreate(world, undefined);
    const { call } = await world.call("c-1");
    const draft = await call.draft("crm", "person", { id: "d-1" });
    const again = await call.draft("crm", "person", { id: "d-1" });
    const [first, second] = await Promise.all([
      draft.save({ name: "Cora", email: "a@wrapup.example" }),
      again.save({ name: "Cora", email: "b@wrapup.example" }),
    ]);
    expect([first.is, second.is, idOf(second)]).toEqual(["created", "already", idOf(first)]);
    expect(seen).toHaveLength(1);
    await world.wrapup.close();
  });

  test("R4 no search is made before the first create", async () => {
    const world = await openWorld();
    const { reads } = world.crm.adapter;
    if (reads === undefined) throw new Error("no reads");
    const [mine] = await twoDrafts(world);
    reads.search = () => Promise.reject(new Error("searched"));
    expect((await mine.save({ name: "Cora" })).is).toBe("created");
    await world.wrapup.close();
  });
});
