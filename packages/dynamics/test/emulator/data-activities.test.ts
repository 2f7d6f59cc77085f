import { describe, expect, test } from "vitest";
import { idOf, world } from "./data-world.ts";
import type { World } from "./data-world.ts";

const bind = "regardingobjectid_contact_phonecall@odata.bind";

function withContact(options = {}): { readonly w: World; readonly contact: string } {
  const w = world(options);
  return { w, contact: w.seed("contact", { firstname: "Anna", lastname: "Lee" }) };
}

function party(mask: number, set: string, id: string): Readonly<Record<string, unknown>> {
  const table = set.slice(0, -1);
  return { participationtypemask: mask, [`partyid_${table}@odata.bind`]: `/${set}(${id})` };
}

describe("lookups (facts §1.3)", () => {
  test.each([
    ["/contacts(ID)"],
    ["contacts(ID)"],
    ["http://127.0.0.1:4000/api/data/v9.2/contacts(ID)"],
  ])("%s binds", (form) => {
    const { w, contact } = withContact();
    const body = { [bind]: form.replace("ID", contact) };
    const made = w.ask("POST", "phonecalls", {
      body,
      headers: { prefer: "return=representation" },
    });
    expect(made.body["_regardingobjectid_value"]).toBe(contact);
  });

  test.each([
    ["https://elsewhere.example/api/data/v9.2/contacts(ID)", 400, "0x80048d19"],
    ["/accounts(ID)", 400, "0x80048d19"],
    ["/contact(ID)", 400, "0x80048d19"],
    ["/contacts", 400, "0x80048d19"],
    ["$1", 400, "0x80060888"],
    ["", 400, "0x80048d19"],
    [`/contacts(${idOf(404)})`, 404, "0x80040217"],
  ])("%s does not bind", (form, status, code) => {
    const { w, contact } = withContact();
    const body = { [bind]: form.replace("ID", contact) };
    expect(w.ask("POST", "phonecalls", { body })).toMatchObject({ status, code });
    expect(w.org.store.live("phonecall").size).toBe(0);
  });

  test("the owner is a user or a team, also by Entra object id; null is no owner", () => {
    const { w } = withContact();
    const team = w.seed("team", { name: "Front" });
    const made = (address: string | null): unknown => {
      const body = { "ownerid@odata.bind": address };
      return w.ask("POST", "tasks", { body, headers: { prefer: "return=representation" } }).body;
    };
    expect(made(`/teams(${team})`)).toMatchObject({
      _owningteam_value: team,
      _owninguser_value: null,
    });
    const byKey = `/systemusers(azureactivedirectoryobjectid=${idOf(77)})`;
    expect(made(byKey)).toMatchObject({ _ownerid_value: w.agent, _owninguser_value: w.agent });
    const id = w.seed("task", { subject: "T" });
    const none = w.ask("PATCH", `tasks(${id})`, { body: { "ownerid@odata.bind": null } });
    expect(none.code).toBe("0x80040229");
  });

  test("one activity regards one row: two navigations at once are refused, another one replaces it", () => {
    const { w, contact } = withContact();
    const account = w.seed("account", { name: "Acme" });
    const other = "regardingobjectid_account_phonecall@odata.bind";
    const two = { [bind]: `/contacts(${contact})`, [other]: `/accounts(${account})` };
    expect(w.ask("POST", "phonecalls", { body: two }).code).toBe("0x80048d19");
    const id = w.seed("phonecall", { regardingobjectid: { table: "contact", id: contact } });
    w.ask("PATCH", `phonecalls(${id})`, { body: { [other]: `/accounts(${account})` } });
    expect(w.ask("GET", `phonecalls(${id})`).body["_regardingobjectid_value"]).toBe(account);
  });

  test.each([[bind], ["regardingobjectid_contact_phonecall"]])("null in %s clears", (name) => {
    const { w, contact } = withContact();
    const id = w.seed("phonecall", { regardingobjectid: { table: "contact", id: contact } });
    expect(w.ask("PATCH", `phonecalls(${id})`, { body: { [name]: null } }).status).toBe(204);
    expect(w.ask("GET", `phonecalls(${id})`).body["_regardingobjectid_value"]).toBeNull();
  });
});

