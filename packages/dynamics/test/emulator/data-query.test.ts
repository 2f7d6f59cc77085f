import { describe, expect, test } from "vitest";
import { idOf, query, world } from "./data-world.ts";
import type { World } from "./data-world.ts";

const people = [
  { firstname: "Anna", lastname: "O'Hara", telephone1: "+1 415 555 0100", numberofchildren: 0 },
  {
    firstname: "Bea",
    lastname: "Lee",
    telephone1: "(415) 555-0101",
    emailaddress1: "bea_1@x.example",
  },
  {
    firstname: "Cleo",
    lastname: "50% [off]",
    telephone1: "4155550102",
    emailaddress1: "beaX1@x.example",
  },
  { firstname: "Dora", lastname: "Lee", donotphone: true, birthdate: "1990-02-03" },
] as const;

function crowd(): World {
  const w = world();
  for (const [at, { firstname, lastname, ...rest }] of people.entries()) {
    const columns = Object.fromEntries(
      Object.entries(rest).filter(([name]) => name !== "numberofchildren"),
    );
    w.seed("contact", { contactid: idOf(200 + at), firstname, lastname, ...columns });
    w.pass(3_600_000);
  }
  return w;
}

function found(w: World, filter: string): string {
  const result = w.ask("GET", `contacts?${query({ $select: "firstname", $filter: filter })}`);
  if (result.status !== 200) return `${result.status} ${result.code}`;
  return result.value.map((row) => String(row["firstname"]).charAt(0)).join("");
}

describe("$filter (facts §1.9)", () => {
  test.each([
    ["firstname eq 'anna'", "A"],
    ["firstname ne 'anna'", "BCD"],
    ["lastname eq 'O''Hara'", "A"],
    ["lastname eq 'lee' and firstname eq 'DORA'", "D"],
    ["firstname eq 'Anna' or firstname eq 'Bea' and lastname eq 'none'", "A"],
    ["(firstname eq 'Anna' or firstname eq 'Bea') and lastname eq 'lee'", "B"],
    ["not (lastname eq 'lee')", "AC"],
    ["not contains(lastname,'ee') and donotphone eq false", "AC"],
    ["contains(telephone1,'415')", "ABC"],
    ["startswith(telephone1,'415')", "C"],
    ["endswith(telephone1,'0101')", "B"],
    ["telephone1 eq null", "D"],
    ["telephone1 ne null", "ABC"],
    ["donotphone eq true", "D"],
    ["statecode eq 0 and firstname gt 'B'", "BCD"],
    ["firstname ge 'Bea' and firstname le 'Cleo'", "BC"],
    ["birthdate lt 1990-02-04", "D"],
    ["createdon ge 2026-01-15T10:30:00Z", "CD"],
    [`contactid eq ${idOf(201)}`, "B"],
    [`contactid eq ${idOf(201)} or contactid eq ${idOf(203)}`, "BD"],
    [`contactid ne ${idOf(201)}`, "ACD"],
    [`_ownerid_value eq ${idOf(1)} and lastname eq 'lee'`, "BD"],
    ["createdby/lastname eq 'wrapup' and firstname eq 'bea'", "B"],
    [
      `Microsoft.Dynamics.CRM.In(PropertyName='telephone1',PropertyValues=["4155550102","(415) 555-0101"])`,
      "BC",
    ],
    [`Microsoft.Dynamics.CRM.In(PropertyName='contactid',PropertyValues=["${idOf(200)}"])`, "A"],
    [`Microsoft.Dynamics.CRM.NotIn(PropertyName='firstname',PropertyValues=["anna"])`, "BCD"],
  ])("%s finds %s", (filter, wanted) => {
    expect(found(crowd(), filter)).toBe(wanted);
  });

  test.each([
    ["emailaddress1 eq 'bea_1@x.example'", "BC"],
    ["emailaddress1 eq 'bea[_]1@x.example'", "B"],
    ["contains(lastname,'%')", "ABCD"],
    ["contains(lastname,'[%]')", "C"],
    ["contains(lastname,'[[]off]')", "C"],
    ["startswith(firstname,'[AB]')", "AB"],
    ["startswith(firstname,'[^AB]')", "CD"],
    ["firstname ne 'b%'", "ACD"],
    ["contains(firstname,'.')", ""],
    [`contains(firstname,'${"%".repeat(500)}x')`, ""],
  ])("wildcards act inside literals: %s finds %s", (filter, wanted) => {
    expect(found(crowd(), filter)).toBe(wanted);
  });

  test.each([
    ["firstname eq"],
    ["firstname eq Anna"],
    ["firstname eqq 'Anna'"],
    ["firstname eq 'Anna"],
    ["firstname eq 'O'Hara'"],
    ["(firstname eq 'Anna'"],
    ["firstname eq 'Anna' and"],
    ["firstname eq 'Anna' lastname eq 'Lee'"],
    ["firstnam eq 'Anna'"],
    ["ownerid eq 'x'"],
    ["firstname eq 7"],
    ["donotphone eq 'true'"],
    ["statecode eq '0'"],
    [`contactid eq '${idOf(201)}'`],
    ["contactid eq 7"],
    ["createdon gt 'today'"],
    ["firstname gt null"],
    ["contains(statecode,'1')"],
    ["contains(firstname,7)"],
    ["Microsoft.Dynamics.CRM.In(PropertyName='firstname',PropertyValues=['a'])"],
    ["parentcustomerid/name eq 'x'"],
    [""],
  ])("%s is no filter: 400", (filter) => {
    // [D9] a property that is not there has the code 0x0.
    expect(found(crowd(), filter)).toMatch(/^400 0x(?:0|80060888)$/);
  });

  test("a plus in an address is a space; %2B is a plus (facts §1.9)", () => {
    const w = crowd();
    const at = "contacts?$select=firstname&$filter=telephone1%20eq%20'";
    expect(w.ask("GET", `${at}+1%20415%20555%200100'`).value).toHaveLength(0);
    expect(w.ask("GET", `${at}%2B1+415+555+0100'`).value).toHaveLength(1);
  });

  test("a deep filter is refused, not a crash", () => {
    expect(found(crowd(), `${"(".repeat(300)}firstname eq 'a'${")".repeat(300)}`)).toBe(
      "400 0x80060888",
    );
  });
});

