import type { Created, Draft } from "@wrapup/core";
import { keyUuid } from "@wrapup/core";
import { expect, test } from "vitest";
import { openOrg } from "./client/org.ts";
import type { Org } from "./client/org.ts";

const draft = (more: Partial<Draft> = {}): Draft => ({
  key: "draft-1",
  type: "contact",
  fields: { firstname: "Rose", lastname: "Gonzalez", emailaddress1: "rose@x.example" },
  allowDuplicate: false,
  maybeSent: false,
  ...more,
});

const create = (org: Org, of: Draft): Promise<Created> => {
  if (org.adapter.createRecord === undefined) throw new Error("cannot create");
  return org.adapter.createRecord(of, org.context);
};

const rows = async (org: Org, table = "contact") =>
  (await org.control.rows(table)).filter((row) => !row.deleted);

const making = { path: "/contacts(", method: "PATCH" } as const;

test("R3 a record is made from a draft, under its own id and with how to open it, in one request", async () => {
  const org = await openOrg();
  await create(org, draft({ key: "first" }));
  await org.calls();
  const made = await create(org, draft({ fields: { lastname: "Gonzalez", firstname: "Rose" } }));
  const id = keyUuid("draft-1");
  expect(made).toMatchObject({
    is: "created",
    record: {
      ref: { type: "contact", id },
      title: "Rose Gonzalez",
      url: `${org.emulator.url}/main.aspx?pagetype=entityrecord&etn=contact&id=${id}`,
      fields: { lastname: "Gonzalez" },
    },
  });
  expect((await org.calls()).map(({ method }) => method)).toEqual(["PATCH"]);
  expect((await rows(org)).map((row) => row.id)).toContain(id);
});

test("R4 a timeout and a retry make one record", async () => {
  const org = await openOrg();
  await org.control.fault({ kind: "replyLost", ...making });
  await expect(create(org, draft())).rejects.toMatchObject({ code: "crm_error", sent: "maybe" });
  expect(await create(org, draft({ maybeSent: true }))).toMatchObject({
    is: "already",
    record: { title: "Rose Gonzalez" },
  });
  expect(await rows(org)).toHaveLength(1);
});

test("R4 what never arrived is made by the retry", async () => {
  const org = await openOrg();
  await org.control.fault({ kind: "reset", ...making });
  await expect(create(org, draft())).rejects.toMatchObject({ sent: "maybe" });
  expect((await create(org, draft({ maybeSent: true }))).is).toBe("created");
  expect(await rows(org)).toHaveLength(1);
});

test("R4 a double click makes one record, other values or not", async () => {
  const org = await openOrg();
  const both = await Promise.all([
    create(org, draft()),
    create(org, draft({ fields: { lastname: "Gonzales" } })),
  ]);
  expect(both.map(({ is }) => is).toSorted()).toEqual(["already", "created"]);
  expect(await rows(org)).toHaveLength(1);
});

test("R4 two drafts with the same values are two records", async () => {
  const org = await openOrg();
  await create(org, draft());
  expect((await create(org, draft({ key: "draft-2" }))).is).toBe("created");
  expect(await rows(org)).toHaveLength(2);
});

test("R4 K9 a draft whose record was merged away is answered with the one that won", async () => {
  const org = await openOrg();
  await create(org, draft());
  const winner = await org.contact();
  await org.control.merge("contact", winner.id, keyUuid("draft-1"));
  expect(await create(org, draft({ maybeSent: true }))).toMatchObject({
    is: "already",
    record: { ref: winner },
  });
});

test("R4 what is made and cannot be read back is still made", async () => {
  const org = await openOrg();
  await create(org, draft());
  await org.control.fault({ kind: "status", status: 503, method: "GET", path: "/contacts" });
  expect(await create(org, draft({ maybeSent: true }))).toMatchObject({
    is: "already",
    record: { ref: { id: keyUuid("draft-1") } },
  });
});

const rule = { table: "contact", columns: ["emailaddress1"] } as const;