describe("parties (facts §1.4)", () => {
  test("come by deep insert, with the address used", () => {
    const { w, contact } = withContact();
    const parties = [
      { ...party(1, "contacts", contact), addressused: "+1 415 555 0100" },
      party(2, "systemusers", w.agent),
    ];
    const made = w.ask("POST", "phonecalls", { body: { phonecall_activity_parties: parties } });
    expect(made.status).toBe(204);
    const [row] = w.org.store.live("phonecall").values();
    expect(row?.parties).toMatchObject([
      { mask: 1, table: "contact", partyId: contact, addressUsed: "+1 415 555 0100" },
      { mask: 2, table: "systemuser", partyId: w.agent },
    ]);
  });

  test.each([
    ["phonecalls", 3, 400],
    ["phonecalls", 11, 400],
    ["phonecalls", 8, 400],
    ["tasks", 2, 400],
    ["tasks", 1, 400],
    ["emails", 3, 204],
    ["emails", 5, 400],
    ["appointments", 5, 204],
    ["letters", 2, 204],
    ["new_chats", 11, 204],
  ])("%s with a party of kind %i answers %i", (set, mask, status) => {
    const { w, contact } = withContact({
      customTables: [{ name: "new_chat", entitySet: "new_chats", activity: true }],
    });
    const name = `${set.slice(0, -1)}_activity_parties`;
    const body = { [name]: [party(mask, "contacts", contact)] };
    expect(w.ask("POST", set, { body }).status).toBe(status);
  });

  test("an email has one sender only, a call may have more", () => {
    const { w, contact } = withContact();
    const both = [party(1, "contacts", contact), party(1, "systemusers", w.agent)];
    expect(w.ask("POST", "emails", { body: { email_activity_parties: both } }).status).toBe(400);
    expect(w.ask("POST", "phonecalls", { body: { phonecall_activity_parties: both } }).status).toBe(
      204,
    );
  });

  test.each([
    [{ participationtypemask: 1 }, "0x80043504"],
    [{ "partyid_contact@odata.bind": "/contacts(ID)" }, "0x80040b06"],
    [{ participationtypemask: 1, "partyid_Contact@odata.bind": "/contacts(ID)" }, "0x80048d19"],
    [
      { participationtypemask: 1, "partyid_contact@odata.bind": "/contacts(ID)", name: "x" },
      "0x80048d19",
    ],
    [{ participationtypemask: "1", "partyid_contact@odata.bind": "/contacts(ID)" }, "0x80048d19"],
    [
      {
        participationtypemask: 1,
        "partyid_contact@odata.bind": "/contacts(ID)",
        addressused: "x".repeat(201),
      },
      "0x80044331",
    ],
    [
      { participationtypemask: 1, "partyid_contact@odata.bind": `/contacts(${idOf(404)})` },
      "0x80040217",
    ],
  ])("%j is refused with %s", (json, code) => {
    const { w, contact } = withContact();
    const one: unknown = JSON.parse(JSON.stringify(json).replaceAll("ID", contact));
    const result = w.ask("POST", "phonecalls", { body: { phonecall_activity_parties: [one] } });
    expect(result.code).toBe(code);
  });

  test("are never written on their own", () => {
    const { w } = withContact();
    expect(w.ask("POST", "activityparties", { body: { participationtypemask: 1 } }).status).toBe(
      405,
    );
    expect(w.ask("POST", "activitypointers", { body: {} }).status).toBe(405);
    expect(w.ask("GET", `activityparties(${idOf(5)})`).status).toBe(400);
  });

  test("PUT rewrites the list", () => {
    const { w, contact } = withContact();
    const link = { table: "contact", id: contact };
    const id = w.seed("phonecall", { from: [link], to: [{ table: "systemuser", id: w.agent }] });
    const path = `phonecalls(${id})/phonecall_activity_parties`;
    expect(w.ask("PUT", path, { body: { value: [party(2, "contacts", contact)] } }).status).toBe(
      204,
    );
    expect(w.org.store.row("phonecall", id)?.parties).toMatchObject([
      { mask: 2, partyId: contact },
    ]);
    expect(w.ask("PUT", path, { body: [] }).status).toBe(400);
  });

  test("PATCH with a list is refused, whether it would make the activity or change it", () => {
    const { w, contact } = withContact();
    const there = w.seed("phonecall", { subject: "Call" });
    const body = { phonecall_activity_parties: [party(2, "contacts", contact)] };
    for (const id of [there, idOf(77)]) {
      expect(w.ask("PATCH", `phonecalls(${id})`, { body })).toMatchObject({
        status: 400,
        code: "0x80060888",
      });
    }
    expect(w.org.store.row("phonecall", idOf(77))).toBeUndefined();
    expect(w.org.store.row("phonecall", there)?.parties).toEqual([]);
  });

  test.each([
    ["replaced", 1],
    ["appended", 2],
  ] as const)("PATCH with a list: %s, as the option says", (partiesOnPatch, count) => {
    const { w, contact } = withContact({ partiesOnPatch });
    const id = w.seed("phonecall", { from: [{ table: "contact", id: contact }] });
    const body = { phonecall_activity_parties: [party(2, "systemusers", w.agent)] };
    expect(w.ask("PATCH", `phonecalls(${id})`, { body }).status).toBe(204);
    expect(w.org.store.row("phonecall", id)?.parties).toHaveLength(count);
  });
});

