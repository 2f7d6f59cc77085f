import { describe, expect, test } from "vitest";
import { at, byKey, seedOne, startApi, tasks } from "./api.ts";

describe("A4 upsert", () => {
  test("W2 the same key makes one task: created, then updated", async () => {
    const api = await startApi();
    const first = await api.call("PATCH", byKey, {
      records: tasks({ Wrapup_Key__c: "k1", Subject: "Call" }),
    });
    const again = await api.call("PATCH", byKey, {
      records: tasks({ Wrapup_Key__c: "k1", Subject: "Call back" }),
    });
    expect([
      at(first.json, 0, "created"),
      at(again.json, 0, "created"),
      at(again.json, 0, "id"),
    ]).toEqual([true, false, at(first.json, 0, "id")]);
    const stored = await api.emulator.control.records("Task");
    expect(stored).toMatchObject([
      { modifications: 1, fields: { Subject: "Call back", Wrapup_Key__c: "k1" } },
    ]);
  });

  test("the same key twice in one call fails all its rows and leaves the others alone", async () => {
    const api = await startApi();
    const reply = await api.call("PATCH", byKey, {
      records: tasks({ Wrapup_Key__c: "a" }, { Wrapup_Key__c: "b" }, { Wrapup_Key__c: "a" }),
    });
    const failure = {
      success: false,
      created: false,
      errors: [{ statusCode: "DUPLICATE_VALUE", message: "Duplicate external id specified: a" }],
    };
    expect(reply.json).toMatchObject([failure, { success: true, created: true }, failure]);
    expect((await api.emulator.control.records("Task")).length).toBe(1);
  });

  test("keys are case-sensitive", async () => {
    const api = await startApi();
    const reply = await api.call("PATCH", byKey, {
      records: tasks({ Wrapup_Key__c: "a" }, { Wrapup_Key__c: "A" }),
    });
    expect(reply.json).toMatchObject([{ created: true }, { created: true }]);
  });

  test("losing the race for a unique key names the record that has it", async () => {
    const api = await startApi();
    const id = await seedOne(api, "Task", { Wrapup_Key__c: "k1" });
    const reply = await api.call("POST", "/sobjects/Task", { Wrapup_Key__c: "k1" });
    const message = `duplicate value found: Wrapup_Key__c duplicates value on record with id: ${id.slice(0, 15)}`;
    expect(reply).toMatchObject({
      status: 400,
      json: [{ errorCode: "DUPLICATE_VALUE", message, fields: [] }],
    });
  });

  test("two writers at once make one task", async () => {
    const api = await startApi({ latencyMs: 5 });
    const one = { records: tasks({ Wrapup_Key__c: "k1", Subject: "Call" }) };
    const replies = await Promise.all([
      api.call("PATCH", byKey, one),
      api.call("PATCH", byKey, one),
      api.call("POST", "/sobjects/Task", { Wrapup_Key__c: "k1" }),
    ]);
    expect(
      replies.filter((reply) => at(reply.json, 0, "created") === true || reply.status === 201)
        .length,
    ).toBe(1);
    expect((await api.emulator.control.records("Task")).length).toBe(1);
  });

  test("a deleted record frees its key", async () => {
    const api = await startApi();
    const id = await seedOne(api, "Task", { Wrapup_Key__c: "k1" });
    await api.emulator.control.removeRecord(id);
    const reply = await api.call("PATCH", byKey, { records: tasks({ Wrapup_Key__c: "k1" }) });
    expect(reply.json).toMatchObject([{ created: true }]);
  });

  test.for([
    ["without attributes", { Wrapup_Key__c: "k1" }, "JSON_PARSER_ERROR"],
    ["without the key", { attributes: { type: "Task" }, Subject: "x" }, "MISSING_ARGUMENT"],
    [
      "with an id beside the key",
      { attributes: { type: "Task" }, id: "00T000000000001", Wrapup_Key__c: "k1" },
      "INVALID_FIELD",
    ],
    ["of another type", { attributes: { type: "Account" }, Wrapup_Key__c: "k1" }, "INVALID_TYPE"],
  ] as const)("a row %s fails inside a 200", async ([, record, statusCode]) => {
    const api = await startApi();
    const reply = await api.call("PATCH", byKey, { records: [record] });
    expect(reply).toMatchObject({
      status: 200,
      json: [{ success: false, created: false, errors: [{ statusCode }] }],
    });
  });

  test("without the key field installed the address is 404", async () => {
    const api = await startApi({ keyField: false });
    expect(
      await api.call("PATCH", byKey, { records: tasks({ Wrapup_Key__c: "k1" }) }),
    ).toMatchObject({ status: 404, json: [{ errorCode: "NOT_FOUND" }] });
  });

  test("one by one: 201, then 200, updateOnly forbids creating, the key may not be in the body", async () => {
    const api = await startApi();
    const path = "/sobjects/Task/Wrapup_Key__c/a%2Fb%20c";
    expect(await api.call("PATCH", `${path}?updateOnly=true`, { Subject: "x" })).toMatchObject({
      status: 404,
    });
    expect(await api.call("PATCH", path, { Subject: "x" })).toMatchObject({
      status: 201,
      json: { created: true },
    });
    expect(await api.call("PATCH", path, { Subject: "y" })).toMatchObject({
      status: 200,
      json: { created: false },
    });
    expect(await api.call("PATCH", path, { Wrapup_Key__c: "z" })).toMatchObject({
      status: 400,
      json: [{ errorCode: "INVALID_FIELD" }],
    });
    expect(
      (await api.emulator.control.records("Task")).map((task) => task.fields["Wrapup_Key__c"]),
    ).toEqual(["a/b c"]);
  });

  test("a value that is not encoded leads elsewhere, as does one that ends in .inc", async () => {
    const api = await startApi();
    expect(
      (await api.call("PATCH", "/sobjects/Task/Wrapup_Key__c/a/b", { Subject: "x" })).status,
    ).toBe(404);
    expect(
      (await api.call("PATCH", "/sobjects/Task/Wrapup_Key__c/a.inc", { Subject: "x" })).status,
    ).toBe(404);
  });

  test("a key that two records share answers 300 with both, or DUPLICATE_EXTERNAL_ID in a collection; nothing is written", async () => {
    const api = await startApi();
    await api.emulator.control.seed(
      ["Abel", "Ito"].map((LastName) => ({
        sobject: "Contact",
        fields: { LastName, Email: "one@customer.example" },
      })),
    );
    const alone = await api.call("PATCH", "/sobjects/Contact/Email/one%40customer.example", {
      Title: "Boss",
    });
    expect([alone.status, Array.isArray(alone.json) && alone.json.length]).toEqual([300, 2]);
    const record = {
      attributes: { type: "Contact" },
      Email: "one@customer.example",
      Title: "Boss",
    };
    const many = await api.call("PATCH", "/composite/sobjects/Contact/Email", {
      records: [record],
    });
    expect(many.json).toMatchObject([
      { success: false, errors: [{ statusCode: "DUPLICATE_EXTERNAL_ID" }] },
    ]);
    expect(
      (await api.emulator.control.records("Contact")).map((contact) => contact.modifications),
    ).toEqual([0, 0]);
  });
});