test.for([412, 500] as const)(
  "R5 a duplicate rule offers what is there, or creating anyway (HTTP %i)",
  async (duplicateStatus) => {
    const org = await openOrg({ duplicateRules: [rule], duplicateStatus });
    const there = await org.contact({ emailaddress1: "rose@x.example" });
    expect(await create(org, draft())).toMatchObject({
      is: "duplicate",
      mayOverride: true,
      candidates: [{ ref: there }],
    });
    expect(await rows(org)).toHaveLength(1);
    expect((await create(org, draft({ allowDuplicate: true }))).is).toBe("created");
    expect(await rows(org)).toHaveLength(2);
  },
);

test.for(["hex", "decimal", "empty"] as const)(
  "R4 R5 answers are told apart however Dataverse spells its codes (%s)",
  async (errorCodes) => {
    const org = await openOrg({ duplicateRules: [rule], errorCodes });
    expect((await create(org, draft())).is).toBe("created");
    expect((await create(org, draft({ maybeSent: true }))).is).toBe("already");
    expect((await create(org, draft({ key: "draft-2" }))).is).toBe("duplicate");
    const long = draft({ key: "draft-3", fields: { lastname: "x".repeat(51) } });
    expect((await create(org, long)).is).toBe("refused");
    expect(await rows(org)).toHaveLength(1);
  },
);

test("R5 a rule may compare other columns than text", async () => {
  const columns = ["lastname", "gendercode"] as const;
  const org = await openOrg({ duplicateRules: [{ table: "contact", columns }] });
  const there = await org.contact({ lastname: "Gonzalez", gendercode: 2 });
  const fields = { lastname: "Gonzalez", gendercode: "2", description: "x".repeat(2_000) };
  expect(await create(org, draft({ fields }))).toMatchObject({
    is: "duplicate",
    candidates: [{ ref: there }],
  });
});

test("R4 R5 a rule that finds the row of an earlier attempt of this very draft has found the record", async () => {
  const org = await openOrg({ duplicateRules: [rule] });
  await create(org, draft());
  await org.control.fault({ kind: "status", status: 412, code: "0x80040333", ...making });
  expect(await create(org, draft({ maybeSent: true }))).toMatchObject({
    is: "already",
    record: { ref: { id: keyUuid("draft-1") } },
  });
});

test("R4 create-only that finds the row there is recognised by its status alone", async () => {
  const org = await openOrg();
  await create(org, draft());
  await org.control.fault({ kind: "status", status: 412, code: "0x80099999", ...making });
  expect((await create(org, draft({ maybeSent: true }))).is).toBe("already");
});

test("R5 a value that must be unique, and is another record's, is refused and cannot be overridden", async () => {
  const org = await openOrg();
  await org.control.fault({ kind: "status", status: 412, code: "0x80060892", ...making });
  const answer = await create(org, draft());
  expect(answer).toMatchObject({
    is: "refused",
    problems: [{ reason: expect.stringContaining("alternate key") }],
  });
  expect(await rows(org)).toEqual([]);
});

test("R5 rules that nobody may look into still refuse, with no candidates", async () => {
  const org = await openOrg({ duplicateRules: [rule] });
  await org.contact({ emailaddress1: "rose@x.example" });
  await org.control.fault({
    kind: "status",
    status: 403,
    code: "0x80040220",
    path: "/RetrieveDuplicates",
    times: 3,
  });
  expect(await create(org, draft())).toEqual({
    is: "duplicate",
    mayOverride: true,
    candidates: [],
  });
});

test("R3 what Dataverse refuses is a problem at its field, and shows no value", async () => {
  const org = await openOrg();
  const long = await create(org, draft({ fields: { lastname: "x".repeat(51) } }));
  expect(long).toMatchObject({ is: "refused", problems: [{ field: "lastname" }] });
  expect(JSON.stringify(long)).not.toContain("xxxx");
  expect((await create(org, draft())).is).toBe("created");
});