describe("states (facts §1.4)", () => {
  test.each([
    ["phonecalls", 1, 2],
    ["phonecalls", 1, 4],
    ["phonecalls", 2, 3],
    ["emails", 1, 3],
    ["tasks", 1, 5],
    ["appointments", 3, 5],
  ])("%s: state %i takes status %i", (set, statecode, statuscode) => {
    const { w } = withContact();
    const id = w.seed(set.slice(0, -1), { subject: "S" });
    const body = { statecode, statuscode };
    expect(w.ask("PATCH", `${set}(${id})`, { body, headers: { "if-match": "*" } }).status).toBe(
      204,
    );
    expect(w.ask("GET", `${set}(${id})`).body).toMatchObject(body);
  });

  test.each([
    [{ statecode: 1, statuscode: 1 }],
    [{ statecode: 0, statuscode: 2 }],
    [{ statecode: 7 }],
    [{ statuscode: 2 }],
    [{ statecode: null }],
  ])("%j is refused for an open call with 0x80048408", (body) => {
    const { w } = withContact();
    const id = w.seed("phonecall", { subject: "S" });
    expect(w.ask("PATCH", `phonecalls(${id})`, { body }).code).toBe("0x80048408");
  });

  test("a state alone takes its first status", () => {
    const { w } = withContact();
    const id = w.seed("phonecall", { subject: "S" });
    w.ask("PATCH", `phonecalls(${id})`, { body: { statecode: 1 } });
    expect(w.ask("GET", `phonecalls(${id})`).body["statuscode"]).toBe(2);
  });

  test("statecode on create is ignored, or refused if the option says so", () => {
    const body = { subject: "S", statecode: 1 };
    const ignored = withContact().w.ask("POST", "phonecalls", {
      body,
      headers: { prefer: "return=representation" },
    });
    expect(ignored.body).toMatchObject({ statecode: 0, statuscode: 1 });
    const { w } = withContact({ stateOnCreate: "refused" });
    expect(w.ask("POST", "phonecalls", { body }).status).toBe(400);
    // A status of another state fails in either case.
    expect(withContact().w.ask("POST", "phonecalls", { body: { statuscode: 2 } }).code).toBe(
      "0x80048408",
    );
  });

  test("completed and cancelled activities are read-only until reopened by their state alone", () => {
    const { w, contact } = withContact();
    for (const [statecode, statuscode] of [
      [1, 2],
      [2, 3],
    ]) {
      const id = w.seed("phonecall", { subject: "S", statecode, statuscode });
      const at = `phonecalls(${id})`;
      const edit = w.ask("PATCH", at, { body: { subject: "T" } });
      expect(edit).toMatchObject({
        status: 400,
        code: "0x80040230",
        message: "Cannot update Closed or Cancelled Activity",
      });
      const parties = { value: [party(2, "contacts", contact)] };
      expect(w.ask("PUT", `${at}/phonecall_activity_parties`, { body: parties }).code).toBe(
        "0x80040230",
      );
      expect(w.ask("PATCH", at, { body: { statecode: 0, statuscode: 1, subject: "T" } }).code).toBe(
        "0x80040230",
      );
      expect(w.ask("PATCH", at, { body: { statecode: 0, statuscode: 1 } }).status).toBe(204);
      expect(w.ask("PATCH", at, { body: { subject: "T" } }).status).toBe(204);
      expect(w.ask("DELETE", at).status).toBe(204);
    }
  });

  test("a scheduled appointment is open", () => {
    const { w } = withContact();
    const id = w.seed("appointment", { subject: "S", statecode: 3, statuscode: 5 });
    expect(w.ask("PATCH", `appointments(${id})`, { body: { subject: "T" } }).status).toBe(204);
  });

  test("a completed activity takes notes", () => {
    const { w } = withContact();
    const id = w.seed("phonecall", { subject: "S", statecode: 1, statuscode: 2 });
    const body = { notetext: "late", "objectid_phonecall@odata.bind": `/phonecalls(${id})` };
    expect(w.ask("POST", "annotations", { body }).status).toBe(204);
  });

  test("a case is resolved by CloseIncident only", () => {
    const { w, contact } = withContact();
    const id = w.seed("incident", { title: "T", customerid: { table: "contact", id: contact } });
    expect(
      w.ask("PATCH", `incidents(${id})`, { body: { statecode: 1, statuscode: 5 } }).status,
    ).toBe(400);
    const resolution = { subject: "done", "incidentid@odata.bind": `/incidents(${id})` };
    const body = { IncidentResolution: resolution, Status: 5 };
    expect(w.ask("POST", "CloseIncident", { body }).status).toBe(204);
    expect(w.ask("GET", `incidents(${id})`).body).toMatchObject({ statecode: 1, statuscode: 5 });
    expect(w.ask("POST", "CloseIncident", { body }).code).toBe("0x80044411");
  });
});
