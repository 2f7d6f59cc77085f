import { describe, expect, test } from "vitest";
import { idOf, world } from "./data-world.ts";

const call = { subject: "Call" } as const;

describe("what a body may say", () => {
  test("an unknown column is refused by name (facts §1.3)", () => {
    const { ask } = world();
    const result = ask("POST", "phonecalls", { body: { ...call, subjekt: "x" } });
    expect(result).toMatchObject({ status: 400, code: "0x80048d19" });
    expect(result.message).toContain("Invalid property 'subjekt' was found in entity");
  });

  test.each([
    ["regardingobjectid_contact@odata.bind", "regardingobjectid_contact"],
    ["RegardingObjectId_Contact_PhoneCall@odata.bind", "RegardingObjectId_Contact_PhoneCall"],
    ["regardingobjectid@odata.bind", "regardingobjectid"],
  ])("a wrong navigation is an undeclared property: %s", (name, told) => {
    const { ask, seed } = world();
    const contact = seed("contact", { lastname: "Lee" });
    const result = ask("POST", "phonecalls", {
      body: { ...call, [name]: `/contacts(${contact})` },
    });
    expect(result).toMatchObject({ status: 400, code: "0x80048d19" });
    expect(result.message).toContain(`An undeclared property '${told}'`);
  });

  test.each([
    ["subject", 7, "0x80048d19"],
    ["subject", "x".repeat(201), "0x80044331"],
    ["description", "x".repeat(2001), "0x80044331"],
    ["leftvoicemail", "true", "0x80048d19"],
    ["directioncode", 1, "0x80048d19"],
    ["actualdurationminutes", "3", "0x80048d19"],
    ["actualdurationminutes", 1.5, "0x80048d19"],
    ["actualdurationminutes", -1, "0x8004432f"],
    ["prioritycode", 9, "0x8004431a"],
    ["prioritycode", "1", "0x80048d19"],
    ["actualstart", "yesterday", "0x80048d19"],
    ["actualstart", 1_700_000_000, "0x80048d19"],
    ["statuscode", 4, "0x80048408"],
    ["statuscode", 99, "0x80048408"],
    ["_ownerid_value", "00000000-0000-4000-8000-000000000002", "0x80048d19"],
    ["createdon", "2026-01-01T00:00:00Z", "0x80041a01"],
    ["activitytypecode", "phonecall", "0x80041a01"],
    ["subject@odata.bind", "/contacts(1)", "0x80048d19"],
  ])("%s: %s is refused with %s", (name, value, code) => {
    const { ask, org } = world();
    const result = ask("POST", "phonecalls", { body: { ...call, [name]: value } });
    expect(result).toMatchObject({ status: 400, code });
    expect(org.store.live("phonecall").size).toBe(0);
  });

  test.each([
    ["subject", "x".repeat(200), "x".repeat(200)],
    ["actualstart", "2026-01-15T10:00:00.1234567+02:00", "2026-01-15T08:00:00Z"],
    ["actualstart", "2026-01-15", "2026-01-15T00:00:00Z"],
    ["description", "", null],
    ["subject", null, null],
    ["prioritycode", 2, 2],
  ])("%s: %s is kept as %s", (name, value, kept) => {
    const { ask } = world();
    const body = { ...call, [name]: value };
    const made = ask("POST", "phonecalls", { body, headers: { prefer: "return=representation" } });
    expect(made.status).toBe(201);
    expect(made.body[name]).toBe(kept);
  });

  test("a birthday is a day, not a time", () => {
    const { ask } = world();
    const refused = ask("POST", "contacts", { body: { birthdate: "1990-02-03T00:00:00Z" } });
    expect(refused.code).toBe("0x80048d19");
    expect(ask("POST", "contacts", { body: { birthdate: "1990-02-03" } }).status).toBe(204);
  });

  test("a body that is no object is refused", () => {
    const { ask } = world();
    expect(ask("POST", "contacts", { body: [] }).status).toBe(400);
    expect(ask("POST", "contacts").status).toBe(400);
  });
});

