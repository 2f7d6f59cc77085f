import { describe, expect, test } from "vitest";
import { at, byKey, seedOne, startApi, tasks } from "./api.ts";

const many = (count: number): readonly Readonly<Record<string, unknown>>[] =>
  tasks(...Array.from({ length: count }, (_one, row) => ({ Wrapup_Key__c: `k${row}` })));

describe("A4 collections", () => {
  test("200 records go in one API call, 201 are EXCEEDED_ID_LIMIT and none is written", async () => {
    const api = await startApi();
    expect(await api.call("PATCH", byKey, { records: many(201) })).toMatchObject({
      status: 400,
      json: [{ errorCode: "EXCEEDED_ID_LIMIT" }],
    });
    expect((await api.emulator.control.records("Task")).length).toBe(0);
    const before = await api.emulator.control.callCount();
    const reply = await api.call("PATCH", byKey, { records: many(200) });
    expect([reply.status, (await api.emulator.control.records("Task")).length]).toEqual([200, 200]);
    expect((await api.emulator.control.callCount()) - before).toBe(1);
    expect((await api.emulator.control.calls()).at(-1)).toMatchObject({
      records: 200,
      status: 200,
      api: true,
    });
  });

  test("one bad record does not sink the others, and answers stand in the order of the records", async () => {
    const api = await startApi();
    const reply = await api.call("POST", "/composite/sobjects", {
      records: tasks({ Subject: "a" }, { Nope: 1 }, { Subject: "c" }),
    });
    expect(reply.json).toMatchObject([
      { success: true },
      { success: false, errors: [{ statusCode: "INVALID_FIELD" }] },
      { success: true },
    ]);
    expect(
      (await api.emulator.control.records("Task")).map((task) => task.fields["Subject"]),
    ).toEqual(["a", "c"]);
  });

  test("allOrNone takes everything back: creates, updates, unique keys", async () => {
    const api = await startApi();
    const id = await seedOne(api, "Task", { Wrapup_Key__c: "old", Subject: "before" });
    const records = tasks(
      { Wrapup_Key__c: "old", Subject: "after" },
      { Wrapup_Key__c: "new" },
      { Wrapup_Key__c: "bad", CallType: "?" },
    );
    const reply = await api.call("PATCH", byKey, { allOrNone: true, records });
    const rolledBack = { statusCode: "ALL_OR_NONE_OPERATION_ROLLED_BACK" };
    expect(reply.json).toMatchObject([
      { id, success: false, errors: [rolledBack], created: false },
      { success: false, errors: [rolledBack], created: false },
      { success: false, errors: [{ statusCode: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" }] },
    ]);
    expect(await api.emulator.control.records("Task")).toMatchObject([
      { Id: id, modifications: 0, fields: { Subject: "before" } },
    ]);
    const again = await api.call("PATCH", byKey, { records: tasks({ Wrapup_Key__c: "new" }) });
    expect(again.json).toMatchObject([{ created: true }]);
  });

  test("an update needs an id that is there and of the type", async () => {
    const api = await startApi();
    const account = await seedOne(api, "Account", { Name: "Alder" });
    const gone = await seedOne(api, "Task", {});
    await api.emulator.control.removeRecord(gone);
    const records = tasks(
      { Subject: "x" },
      { id: "nonsense" },
      { id: "00TdM0000000001" },
      { id: account },
      { id: gone },
    );
    const reply = await api.call("PATCH", "/composite/sobjects", { records });
    const codes = Array.isArray(reply.json)
      ? reply.json.map((one: unknown) => at(one, "errors", 0, "statusCode"))
      : [];
    const cross = "INVALID_CROSS_REFERENCE_KEY";
    expect(codes).toEqual(["MISSING_ARGUMENT", "MALFORMED_ID", cross, cross, "ENTITY_IS_DELETED"]);
  });

  test("attributes must come first in create and update; in upsert jsforce sends the key first", async () => {
    const api = await startApi();
    const created = await api.call("POST", "/composite/sobjects", {
      records: [{ Subject: "x", attributes: { type: "Task" } }],
    });
    expect(created.json).toMatchObject([
      { success: false, errors: [{ statusCode: "JSON_PARSER_ERROR" }] },
    ]);
    const upserted = await api.call("PATCH", byKey, {
      records: [{ Wrapup_Key__c: "k1", attributes: { type: "Task" } }],
    });
    expect(upserted.json).toMatchObject([{ success: true, created: true }]);
  });

  test("more than ten runs of object types are refused", async () => {
    const api = await startApi();
    const records = Array.from({ length: 11 }, (_one, row) => ({
      attributes: { type: row % 2 === 0 ? "Task" : "Case" },
    }));
    expect((await api.call("POST", "/composite/sobjects", { records })).status).toBe(400);
    expect(
      (await api.call("POST", "/composite/sobjects", { records: records.slice(1) })).status,
    ).toBe(200);
  });

  test("delete by ids answers per id", async () => {
    const api = await startApi();
    const id = await seedOne(api, "Task", {});
    const reply = await api.call(
      "DELETE",
      `/composite/sobjects?ids=${id},${id.slice(0, 15)},rubbish&allOrNone=false`,
    );
    expect(reply.json).toMatchObject([
      { id, success: true },
      { success: false, errors: [{ statusCode: "ENTITY_IS_DELETED" }] },
      { success: false, errors: [{ statusCode: "MALFORMED_ID", message: "malformed id rubbish" }] },
    ]);
    expect(await api.call("GET", `/sobjects/Task/${id}`)).toMatchObject({
      status: 404,
      json: [{ errorCode: "ENTITY_IS_DELETED" }],
    });
  });

  test("retrieve answers the fields asked for, and null for what is not there", async () => {
    const api = await startApi();
    const id = await seedOne(api, "Task", { Subject: "x" });
    const reply = await api.call("POST", "/composite/sobjects/Task", {
      ids: [id, "00TdM0000000001"],
      fields: ["Id", "Subject"],
    });
    expect(reply.json).toEqual([{ attributes: expect.anything(), Id: id, Subject: "x" }, null]);
  });

  test.for([
    ["no JSON", "{", 400, "JSON_PARSER_ERROR"],
    ["no list", '{"records":{}}', 400, "JSON_PARSER_ERROR"],
    ["an unknown key", '{"records":[],"allornone":true}', 400, "JSON_PARSER_ERROR"],
  ] as const)("a body with %s is refused as a whole", async ([, body, status, code]) => {
    const api = await startApi();
    const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/json" };
    const reply = await fetch(`${api.emulator.url}/services/data/v63.0/composite/sobjects`, {
      method: "POST",
      headers,
      body,
    });
    expect([reply.status, at(await reply.json(), 0, "errorCode")]).toEqual([status, code]);
  });
});
