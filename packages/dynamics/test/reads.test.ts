import type { CrmRecord, RecordId, SearchQuery } from "@wrapup/core";
import { CrmError, samePhone } from "@wrapup/core";
import { manualClock } from "@wrapup/core/testing";
import { expect, onTestFinished, test } from "vitest";
import { createClient } from "../src/client.ts";
import { createDescribes } from "../src/describe.ts";
import { checkOptions } from "../src/options.ts";
import type { Desk } from "../src/records.ts";
import { phoneForms } from "../src/phone-forms.ts";
import { searchRecords } from "../src/search.ts";
import { openOrg } from "./client/org.ts";
import type { Org } from "./client/org.ts";

const us = { e164: "+14155551212", national: "4155551212", digits: "14155551212" };
const german = { e164: "+4930123456", national: "030123456", digits: "4930123456" };
const people = ["contact", "lead", "account"];

const readsOf = (org: Org) => {
  const { reads } = org.adapter;
  if (reads === undefined) throw new Error("no reads");
  return reads;
};

const search = (org: Org, query: Partial<SearchQuery>): Promise<readonly CrmRecord[]> =>
  readsOf(org).search({ types: people, limit: 10, ...query } as SearchQuery, org.context);

const ids = (records: readonly CrmRecord[]): readonly string[] => records.map(({ ref }) => ref.id);

/** What the reads are made of, on that organisation. */
const deskOn = (org: Org) => {
  const { url, authority, credentials } = org.emulator;
  const { tenantId, clientId, clientSecret } = credentials;
  const signIn = { tenantId, clientId, clientSecret, authority };
  const settings = checkOptions({ environment: url, signIn });
  const client = createClient(settings);
  onTestFinished(() => client.close());
  const describes = createDescribes(client, settings);
  const desk: Desk = { client, describes, settings, urlOf: () => undefined };
  return { client, describes, desk };
};

const seedOne = async (
  org: Org,
  table: string,
  columns: Readonly<Record<string, unknown>>,
): Promise<string> => {
  const [id = ""] = await org.control.seed([{ table, columns }]);
  return id;
};

test.for([
  ["(415) 555-1212", us],
  ["+14155551212", us],
  ["415-555-1212", us],
  ["415.555.1212", us],
  ["1 415 555 1212", us],
  ["+1 (415) 555-1212", us],
  ["+1-415-555-1212", us],
  ["4155551212", us],
  ["0014155551212", us],
  ["+49 30 123456", german],
  ["+49 (0)30 123456", german],
  ["+49 (30) 123456", german],
  ["030 123456", german],
  ["030/123456", german],
  ["030-123456", german],
  ["0049 30123456".replace(" ", ""), german],
] as const)("R1 a phone stored as %s is found by one request", async ([stored, phone]) => {
  const org = await openOrg();
  const person = await org.contact({ mobilephone: stored });
  await org.contact({ telephone1: "(415) 555-1213" });
  await org.adapter.check(org.context);
  await search(org, { phone: { digits: "5550000" }, types: ["contact"] });
  await org.calls();
  const found = await search(org, { phone });
  expect(ids(found)).toEqual([person.id]);
  expect((await org.calls()).map(({ path }) => path)).toEqual(["/api/data/v9.2/contacts"]);
});

test.for(["telephone1", "telephone2", "telephone3", "mobilephone", "home2", "company"])(
  "R1 a phone is looked for in %s too",
  async (column) => {
    const org = await openOrg();
    const person = await org.contact({ [column]: "(415) 555-1212" });
    expect(ids(await search(org, { phone: us }))).toEqual([person.id]);
  },
);

test("R1 notations are distinct, short enough for an address, and all of the same number", () => {
  for (const phone of [us, german, { digits: "4155551212" }, { digits: "12345" }]) {
    const forms = phoneForms(phone);
    expect(new Set(forms).size).toBe(forms.length);
    expect(forms.length).toBeGreaterThan(2);
    expect(forms.length).toBeLessThanOrEqual(40);
    expect(forms.filter((form) => !samePhone(form, phone))).toEqual([]);
    expect(forms.every((form) => /^[\d+() ./-]+$/.test(form))).toBe(true);
  }
  expect(phoneForms({ digits: "" })).toEqual([]);
  expect(phoneForms({ digits: "1".repeat(81) })).toEqual([]);
});

