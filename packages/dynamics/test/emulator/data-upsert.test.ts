import { describe, expect, test } from "vitest";
import { serve } from "../../emulator/http/router.ts";
import { idOf, world } from "./data-world.ts";

const id = idOf(100);
const at = `contacts(${id})`;
const createOnly = { "if-none-match": "*" };
const updateOnly = { "if-match": "*" };
const whole = { prefer: "return=representation" };

describe("PATCH to an address (facts §1.2)", () => {
  test("without conditions it makes or changes, and 204 does not tell which", () => {
    const { ask, org } = world();
    const made = ask("PATCH", at, { body: { lastname: "Lee" } });
    const changed = ask("PATCH", at, { body: { lastname: "Li" } });
    expect([made.status, changed.status]).toEqual([204, 204]);
    expect(changed.headers["OData-EntityId"]).toBe(`${org.url}/api/data/v9.2/contacts(${id})`);
    expect(ask("GET", at).body["lastname"]).toBe("Li");
  });

  test("return=representation tells 201 from 200, and leaves OData-EntityId out", () => {
    const { ask } = world();
    const made = ask("PATCH", `${at}?$select=contactid`, {
      body: { lastname: "Lee" },
      headers: whole,
    });
    expect(made.status).toBe(201);
    expect(made.headers["OData-EntityId"]).toBeUndefined();
    expect(Object.keys(made.body)).toEqual(["@odata.context", "@odata.etag", "contactid"]);
    expect(ask("PATCH", at, { body: { lastname: "Li" }, headers: whole }).status).toBe(200);
  });

  test("If-None-Match: * makes, and answers 412 0x80040237 when the row is there", () => {
    const { ask } = world();
    expect(ask("PATCH", at, { body: { lastname: "Lee" }, headers: createOnly }).status).toBe(204);
    const again = ask("PATCH", at, { body: { lastname: "Other" }, headers: createOnly });
    expect(again).toMatchObject({ status: 412, code: "0x80040237" });
    expect(again.message).toBe("A record with matching key values already exists.");
    expect(ask("GET", at).body["lastname"]).toBe("Lee");
  });

  test("If-None-Match: null is no condition (facts §1.1)", () => {
    const { ask } = world();
    const headers = { "if-none-match": "null" };
    expect(ask("PATCH", at, { body: { lastname: "Lee" }, headers }).status).toBe(204);
    expect(ask("PATCH", at, { body: { lastname: "Li" }, headers }).status).toBe(204);
  });

  test("If-Match: * changes only, and answers 404 0x80040217 when the row is not there", () => {
    const { ask } = world();
    const missing = ask("PATCH", at, { body: { lastname: "Lee" }, headers: updateOnly });
    expect(missing).toMatchObject({ status: 404, code: "0x80040217" });
    expect(missing.message).toBe(`contact With Id = ${id} Does Not Exist`);
    ask("PATCH", at, { body: { lastname: "Lee" } });
    expect(ask("PATCH", at, { body: { lastname: "Li" }, headers: updateOnly }).status).toBe(204);
  });

  test("If-Match with an old etag answers 412 0x80060882 and changes nothing", () => {
    const { ask } = world();
    ask("PATCH", at, { body: { lastname: "Lee" } });
    const etag = String(ask("GET", at).body["@odata.etag"]);
    expect(
      ask("PATCH", at, { body: { lastname: "Li" }, headers: { "if-match": etag } }).status,
    ).toBe(204);
    const stale = ask("PATCH", at, { body: { lastname: "Lo" }, headers: { "if-match": etag } });
    expect(stale).toMatchObject({ status: 412, code: "0x80060882" });
    expect(ask("GET", at).body["lastname"]).toBe("Li");
  });

  test("a deleted row is made again by an upsert, and not by an update", () => {
    const { ask } = world();
    ask("PATCH", at, { body: { lastname: "Lee" } });
    expect(ask("DELETE", at).status).toBe(204);
    expect(ask("PATCH", at, { body: { lastname: "Li" }, headers: updateOnly }).status).toBe(404);
    expect(ask("PATCH", at, { body: { lastname: "Li" } }).status).toBe(204);
    expect(ask("GET", at).body["lastname"]).toBe("Li");
  });

  test("the key may stand in the body too, but no other", () => {
    const { ask } = world();
    expect(ask("PATCH", at, { body: { contactid: id, lastname: "Lee" } }).status).toBe(204);
    expect(ask("PATCH", at, { body: { contactid: idOf(101) } }).status).toBe(400);
    expect(ask("PATCH", `contacts(${idOf(102)})`, { body: { contactid: id } }).status).toBe(400);
  });

  test("a refused create leaves nothing", () => {
    const { ask } = world();
    expect(ask("PATCH", at, { body: { lastname: "x".repeat(51) } }).status).toBe(400);
    expect(ask("GET", at).status).toBe(404);
  });
});

