import { describe, expect, test, vi } from "vitest";
import type { EmulatorOptions } from "../../emulator/options.ts";
import { problem } from "../../emulator/problem.ts";
import { mergeRows } from "../../emulator/write/merge.ts";
import { editRow, storedRow } from "../../emulator/write/plain.ts";
import { qualifyLead } from "../../emulator/write/qualify.ts";
import { idOf, query, world } from "./data-world.ts";
import type { Result, World } from "./data-world.ts";

const bare = { "@odata.type": "Microsoft.Dynamics.CRM.contact" } as const;

function couple(): { readonly w: World; readonly winner: string; readonly loser: string } {
  const w = world();
  return {
    w,
    winner: w.seed("contact", { lastname: "A" }),
    loser: w.seed("contact", { lastname: "B" }),
  };
}

function mergeBody(winner: string, loser: string): Readonly<Record<string, unknown>> {
  return {
    Target: { ...bare, contactid: winner },
    Subordinate: { ...bare, contactid: loser },
    PerformParentingChecks: false,
  };
}

describe("Merge (facts §1.5)", () => {
  test("deactivates the loser, which names the winner, and moves cases, notes, activities and parties", () => {
    const { w, winner, loser } = couple();
    const link = { table: "contact", id: loser };
    const children = {
      incident: w.seed("incident", { title: "T", customerid: link }),
      annotation: w.seed("annotation", { objectid: link }),
      phonecall: w.seed("phonecall", {
        regardingobjectid: link,
        from: [link],
        statecode: 1,
        statuscode: 4,
      }),
    };
    const body = { ...mergeBody(winner, loser), UpdateContent: { ...bare, jobtitle: "Cook" } };
    expect(w.ask("POST", "Merge", { body }).status).toBe(204);
    expect(w.ask("GET", `contacts(${loser})`).body).toMatchObject({
      merged: true,
      _masterid_value: winner,
      statecode: 1,
    });
    expect(w.ask("GET", `contacts(${winner})`).body["jobtitle"]).toBe("Cook");
    const call = w.org.store.row("phonecall", children.phonecall);
    expect(call?.values.get("regardingobjectid")).toEqual({ table: "contact", id: winner });
    expect(call?.parties[0]?.partyId).toBe(winner);
    expect(w.ask("GET", `incidents(${children.incident})`).body["_customerid_value"]).toBe(winner);
    expect(w.ask("GET", `annotations(${children.annotation})`).body["_objectid_value"]).toBe(
      winner,
    );
  });

  test("is refused for itself, for the inactive, across tables and for other tables", () => {
    const { w, winner, loser } = couple();
    const merge = (body: unknown): unknown => w.ask("POST", "Merge", { body }).code;
    expect(merge(mergeBody(winner, winner))).toBe("0x80045305");
    expect(merge(mergeBody(winner, idOf(404)))).toBe("0x80040217");
    expect(merge({ Target: { contactid: winner } })).toBe("0x80048d19");
    expect(merge({ ...mergeBody(winner, loser), Extra: 1 })).toBe("0x80048d19");
    expect(w.ask("POST", "Merge", { body: mergeBody(winner, loser) }).status).toBe(204);
    expect(merge(mergeBody(winner, loser))).toBe("0x80045304");
    const person = w.as("person");
    expect(() => mergeRows(person, "task", winner, loser)).toThrow("cannot be merged");
  });

  test("twice in a row: the first loser still names its own winner", () => {
    const { w, winner, loser } = couple();
    const last = w.seed("contact", { lastname: "C" });
    w.ask("POST", "Merge", { body: mergeBody(winner, loser) });
    expect(w.ask("POST", "Merge", { body: mergeBody(last, winner) }).status).toBe(204);
    expect(w.ask("GET", `contacts(${loser})`).body["_masterid_value"]).toBe(winner);
    expect(w.ask("GET", `contacts(${winner})`).body["_masterid_value"]).toBe(last);
  });

  test("comes undone as a whole", () => {
    const { w, winner, loser } = couple();
    const note = w.seed("annotation", { objectid: { table: "contact", id: loser } });
    const person = w.as("person", w.agent);
    mergeRows(person, "contact", winner, loser);
    person.undo.rollback();
    expect(w.org.store.row("contact", loser)?.values.has("masterid")).toBe(false);
    expect(w.org.store.row("annotation", note)?.values.get("objectid")).toEqual({
      table: "contact",
      id: loser,
    });
  });
});