test("R1 none, one or many: a shared number answers everyone, and never the first only", async () => {
  const org = await openOrg();
  const both = [
    await org.contact({ telephone1: "(415) 555-1212" }),
    await org.contact({ telephone1: "+1 415 555 1212" }),
  ];
  expect(ids(await search(org, { phone: us })).toSorted()).toEqual(
    both.map(({ id }) => id).toSorted(),
  );
  expect(await search(org, { phone: us, limit: 1 })).toHaveLength(1);
  expect(await search(org, { phone: { digits: "4155550000" } })).toEqual([]);
});

test("R1 the first type with a hit ends the search: one request for each type", async () => {
  const org = await openOrg();
  const columns = { telephone1: "4155551212", emailaddress1: "Lee@x.example" };
  const lead = await seedOne(org, "lead", { lastname: "Lee", ...columns });
  const account = await seedOne(org, "account", { name: "Acme", telephone1: "4155551212" });
  expect(ids(await search(org, { phone: us }))).toEqual([lead]);
  expect(ids(await search(org, { phone: us, types: ["account", "lead"] }))).toEqual([account]);
  await org.calls();
  expect(ids(await search(org, { email: "LEE@x.example" }))).toEqual([lead]);
  expect((await org.calls()).map(({ path }) => path.split("/").at(-1))).toEqual([
    "contacts",
    "leads",
  ]);
});

test("R1 an email is found in any of its three columns, and its characters stand for themselves only", async () => {
  const org = await openOrg();
  const [one, two, three] = [
    await org.contact({ emailaddress1: "a_b@x.example" }),
    await org.contact({ emailaddress2: "o'neil+crm@x.example" }),
    await org.contact({ emailaddress3: "100%[a]@x.example" }),
  ];
  await org.contact({ emailaddress1: "axb@x.example" });
  expect(ids(await search(org, { email: "a_b@x.example" }))).toEqual([one.id]);
  expect(ids(await search(org, { email: "O'Neil+CRM@x.example" }))).toEqual([two.id]);
  expect(ids(await search(org, { email: "100%[a]@x.example" }))).toEqual([three.id]);
  expect(await search(org, { email: "%@x.example" })).toEqual([]);
});

test("R1 who was deactivated, merged away or qualified is not found any more: who is there is", async () => {
  const org = await openOrg();
  const [keep, loser] = [
    await org.contact({ emailaddress1: "kim@x.example" }),
    await org.contact({ emailaddress1: "kim@x.example" }),
  ];
  await org.control.merge("contact", keep.id, loser.id);
  await org.contact({ emailaddress1: "kim@x.example", statecode: 1, statuscode: 2 });
  expect(ids(await search(org, { email: "kim@x.example" }))).toEqual([keep.id]);
  const lead = await seedOne(org, "lead", { lastname: "Lee", emailaddress1: "lee@x.example" });
  const { contactId } = await org.control.qualifyLead(lead);
  expect(ids(await search(org, { email: "lee@x.example", types: ["lead", "contact"] }))).toEqual([
    contactId,
  ]);
});

test("R1 however many were deactivated, they do not take the place of who is there", async () => {
  const org = await openOrg();
  const there = await org.contact({ emailaddress1: "kim@x.example" });
  await org.control.seed(
    Array.from({ length: 40 }, (_, n) => ({
      table: "contact",
      columns: {
        lastname: `Former ${n}`,
        emailaddress1: "kim@x.example",
        statecode: 1,
        statuscode: 2,
        modifiedon: `2031-01-01T00:00:${String(n).padStart(2, "0")}Z`,
      },
    })),
  );
  expect(ids(await search(org, { email: "kim@x.example", limit: 1 }))).toEqual([there.id]);
});

