import type { Entry, Fields, Write } from "@wrapup/core";
import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import type { Shape } from "../../src/describe.ts";
import { amendmentOf, fieldsToRead, rowOf, sameValue, warningsOf } from "../../src/encode.ts";

const clean = (part: string): string => part.replaceAll(/\r\n?/g, "\n");

const shape: Shape = {
  type: "Task",
  once: "key",
  keyField: "Wrapup_Key__c",
  keyFields: ["Wrapup_Key__c", "CallObject"],
  createOnly: new Set(["TaskSubtype"]),
  longText: new Set(["Description"]),
  statuses: { open: "In Progress", completed: "Completed" },
};
const degraded: Shape = {
  ...shape,
  once: "lookFirst",
  keyField: "CallObject",
  keyFields: ["CallObject"],
};

const entry = (more: Partial<Entry> = {}): Entry => ({
  key: "k1",
  kind: "activity",
  leg: "1",
  slot: 0,
  type: "Task",
  fields: { Subject: "Call", TaskSubtype: "Call", Description: "said this" },
  roles: {
    who: [{ type: "Contact", id: "0035g00000AbCdEAAV" }],
    what: [{ type: "Case", id: "5005g00000AbCdEAAV" }],
  },
  owner: "0055g00000AbCdEAAV",
  final: true,
  touches: [],
  warnings: [],
  ...more,
});

type Amend = Extract<Write, { op: "amend" }>;
const amend = (changed: Fields, more: Partial<Amend> = {}): Amend => ({
  op: "amend",
  entry: entry({ fields: { ...entry().fields, ...changed } }),
  maybeSent: false,
  receipt: { ref: { type: "Task", id: "00T5g00000AbCdEAAV" } },
  changed,
  relinked: false,
  reowned: false,
  contentKnown: true,
  made: entry(),
  ...more,
});

test("W2 a put carries our key, `attributes` is its first member, and no Id is set", () => {
  const body = rowOf(entry(), shape);
  expect(Object.keys(body)[0]).toBe("attributes");
  expect(body).toEqual({
    attributes: { type: "Task" },
    Wrapup_Key__c: "k1",
    Subject: "Call",
    TaskSubtype: "Call",
    Description: "said this",
    Status: "Completed",
    WhoId: "0035g00000AbCdEAAV",
    WhatId: "5005g00000AbCdEAAV",
    OwnerId: "0055g00000AbCdEAAV",
  });
});

test("K3 a mapping cannot set the key, an id or `attributes`; null is left out; its own Status wins", () => {
  const body = rowOf(
    entry({
      fields: {
        Wrapup_Key__c: "other",
        Id: "00T",
        attributes: "x",
        Type: "y",
        Status: "Open",
        Priority: null,
      },
    }),
    shape,
  );
  expect(body).toMatchObject({ attributes: { type: "Task" }, Wrapup_Key__c: "k1", Status: "Open" });
  for (const name of ["Id", "Type", "Priority"]) expect(body).not.toHaveProperty(name);
});

test("L9 an activity that will grow is not completed", () => {
  expect(rowOf(entry({ final: false }), shape)).toMatchObject({ Status: "In Progress" });
});

test("W2 without the key field CallObject is reserved for the key, and a mapped value is warned about", () => {
  const taken = entry({ fields: { CallObject: "platform id" } });
  expect(rowOf(taken, degraded)).toMatchObject({ CallObject: "k1" });
  expect(warningsOf(taken, degraded)).toMatchObject([{ code: "degraded", field: "CallObject" }]);
  expect(warningsOf(taken, shape)).toEqual([]);
});

test("W7 only what differs is sent; what the CRM already holds is not", () => {
  const row = { Subject: "Call", Description: "said that" };
  expect(amendmentOf(amend({ Subject: "Call 2", Description: "said that" }), row, shape)).toEqual({
    fields: { Subject: "Call 2" },
    warnings: [],
  });
});

test("W7 a value that a person changed stays, with a warning", () => {
  const { fields, warnings } = amendmentOf(
    amend({ Subject: "Call 2" }),
    { Subject: "Rose called" },
    shape,
  );
  expect(fields).toEqual({});
  expect(warnings).toMatchObject([{ code: "editedInCrm", field: "Subject" }]);
  expect(JSON.stringify(warnings)).not.toContain("Rose");
});