describe("QualifyLead", () => {
  const columns = {
    subject: "T",
    firstname: "Anna",
    lastname: "Lee",
    companyname: "Acme",
    telephone1: "1",
  };

  test("closes the lead and makes contact, account and opportunity as asked", () => {
    const w = world();
    const lead = w.seed("lead", columns);
    const body = { CreateAccount: true, CreateContact: true, CreateOpportunity: false, Status: 3 };
    const result = w.ask("POST", `leads(${lead})/Microsoft.Dynamics.CRM.QualifyLead`, { body });
    expect(result.status).toBe(200);
    expect(new Set(result.value.map((row) => row["@odata.type"]))).toEqual(
      new Set(["#Microsoft.Dynamics.CRM.account", "#Microsoft.Dynamics.CRM.contact"]),
    );
    expect(w.ask("GET", `leads(${lead})`).body).toMatchObject({ statecode: 1, statuscode: 3 });
    const again = w.ask("POST", `leads(${lead})/Microsoft.Dynamics.CRM.QualifyLead`, { body });
    expect(again.status).toBe(400);
  });

  test("by a person: contact of the new account, both from the lead", () => {
    const w = world();
    const lead = w.seed("lead", columns);
    const { contactId, accountId } = qualifyLead(w.as("person", w.agent), lead);
    expect(w.ask("GET", `contacts(${contactId})`).body).toMatchObject({
      fullname: "Anna Lee",
      _parentcustomerid_value: accountId,
      _originatingleadid_value: lead,
      _createdby_value: w.agent,
    });
    expect(w.ask("GET", `accounts(${accountId})`).body["name"]).toBe("Acme");
  });
});

test("SendEmail completes a draft as sent, once, and only with sender and recipient", () => {
  const w = world();
  const contact = { table: "contact", id: w.seed("contact", { lastname: "A" }) };
  const id = w.seed("email", { subject: "S", to: [contact] });
  const send = (mail: string): unknown =>
    w.ask("POST", `emails(${mail})/Microsoft.Dynamics.CRM.SendEmail`, { body: { IssueSend: true } })
      .status;
  expect(send(id)).toBe(400);
  const whole = w.seed("email", { to: [contact], from: [{ table: "systemuser", id: w.agent }] });
  expect(send(whole)).toBe(200);
  expect(w.ask("GET", `emails(${whole})`).body).toMatchObject({ statecode: 1, statuscode: 3 });
  expect(send(whole)).toBe(400);
});