test("R1 O5 rows that do not fit the question are dropped, whatever the CRM takes for equal", async () => {
  const org = await openOrg();
  const { client, describes, desk } = deskOn(org);
  const row = (n: number, more: Readonly<Record<string, unknown>>) => ({
    contactid: `00000000-0000-4000-8000-00000000000${n}`,
    fullname: `Person ${n}`,
    statecode: 0,
    ...more,
  });
  await describes.of("contact", org.context);
  const answering: Desk = {
    ...desk,
    client: {
      ...client,
      send: async () => ({
        value: [
          row(1, { telephone1: "+44 415 555 1212" }),
          row(2, { telephone1: "415 555 1212", statecode: 1 }),
          row(3, { telephone1: "415 555 1212", merged: true }),
          row(4, { telephone1: "415 555 1212" }),
          { telephone1: "415 555 1212" },
        ],
      }),
    },
  };
  const query = { types: ["contact"], limit: 10, phone: us };
  expect(ids(await searchRecords(answering, query, org.context))).toEqual([
    "00000000-0000-4000-8000-000000000004",
  ]);
});

test("R1 names and free text; a customer number is exact, on the named column", async () => {
  const org = await openOrg();
  const rose = await org.contact({
    firstname: "Rose",
    lastname: "Gonzalez",
    fullname: "Rose Gonzalez",
  });
  const acme = await seedOne(org, "account", { name: "Acme", accountnumber: "A-100" });
  await seedOne(org, "account", { name: "Acme two", accountnumber: "A-1001" });
  expect(ids(await search(org, { name: "rose gonz" }))).toEqual([rose.id]);
  expect(ids(await search(org, { text: "gonzalez" }))).toEqual([rose.id]);
  expect(ids(await search(org, { text: "A-100", types: ["account"] }))).toContain(acme);
  const numbered = { field: "accountnumber", types: people };
  expect(ids(await search(org, { customerNumber: "A-100", ...numbered }))).toEqual([acme]);
  expect(await search(org, { customerNumber: "A-1", ...numbered })).toEqual([]);
  expect(await search(org, { customerNumber: "A-1%", ...numbered })).toEqual([]);
  await expect(search(org, { customerNumber: "x", field: "no_such" })).rejects.toThrow(CrmError);
  await expect(
    search(org, { customerNumber: "x", field: "name eq 'x' or name" }),
  ).rejects.toMatchObject({ why: "schema" });
});

test("O5 hostile text finds nothing and breaks nothing", async () => {
  const org = await openOrg();
  const brien = await org.contact({
    lastname: "O'Brien",
    fullname: "O'Brien",
    emailaddress1: "obrien@x.example",
  });
  for (const nasty of [
    "' or contactid ne null or lastname eq '",
    "') or (1 eq 1",
    '"] or true ["',
    "x&$top=5000&$select=ownerid",
    "%",
    "_",
    "[a-z]",
    "[^x]",
    "{}",
    "",
    "\u0000",
    "\ud800",
  ])
    for (const query of [
      { email: nasty },
      { name: nasty },
      { text: nasty },
      { phone: { digits: nasty } },
      { customerNumber: nasty, field: "accountnumber" },
    ])
      expect(await search(org, query), nasty).toEqual([]);
  expect(ids(await search(org, { name: "O'Brien" }))).toEqual([brien.id]);
});

test("R2 C7 a record shows title, address, parents, the usual columns and what is asked for", async () => {
  const org = await openOrg(
    {},
    {
      appId: "6f1c9a2e-4b7d-4e03-a8f2-d9417c60b35e",
      alsoRead: { contact: ["department", "no_such"] },
    },
  );
  const account = await seedOne(org, "account", { name: "Acme", creditonhold: true });
  const person = await org.contact({
    firstname: "Rose",
    lastname: "Gonzalez",
    fullname: "Rose Gonzalez",
    parentcustomerid: { table: "account", id: account },
    emailaddress1: "rose@x.example",
    department: "Ops",
  });
  const ticket = await seedOne(org, "incident", {
    title: "Refund",
    ticketnumber: "CAS-1",
    customerid: { table: "account", id: account },
    primarycontactid: { table: "contact", id: person.id },
  });
  const [contact, incident, company] = await readsOf(org).get(
    [person, { type: "incident", id: ticket }, { type: "account", id: account }],
    org.context,
  );
  expect(contact).toMatchObject({
    ref: person,
    title: "Rose Gonzalez",
    url: `${org.emulator.url}/main.aspx?appid=6f1c9a2e-4b7d-4e03-a8f2-d9417c60b35e&pagetype=entityrecord&etn=contact&id=${person.id}`,
    fields: { emailaddress1: "rose@x.example", department: "Ops", parentcustomerid: account },
    parents: [{ type: "account", id: account }],
  });
  expect(incident).toMatchObject({
    title: expect.stringMatching(/CAS-1.*Refund|Refund.*CAS-1/u),
    fields: { statecode: 0, customerid: account, primarycontactid: person.id },
    parents: [person, { type: "account", id: account }],
  });
  expect(company).toMatchObject({ title: "Acme", fields: { creditonhold: true } });
});