describe("POST, GET and DELETE", () => {
  test("POST with a key makes that row, a second one is 412 0x80040237 (facts §1.2)", () => {
    const { ask } = world();
    expect(ask("POST", "contacts", { body: { contactid: id, lastname: "Lee" } }).status).toBe(204);
    const again = ask("POST", "contacts", { body: { contactid: id, lastname: "Lee" } });
    expect(again).toMatchObject({ status: 412, code: "0x80040237" });
    expect(again.message).toContain("Cannot insert duplicate key");
  });

  test("POST answers the address of the new row", () => {
    const { ask, org } = world();
    const made = ask("POST", "contacts", { body: { lastname: "Lee" } });
    const address = made.headers["OData-EntityId"] ?? "";
    expect(ask("GET", address.replace(`${org.url}/api/data/v9.2/`, "")).body["lastname"]).toBe(
      "Lee",
    );
  });

  test("ids are read in either case", () => {
    const { ask } = world();
    const mixed = "ABCDEF00-0000-4000-8000-00000000ABCD";
    ask("PATCH", `contacts(${mixed})`, { body: { lastname: "Lee" } });
    expect(ask("GET", `contacts(${mixed.toLowerCase()})`).body["contactid"]).toBe(
      mixed.toLowerCase(),
    );
  });

  test("GET with the etag it knows answers 304, with null the row", () => {
    const { ask } = world();
    ask("PATCH", at, { body: { lastname: "Lee" } });
    const etag = String(ask("GET", at).body["@odata.etag"]);
    expect(ask("GET", at, { headers: { "if-none-match": etag } }).status).toBe(304);
    expect(ask("GET", at, { headers: { "if-none-match": "null" } }).status).toBe(200);
  });

  test("DELETE honours If-Match, and is 404 the second time", () => {
    const { ask } = world();
    ask("PATCH", at, { body: { lastname: "Lee" } });
    expect(ask("DELETE", at, { headers: { "if-match": 'W/"1"' } }).code).toBe("0x80060882");
    expect(ask("DELETE", at).status).toBe(204);
    expect(ask("DELETE", at)).toMatchObject({ status: 404, code: "0x80040217" });
  });

  test("a user is read by Entra object id, and 0x80060891 when there is none (facts §1.2)", () => {
    const { ask, agent } = world();
    const found = ask(
      "GET",
      `systemusers(azureactivedirectoryobjectid=${idOf(77)})?$select=fullname`,
    );
    expect(found.body).toMatchObject({ systemuserid: agent, fullname: "Elinor Dashwood" });
    const none = ask("GET", `systemusers(azureactivedirectoryobjectid=${idOf(78)})`);
    expect(none).toMatchObject({ status: 404, code: "0x80060891" });
  });

  test("notes go with what they hang on, lookups to it are cleared", () => {
    const { ask, seed, org } = world();
    const contact = seed("contact", { lastname: "Lee" });
    const link = { table: "contact", id: contact };
    const call = seed("phonecall", { subject: "Call", regardingobjectid: link, from: [link] });
    const note = seed("annotation", { objectid: { table: "phonecall", id: call } });
    ask("DELETE", `contacts(${contact})`);
    const left = ask("GET", `phonecalls(${call})?$expand=phonecall_activity_parties`);
    expect(left.body["_regardingobjectid_value"]).toBeNull();
    expect(org.store.row("phonecall", call)?.parties).toEqual([]);
    ask("DELETE", `phonecalls(${call})`);
    expect(ask("GET", `annotations(${note})`).status).toBe(404);
  });
});

describe("a change set that fails is taken back", () => {
  test("creates, changes and deletions come undone, notes too", () => {
    const { org, seed, as } = world();
    const kept = seed("contact", { lastname: "Lee" });
    const note = seed("annotation", { subject: "N", objectid: { table: "contact", id: kept } });
    const before = org.store.row("contact", kept)?.version;
    const context = as("api");
    const { undo } = context;
    const call = {
      org,
      headers: {},
      query: "",
      userId: org.userId,
      references: new Map<string, string>(),
    };
    const strike = (): undefined => undefined;
    const run = (method: string, path: string, body?: unknown): unknown =>
      serve({ ...call, method, path, body, undo, strike });
    run("POST", "contacts", { contactid: id, lastname: "New" });
    run("PATCH", at, { lastname: "Newer" });
    run("PATCH", `contacts(${kept})`, { lastname: "Changed" });
    run("DELETE", `contacts(${kept})`);
    undo.rollback();
    expect(org.store.row("contact", id)).toBeUndefined();
    expect(org.store.row("contact", kept)?.values.get("lastname")).toBe("Lee");
    expect(org.store.row("contact", kept)?.version).toBe(before);
    expect(org.store.row("annotation", note)?.deleted).toBe(false);
    expect(org.store.referrers(kept).map((row) => row.id)).toEqual([note]);
    expect(org.store.all("contact")).toHaveLength(1);
  });
});
