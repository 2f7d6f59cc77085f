import { CrmError, type CrmRecord, type SearchQuery } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../world.ts";
import { readsOf } from "./creates.ts";

const customerNumber = { type: "company", field: "note" };
const record = (id: string, fields = {}, type = "person"): CrmRecord => ({
  ref: { type, id },
  title: id,
  url: `https://crm.example/${id}`,
  fields,
});

/** What reaches the CRM's search. */
function queriesOf({ crm: { adapter } }: World): readonly SearchQuery[] {
  const reads = readsOf(adapter);
  const search = reads.search.bind(reads);
  const seen: SearchQuery[] = [];
  reads.search = (query, context) => {
    seen.push(query);
    return search(query, context);
  };
  return seen;
}

describe("R1 what is asked of the CRM", () => {
  const usual = { types: ["person"], limit: 20 };
  test.for([
    [{ email: "  Cora@Wrapup.Example " }, { ...usual, email: "cora@wrapup.example" }],
    [{ name: " Cora " }, { ...usual, name: "Cora" }],
    [{ text: " refund " }, { ...usual, text: "refund" }],
    [
      { phone: "(415) 555-0100", email: "cora@wrapup.example" },
      {
        ...usual,
        phone: { e164: "+14155550100", national: "4155550100", digits: "14155550100" },
      },
    ],
    [
      { customerNumber: " 4711 ", phone: "+14155550100" },
      { types: ["company"], limit: 20, customerNumber: "4711", field: "note" },
    ],
    [
      { customerNumber: "4711", types: ["person", "company"], limit: 3 },
      { types: ["person", "company"], limit: 3, customerNumber: "4711", field: "note" },
    ],
    [
      { name: "Cora", types: ["ticket", "person"], limit: 2 },
      { types: ["ticket", "person"], limit: 2, name: "Cora" },
    ],
    [
      { customerNumber: " ", email: " ", name: "Cora" },
      { ...usual, name: "Cora" },
    ],
  ] as const)("R1 %o is asked as %o", async ([find, query]) => {
    const world = await openWorld({ connection: { customerNumber } });
    const seen = queriesOf(world);
    await world.wrapup.find("crm", find);
    expect(seen).toEqual([query]);
    await world.wrapup.close();
  });

  test("R1 a customer number where none is configured is said, and is passed over beside an address", async () => {
    const world = await openWorld();
    const seen = queriesOf(world);
    await expect(world.wrapup.find("crm", { customerNumber: "4711" })).rejects.toMatchObject({
      code: "invalid_input",
      mend: expect.stringContaining("customerNumber: { type, field }"),
    });
    await world.wrapup.find("crm", { customerNumber: "4711", email: "c@wrapup.example" });
    expect(seen).toEqual([{ ...usual, email: "c@wrapup.example" }]);
    await world.wrapup.close();
  });

  test("R1 none, one and many; the limit is kept", async () => {
    const { wrapup, crm } = await openWorld();
    for (const id of ["p1", "p2", "p3"]) crm.addRecord(record(id, { name: "Cora" }));
    crm.addRecord(record("p4", { name: "Zoe" }));
    expect(await wrapup.find("crm", { name: "Eve" })).toEqual({ is: "none" });
    const zoe = record("p4", { name: "Zoe" });
    const found = { ...zoe, ref: { ...zoe.ref, connection: "crm" } };
    expect(await wrapup.find("crm", { name: "Zoe" })).toEqual({ is: "one", record: found });
    const many = await wrapup.find("crm", { name: "Cora", limit: 2 });
    expect(many.is === "many" && many.records.map(({ ref }) => ref.id)).toEqual(["p1", "p2"]);
    await wrapup.close();
  });

  test("A1 a CRM that cannot be read is said to be so, and its part of the card is empty", async () => {
    const world = await openWorld();
    Reflect.deleteProperty(world.crm.adapter, "reads");
    const { call } = await world.call("c-1");
    await expect(call.find("crm", { name: "Cora" })).rejects.toMatchObject({
      code: "not_supported",
    });
    expect((await call.card()).matches).toEqual([{ connection: "crm", is: "none" }]);
    await world.wrapup.close();
  });
});

describe("C1 R2 the card's records", () => {
  const open = async (world: World, customer: Readonly<Record<string, string>>) =>
    (await world.wrapup.interactions.start({ id: "c-1", channel: "voice", customer })).card();

  test("R1 R2 many are all shown, and said to be many", async () => {
    const world = await openWorld();
    for (const id of ["p1", "p2"]) world.crm.addRecord(record(id, { phone: "+1 (415) 555-0100" }));
    const card = await open(world, { phone: "+14155550100" });
    expect(card.matches).toEqual([{ connection: "crm", is: "many" }]);
    expect(card.records.map(({ ref }) => ref.id)).toEqual(["p1", "p2"]);
    await world.wrapup.close();
  });

  test("R1 the customer number is surer than the phone, the phone than the email; the first hit ends it", async () => {
    const world = await openWorld({ connection: { customerNumber } });
    const seen = queriesOf(world);
    const customer = {
      name: "Cora",
      customerNumber: "4711",
      phone: "+14155550100",
      email: "Cora@Wrapup.Example",
    };
    expect((await open(world, customer)).matches).toEqual([{ connection: "crm", is: "none" }]);
    expect(seen).toMatchObject([
      { customerNumber: "4711", types: ["company"] },
      { phone: { e164: "+14155550100" }, types: ["person"] },
      { email: "cora@wrapup.example" },
    ]);
    world.crm.addRecord(record("co1", { note: "4711" }, "company"));
    expect((await open(world, customer)).records.map(({ ref }) => ref.id)).toEqual(["co1"]);
    expect(seen).toHaveLength(4);
    await world.wrapup.close();
  });

  test("R1 without a configured field the number is not asked for, nor is a bare name", async () => {
    const world = await openWorld();
    const seen = queriesOf(world);
    await open(world, { name: "Cora", customerNumber: "4711" });
    expect(seen).toEqual([]);
    await world.wrapup.close();
  });

  test("R3 C1 what agents may create is told by connection; nothing where the CRM cannot", async () => {
    const world = await openWorld({ connection: { creatable: ["ticket"] } });
    const creatable = async () => (await open(world, {})).creatable;
    expect(await creatable()).toEqual([{ connection: "crm", types: ["ticket"] }]);
    Reflect.deleteProperty(world.crm.adapter, "createRecord");
    expect(await creatable()).toEqual([{ connection: "crm", types: [] }]);
    await world.wrapup.close();
  });

  test("K7 one CRM that does not answer leaves only its own part out", async () => {
    const other = await openWorld();
    const world = await openWorld();
    other.crm.addRecord(record("p1", { phone: "+14155550100" }));
    readsOf(world.crm.adapter).search = () =>
      Promise.reject(new CrmError("auth", "no", "signed out"));
    const both = await openWorld({
      options: { connections: { down: world.crm.adapter, up: other.crm.adapter } },
    });
    const card = await open(both, { phone: "+14155550100" });
    expect(card.matches).toEqual([
      { connection: "down", is: "unavailable", reason: "signed out" },
      { connection: "up", is: "one" },
    ]);
    expect(card.records.map(({ ref }) => ref.connection)).toEqual(["up"]);
    for (const { wrapup } of [both, world, other]) await wrapup.close();
  });
});