describe("duplicate rules (facts §1.5)", () => {
  const duplicateRules = [{ table: "contact" as const, columns: ["lastname", "emailaddress1"] }];
  const body = { lastname: "LEE", emailaddress1: "a@x.example" };
  const asked = { "mscrm.suppressduplicatedetection": "false" };

  test.each([
    [undefined, 412],
    [500, 500],
  ] as const)(
    "run only when the header asks: 0x80040333 with status %s",
    (duplicateStatus, status) => {
      const w = world({
        duplicateRules,
        ...(duplicateStatus !== undefined && { duplicateStatus }),
      });
      w.seed("contact", { lastname: "Lee", emailaddress1: "A@x.example" });
      const hit = w.ask("POST", "contacts", { body, headers: asked });
      expect(hit).toMatchObject({ status, code: "0x80040333" });
      expect(w.ask("POST", "contacts", { body: { lastname: "Lee" }, headers: asked }).status).toBe(
        204,
      );
      expect(w.ask("POST", "contacts", { body }).status).toBe(204);
      const forced = { "mscrm.suppressduplicatedetection": "true" };
      expect(w.ask("POST", "contacts", { body, headers: forced }).status).toBe(204);
    },
  );

  test("a row is no duplicate of itself, and inactive ones do not count", () => {
    const w = world({ duplicateRules });
    const id = w.seed("contact", { lastname: "Lee", emailaddress1: "a@x.example" });
    const edit = w.ask("PATCH", `contacts(${id})`, { body, headers: asked });
    expect(edit.status).toBe(204);
    w.ask("PATCH", `contacts(${id})`, { body: { statecode: 1, statuscode: 2 } });
    expect(w.ask("POST", "contacts", { body, headers: asked }).status).toBe(204);
  });

  test("RetrieveDuplicates tells whom", () => {
    const w = world({ duplicateRules });
    const id = w.seed("contact", { lastname: "Lee", emailaddress1: "a@x.example" });
    const aliases = query({
      "@p1": JSON.stringify({ "@odata.type": "Microsoft.Dynamics.CRM.contact", ...body }),
      "@p2": "'contact'",
      "@p3": JSON.stringify({ PageNumber: 1, Count: 10 }),
    });
    const path = "RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)";
    const found = w.ask("GET", `${path}?${aliases}`);
    expect(found.value).toMatchObject([{ contactid: id, lastname: "Lee" }]);
    expect(w.ask("GET", path).status).toBe(400);
    expect(w.ask("GET", `RetrieveDuplicates(BusinessEntity=@p1)?${aliases}`).status).toBe(400);
  });
});

describe("privileges (403 0x80040220, facts §1.8)", () => {
  test.each([
    ["create", "POST", "contacts", { lastname: "A" }],
    ["read", "GET", "contacts", undefined],
    ["read", "GET", "contacts(ID)", undefined],
    ["write", "PATCH", "contacts(ID)", { lastname: "A" }],
    ["delete", "DELETE", "contacts(ID)", undefined],
    ["append", "PATCH", "contacts(ID)", { "parentcustomerid_contact@odata.bind": "/contacts(ID)" }],
    [
      "appendTo",
      "POST",
      "phonecalls",
      { "regardingobjectid_contact_phonecall@odata.bind": "/contacts(ID)" },
    ],
    [
      "appendTo",
      "POST",
      "phonecalls",
      {
        phonecall_activity_parties: [
          { participationtypemask: 1, "partyid_contact@odata.bind": "/contacts(ID)" },
        ],
      },
    ],
    ["assign", "PATCH", "contacts(ID)", { "ownerid@odata.bind": `/systemusers(${idOf(2)})` }],
  ] as const)("without %s: %s %s", (privilege, method, path, json) => {
    const tried = (options: EmulatorOptions): Result => {
      const w = world(options);
      const id = w.seed("contact", { lastname: "A" });
      const body: unknown =
        json === undefined ? undefined : JSON.parse(JSON.stringify(json).replaceAll("ID", id));
      return w.ask(method, path.replace("ID", id), { body });
    };
    const refused = tried({ missingPrivileges: [{ table: "contact", privilege }] });
    expect(refused).toMatchObject({ status: 403, code: "0x80040220" });
    expect(tried({}).status).toBeLessThan(300);
  });
});

test("a missing privilege takes nothing else away", () => {
  const w = world({ missingPrivileges: [{ table: "contact", privilege: "create" }] });
  const id = w.seed("contact", { lastname: "A" });
  expect(w.ask("POST", "contacts", { body: {} }).status).toBe(403);
  expect(w.ask("PATCH", `contacts(${id})`, { body: { lastname: "B" } }).status).toBe(204);
  expect(w.ask("GET", `contacts(${id})`).status).toBe(200);
  expect(w.ask("POST", "accounts", { body: {} }).status).toBe(204);
});

