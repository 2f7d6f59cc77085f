import type { CrmRecord, RecordId, SearchQuery } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { manualClock } from "@wrapup/core/testing";
import { expect, test } from "vitest";
import { activity, openOrg, put } from "./client/org.ts";
import type { Org } from "./client/org.ts";

const us = { e164: "+14155551212", national: "(415) 555-1212", digits: "14155551212" };
const people = ["Contact", "Lead", "Account"];

const readsOf = (org: Org) => {
  const { reads } = org.adapter;
  if (reads === undefined) throw new Error("no reads");
  return reads;
};

const search = (org: Org, query: Partial<SearchQuery>): Promise<readonly CrmRecord[]> =>
  readsOf(org).search({ types: people, limit: 10, ...query } as SearchQuery, org.context);

const ids = (records: readonly CrmRecord[]): readonly string[] => records.map(({ ref }) => ref.id);

test.for([
  "(415) 555-1212",
  "+14155551212",
  "415-555-1212",
  "415.555.1212",
  "1 415 555 1212",
  "4155551212",
])("R1 a phone stored as %s is found by one search", async (stored) => {
  const org = await openOrg();
  const person = await org.contact({ MobilePhone: stored });
  await org.contact({ Phone: "(415) 555-1213" });
  await org.adapter.check(org.context);
  await org.calls();
  const found = await search(org, { phone: us });
  expect(ids(found)).toEqual([person.id]);
  expect((await org.calls()).map(({ path }) => path)).toEqual(["/services/data/v66.0/search"]);
});

test("R1 none, one or many: a shared number answers everyone, and never the first only", async () => {
  const org = await openOrg();
  const both = [
    await org.contact({ Phone: "(415) 555-1212" }),
    await org.contact({ Phone: "+1 415 555 1212" }),
  ];
  expect(ids(await search(org, { phone: us })).toSorted()).toEqual(
    both.map(({ id }) => id).toSorted(),
  );
  expect(await search(org, { phone: { digits: "4155550000" } })).toEqual([]);
});

test("R1 the first type with a hit ends the search", async () => {
  const org = await openOrg();
  const [lead = "", account = ""] = await org.control.seed([
    {
      sobject: "Lead",
      fields: { LastName: "Lee", Company: "C", Phone: "4155551212", Email: "lee@x.example" },
    },
    { sobject: "Account", fields: { Name: "Acme", Phone: "4155551212" } },
  ]);
  expect(ids(await search(org, { phone: us }))).toEqual([lead]);
  expect(ids(await search(org, { phone: us, types: ["Account", "Lead"] }))).toEqual([account]);
  await org.calls();
  expect(ids(await search(org, { email: "LEE@x.example" }))).toEqual([lead]);
});

test("R1 a converted lead is not found any more: its contact is", async () => {
  const org = await openOrg();
  const [lead = ""] = await org.control.seed([
    {
      sobject: "Lead",
      fields: { LastName: "Lee", Company: "C", Phone: "4155551212", Email: "lee@x.example" },
    },
  ]);
  const { contactId } = await org.control.convertLead(lead);
  expect(ids(await search(org, { email: "lee@x.example", types: ["Lead", "Contact"] }))).toEqual([
    contactId,
  ]);
  expect(ids(await search(org, { phone: us, types: ["Lead", "Contact"] }))).toEqual([contactId]);
});

test("R1 names and free text; a customer number is exact, on the mapped field", async () => {
  const org = await openOrg();
  const rose = await org.contact({ FirstName: "Rose", LastName: "Gonzalez" });
  const [acme = "", other = ""] = await org.control.seed([
    { sobject: "Account", fields: { Name: "Acme", AccountNumber: "A-100" } },
    { sobject: "Account", fields: { Name: "Acme two", AccountNumber: "A-1001" } },
  ]);
  expect(other).not.toBe("");
  expect(ids(await search(org, { name: "rose gonz" }))).toEqual([rose.id]);
  expect(ids(await search(org, { text: "gonzalez" }))).toEqual([rose.id]);
  expect(ids(await search(org, { customerNumber: "A-100", field: "AccountNumber" }))).toEqual([
    acme,
  ]);
  expect(await search(org, { customerNumber: "A-1", field: "AccountNumber" })).toEqual([]);
  await expect(search(org, { customerNumber: "x", field: "No_Such__c" })).rejects.toThrow(CrmError);
  await expect(search(org, { customerNumber: "x", field: "Id FROM User" })).rejects.toMatchObject({
    why: "schema",
  });
});

test("O5 hostile text finds nothing and breaks nothing", async () => {
  const org = await openOrg();
  await org.contact({ LastName: "O'Brien", Email: "obrien@x.example" });
  for (const nasty of [
    "' OR Id != '",
    "\\' OR Id != '",
    '"} RETURNING User(Id) {"',
    "'; DROP",
    "{}",
    "",
    "%",
    "\u0000",
  ])
    for (const query of [
      { email: nasty },
      { name: nasty },
      { text: nasty },
      { phone: { digits: nasty } },
      { customerNumber: nasty, field: "AccountNumber" },
    ])
      expect(await search(org, query), nasty).toEqual([]);
  expect(await search(org, { name: "O'Brien" })).toHaveLength(1);
});