test("K9 get answers in order: there, merged, qualified, deleted, never there, not an id", async () => {
  const org = await openOrg();
  const [keep, loser, gone] = [await org.contact(), await org.contact(), await org.contact()];
  await org.control.merge("contact", keep.id, loser.id);
  await org.control.removeRow("contact", gone.id);
  const lead = await seedOne(org, "lead", { lastname: "Lee" });
  const { contactId } = await org.control.qualifyLead(lead);
  const asked: RecordId[] = [
    loser,
    gone,
    { type: "lead", id: lead },
    { type: "contact", id: "00000000-0000-4000-8000-000000000000" },
    { type: "contact", id: "' or '" },
    { type: "no_such_table", id: keep.id },
    keep,
    { type: "contact", id: keep.id.toUpperCase() },
  ];
  const found = await readsOf(org).get(asked, org.context);
  expect(
    found.map((one) => (one === undefined ? undefined : "movedTo" in one ? one.movedTo : one.ref)),
  ).toEqual([
    keep,
    undefined,
    { type: "contact", id: contactId },
    undefined,
    undefined,
    undefined,
    keep,
    keep,
  ]);
});

const types = (records: readonly CrmRecord[]) => records.map(({ ref }) => `${ref.type} ${ref.id}`);

test("R2 related: parents, then cases, opportunities and people of the same account", async () => {
  const org = await openOrg();
  const account = await seedOne(org, "account", { name: "Acme" });
  const of = { parentcustomerid: { table: "account", id: account } };
  const [person, colleague] = [await org.contact(of), await org.contact(of)];
  const stranger = await org.contact();
  const asContact = { table: "contact", id: person.id };
  const [ticket, helped] = [
    await seedOne(org, "incident", { title: "Refund", customerid: asContact }),
    await seedOne(org, "incident", {
      title: "Order",
      customerid: { table: "account", id: account },
      primarycontactid: asContact,
    }),
  ];
  const deal = await seedOne(org, "opportunity", {
    name: "Renewal",
    parentaccountid: { table: "account", id: account },
  });
  const merged = await seedOne(org, "incident", { title: "Again", customerid: asContact });
  await org.control.merge("incident", ticket, merged);
  const foreign = await seedOne(org, "incident", {
    title: "of somebody else",
    customerid: { table: "contact", id: stranger.id },
  });
  const ofPerson = types(await readsOf(org).related(person, org.context));
  expect(ofPerson[0]).toBe(`account ${account}`);
  expect(ofPerson.toSorted()).toEqual(
    [
      `account ${account}`,
      `incident ${ticket}`,
      `incident ${helped}`,
      `opportunity ${deal}`,
      `contact ${colleague.id}`,
    ].toSorted(),
  );
  const ofAccount = types(
    await readsOf(org).related({ type: "account", id: account }, org.context),
  );
  expect(ofAccount).toEqual(
    expect.arrayContaining([
      `contact ${person.id}`,
      `contact ${colleague.id}`,
      `incident ${helped}`,
      `opportunity ${deal}`,
    ]),
  );
  expect([...ofPerson, ...ofAccount]).not.toContain(`incident ${foreign}`);
  expect(await readsOf(org).related({ type: "contact", id: "nonsense" }, org.context)).toEqual([]);
});

test("R1 R2 what the application user may not read hides nothing of what it may", async () => {
  const privilege = "read" as const;
  const org = await openOrg({
    missingPrivileges: [
      { table: "lead", privilege },
      { table: "opportunity", privilege },
    ],
  });
  const account = await seedOne(org, "account", { name: "Acme", emailaddress1: "a@x.example" });
  const at = { type: "account", id: account };
  expect(ids(await search(org, { email: "a@x.example" }))).toEqual([account]);
  const person = await org.contact({ parentcustomerid: { table: "account", id: account } });
  expect(types(await readsOf(org).related(at, org.context))).toEqual([`contact ${person.id}`]);
  const onlyLeads = search(org, { email: "a@x.example", types: ["lead"] });
  await expect(onlyLeads).rejects.toMatchObject({ why: "refused", sent: "no" });
});

