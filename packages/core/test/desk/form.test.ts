import { describe, expect, test } from "vitest";
import { openWorld, type World } from "../world.ts";
import { withForm } from "./creates.ts";

describe("R3 the form", () => {
  const prefill = async (
    world: World,
    customer: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string | undefined>>> => {
    const call = await world.wrapup.interactions.start({ id: "c-9", channel: "voice", customer });
    const { form } = await call.draft("crm", "person");
    return Object.fromEntries(form.map(({ name, value }) => [name, value]));
  };
  const lastName = { name: "LastName" };

  test.for([
    ["Cora", false, { FirstName: "Cora", LastName: undefined }],
    ["Cora", true, { FirstName: undefined, LastName: "Cora" }],
    ["Cora May Customer", false, { FirstName: "Cora May", LastName: "Customer" }],
    ["Cora May Customer", true, { FirstName: "Cora May", LastName: "Customer" }],
  ] as const)("C2 %s, last name required: %s", async ([name, required, expected]) => {
    const world = await openWorld();
    withForm(world, { name: "FirstName" }, { ...lastName, required });
    expect(await prefill(world, { name })).toEqual(expected);
    await world.wrapup.close();
  });

  test("C2 a required last name that nobody may fill in does not count; given parts win over split ones", async () => {
    const world = await openWorld();
    withForm(
      world,
      { name: "firstname" },
      { name: "lastname" },
      { ...lastName, name: "LAST_NAME", required: true, createable: false },
    );
    expect(await prefill(world, { name: "Cora" })).toEqual({
      firstname: "Cora",
      lastname: undefined,
    });
    withForm(world, { name: "first_name" }, { name: "last_name" });
    const given = { name: "C. C.", firstName: "Cora", lastName: "Customer" };
    const call = await world.wrapup.interactions.start({
      id: "c-8",
      channel: "voice",
      customer: given,
    });
    const { form } = await call.draft("crm", "person");
    expect(form.map(({ value }) => value)).toEqual(["Cora", "Customer"]);
    await world.wrapup.close();
  });

  test("R3 every field is filled by what CRMs call it, a choice never", async () => {
    const world = await openWorld();
    const text = ["email", "emailaddress1", "MobilePhone", "telephone1", "companyname", "colour"];
    withForm(world, ...text.map((name) => ({ name })), { name: "Company", kind: "choice" });
    const customer = { phone: "+14155550100", email: "c@wrapup.example", company: "Classics" };
    expect(await prefill(world, customer)).toEqual({
      email: "c@wrapup.example",
      emailaddress1: "c@wrapup.example",
      MobilePhone: "+14155550100",
      telephone1: "+14155550100",
      companyname: "Classics",
      colour: undefined,
      Company: undefined,
    });
    await world.wrapup.close();
  });

  test("R3 a reference is filled by the one linked record of its type, or else the one it hangs under", async () => {
    const world = await openWorld();
    const to = (name: string, ...types: readonly string[]) =>
      ({ name, kind: "reference", to: types }) as const;
    withForm(
      world,
      to("PersonId", "person"),
      to("company_id", "company"),
      to("ownerid", "person"),
      to("ticketid", "ticket"),
      to("customerid", "person", "company"),
    );
    const { call } = await world.call("c-1", "p1");
    const ref = { connection: "crm", type: "invoice", id: "i1" };
    await call.link({ ref, parents: [{ type: "company", id: "co1" }] });
    await call.link({ connection: "other", type: "ticket", id: "t1" }).catch(() => undefined);
    const values = async () =>
      (await call.draft("crm", "person")).form.map(({ name, value }) => [name, value]);
    expect(await values()).toEqual([
      ["PersonId", "p1"],
      ["company_id", "co1"],
      ["ownerid", undefined],
      ["ticketid", undefined],
      ["customerid", undefined],
    ]);
    await call.link({ connection: "crm", type: "person", id: "p2" });
    expect((await values())[0]).toEqual(["PersonId", undefined]);
    await world.wrapup.close();
  });

  test("R3 a required reference to one of several types is filled by the one linked record among them; two are no answer", async () => {
    const world = await openWorld();
    const to = ["person", "company"] as const;
    withForm(world, { name: "customerid", kind: "reference", to, required: true });
    const { call } = await world.call("c-1", "p1");
    const value = async () => (await call.draft("crm", "person")).form[0]?.value;
    expect(await value()).toBe("p1");
    const company = { connection: "crm", type: "company", id: "co1" };
    await call.link(company);
    expect(await value()).toBeUndefined();
    await call.unlink(company);
    expect(await value()).toBe("p1");
    await world.wrapup.close();
  });

  test("R3 K1 what is linked in another connection fills nothing", async () => {
    const two = await openWorld();
    const world = await openWorld({
      options: { connections: { crm: two.crm.adapter, second: two.crm.adapter } },
    });
    withForm(two, { name: "personid", kind: "reference", to: ["person"] });
    const { call } = await world.call("c-1", "p1");
    const filled = async (connection: string) =>
      (await call.draft(connection, "person")).form[0]?.value;
    expect([await filled("crm"), await filled("second")]).toEqual(["p1", undefined]);
    await world.wrapup.close();
    await two.wrapup.close();
  });

  test("C4 limits count as the CRM counts: bytes or characters; a choice has none", async () => {
    const world = await openWorld();
    withForm(
      world,
      { name: "a", label: "A", length: 4, lengthIn: "bytes" },
      { name: "b", label: "B", length: 4, lengthIn: "units" },
      { name: "c", label: "C", length: 4 },
      { name: "d", label: "D", length: 1, kind: "choice" },
      { name: "e", label: "E", required: true },
    );
    const { call } = await world.call("c-1");
    const draft = await call.draft("crm", "person");
    const choice = { d: "long", e: "x" };
    expect(await draft.save({ a: "äää", b: "äää", c: "äääää", ...choice })).toEqual({
      is: "refused",
      problems: [
        { field: "a", reason: "A holds at most 4 bytes; this is 6." },
        { field: "c", reason: "C holds at most 4 characters; this is 5." },
      ],
    });
    expect(await draft.save({ a: "ää", b: "ääää", ...choice, e: "" })).toEqual({
      is: "refused",
      problems: [{ field: "e", reason: "E is required." }],
    });
    expect((await draft.save({ a: "ää", b: "ääää", c: "ääää", ...choice })).is).toBe("created");
    await world.wrapup.close();
  });
});
