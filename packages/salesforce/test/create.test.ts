import type { Created, Draft } from "@wrapup/core";
import { manualClock } from "@wrapup/core/testing";
import { expect, test } from "vitest";
import { duplicatesIn } from "../src/duplicates.ts";
import { idempotencyKey } from "../src/create.ts";
import { openOrg } from "./client/org.ts";
import type { Org } from "./client/org.ts";

const draft = (more: Partial<Draft> = {}): Draft => ({
  key: "draft-1",
  type: "Contact",
  fields: { FirstName: "Rose", LastName: "Gonzalez", Email: "rose@x.example" },
  allowDuplicate: false,
  maybeSent: false,
  ...more,
});

const create = (org: Org, of: Draft): Promise<Created> => {
  if (org.adapter.createRecord === undefined) throw new Error("cannot create");
  return org.adapter.createRecord(of, org.context);
};

const contacts = async (org: Org) =>
  (await org.control.records("Contact")).filter((row) => !row.deleted);
const uiApi = { path: "/ui-api/records" } as const;
const rest = { path: "/sobjects/Contact", method: "POST" } as const;

test("R3 a record is made from a draft, with how to open it", async () => {
  const org = await openOrg();
  const made = await create(org, draft());
  const [row] = await contacts(org);
  expect(made).toMatchObject({
    is: "created",
    record: {
      ref: { type: "Contact", id: row?.Id },
      title: "Rose Gonzalez",
      url: `${org.emulator.url}/${row?.Id}`,
    },
  });
});

test("R4 a timeout and a retry make one record", async () => {
  const org = await openOrg();
  await org.control.fault({ kind: "replyLost", ...uiApi });
  await expect(create(org, draft())).rejects.toMatchObject({ code: "crm_error", sent: "maybe" });
  const again = await create(org, draft({ maybeSent: true }));
  expect(again.is).toBe("already");
  expect(await contacts(org)).toHaveLength(1);
});

test("R4 a double click makes one record", async () => {
  const org = await openOrg();
  const both = await Promise.all([create(org, draft()), create(org, draft())]);
  expect(both.every(({ is }) => is === "created" || is === "already")).toBe(true);
  expect(await contacts(org)).toHaveLength(1);
});

test("R4 two drafts with the same values are two records", async () => {
  const org = await openOrg();
  await create(org, draft());
  await create(org, draft({ key: "draft-2" }));
  expect(await contacts(org)).toHaveLength(2);
});

test("R4 without Idempotency-Key an unknown outcome is uncertain, with what looks like it", async () => {
  const clock = manualClock();
  const org = await openOrg({ idempotencyKeys: false }, { clock });
  await org.control.fault({ kind: "replyLost", ...rest });
  await expect(create(org, draft())).rejects.toMatchObject({ sent: "maybe" });
  const again = await create(org, draft({ maybeSent: true }));
  const [row] = await contacts(org);
  expect(again).toMatchObject({ is: "uncertain", candidates: [{ ref: { id: row?.Id } }] });
  expect(await contacts(org)).toHaveLength(1);
});

test("R4 without Idempotency-Key nothing is made again before Salesforce's ten minutes are over", async () => {
  const clock = manualClock();
  const org = await openOrg({ idempotencyKeys: false }, { clock });
  await create(org, draft({ key: "other", fields: { LastName: "Other" } }));
  await org.control.fault({ kind: "reset", ...rest });
  await expect(create(org, draft())).rejects.toMatchObject({ sent: "maybe" });
  expect(await create(org, draft({ maybeSent: true }))).toEqual({
    is: "uncertain",
    candidates: [],
  });
  await clock.advance(10 * 60_000);
  expect((await create(org, draft({ maybeSent: true }))).is).toBe("created");
  expect(await contacts(org)).toHaveLength(2);
});

test("R4 an agent who says to create anyway is believed", async () => {
  const org = await openOrg({ idempotencyKeys: false });
  await create(org, draft());
  expect((await create(org, draft({ key: "d2", maybeSent: true }))).is).toBe("uncertain");
  expect((await create(org, draft({ key: "d2", maybeSent: true, allowDuplicate: true }))).is).toBe(
    "created",
  );
});