describe("other options", () => {
  test("$orderby takes several columns, nulls first when ascending", () => {
    const w = crowd();
    const order = (by: string): string =>
      w
        .ask("GET", `contacts?${query({ $orderby: by })}`)
        .value.map((row) => String(row["firstname"]).charAt(0))
        .join("");
    expect(order("lastname desc,firstname asc")).toBe("ABDC");
    expect(order("emailaddress1,firstname desc")).toBe("DABC");
    expect(order("createdon desc")).toBe("DCBA");
  });

  test("$top and $count", () => {
    const result = crowd().ask("GET", "contacts?$top=2&$count=true");
    expect(result.value).toHaveLength(2);
    expect(result.body["@odata.count"]).toBe(4);
    expect(result.body["@odata.nextLink"]).toBeUndefined();
  });

  test("pages follow @odata.nextLink as it is and keep filter and order", () => {
    const w = crowd();
    const headers = { prefer: "odata.maxpagesize=2" };
    const options = query({
      $filter: "firstname ne 'Anna'",
      $orderby: "firstname desc",
      $select: "firstname",
    });
    const first = w.ask("GET", `contacts?${options}`, { headers });
    expect(first.headers["Preference-Applied"]).toBe("odata.maxpagesize=2");
    expect(first.value.map((row) => row["firstname"])).toEqual(["Dora", "Cleo"]);
    const root = `${w.org.url}/api/data/v9.2/`;
    const next = String(first.body["@odata.nextLink"]);
    expect(next.startsWith(root)).toBe(true);
    const second = w.ask("GET", next.slice(root.length), { headers });
    expect(second.value.map((row) => row["firstname"])).toEqual(["Bea"]);
    expect(second.body["@odata.nextLink"]).toBeUndefined();
  });

  test.each([
    ["$select=firstnam"],
    ["$select=ownerid"],
    ["$select="],
    ["$skip=2"],
    ["$top=-1"],
    ["$top=two"],
    ["$apply=x"],
    ["$orderby=firstname up"],
    ["$orderby=nothing"],
    ["$expand=nothing"],
    ["$expand=ownerid($select=x;y)"],
    ["$filter=firstname eq 'a'&$filter=firstname eq 'b'"],
    ["$skiptoken=abc"],
    ["$select=%E0%A4%A"],
  ])("%s is refused with 400", (options) => {
    expect(crowd().ask("GET", `contacts?${options}`).status).toBe(400);
  });

  test("without $select every column comes, null ones too; with it the primary key comes along", () => {
    const w = crowd();
    const all = w.ask("GET", `contacts(${idOf(203)})`).body;
    expect(all).toMatchObject({
      telephone1: null,
      _parentcustomerid_value: null,
      donotphone: true,
    });
    expect(all["parties"]).toBeUndefined();
    const some = w.ask("GET", `contacts(${idOf(203)})?$select=lastname,_ownerid_value`).body;
    expect(Object.keys(some).toSorted()).toEqual([
      "@odata.context",
      "@odata.etag",
      "_ownerid_value",
      "contactid",
      "lastname",
    ]);
  });
});