test("R2 a record shows title, address, parents and the usual fields", async () => {
  const org = await openOrg({}, { alsoRead: { Contact: ["Department", "No_Such__c"] } });
  const [account = ""] = await org.control.seed([{ sobject: "Account", fields: { Name: "Acme" } }]);
  const person = await org.contact({
    FirstName: "Rose",
    LastName: "Gonzalez",
    AccountId: account,
    Email: "rose@x.example",
    Department: "Ops",
  });
  const [ticket = ""] = await org.control.seed([
    { sobject: "Case", fields: { Subject: "Refund", ContactId: person.id, AccountId: account } },
  ]);
  const [contact, incident] = await readsOf(org).get(
    [person, { type: "Case", id: ticket }],
    org.context,
  );
  expect(contact).toMatchObject({
    ref: person,
    title: "Rose Gonzalez",
    url: `${org.emulator.url}/${person.id}`,
    fields: { Email: "rose@x.example", Department: "Ops" },
    parents: [{ type: "Account", id: account }],
  });
  expect(incident).toMatchObject({ parents: [person, { type: "Account", id: account }] });
  expect(incident !== undefined && "title" in incident && incident.title).toContain("Refund");
});

test("K9 get answers in order: there, merged, converted, deleted, never there, not an id", async () => {
  const org = await openOrg();
  const [keep, loser, gone] = [await org.contact(), await org.contact(), await org.contact()];
  await org.control.merge(keep.id, loser.id);
  await org.control.removeRecord(gone.id);
  const [lead = ""] = await org.control.seed([
    { sobject: "Lead", fields: { LastName: "Lee", Company: "C" } },
  ]);
  const { contactId } = await org.control.convertLead(lead);
  const asked: RecordId[] = [
    loser,
    gone,
    { type: "Lead", id: lead },
    { type: "Contact", id: "0035g00000ZZZZZ" },
    { type: "Contact", id: "' OR '" },
    { type: "NoType", id: keep.id },
    keep,
  ];
  const found = await readsOf(org).get(asked, org.context);
  expect(
    found.map((one) => (one === undefined ? undefined : "movedTo" in one ? one.movedTo : one.ref)),
  ).toEqual([
    keep,
    undefined,
    { type: "Contact", id: contactId },
    undefined,
    undefined,
    undefined,
    keep,
  ]);
});

const types = (records: readonly CrmRecord[]) => records.map(({ ref }) => `${ref.type} ${ref.id}`);

test("R2 related: parents, then cases, opportunities and people of the same account", async () => {
  const org = await openOrg();
  const [account = ""] = await org.control.seed([{ sobject: "Account", fields: { Name: "Acme" } }]);
  const [person, colleague] = [
    await org.contact({ AccountId: account }),
    await org.contact({ AccountId: account }),
  ];
  const [ticket = "", deal = "", foreign = ""] = await org.control.seed([
    { sobject: "Case", fields: { Subject: "Refund", ContactId: person.id } },
    {
      sobject: "Opportunity",
      fields: {
        Name: "Renewal",
        AccountId: account,
        StageName: "Prospecting",
        CloseDate: "2027-01-15",
      },
    },
    { sobject: "Case", fields: { Subject: "of somebody else" } },
  ]);
  const ofPerson = await readsOf(org).related(person, org.context);
  expect(types(ofPerson)).toEqual([
    `Account ${account}`,
    `Case ${ticket}`,
    `Opportunity ${deal}`,
    `Contact ${colleague.id}`,
  ]);
  const ofAccount = await readsOf(org).related({ type: "Account", id: account }, org.context);
  expect(types(ofAccount)).toEqual(
    expect.arrayContaining([
      `Contact ${person.id}`,
      `Contact ${colleague.id}`,
      `Opportunity ${deal}`,
    ]),
  );
  expect(JSON.stringify([ofPerson, ofAccount])).not.toContain(foreign);
  expect(await readsOf(org).related({ type: "Contact", id: "nonsense" }, org.context)).toEqual([]);
});

const user = (name: string, more: Readonly<Record<string, unknown>>) => ({
  sobject: "User",
  fields: { LastName: name, Username: `${name}@login.example`, Alias: name.slice(0, 8), ...more },
});

test("W10 an agent is one active user, by email or id: never two, never a former one", async () => {
  const org = await openOrg();
  const [one = "", , , former = ""] = await org.control.seed([
    user("one", { Email: "One@x.example" }),
    user("twin1", { Email: "twin@x.example" }),
    user("twin2", { Email: "twin@x.example" }),
    user("former", { Email: "former@x.example", IsActive: false }),
  ]);
  const agents = [
    { id: "a1", email: "one@X.example" },
    { id: "a2", email: "twin@x.example" },
    { id: "a3", email: "former@x.example" },
    { id: one },
    { id: former },
    { id: "a6" },
    { id: "a7", email: "' OR IsActive = false OR Email = '" },
    { id: "a8", email: "one@x.example " },
  ];
  await org.calls();
  expect(await org.adapter.usersOf?.(agents, org.context)).toEqual([
    one,
    undefined,
    undefined,
    one,
    undefined,
    undefined,
    undefined,
    one,
  ]);
  expect(await org.calls()).toHaveLength(2);
});