test("R3 a type is described in words all CRMs share; unknown ones are left out", async () => {
  const org = await openOrg();
  const [contact, incident, ...more] = await readsOf(org).describe(
    ["contact", "no_such_table", "incident"],
    org.context,
  );
  expect(more).toEqual([]);
  const field = (name: string) =>
    [...(contact?.fields ?? []), ...(incident?.fields ?? [])].find((one) => one.name === name);
  expect(field("lastname")).toMatchObject({ kind: "text", required: true, length: 50 });
  expect(field("emailaddress1")).toMatchObject({ kind: "text", required: false });
  expect(field("fullname")).toMatchObject({ createable: false });
  expect(new Set(field("parentcustomerid")?.to)).toEqual(new Set(["account", "contact"]));
  expect(field("caseorigincode")).toMatchObject({
    kind: "choice",
    options: expect.arrayContaining([{ value: 1, label: "Phone" }]),
  });
});

test("R6 a record's address needs no request, and only an id gets one", async () => {
  const org = await openOrg();
  const person = await org.contact();
  expect(org.adapter.openUrl?.(person)).toBe(
    `${org.emulator.url}/main.aspx?pagetype=entityrecord&etn=contact&id=${person.id}`,
  );
  for (const bad of [
    { type: "contact", id: "../secret" },
    { type: "contact&x=y", id: person.id },
  ])
    expect(org.adapter.openUrl?.(bad)).toBeUndefined();
  expect(await org.calls()).toEqual([]);
});

test("A3 a read that the CRM did not answer throws a CrmError, surely not sent", async () => {
  const org = await openOrg();
  await org.adapter.check(org.context);
  await org.control.fault({ kind: "reset", path: "/contacts" });
  await expect(search(org, { phone: us })).rejects.toMatchObject({
    code: "crm_error",
    why: "unreachable",
    sent: "no",
  });
});

test("W5 a type is described once an hour, however many ask at once", async () => {
  const clock = manualClock();
  const org = await openOrg({}, { clock });
  const ask = () => readsOf(org).describe(["contact"], org.context);
  await ask();
  const once = (await org.calls()).length;
  await clock.advance(61 * 60_000);
  await Promise.all([ask(), ask(), ask(), ask()]);
  await ask();
  expect(await org.calls()).toHaveLength(once);
  expect(once).toBeGreaterThan(0);
});

test("R1 W10 O5 an email or customer number longer than any is nobody's, and nothing is asked for it", async () => {
  const org = await openOrg();
  const email = `${"x".repeat(250)}@x.example`;
  const numbered = { customerNumber: "7".repeat(256), field: "accountnumber", types: ["account"] };
  await search(org, { email: "nobody@x.example" });
  await search(org, { ...numbered, customerNumber: "7" });
  await org.calls();
  expect(await search(org, { email })).toEqual([]);
  expect(await search(org, numbered)).toEqual([]);
  expect(await search(org, { phone: { digits: "4".repeat(100) } })).toEqual([]);
  expect(await search(org, { name: "x".repeat(5_000) })).toEqual([]);
  expect(await org.adapter.usersOf?.([{ id: "a-1", email }], org.context)).toEqual([undefined]);
  expect(await org.calls()).toEqual([]);
});

test.for(["contacts?$top=1", "__proto__", "1contact", "Contact Owner", ""])(
  "R1 O5 %j is no type: a search is refused, reads and forms know nothing of it",
  async (type) => {
    const org = await openOrg();
    await expect(search(org, { name: "Ada", types: ["contact", type] })).rejects.toMatchObject({
      name: "WrapupError",
      code: "invalid_input",
    });
    const reads = readsOf(org);
    const ref = { type, id: "00000000-0000-4000-8000-000000000000" };
    expect(await reads.get([ref], org.context)).toEqual([undefined]);
    expect(await reads.related(ref, org.context)).toEqual([]);
    expect((await reads.describe([type, "task"], org.context)).map(({ name }) => name)).toEqual([
      "task",
    ]);
  },
);