describe("annotations and expand", () => {
  test("come only when preferred: FormattedValue, lookuplogicalname, associatednavigationproperty", () => {
    const w = crowd();
    const account = w.seed("account", { name: "Acme" });
    const id = w.seed("contact", {
      lastname: "Z",
      parentcustomerid: { table: "account", id: account },
    });
    const at = `contacts(${id})?$select=_parentcustomerid_value,statecode`;
    const names = (prefer: string): readonly string[] =>
      Object.keys(w.ask("GET", at, { headers: { prefer } }).body).filter((name) =>
        /@(?:OData|Micro)/.test(name),
      );
    expect(names("")).toEqual([]);
    const key = "_parentcustomerid_value@";
    const formatted = "OData.Community.Display.V1.FormattedValue";
    expect(names(`odata.include-annotations="${formatted}"`)).toEqual([
      `${key}${formatted}`,
      `statecode@${formatted}`,
    ]);
    const all = w.ask("GET", at, { headers: { prefer: 'odata.include-annotations="*"' } }).body;
    expect(all).toMatchObject({
      [`${key}${formatted}`]: "Acme",
      [`${key}Microsoft.Dynamics.CRM.lookuplogicalname`]: "account",
      [`${key}Microsoft.Dynamics.CRM.associatednavigationproperty`]: "parentcustomerid_account",
      [`statecode@${formatted}`]: "Active",
    });
  });

  test("a single-valued navigation is expanded by its exact name, and null where the lookup leads elsewhere", () => {
    const w = crowd();
    const link = { table: "contact", id: idOf(201) };
    const id = w.seed("phonecall", { subject: "S", regardingobjectid: link });
    const parts =
      "regardingobjectid_contact_phonecall($select=fullname),regardingobjectid_account_phonecall($select=name)";
    const result = w.ask("GET", `phonecalls(${id})?$select=subject&$expand=${parts}`);
    expect(result.body).toMatchObject({
      regardingobjectid_contact_phonecall: { fullname: "Bea Lee", contactid: idOf(201) },
      regardingobjectid_account_phonecall: null,
    });
    const alone = w.seed("phonecall", { subject: "S" });
    expect(w.ask("GET", `phonecalls(${alone})?$expand=${parts}`).body).toMatchObject({
      regardingobjectid_contact_phonecall: null,
    });
    const bad = w.ask(
      "GET",
      `phonecalls(${id})?$expand=regardingobjectid_contact_phonecall($select=nothing)`,
    );
    expect(bad.status).toBe(400);
  });

  test("parties expand with owner and regarding among them, so a reader must look at the kind [?]", () => {
    const w = crowd();
    const link = { table: "contact", id: idOf(201) };
    const id = w.seed("phonecall", {
      regardingobjectid: link,
      from: [link],
      to: [{ table: "systemuser", id: w.agent }],
    });
    const parts = "phonecall_activity_parties($select=participationtypemask,_partyid_value)";
    const { body } = w.ask("GET", `phonecalls(${id})?$select=activityid&$expand=${parts}`);
    expect(body["phonecall_activity_parties"]).toMatchObject([
      { participationtypemask: 1, _partyid_value: idOf(201) },
      { participationtypemask: 2, _partyid_value: w.agent },
      { participationtypemask: 8, _partyid_value: idOf(201) },
      { participationtypemask: 9, _partyid_value: w.org.userId },
    ]);
    const list = w.ask(
      "GET",
      `phonecalls(${id})/phonecall_activity_parties?$filter=participationtypemask%20eq%202`,
    );
    expect(list.value.map((row) => row["_partyid_value"])).toEqual([w.agent]);
  });

  test("an expanded collection is whole, and in a query for many rows has a link of its own beside it [D]", () => {
    const w = crowd();
    const link = { table: "contact", id: idOf(201) };
    const id = w.seed("phonecall", { from: [link], to: [link] });
    const expand = "$expand=phonecall_activity_parties($select=participationtypemask)";
    const [row] = w.ask("GET", `phonecalls?$filter=activityid%20eq%20${id}&${expand}`).value;
    expect(row?.["phonecall_activity_parties"]).toHaveLength(3);
    const next = String(row?.["phonecall_activity_parties@odata.nextLink"]);
    expect(
      next.endsWith(`/phonecalls(${id})/phonecall_activity_parties?$select=participationtypemask`),
    ).toBe(true);
    const below = next.slice(next.indexOf("phonecalls("));
    expect(w.ask("GET", below).value).toEqual(row?.["phonecall_activity_parties"]);
    const one = w.ask("GET", `phonecalls(${id})?${expand}`).body;
    expect(one).not.toHaveProperty(["phonecall_activity_parties@odata.nextLink"]);
  });

  test("activities are found by their parties: activityparties, any(), and activitypointers by regarding", () => {
    const w = crowd();
    const link = { table: "contact", id: idOf(201) };
    const call = w.seed("phonecall", { subject: "C", from: [link] });
    const mail = w.seed("email", { subject: "M", regardingobjectid: link });
    const byParty = w.ask(
      "GET",
      `activityparties?${query({ $filter: `_partyid_value eq ${link.id} and participationtypemask eq 1`, $select: "_activityid_value" })}`,
    );
    expect(byParty.value.map((row) => row["_activityid_value"])).toEqual([call]);
    const lambda = `phonecall_activity_parties/any(p:p/_partyid_value eq ${link.id})`;
    const calls = w.ask("GET", `phonecalls?${query({ $filter: lambda, $select: "subject" })}`);
    expect(calls.value.map((row) => row["subject"])).toEqual(["C"]);
    const pointers = w.ask(
      "GET",
      `activitypointers?${query({ $filter: `_regardingobjectid_value eq ${link.id}` })}`,
    );
    expect(pointers.value).toMatchObject([
      { activityid: mail, activitytypecode: "email", subject: "M" },
    ]);
  });
});

test("an index finds what a look at every row finds", () => {
  const w = world();
  const contact = { table: "contact", id: w.seed("contact", { lastname: "A" }) };
  const account = { table: "account", id: w.seed("account", { name: "B" }) };
  for (let n = 0; n < 30; n += 1)
    w.seed("task", { subject: `${n % 3}`, regardingobjectid: n % 2 === 0 ? contact : account });
  const count = (filter: string): number =>
    w.ask("GET", `tasks?${query({ $filter: filter })}`).value.length;
  const regards = `_regardingobjectid_value eq ${contact.id}`;
  // A double negation hides the shape that an index knows.
  for (const filter of [regards, `${regards} and subject eq '1'`, `${regards} or subject eq '1'`])
    expect(count(filter)).toBe(count(`not (not (${filter}))`));
  expect(count(regards)).toBe(15);
});
