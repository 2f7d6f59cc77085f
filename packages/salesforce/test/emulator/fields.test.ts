import { describe, expect, test } from "vitest";
import { at, seedOne, startApi } from "./api.ts";

type Case = readonly [
  what: string,
  sobject: string,
  body: Readonly<Record<string, unknown>>,
  code: string,
  message: string,
  fields?: readonly string[],
];

const lead = { LastName: "Abel", Company: "Abel & Co" };

const refused: readonly Case[] = [
  [
    "an unknown field",
    "Task",
    { Foo__c: 1 },
    "INVALID_FIELD",
    "No such column 'Foo__c' on sobject of type Task",
  ],
  [
    "a number for a text",
    "Task",
    { Subject: 5 },
    "JSON_PARSER_ERROR",
    "Cannot deserialize instance of combobox from VALUE_NUMBER_INT value 5",
  ],
  [
    "an object for a text",
    "Task",
    { CallObject: { a: 1 } },
    "JSON_PARSER_ERROR",
    "Cannot deserialize instance of string from START_OBJECT value {",
  ],
  [
    "a text for a number",
    "Task",
    { CallDurationInSeconds: "12" },
    "JSON_PARSER_ERROR",
    "Cannot deserialize instance of int from VALUE_STRING value 12",
  ],
  [
    "a fraction for an int",
    "Task",
    { CallDurationInSeconds: 1.5 },
    "JSON_PARSER_ERROR",
    "VALUE_NUMBER_FLOAT value 1.5",
  ],
  [
    "a text for a boolean",
    "Task",
    { IsReminderSet: "true" },
    "JSON_PARSER_ERROR",
    "Cannot deserialize instance of boolean",
  ],
  [
    "a time for a date",
    "Task",
    { ActivityDate: "2026-11-21T10:00:00Z" },
    "JSON_PARSER_ERROR",
    "Cannot deserialize instance of date",
  ],
  [
    "a day that is not",
    "Task",
    { ActivityDate: "2026-02-30" },
    "JSON_PARSER_ERROR",
    "Cannot deserialize instance of date",
  ],
  [
    "a time without zone",
    "Task",
    { ReminderDateTime: "2026-11-21T10:00:00" },
    "JSON_PARSER_ERROR",
    "Cannot deserialize instance of datetime",
  ],
  [
    "null for a boolean",
    "Task",
    { IsReminderSet: null },
    "INVALID_TYPE_ON_FIELD_IN_RECORD",
    "value not of required type",
    ["IsReminderSet"],
  ],
  [
    "a read-only field",
    "Task",
    { IsClosed: true },
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "Unable to create/update fields: IsClosed.",
    ["IsClosed"],
  ],
  [
    "an audit field",
    "Task",
    { CreatedDate: "2026-11-21T10:00:00Z" },
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "CreatedDate",
    ["CreatedDate"],
  ],
  [
    "an Id",
    "Account",
    { Name: "A", Id: "001000000000001AAA" },
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "cannot specify Id in an insert call",
    ["Id"],
  ],
  [
    "a missing required field",
    "Contact",
    { FirstName: "A" },
    "REQUIRED_FIELD_MISSING",
    "Required fields are missing: [LastName]",
    ["LastName"],
  ],
  [
    "two missing fields",
    "Lead",
    {},
    "REQUIRED_FIELD_MISSING",
    "Required fields are missing: [LastName, Company]",
    ["LastName", "Company"],
  ],
  [
    "a required field of spaces",
    "Account",
    { Name: "  " },
    "REQUIRED_FIELD_MISSING",
    "[Name]",
    ["Name"],
  ],
  [
    "a too long text",
    "Task",
    { Subject: "x".repeat(256) },
    "STRING_TOO_LONG",
    "(max length=255)",
    ["Subject"],
  ],
  [
    "too many UTF-16 units",
    "Task",
    { Subject: "😀".repeat(128) },
    "STRING_TOO_LONG",
    "(max length=255)",
    ["Subject"],
  ],
  [
    "a too long description",
    "Task",
    { Description: "x".repeat(32_001) },
    "STRING_TOO_LONG",
    "(max length=32000)",
    ["Description"],
  ],
  [
    "a bad restricted picklist value",
    "Task",
    { CallType: "Sideways" },
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "Call Type: bad value for restricted picklist field: Sideways",
    ["CallType"],
  ],
  [
    "an int of nine digits",
    "Task",
    { CallDurationInSeconds: 100_000_000 },
    "NUMBER_OUTSIDE_VALID_RANGE",
    "Call Duration",
    ["CallDurationInSeconds"],
  ],
  [
    "a bad email",
    "Lead",
    { ...lead, Email: "no-at.example" },
    "INVALID_EMAIL_ADDRESS",
    "Email: invalid email address: no-at.example",
    ["Email"],
  ],
  [
    "a malformed id",
    "Contact",
    { LastName: "A", AccountId: "not an id" },
    "MALFORMED_ID",
    "Account ID: id value of incorrect type: not an id",
    ["AccountId"],
  ],
  [
    "an id with a wrong checksum",
    "Contact",
    { LastName: "A", AccountId: "001dM00003kReWpQAA" },
    "MALFORMED_ID",
    "Account ID",
    ["AccountId"],
  ],
  [
    "an id of another object",
    "Contact",
    { LastName: "A", AccountId: "003dM00003kReWp" },
    "FIELD_INTEGRITY_EXCEPTION",
    "Account ID: id value of incorrect type: 003dM00003kReWp",
    ["AccountId"],
  ],
  [
    "an id of nothing",
    "Contact",
    { LastName: "A", AccountId: "001dM00003kReWp" },
    "INVALID_CROSS_REFERENCE_KEY",
    "invalid cross reference id",
    [],
  ],
];

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