describe("what the platform fills", () => {
  test("owner, business unit, direction, state, priority and names", () => {
    const { ask, org } = world();
    const prefer = { prefer: "return=representation" };
    const made = ask("POST", "phonecalls", { body: call, headers: prefer }).body;
    expect(made).toMatchObject({
      _ownerid_value: org.userId,
      _owninguser_value: org.userId,
      _owningbusinessunit_value: idOf(9),
      _createdby_value: org.userId,
      directioncode: true,
      statecode: 0,
      statuscode: 1,
      prioritycode: 1,
      activitytypecode: "phonecall",
      createdon: "2026-01-15T09:00:00Z",
    });
    const contact = ask("POST", "contacts", {
      body: { firstname: "Anna", lastname: "Lee" },
      headers: prefer,
    });
    expect(contact.body["fullname"]).toBe("Anna Lee");
  });

  test("ApplicationRequired is for forms: a call without subject is made, a SystemRequired column is asked for (facts §1.4)", () => {
    const { ask } = world({
      customColumns: [
        {
          table: "contact",
          column: { name: "new_code", kind: "String", required: "SystemRequired" },
        },
      ],
    });
    expect(ask("POST", "phonecalls", { body: {} }).status).toBe(204);
    expect(ask("POST", "contacts", { body: { lastname: "Lee" } }).status).toBe(400);
    expect(ask("POST", "contacts", { body: { new_code: "A" } }).status).toBe(204);
  });

  test("a case belongs to a contact or an account (0x80044410)", () => {
    const { ask, seed } = world();
    const contact = seed("contact", { lastname: "Lee" });
    expect(ask("POST", "incidents", { body: { title: "Help" } }).code).toBe("0x80044410");
    const bound = { title: "Help", "customerid_contact@odata.bind": `/contacts(${contact})` };
    const made = ask("POST", "incidents", {
      body: bound,
      headers: { prefer: "return=representation" },
    });
    expect(made.body).toMatchObject({ _customerid_value: contact, statuscode: 1 });
    expect(made.body["ticketnumber"]).toMatch(/^CAS-/);
  });

  test("modifiedon, modifiedby and versionnumber move with each write", () => {
    const { ask, seed, pass } = world();
    const id = seed("contact", { lastname: "Lee" });
    const before = ask("GET", `contacts(${id})`).body;
    pass(60_000);
    ask("PATCH", `contacts(${id})`, { body: { jobtitle: "Cook" } });
    const after = ask("GET", `contacts(${id})`).body;
    expect(after["createdon"]).toBe(before["createdon"]);
    expect(after["modifiedon"]).toBe("2026-01-15T09:01:00Z");
    expect(Number(after["versionnumber"])).toBeGreaterThan(Number(before["versionnumber"]));
    expect(after["@odata.etag"]).toBe(`W/"${String(after["versionnumber"])}"`);
  });
});

describe("addresses", () => {
  test.each([["phonecall"], ["PhoneCalls"], ["phonecallses"], ["Contacts"]])(
    "%s is no entity set: 404 0x8006088a (facts §1.3)",
    (name) => {
      const { ask } = world();
      expect(ask("GET", name)).toMatchObject({ status: 404, code: "0x8006088a" });
    },
  );

  test.each([
    ["contacts(abc)", 400],
    [`contacts(contactid=${idOf(5)})`, 400],
    [`systemusers(systemuserid=${idOf(2)})`, 400],
    ["contacts(", 400],
    ["contacts(%E0%A4%A)", 400],
    [`contacts(${idOf(5)})/nothing`, 404],
  ])("%s answers %i", (address, status) => {
    const { ask } = world();
    expect(ask("GET", address).status).toBe(status);
  });

  test("a method that a resource does not have is 405", () => {
    const { ask } = world();
    expect(ask("PUT", `contacts(${idOf(5)})`, { body: {} }).status).toBe(405);
    expect(ask("DELETE", "contacts").status).toBe(405);
    expect(ask("GET", "Merge").status).toBe(405);
  });
});
