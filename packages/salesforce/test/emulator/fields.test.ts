import { describe, expect, test } from "vitest";
import { at, seedOne, startApi } from "./api.ts";
import { refused } from "./refused-fields.ts";

describe("A4 what Salesforce refuses, the emulator refuses", () => {
  test.for(refused)("%s", async ([, sobject, body, code, message, fields]) => {
    const api = await startApi();
    const alone = await api.call("POST", `/sobjects/${sobject}`, body);
    expect(alone.status).toBe(400);
    expect(alone.json).toEqual([
      {
        message: expect.stringContaining(message),
        errorCode: code,
        ...(fields === undefined ? {} : { fields }),
      },
    ]);
    const many = await api.call("POST", "/composite/sobjects", {
      records: [{ attributes: { type: sobject }, ...body }],
    });
    const error = {
      statusCode: code,
      message: expect.stringContaining(message),
      fields: fields ?? [],
    };
    expect(many).toMatchObject({ status: 200, json: [{ success: false, errors: [error] }] });
    expect((await api.emulator.control.records(sobject)).length).toBe(0);
  });

  test.for([
    ["255 UTF-16 units", "Task", { Subject: `${"😀".repeat(127)}x` }],
    ["an open picklist value of one's own", "Task", { Status: "Half done" }],
    ["a field name in another case", "Task", { subject: "Call" }],
    ["a time with an offset", "Task", { ReminderDateTime: "2026-11-21T10:00:00.000+01:00" }],
    ["nothing at all", "Task", {}],
  ] as const)("%s is accepted", async ([, sobject, body]) => {
    const api = await startApi();
    expect((await api.call("POST", `/sobjects/${sobject}`, body)).status).toBe(201);
  });

  test("CaseComment.CommentBody counts 4,000 bytes, not characters", async () => {
    const api = await startApi();
    const ParentId = await seedOne(api, "Case", {});
    const fits = await api.call("POST", "/sobjects/CaseComment", {
      ParentId,
      CommentBody: "x".repeat(4000),
    });
    const euro = await api.call("POST", "/sobjects/CaseComment", {
      ParentId,
      CommentBody: "€".repeat(1334),
    });
    expect([fits.status, euro.status, at(euro.json, 0, "errorCode")]).toEqual([
      201,
      400,
      "STRING_TOO_LONG",
    ]);
  });

  test("times are answered in UTC, and texts are stored without outer white space", async () => {
    const api = await startApi();
    await seedOne(api, "Task", {
      Subject: "  Call ",
      ReminderDateTime: "2026-11-21T10:00:00+01:00",
      CallObject: "",
    });
    const reply = await api.query("SELECT Subject, ReminderDateTime, CallObject FROM Task");
    expect(at(reply.json, "records", 0)).toMatchObject({
      Subject: "Call",
      ReminderDateTime: "2026-11-21T09:00:00.000+0000",
      CallObject: null,
    });
  });

  test("TaskSubtype can be set on create and not on update", async () => {
    const api = await startApi();
    const made = await api.call("POST", "/sobjects/Task", { TaskSubtype: "Call" });
    const changed = await api.call("PATCH", `/sobjects/Task/${String(at(made.json, "id"))}`, {
      TaskSubtype: "Email",
    });
    expect([made.status, changed.status, at(changed.json, 0, "errorCode")]).toEqual([
      201,
      400,
      "INVALID_FIELD_FOR_INSERT_UPDATE",
    ]);
  });

  test("a required field cannot be emptied later", async () => {
    const api = await startApi();
    const id = await seedOne(api, "Contact", { LastName: "Abel" });
    const reply = await api.call("PATCH", `/sobjects/Contact/${id}`, { LastName: null });
    expect(reply).toMatchObject({
      status: 400,
      json: [{ errorCode: "REQUIRED_FIELD_MISSING", fields: ["LastName"] }],
    });
  });

  test("users are not made by REST", async () => {
    const api = await startApi();
    expect(await api.call("POST", "/sobjects/User", { LastName: "A" })).toMatchObject({
      status: 400,
      json: [{ errorCode: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" }],
    });
  });
});