test("R3 unknown types and fields, and values of another kind, are refused before anything is sent", async () => {
  const org = await openOrg();
  expect(await create(org, draft({ type: "no_such_table" }))).toMatchObject({ is: "refused" });
  await create(org, draft());
  await org.calls();
  const fields = {
    lastname: "x",
    no_such: "y",
    fullname: "z",
    ownerid: "not an id",
    gendercode: "female",
    creditonhold: "maybe",
    parentcustomerid: "not an id",
  };
  const answer = await create(org, draft({ key: "d2", fields }));
  expect(answer.is).toBe("refused");
  expect(answer.is === "refused" && answer.problems.map(({ field }) => field)).toEqual([
    "no_such",
    "fullname",
    "ownerid",
    "gendercode",
    "creditonhold",
    "parentcustomerid",
  ]);
  expect(await org.calls()).toEqual([]);
});

test("R3 what a form hands as text is written as Dataverse keeps it", async () => {
  const org = await openOrg();
  const [ann = ""] = await org.control.seed([
    { table: "systemuser", columns: { internalemailaddress: "ann@x.example" } },
  ]);
  const fields = {
    lastname: "X",
    gendercode: "2",
    donotemail: "true",
    creditlimit: "12.5",
    jobtitle: 7,
    ownerid: ann,
  };
  expect((await create(org, draft({ fields }))).is).toBe("created");
  const [row] = await rows(org);
  expect(row?.columns).toMatchObject({
    gendercode: 2,
    donotemail: true,
    creditlimit: 12.5,
    jobtitle: "7",
    ownerid: { table: "systemuser", id: ann },
  });
});

test("R3 a case is made for a contact or an account, by its id or with its table before it", async () => {
  const org = await openOrg();
  const person = await org.contact();
  const [account = ""] = await org.control.seed([{ table: "account", columns: { name: "Acme" } }]);
  const makeFor = (key: string, customerid: string) =>
    create(org, draft({ key, type: "incident", fields: { title: "Refund", customerid } }));
  const answers = [
    await makeFor("1", person.id),
    await makeFor("2", account.toUpperCase()),
    await makeFor("3", `contact/${person.id}`),
    await makeFor("4", `account/${account}`),
  ];
  expect(answers.map(({ is }) => is)).toEqual(["created", "created", "created", "created"]);
  expect((await rows(org, "incident")).map(({ columns }) => columns["customerid"])).toEqual([
    { table: "contact", id: person.id },
    { table: "account", id: account },
    { table: "contact", id: person.id },
    { table: "account", id: account },
  ]);
  expect(answers[0]).toMatchObject({ record: { parents: [person] } });
  for (const wrong of [
    "00000000-0000-4000-8000-000000000000",
    `lead/${person.id}`,
    `account/${person.id}/x`,
    "' or '",
  ])
    expect(await makeFor("5", wrong), wrong).toMatchObject({
      is: "refused",
      problems: [{ field: "customerid" }],
    });
  expect(await create(org, draft({ type: "incident", fields: { title: "T" } }))).toMatchObject({
    is: "refused",
  });
});

test("R3 W6 a missing privilege is refused in words, and names no value", async () => {
  const org = await openOrg({ missingPrivileges: [{ table: "contact", privilege: "create" }] });
  const answer = await create(org, draft());
  expect(answer.is).toBe("refused");
  expect(JSON.stringify(answer)).toContain("may not");
  expect(JSON.stringify(answer)).not.toContain("rose");
});

test("W6 a CRM that is busy throws, and says that nothing was sent", async () => {
  const org = await openOrg();
  await create(org, draft());
  await org.control.fault({
    kind: "status",
    status: 429,
    code: "0x80072322",
    headers: { "retry-after": "7" },
    ...making,
  });
  await expect(create(org, draft({ key: "d2" }))).rejects.toMatchObject({
    code: "crm_error",
    why: "throttled",
    sent: "no",
    afterMs: 7_000,
  });
});
