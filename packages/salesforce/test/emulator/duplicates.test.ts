import { describe, expect, test } from "vitest";
import type { DuplicateRule } from "@wrapup/salesforce/emulator";
import { at, seedOne, startApi } from "./api.ts";

const rule = (action: DuplicateRule["action"]): readonly DuplicateRule[] => [
  { sobject: "Contact", fields: ["LastName", "Email"], action },
];
const abel = { LastName: "Abel", Email: "abel@customer.example" };
const header = (text: string): Readonly<Record<string, string>> => ({
  "Sforce-Duplicate-Rule-Header": text,
});

describe("A4 duplicate rules", () => {
  test("R5 an alert is 400 DUPLICATES_DETECTED with the misspelt duplicateResut, and allowSave passes it", async () => {
    const api = await startApi({ duplicateRules: rule("alert") });
    const id = await seedOne(api, "Contact", { ...abel, Title: "Boss" });
    const refused = await api.call("POST", "/sobjects/Contact", {
      LastName: "ABEL",
      Email: "Abel@customer.example",
    });
    expect(refused.status).toBe(400);
    expect(refused.json).toEqual([
      {
        duplicateResut: expect.objectContaining({
          allowSave: true,
          duplicateRuleEntityType: "Contact",
        }),
        errorCode: "DUPLICATES_DETECTED",
        message: "Use one of these records?",
      },
    ]);
    const record = at(
      refused.json,
      0,
      "duplicateResut",
      "matchResults",
      0,
      "matchRecords",
      0,
      "record",
    );
    expect(record).toEqual({ attributes: expect.objectContaining({ type: "Contact" }), Id: id });
    expect(
      (
        await api.call(
          "POST",
          "/sobjects/Contact",
          abel,
          header("allowSave=true; includeRecordDetails=true"),
        )
      ).status,
    ).toBe(201);
  });

  test("a block is not passed by allowSave, and details come on request", async () => {
    const api = await startApi({ duplicateRules: rule("block") });
    await seedOne(api, "Contact", { ...abel, Title: "Boss" });
    const refused = await api.call(
      "POST",
      "/sobjects/Contact",
      abel,
      header("allowSave=true; includeRecordDetails=true"),
    );
    expect(at(refused.json, 0, "duplicateResut")).toMatchObject({ allowSave: false });
    expect(
      at(
        refused.json,
        0,
        "duplicateResut",
        "matchResults",
        0,
        "matchRecords",
        0,
        "record",
        "Title",
      ),
    ).toBe("Boss");
    expect((await api.emulator.control.records("Contact")).length).toBe(1);
  });

  test("other values, empty values and deleted records are no duplicates", async () => {
    const api = await startApi({ duplicateRules: rule("block") });
    const id = await seedOne(api, "Contact", abel);
    expect((await api.call("POST", "/sobjects/Contact", { LastName: "Abel" })).status).toBe(201);
    expect((await api.call("POST", "/sobjects/Contact", { ...abel, LastName: "Ito" })).status).toBe(
      201,
    );
    expect((await api.call("PATCH", `/sobjects/Contact/${id}`, { Email: abel.Email })).status).toBe(
      204,
    );
    await api.emulator.control.removeRecord(id);
    expect((await api.call("POST", "/sobjects/Contact", abel)).status).toBe(201);
  });

  test("in a collection the other records go through", async () => {
    const api = await startApi({ duplicateRules: rule("block") });
    await seedOne(api, "Contact", abel);
    const records = [abel, { LastName: "Ito" }].map((fields) => ({
      attributes: { type: "Contact" },
      ...fields,
    }));
    const reply = await api.call("POST", "/composite/sobjects", { records });
    expect(reply.json).toMatchObject([
      { success: false, errors: [{ statusCode: "DUPLICATES_DETECTED" }] },
      { success: true },
    ]);
  });
});

describe("A4 UI API", () => {
  const key = "4f1d0b54-7c39-4b0e-9a35-6f2a2d1c9b10";
  const body = { apiName: "Case", fields: { Subject: "Refund" } };

  test("R4 the same Idempotency-Key makes one record, for 30 days", async () => {
    let now = 1_700_000_000_000;
    const api = await startApi({ clock: () => now });
    const first = await api.call("POST", "/ui-api/records", body, { "Idempotency-Key": key });
    now += 29 * 86_400_000;
    const again = await api.call("POST", "/ui-api/records", body, { "Idempotency-Key": key });
    expect([first.status, again.json]).toEqual([201, first.json]);
    expect((await api.emulator.control.records("Case")).length).toBe(1);
    now += 86_400_000;
    expect(
      (await api.call("POST", "/ui-api/records", body, { "Idempotency-Key": key })).status,
    ).toBe(201);
    expect((await api.emulator.control.records("Case")).length).toBe(2);
  });

  test("R4 a lost reply and the same key find the record that was made", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "replyLost" });
    await expect(
      api.call("POST", "/ui-api/records", body, { "Idempotency-Key": key }),
    ).rejects.toThrow("fetch failed");
    const again = await api.call("POST", "/ui-api/records", body, { "Idempotency-Key": key });
    const [stored, ...more] = await api.emulator.control.records("Case");
    expect([at(again.json, "id"), more.length]).toEqual([stored?.Id, 0]);
  });

  test("the key must be a UUID v4, and an org may not know it", async () => {
    expect(
      (
        await (
          await startApi()
        ).call("POST", "/ui-api/records", body, { "Idempotency-Key": "mine" })
      ).status,
    ).toBe(400);
    const api = await startApi({ idempotencyKeys: false });
    expect(
      (await api.call("POST", "/ui-api/records", body, { "Idempotency-Key": key })).status,
    ).toBe(400);
    expect((await api.call("POST", "/ui-api/records", body)).status).toBe(201);
  });

  test("Task is no UI API object; Case is, and says what it requires", async () => {
    const api = await startApi();
    const invalid = { status: 400, json: [{ errorCode: "INVALID_TYPE" }] };
    expect(
      await api.call("POST", "/ui-api/records", { apiName: "Task", fields: {} }),
    ).toMatchObject(invalid);
    expect(await api.call("GET", "/ui-api/object-info/Task")).toMatchObject(invalid);
    expect((await api.call("GET", "/ui-api/object-info/Lead")).json).toMatchObject({
      apiName: "Lead",
      fields: { LastName: { required: true }, Title: { required: false } },
    });
  });

  test("a refusal has the UI API's own body, and a record can be changed", async () => {
    const api = await startApi();
    const refused = await api.call("POST", "/ui-api/records", {
      apiName: "Lead",
      fields: { LastName: "Abel" },
    });
    expect(refused.json).toMatchObject({
      statusCode: 400,
      output: { fieldErrors: { Company: [{ errorCode: "REQUIRED_FIELD_MISSING" }] } },
    });
    const id = await seedOne(api, "Case", { Subject: "before" });
    expect(
      (await api.call("PATCH", `/ui-api/records/${id}`, { fields: { Subject: "after" } })).json,
    ).toMatchObject({ fields: { Subject: { value: "after" } } });
  });
});