describe("a person", () => {
  test("edits what is completed without leaving it open, and modifiedby tells", () => {
    const w = world();
    const contact = { table: "contact", id: w.seed("contact", { lastname: "A" }) };
    const user = { table: "systemuser", id: w.agent };
    const id = w.seed("phonecall", {
      subject: "S",
      statecode: 1,
      statuscode: 4,
      from: [contact],
      to: [user],
    });
    w.pass(5000);
    editRow(w.as("person", w.agent), "phonecall", id, { description: "edited", from: [] });
    const row = w.org.store.row("phonecall", id);
    expect(row === undefined ? {} : storedRow(row)).toMatchObject({
      columns: { description: "edited", statecode: 1, statuscode: 4 },
      parties: [{ mask: 2, table: "systemuser", id: w.agent }],
      createdBy: w.org.userId,
      modifiedBy: w.agent,
      modifications: 1,
      modifiedAt: w.org.now(),
      deleted: false,
    });
  });

  test("seeding checks the schema: unknown tables, columns, targets and types", () => {
    const { seed } = world();
    expect(() => seed("nothing", {})).toThrow("no table nothing");
    expect(() => seed("contact", { nothing: 1 })).toThrow("Invalid property 'nothing'");
    expect(() => seed("contact", { lastname: 1 })).toThrow("Cannot convert");
    expect(() => seed("task", { regardingobjectid: { table: "systemuser", id: idOf(2) } })).toThrow(
      "must be",
    );
    expect(() => seed("task", { regardingobjectid: { table: "contact", id: idOf(404) } })).toThrow(
      "Does Not Exist",
    );
  });
});

test("a struck operation is refused as the fault says and not carried out", () => {
  const w = world();
  const asked: string[] = [];
  const strike = (table: string): ReturnType<typeof problem> => {
    asked.push(table);
    return problem(500, "0x80044150", "Generic SQL error.");
  };
  const id = w.seed("contact", { lastname: "A" });
  for (const [method, path, body] of [
    ["POST", "tasks", { subject: "S" }],
    ["PATCH", `contacts(${id})`, { lastname: "B" }],
    ["DELETE", `contacts(${id})`, undefined],
    ["GET", "contacts", undefined],
  ] as const)
    expect(w.ask(method, path, { body, strike }).code).toBe("0x80044150");
  expect(asked).toEqual(["task", "contact", "contact", "contact"]);
  expect(w.org.store.row("contact", id)?.values.get("lastname")).toBe("A");
  expect(w.org.store.live("task").size).toBe(0);
});

test("a write costs the same in a full table: nothing goes through all rows", () => {
  const w = world();
  const contact = w.seed("contact", { lastname: "A" });
  const write = (n: number): void => {
    const body = {
      subject: "Call",
      "ownerid@odata.bind": `/systemusers(${w.agent})`,
      "regardingobjectid_contact_phonecall@odata.bind": `/contacts(${contact})`,
      phonecall_activity_parties: [
        { participationtypemask: 1, "partyid_contact@odata.bind": `/contacts(${contact})` },
      ],
    };
    const path = `phonecalls(${idOf(n)})`;
    w.ask("POST", "phonecalls", { body: { activityid: idOf(n), ...body } });
    w.ask("PATCH", path, { body: { statecode: 1, statuscode: 4 }, headers: { "if-match": "*" } });
  };
  for (let n = 10_000; n < 10_050; n += 1) write(n);
  const { store } = w.org;
  const scans = [vi.spyOn(store, "live"), vi.spyOn(store, "all"), vi.spyOn(store, "referrers")];
  write(20_000);
  expect(store.row("phonecall", idOf(20_000))?.values.get("statecode")).toBe(1);
  // A row is found by its id; whole tables are not even asked for.
  expect(scans.map((scan) => scan.mock.calls)).toEqual([[], [], []]);
});