test("W7 in long text only our part is replaced; what people wrote around it stays", () => {
  const row = { Description: "Note by Bo\r\n\r\nsaid this\r\nPS: call back" };
  expect(amendmentOf(amend({ Description: "said this and more" }), row, shape).fields).toEqual({
    Description: "Note by Bo\n\nsaid this and more\nPS: call back",
  });
  expect(
    amendmentOf(amend({ Description: "new" }), { Description: "all rewritten" }, shape),
  ).toMatchObject({ fields: {}, warnings: [{ field: "Description" }] });
});

test("W2 create-only fields are never amended", () => {
  expect(
    amendmentOf(amend({ TaskSubtype: "Email" }), { TaskSubtype: "Call" }, shape).fields,
  ).toEqual({});
  expect(amendmentOf(amend({ TaskSubtype: "Email" }), undefined, shape).fields).toEqual({});
});

test("L8 completion is written when it changes", () => {
  const grown = amend({}, { made: entry({ final: false }), reowned: true });
  expect(
    amendmentOf(grown, { Status: "In Progress", OwnerId: "0055g00000AbCdEAAV" }, shape).fields,
  ).toEqual({ Status: "Completed" });
  expect(amendmentOf(amend({}), { Status: "Waiting" }, shape).fields).toEqual({});
});

test("K5 new links are brought about, cleared ones too, and not sent again where they are already", () => {
  const write = amend(
    {},
    {
      relinked: true,
      entry: entry({ roles: { who: [{ type: "Lead", id: "00Q5g00000AbCdEAAV" }] } }),
    },
  );
  expect(
    amendmentOf(write, { WhoId: "0035g00000AbCdEAAV", WhatId: "5005g00000AbCdEAAV" }, shape).fields,
  ).toEqual({ WhoId: "00Q5g00000AbCdEAAV", WhatId: null });
  expect(amendmentOf(write, { WhoId: "00Q5g00000AbCdE", WhatId: null }, shape).fields).toEqual({});
});

test("W10 the owner is changed while it is ours, and left where a person gave it away", () => {
  const write = amend({}, { reowned: true, entry: entry({ owner: "0055g00000NEWneAAV" }) });
  expect(
    amendmentOf(write, { OwnerId: "0055g00000AbCdEAAV", Status: "Completed" }, shape).fields,
  ).toEqual({ OwnerId: "0055g00000NEWneAAV" });
  expect(
    amendmentOf(write, { OwnerId: "0055g00000OTHERAAV", Status: "Completed" }, shape),
  ).toMatchObject({ fields: {}, warnings: [{ field: "OwnerId" }] });
  const { owner: _owner, ...ownerless } = entry();
  const first = { ...write, made: ownerless };
  expect(
    amendmentOf(first, { OwnerId: "005int000000000AAV", CreatedById: "005int000000000AAV" }, shape)
      .fields,
  ).toMatchObject({ OwnerId: "0055g00000NEWneAAV" });
});

test("W7 an amendment reads only what it compares", () => {
  expect(fieldsToRead([amend({ Subject: "x", TaskSubtype: "y" })], shape)).toEqual([
    "IsDeleted",
    "CreatedById",
    "LastModifiedById",
    "Subject",
  ]);
  expect(fieldsToRead([amend({}, { relinked: true, reowned: true })], shape)).toEqual(
    expect.arrayContaining(["WhoId", "WhatId", "OwnerId"]),
  );
});

test("W7 values are the same in the forms that Salesforce gives them back", () => {
  const same = [
    ["a ", "a"],
    ["a\r\nb", "a\nb"],
    [null, ""],
    [undefined, null],
    [12, "12"],
    ["2026-11-21T10:00:00.000+0000", "2026-11-21T10:00:00Z"],
    [false, null],
  ] as const;
  for (const [one, other] of same) expect(sameValue(one, other), `${one} ${other}`).toBe(true);
  for (const [one, other] of [
    ["a", "A"],
    [0, null],
    [true, false],
    ["2026-11-21", "2026-11-22"],
  ] as const)
    expect(sameValue(one, other)).toBe(false);
});

property.prop([
  fc.string({ unit: "binary" }),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "binary" }),
])("W7 what people wrote before and after our text is never lost", (before, after, wish) => {
  const ours = "said this";
  const row = { Description: `${before}${ours}${after}` };
  const { fields } = amendmentOf(amend({ Description: wish }), row, shape);
  const text = fields["Description"];
  if (text === undefined) return;
  // Only where nothing but white space stood around is our text the whole.
  expect(String(text).includes(clean(before)) || before.trim() === "").toBe(true);
  expect(String(text).endsWith(clean(after)) || after.trim() === "" || before.includes(ours)).toBe(
    true,
  );
});