test.for([true, false])(
  "R5 a duplicate rule offers what is there, or creating anyway (Idempotency-Key: %s)",
  async (idempotencyKeys) => {
    const org = await openOrg({
      idempotencyKeys,
      duplicateRules: [{ sobject: "Contact", fields: ["Email"], action: "alert" }],
    });
    const there = await org.contact({ Email: "rose@x.example" });
    const answer = await create(org, draft());
    expect(answer).toMatchObject({
      is: "duplicate",
      mayOverride: true,
      candidates: [{ ref: there }],
    });
    expect(await contacts(org)).toHaveLength(1);
    expect((await create(org, draft({ allowDuplicate: true }))).is).toBe("created");
    expect(await contacts(org)).toHaveLength(2);
  },
);

test("R5 a rule that blocks cannot be overridden", async () => {
  const org = await openOrg({
    idempotencyKeys: false,
    duplicateRules: [{ sobject: "Contact", fields: ["Email"], action: "block" }],
  });
  await org.contact({ Email: "rose@x.example" });
  expect(await create(org, draft())).toMatchObject({ is: "duplicate", mayOverride: false });
});

test.for([true, false])(
  "R3 what Salesforce refuses is a problem at its field (Idempotency-Key: %s)",
  async (idempotencyKeys) => {
    const org = await openOrg({ idempotencyKeys });
    const refused = await create(org, draft({ fields: { FirstName: "Rose" } }));
    expect(refused).toMatchObject({ is: "refused", problems: [{ field: "LastName" }] });
    const long = await create(org, draft({ fields: { LastName: "x".repeat(81) } }));
    expect(long).toMatchObject({
      is: "refused",
      problems: [expect.objectContaining({ reason: expect.stringContaining("LastName") })],
    });
    expect(JSON.stringify(long)).not.toContain("xxxx");
    const corrected = await create(org, draft());
    expect(corrected.is).toBe("created");
  },
);

test("R3 unknown types and fields are refused before anything is sent", async () => {
  const org = await openOrg();
  expect(await create(org, draft({ type: "NoSuchType" }))).toMatchObject({ is: "refused" });
  await create(org, draft());
  await org.calls();
  expect(
    await create(org, draft({ fields: { LastName: "x", No_Such__c: "y", CreatedDate: "z" } })),
  ).toMatchObject({ is: "refused", problems: [{ field: "No_Such__c" }, { field: "CreatedDate" }] });
  expect(await org.calls()).toEqual([]);
});

test("W6 a CRM that is busy throws, and says that nothing was sent", async () => {
  const org = await openOrg();
  await create(org, draft());
  await org.control.fault({
    kind: "status",
    status: 403,
    errorCode: "REQUEST_LIMIT_EXCEEDED",
    message: "TotalRequests Limit exceeded.",
    ...uiApi,
  });
  await expect(create(org, draft({ key: "d2" }))).rejects.toMatchObject({
    code: "crm_error",
    why: "budget",
    sent: "no",
  });
});

test("R4 the Idempotency-Key is a version 4 UUID, the same for the same draft and values, in any order", () => {
  const key = idempotencyKey(draft());
  expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(
    idempotencyKey(
      draft({
        fields: { Email: "rose@x.example", LastName: "Gonzalez", FirstName: "Rose" },
        maybeSent: true,
      }),
    ),
  ).toBe(key);
  const others = [
    draft({ key: "draft-2" }),
    draft({ fields: { LastName: "Other" } }),
    draft({ allowDuplicate: true }),
  ].map(idempotencyKey);
  expect(new Set([key, ...others]).size).toBe(4);
});

test("R5 duplicates are read in Salesforce's own spelling, and in the UI API's", () => {
  const id = "0035g00000AbCdE";
  const misspelt = [
    {
      errorCode: "DUPLICATES_DETECTED",
      duplicateResut: {
        allowSave: true,
        matchResults: [
          {
            entityType: "Contact",
            matchRecords: [{ record: { attributes: { type: "Contact" }, Id: id } }],
          },
        ],
      },
    },
  ];
  expect(duplicatesIn(misspelt, "Lead")).toEqual({
    refs: [{ type: "Contact", id }],
    mayOverride: true,
  });
  const ui = {
    output: {
      errors: [
        {
          errorCode: "DUPLICATES_DETECTED",
          duplicateRecordError: {
            matchResults: [
              { apiName: "Contact", isAllowSave: false, matchRecordIds: [id, "not an id"] },
            ],
          },
        },
      ],
    },
  };
  expect(duplicatesIn(ui, "Lead")).toEqual({ refs: [{ type: "Contact", id }], mayOverride: false });
  expect(duplicatesIn(undefined, "Lead")).toEqual({ refs: [], mayOverride: false });
});