test("R3 a type is described in words all CRMs share; unknown ones are left out", async () => {
  const org = await openOrg();
  const [contact, task, ...more] = await readsOf(org).describe(
    ["Contact", "NoSuchType", "Task"],
    org.context,
  );
  expect(more).toEqual([]);
  const field = (name: string) =>
    [...(contact?.fields ?? []), ...(task?.fields ?? [])].find((one) => one.name === name);
  expect(field("LastName")).toMatchObject({
    kind: "text",
    required: true,
    length: 80,
    createable: true,
  });
  expect(field("Email")).toMatchObject({ kind: "text", required: false });
  expect(field("AccountId")).toMatchObject({ kind: "reference", to: ["Account"] });
  expect(field("CallType")).toMatchObject({
    kind: "choice",
    openOptions: false,
    options: expect.arrayContaining([{ value: "Inbound", label: "Inbound" }]),
  });
  expect(field("Description")).toMatchObject({ kind: "longText", length: 32_000 });
  expect(field("ActivityDate")).toMatchObject({ kind: "date" });
  expect(field("CallDurationInSeconds")).toMatchObject({ kind: "number" });
  expect(field("TaskSubtype")).toMatchObject({ createable: true, updateable: false });
});

test("R6 a record's address is known once signed in, and only for an id", async () => {
  const org = await openOrg();
  const person = await org.contact();
  expect(org.adapter.openUrl?.(person)).toBeUndefined();
  await org.adapter.check(org.context);
  expect(org.adapter.openUrl?.(person)).toBe(`${org.emulator.url}/${person.id}`);
  expect(org.adapter.openUrl?.({ type: "Contact", id: "../secret" })).toBeUndefined();
});

test("A3 a read that the CRM did not answer throws a CrmError, surely not sent", async () => {
  const org = await openOrg();
  await org.adapter.check(org.context);
  await org.control.fault({ kind: "reset", path: "/search" });
  await expect(search(org, { phone: us })).rejects.toMatchObject({
    code: "crm_error",
    why: "unreachable",
    sent: "no",
  });
});

test("W5 a type is described once an hour, however many ask at once; a schema error asks anew", async () => {
  const clock = manualClock();
  const org = await openOrg({}, { clock });
  const ask = () => readsOf(org).describe(["Contact"], org.context);
  await Promise.all([ask(), ask(), ask(), ask()]);
  await ask();
  expect((await org.calls()).map(({ path }) => path)).toEqual([
    "/services/data/v66.0/sobjects/Contact/describe",
  ]);
  await clock.advance(61 * 60_000);
  await ask();
  expect(await org.calls()).toHaveLength(1);
  await org.push(put(activity(1, { fields: { Gone__c: "x" } })));
  await org.calls();
  await ask();
  expect(await org.calls()).toHaveLength(1);
});

test("A3 one asker that gives up does not take the description from the others", async () => {
  const org = await openOrg();
  await org.adapter.check(org.context);
  const stop = new AbortController();
  const first = readsOf(org).describe(["Opportunity"], { ...org.context, signal: stop.signal });
  const second = readsOf(org).describe(["Opportunity"], org.context);
  stop.abort();
  await expect(first).rejects.toThrow(CrmError);
  expect((await second).map(({ name }) => name)).toEqual(["Opportunity"]);
});

test("R1 W10 O5 an email or customer number longer than any is nobody's, and nothing is asked for it", async () => {
  const org = await openOrg();
  await org.adapter.check(org.context);
  const email = `${"x".repeat(250)}@x.example`;
  const numbered = { customerNumber: "7".repeat(256), field: "AccountNumber", types: ["Account"] };
  await search(org, { email: "nobody@x.example" });
  await search(org, { ...numbered, customerNumber: "7" });
  await org.calls();
  expect(await search(org, { email })).toEqual([]);
  expect(await search(org, numbered)).toEqual([]);
  expect(await org.adapter.usersOf?.([{ id: "a-1", email }], org.context)).toEqual([undefined]);
  expect(await org.calls()).toEqual([]);
});

test.for(["Case WHERE x", "__proto__", "1Case", ""])(
  "R1 O5 %j is no type: a search is refused, reads and forms know nothing of it",
  async (type) => {
    const org = await openOrg();
    await expect(search(org, { name: "Ada", types: ["Contact", type] })).rejects.toMatchObject({
      name: "WrapupError",
      code: "invalid_input",
    });
    const reads = readsOf(org);
    const ref = { type, id: "0035g00000AbCdE" };
    expect(await reads.get([ref], org.context)).toEqual([undefined]);
    expect(await reads.related(ref, org.context)).toEqual([]);
    expect((await reads.describe([type, "Task"], org.context)).map(({ name }) => name)).toEqual([
      "Task",
    ]);
  },
);
