import type { Entry, RecordId } from "@wrapup/core";
import { keyUuid } from "@wrapup/core";
import { expect, test } from "vitest";
import { activity, amend, openOrg, put, receiptOf, retract } from "./client/org.ts";
import type { Org } from "./client/org.ts";
import { seedUser } from "./client/people.ts";

const batch = { path: "/$batch" } as const;

/** An organisation with somebody who is not the application user. */
const opened = async (...of: Parameters<typeof openOrg>): Promise<Org> => {
  const org = await openOrg(...of);
  await seedUser(org.control);
  return org;
};

const made = async (org: Org, entry: Entry) => receiptOf((await org.push(put(entry)))[0]);
const phonecall = async (org: Org) => (await org.rows())[0];
const note = async (org: Org) => (await org.rows("annotation"))[0];
const noteId = (entry: Entry): string => keyUuid(entry.key, "late");

const late = (entry: Entry, ...lines: readonly string[]): Readonly<Record<string, string>> => ({
  description: [entry.fields["description"], ...lines].join("\n"),
});

test("L8 a late fact goes into one annotation beside the completed call, which stays as it is", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.calls();
  const [answer] = await org.push(
    amend(entry, late(entry, "Recording: https://r.example/1"), receipt),
  );
  expect(answer).toMatchObject({ is: "written", how: "appended", receipt: { ref: receipt.ref } });
  expect((await org.calls()).filter(({ writes }) => writes > 0)).toHaveLength(1);
  expect((await phonecall(org))?.columns).toMatchObject({ description: "said 1", statecode: 1 });
  expect((await phonecall(org))?.modifications).toBe(1);
  const there = await note(org);
  expect(there?.id).toBe(noteId(entry));
  expect(there?.columns).toMatchObject({
    notetext: "Recording: https://r.example/1",
    objectid: { table: "phonecall", id: receipt.ref.id },
  });
});

test("L8 what comes later still is in the same annotation, rewritten whole", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  const first = { ...entry, fields: { ...entry.fields, ...late(entry, "Recording: 1") } };
  await org.push(amend(entry, first.fields, receipt));
  const [answer] = await org.push(
    amend(entry, late(entry, "Recording: 1", "Summary: fine"), receipt),
  );
  expect(answer).toMatchObject({ how: "appended" });
  expect(await org.rows("annotation")).toHaveLength(1);
  expect((await note(org))?.columns["notetext"]).toBe("Recording: 1\nSummary: fine");
});

test("L8 W3 the repeat of a late fact whose answer was lost writes nothing", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  const write = amend(entry, late(entry, "Recording: 1"), receipt);
  await org.control.fault({ kind: "replyLost", ...batch });
  expect((await org.push(write))[0]).toMatchObject({ is: "retry", sent: "maybe" });
  await org.calls();
  expect((await org.push({ ...write, maybeSent: true }))[0]).toMatchObject({ how: "appended" });
  expect((await org.calls()).filter(({ method }) => method !== "GET")).toEqual([]);
});

test("L8 a correction opens the call, changes it and completes it again; the annotation is no longer needed", async () => {
  const org = await opened();
  const entry = activity(1, { fields: { ...activity(1).fields, category: "Open" } });
  const receipt = await made(org, entry);
  await org.push(amend(entry, late(entry, "Recording: 1"), receipt));
  const [answer] = await org.push(
    amend(entry, { ...late(entry, "Recording: 1"), category: "Sold" }, receipt, {
      changed: { category: "Sold" },
    }),
  );
  expect(answer).toMatchObject({ is: "written", how: "updated" });
  expect((await phonecall(org))?.columns).toMatchObject({
    category: "Sold",
    description: "said 1\nRecording: 1",
    statecode: 1,
    statuscode: 4,
  });
  expect(await org.rows("annotation")).toEqual([]);
});

test("L8 late facts that are taken back leave no annotation", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.push(amend(entry, late(entry, "Recording: 1"), receipt));
  const [answer] = await org.push(amend(entry, { description: "said 1" }, receipt));
  expect(answer).toMatchObject({ is: "written", how: "updated" });
  expect(await org.rows("annotation")).toEqual([]);
});

test("L8 a correction of the direction changes places and status too", async () => {
  const org = await opened();
  const [person, agent] = [await org.contact(), await seedUser(org.control, "Ada Agent")];
  const entry = activity(1, { roles: { party: [person] }, owner: agent });
  const receipt = await made(org, entry);
  await org.push(amend(entry, { directioncode: true }, receipt));
  const row = await phonecall(org);
  expect(row?.columns).toMatchObject({ directioncode: true, statecode: 1, statuscode: 2 });
  expect(row?.parties.map(({ mask, id }) => [mask, id]).toSorted()).toEqual([
    [1, agent],
    [2, person.id],
  ]);
});

test.for([
  ["a plug-in", "0x80040265", 400],
  ["missing rights", "0x80040220", 403],
] as const)(
  "L8 where %s forbids opening the call, the correction is said beside it",
  async ([, code, status]) => {
    const org = await opened();
    const entry = activity(1, { fields: { ...activity(1).fields, category: "Open" } });
    const receipt = await made(org, entry);
    await org.control.fault({ kind: "partial", code, status, table: "phonecall", ...batch });
    const [answer] = await org.push(amend(entry, { category: "Sold" }, receipt));
    expect(answer).toMatchObject({
      is: "written",
      how: "appended",
      warnings: [{ code: "amendedAsNote" }],
    });
    expect((await phonecall(org))?.columns).toMatchObject({ category: "Open", statecode: 1 });
    expect((await note(org))?.columns["notetext"]).toMatch(/^\S.*: Sold$/);
  },
);

test("L8 where no note may be made, what comes late is written into the call after all", async () => {
  const org = await opened({ missingPrivileges: [{ table: "annotation", privilege: "create" }] });
  const entry = activity(1);
  const receipt = await made(org, entry);
  const [answer] = await org.push(amend(entry, late(entry, "Recording: 1"), receipt));
  expect(answer).toMatchObject({ is: "written", how: "updated" });
  expect((await phonecall(org))?.columns).toMatchObject({
    description: "said 1\nRecording: 1",
    statecode: 1,
    statuscode: 4,
  });
});

test("L8 where a type takes no notes, what comes late is written into the activity", async () => {
  const org = await opened({
    customTables: [{ name: "new_chat", entitySet: "new_chats", activity: true }],
  });
  const entry = activity(1, { type: "new_chat", fields: { subject: "s", description: "said 1" } });
  const receipt = await made(org, entry);
  const [answer] = await org.push(amend(entry, late(entry, "Recording: 1"), receipt));
  expect(answer).toMatchObject({ is: "written" });
  const said = [
    (await org.rows("new_chat"))[0]?.columns["description"],
    (await note(org))?.columns["notetext"],
  ];
  expect(said.join("|")).toContain("Recording: 1");
});

test("L8 a link that cannot be changed is refused, as no note could stand for it", async () => {
  const org = await opened();
  const entry = activity(1, { roles: { party: [await org.contact()] } });
  const receipt = await made(org, entry);
  await org.control.fault({
    kind: "partial",
    code: "0x80040220",
    status: 403,
    table: "phonecall",
    ...batch,
  });
  const [answer] = await org.push(
    amend(entry, {}, receipt, { relinked: true, entry: { ...entry, roles: {} } }),
  );
  expect(answer).toMatchObject({ is: "refused", why: "permission" });
});

test("L9 a growing activity is changed while it is open, and completed when it is final", async () => {
  const org = await opened();
  const growing = activity(1, { final: false });
  const receipt = await made(org, growing);
  const grown = { ...growing, fields: { ...growing.fields, description: "said 1\nand more" } };
  expect(
    (await org.push(amend(growing, { description: "said 1\nand more" }, receipt)))[0],
  ).toMatchObject({
    how: "updated",
  });
  expect((await phonecall(org))?.columns).toMatchObject({
    description: "said 1\nand more",
    statecode: 0,
  });
  await org.push(amend(grown, {}, receipt, { reowned: true, entry: { ...grown, final: true } }));
  expect((await phonecall(org))?.columns).toMatchObject({ statecode: 1, statuscode: 4 });
  expect(await org.rows("annotation")).toEqual([]);
});

test("L9 what grows again is opened and stays open", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.push(amend(entry, {}, receipt, { reowned: true, entry: { ...entry, final: false } }));
  expect((await phonecall(org))?.columns["statecode"]).toBe(0);
});

test("L9 W7 what a person cancelled is corrected, and stays cancelled", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.control.editRow("phonecall", receipt.ref.id, { statecode: 2, statuscode: 3 });
  await org.push(amend(entry, { subject: "new" }, receipt));
  expect((await phonecall(org))?.columns).toMatchObject({
    subject: "new",
    statecode: 2,
    statuscode: 3,
  });
});

test("L9 W7 what a person opened again is not completed behind their back", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.control.editRow("phonecall", receipt.ref.id, { statecode: 0, statuscode: 1 });
  const [answer] = await org.push(amend(entry, { subject: "new" }, receipt));
  expect(answer).toMatchObject({ how: "updated" });
  expect((await phonecall(org))?.columns).toMatchObject({ subject: "new", statecode: 0 });
});

test("W3 W7 an amendment sends what differs, and leaves a person's edit with a warning", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.control.editRow("phonecall", receipt.ref.id, { subject: "Edited by Bo" });
  await org.calls();
  const [answer] = await org.push(
    amend(entry, { subject: "Call one", actualdurationminutes: 7 }, receipt),
  );
  expect(answer).toMatchObject({
    is: "written",
    how: "updated",
    receipt: { ref: receipt.ref, stamp: "touched" },
    warnings: [{ code: "editedInCrm", field: "subject" }],
  });
  expect((await phonecall(org))?.columns).toMatchObject({
    subject: "Edited by Bo",
    actualdurationminutes: 7,
    statecode: 1,
  });
  expect((await org.calls()).map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /api/data/v9.2/WhoAmI",
    "GET /api/data/v9.2/phonecalls",
    "GET /api/data/v9.2/annotations",
    "POST /api/data/v9.2/$batch",
  ]);
});

test("W7 a person's words around ours stay when ours change", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.control.editRow("phonecall", receipt.ref.id, {
    description: "Bo: important!\nsaid 1\nBo: really.",
  });
  await org.push(amend(entry, { description: "said one" }, receipt));
  expect((await phonecall(org))?.columns["description"]).toBe(
    "Bo: important!\nsaid one\nBo: really.",
  );
});

test("L8 W7 where a person rewrote the text, what came late is said beside it", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.control.editRow("phonecall", receipt.ref.id, { description: "Bo's own words" });
  const [answer] = await org.push(amend(entry, late(entry, "Recording: 1"), receipt));
  expect(answer).toMatchObject({ is: "written", warnings: [{ code: "editedInCrm" }] });
  expect((await phonecall(org))?.columns["description"]).toBe("Bo's own words");
  expect((await note(org))?.columns["notetext"]).toBe("Recording: 1");
});

test("W7 a person's words in our annotation stay, and what is new is added", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.push(amend(entry, late(entry, "Recording: 1"), receipt));
  await org.control.editRow("annotation", noteId(entry), {
    notetext: "Recording: 1\nBo listened.",
  });
  const [added] = await org.push(
    amend(entry, late(entry, "Recording: 1", "Summary: fine"), receipt),
  );
  expect((await note(org))?.columns["notetext"]).toBe("Recording: 1\nBo listened.\nSummary: fine");
  // From now on we are who changed the note last; the receipt remembers that it is Bo's too.
  const [answer] = await org.push(amend(entry, { subject: "new" }, receiptOf(added)));
  expect(answer).toMatchObject({ warnings: [{ code: "editedInCrm", field: "notetext" }] });
  expect(await org.rows("annotation")).toHaveLength(1);
  const [removed] = await org.push(retract(entry, receiptOf(answer)));
  expect(removed).toMatchObject({ is: "removed", how: "unlinked" });
  expect((await note(org))?.columns["notetext"]).toContain("Bo listened.");
});

test("W7 who changed the row between our look and our write is not written over", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.push(amend(entry, { subject: "one" }, receipt));
  const context = {
    ...org.context,
    observe: () => {
      // The first answer seen is that of the look.
      void org.control.editRow("phonecall", receipt.ref.id, { subject: "Bo was faster" });
    },
  };
  const one = { ...entry, fields: { ...entry.fields, subject: "one" } };
  const [answer] = await org.adapter.push([amend(one, { subject: "two" }, receipt)], context);
  expect((await phonecall(org))?.columns["subject"]).toBe("Bo was faster");
  expect(answer).toMatchObject({ is: "retry", why: "lock", sent: "no" });
  const [again] = await org.push(amend(one, { subject: "two" }, receipt));
  expect(again).toMatchObject({ warnings: [{ code: "editedInCrm", field: "subject" }] });
});

test("W3 an amendment that Dataverse already holds costs no write", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.push(amend(entry, { subject: "new" }, receipt));
  await org.calls();
  const [again] = await org.push(amend(entry, { subject: "new" }, receipt, { maybeSent: true }));
  expect(again).toMatchObject({ is: "written", how: "updated" });
  expect((await org.calls()).filter(({ method }) => method !== "GET")).toEqual([]);
});

test("W3 where nobody knows what the row holds, all of it is written", async () => {
  const org = await opened();
  const other = activity(1, { roles: { party: [await org.contact()] } });
  const receipt = await made(org, other);
  const entry = activity(1, {
    roles: { party: [await org.contact()] },
    fields: { subject: "mine", directioncode: true },
  });
  const [answer] = await org.push(
    amend(entry, {}, receipt, {
      contentKnown: false,
      relinked: true,
      reowned: true,
      entry,
      changed: { ...entry.fields, description: null },
    }),
  );
  expect(answer).toMatchObject({ is: "written", how: "updated" });
  const row = await phonecall(org);
  expect(row?.columns).toMatchObject({ subject: "mine", statecode: 1, statuscode: 2 });
  expect(row?.columns["description"]).toBeUndefined();
  expect(row?.parties.map(({ mask, id }) => [mask, id])).toEqual([
    [2, entry.roles["party"]?.[0]?.id],
  ]);
});

test("K6 what a person deleted is gone, and not revived", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.control.removeRow("phonecall", receipt.ref.id);
  await org.calls();
  expect((await org.push(amend(entry, { subject: "new" }, receipt)))[0]).toEqual({ is: "gone" });
  expect((await org.calls()).every(({ method }) => method === "GET")).toBe(true);
  expect(await org.rows()).toEqual([]);
});

test("K6 a receipt that names no row is gone too", async () => {
  const org = await opened();
  const receipt = { ref: { type: "phonecall", id: "../accounts" } };
  expect((await org.push(amend(activity(1), { subject: "new" }, receipt)))[0]).toEqual({
    is: "gone",
  });
});

test("K6 W6 what no query shows, but may only not be looked at, is not taken for deleted", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.control.removeRow("phonecall", receipt.ref.id);
  const hidden = { status: 403, code: "0x80040220", path: "/phonecalls(" };
  await org.control.fault({ kind: "status", ...hidden });
  expect((await org.push(amend(entry, { subject: "new" }, receipt)))[0]).toMatchObject({
    is: "refused",
    why: "permission",
  });
});

test("W6 where rows may not be read at all, nothing is compared and it is said", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.control.fault({ kind: "status", status: 403, code: "0x80040220", path: "/phonecalls" });
  expect((await org.push(amend(entry, { subject: "new" }, receipt)))[0]).toMatchObject({
    is: "refused",
    why: "permission",
  });
});

test("K5 a relinked activity names its new records only, completed as it was", async () => {
  const org = await opened();
  const [one, other] = [await org.contact(), await org.contact()];
  const entry = activity(1, { roles: { party: [one] } });
  const next = { ...entry, roles: { party: [other] } };
  const receipt = await made(org, entry);
  await org.push(amend(entry, {}, receipt, { relinked: true, entry: next }));
  const row = await phonecall(org);
  expect(row?.parties.map(({ mask, id }) => [mask, id])).toEqual([[1, other.id]]);
  expect(row?.columns).toMatchObject({ statecode: 1, statuscode: 4 });
  await org.push(amend(next, {}, receipt, { relinked: true, entry: { ...entry, roles: {} } }));
  expect((await phonecall(org))?.parties).toEqual([]);
});

test("K5 the record that an activity is about is replaced and cleared", async () => {
  const org = await opened();
  const [one = "", other = ""] = await org.control.seed([
    { table: "opportunity", columns: { name: "One" } },
    { table: "account", columns: { name: "Two" } },
  ]);
  const about = (type: string, id: string) => ({ roles: { regarding: [{ type, id }] } });
  const entry = activity(1, about("opportunity", one));
  const next = { ...entry, ...about("account", other) };
  const receipt = await made(org, entry);
  await org.push(amend(entry, {}, receipt, { relinked: true, entry: next }));
  expect((await phonecall(org))?.columns["regardingobjectid"]).toEqual({
    table: "account",
    id: other,
  });
  await org.push(amend(next, {}, receipt, { relinked: true, entry: { ...entry, roles: {} } }));
  expect((await phonecall(org))?.columns["regardingobjectid"]).toBeUndefined();
});

test.for([
  ["is not brought back", "same", "theirs", 1],
  ["is not taken away", "none", "theirs", 0],
  ["stays beside an agent's new one", "new", "both", 0],
] as const)(
  "K5 W7 somebody whom a person put in place of ours %s",
  async ([, wish, there, warned]) => {
    const org = await opened();
    const [ours, theirs, fresh] = [await org.contact(), await org.contact(), await org.contact()];
    const [about = ""] = await org.control.seed([
      { table: "opportunity", columns: { name: "Deal" } },
    ]);
    const regarding: readonly RecordId[] = [{ type: "opportunity", id: about }];
    const entry = activity(1, { roles: { party: [ours], regarding } });
    const receipt = await made(org, entry);
    await org.control.editRow("phonecall", receipt.ref.id, {
      from: [{ table: "contact", id: theirs.id }],
    });
    const party = { same: [ours], none: [], new: [fresh] }[wish];
    const [answer] = await org.push(
      amend(entry, {}, receipt, { relinked: true, entry: { ...entry, roles: { party } } }),
    );
    const warnings = answer?.is === "written" ? (answer.warnings ?? []) : [];
    expect(warnings.map(({ code, field }) => [code, field])).toEqual(
      Array.from({ length: warned }, () => ["editedInCrm", "phonecall_activity_parties"]),
    );
    const row = await phonecall(org);
    expect(row?.parties.map(({ id }) => id)).toEqual(
      there === "theirs" ? [theirs.id] : [theirs.id, fresh.id],
    );
    expect(row?.columns["regardingobjectid"]).toBeUndefined();
  },
);

test("W10 a new owner takes the agent's place in the call as well", async () => {
  const org = await opened();
  const [ada, bea] = [await seedUser(org.control, "Ada A"), await seedUser(org.control, "Bea B")];
  const person = await org.contact();
  const entry = activity(1, { roles: { party: [person] }, owner: ada });
  const receipt = await made(org, entry);
  await org.push(amend(entry, {}, receipt, { reowned: true, entry: { ...entry, owner: bea } }));
  const row = await phonecall(org);
  expect(row?.columns["ownerid"]).toEqual({ table: "systemuser", id: bea });
  expect(row?.parties.map(({ mask, id }) => [mask, id]).toSorted()).toEqual([
    [1, person.id],
    [2, bea],
  ]);
});

test("W10 W7 whom a person gave the activity to keeps it", async () => {
  const org = await opened();
  const [ada, bea, cleo] = [
    await seedUser(org.control, "Ada A"),
    await seedUser(org.control, "Bea B"),
    await seedUser(org.control, "Cleo C"),
  ];
  const entry = activity(1, { owner: ada });
  const receipt = await made(org, entry);
  await org.control.editRow("phonecall", receipt.ref.id, {
    ownerid: { table: "systemuser", id: cleo },
  });
  const [answer] = await org.push(
    amend(entry, {}, receipt, { reowned: true, entry: { ...entry, owner: bea } }),
  );
  expect(answer).toMatchObject({ warnings: [{ code: "editedInCrm", field: "ownerid" }] });
  expect((await phonecall(org))?.columns["ownerid"]).toEqual({ table: "systemuser", id: cleo });
});

test("K9 an amendment that links to a merged record answers moved, to a deleted one not found", async () => {
  const org = await opened();
  const [winner, loser, deleted] = [await org.contact(), await org.contact(), await org.contact()];
  const [one, two] = [activity(1), activity(2)];
  const [first, second] = [await made(org, one), await made(org, two)];
  await org.control.merge("contact", winner.id, loser.id);
  await org.control.removeRow("contact", deleted.id);
  const linked = (entry: Entry, record: RecordId) => ({
    relinked: true,
    entry: { ...entry, roles: { party: [record] } },
  });
  const answers = await org.push(
    amend(one, {}, first, linked(one, loser)),
    amend(two, {}, second, linked(two, deleted)),
  );
  expect(answers).toMatchObject([
    { is: "moved", from: loser, to: winner },
    { is: "refused", why: "notFound" },
  ]);
});

test("W6 W4 a lock while amending concerns its write only", async () => {
  const org = await opened();
  const entries = [1, 2, 3].map((n) => activity(n));
  const receipts = (await org.push(...entries.map((entry) => put(entry)))).map(receiptOf);
  await org.control.fault({ kind: "lock", operationEvery: 2, ...batch });
  const answers = await org.push(
    ...entries.flatMap((entry, n) => {
      const receipt = receipts[n];
      return receipt === undefined ? [] : [amend(entry, { subject: "new" }, receipt)];
    }),
  );
  expect(answers).toMatchObject([
    { is: "written" },
    { is: "retry", why: "lock", sent: "no" },
    { is: "written" },
  ]);
});

test("O5 W7 an e-mail's text is compared as what it shows, not as its markup", async () => {
  const org = await opened();
  const fields = { subject: "Mail", directioncode: false, description: "one <two>\nthree" };
  const entry = activity(1, { type: "email", fields });
  const receipt = await made(org, entry);
  await org.control.editRow("email", receipt.ref.id, {
    description: "Bo: hello<br />one &lt;two&gt;<br/>three",
  });
  await org.push(amend(entry, { description: "one <two>\nfour" }, receipt));
  expect((await org.rows("email"))[0]?.columns["description"]).toBe(
    "Bo: hello<br>one &lt;two&gt;<br>four",
  );
});

test("K5 L8 the annotation goes with its activity", async () => {
  const org = await opened();
  const entry = activity(1);
  const receipt = await made(org, entry);
  await org.push(amend(entry, late(entry, "Recording: 1"), receipt));
  expect((await org.push(retract(entry, receipt)))[0]).toEqual({ is: "removed", how: "deleted" });
  expect([await org.rows(), await org.rows("annotation")]).toEqual([[], []]);
});

test("W7 K5 a person's edit is remembered where the answer to our own change after it was lost", async () => {
  const org = await opened();
  const entry = activity(1, { fields: { ...activity(1).fields, category: "Open" } });
  const receipt = await made(org, entry);
  await org.control.editRow("phonecall", receipt.ref.id, { subject: "A person's" });
  const wish: Entry = { ...entry, fields: { ...entry.fields, category: "Sold" } };
  const write = amend(entry, wish.fields, receipt, { changed: { category: "Sold" } });
  await org.control.fault({ kind: "replyLost", ...batch });
  const [lost] = await org.push(write);
  expect(lost).toMatchObject({ is: "retry", sent: "maybe", receipt: { ref: receipt.ref } });
  if (lost?.is !== "retry" || lost.receipt === undefined) throw new Error("nothing is remembered");
  // Looked at once more when nothing can land any more: as if nobody knew what it holds.
  const [again] = await org.push({
    ...write,
    op: "amend",
    receipt: lost.receipt,
    made: wish,
    changed: wish.fields,
    relinked: false,
    reowned: false,
    maybeSent: true,
    contentKnown: false,
  });
  expect((await phonecall(org))?.columns).toMatchObject({
    subject: "A person's",
    category: "Sold",
  });
  const [gone] = await org.push(retract(wish, receiptOf(again)));
  expect(gone).toMatchObject({ is: "removed", how: "unlinked" });
  expect((await phonecall(org))?.columns["subject"]).toBe("A person's");
});

test("K5 K9 unlinking somebody who was merged meanwhile takes the winner off, and nobody is named twice", async () => {
  const org = await opened();
  const [winner, loser, other] = [await org.contact(), await org.contact(), await org.contact()];
  const entry = activity(1, { roles: { party: [loser] } });
  const receipt = await made(org, entry);
  await org.control.merge("contact", winner.id, loser.id);
  const relinked = amend(entry, {}, receipt, {
    entry: { ...entry, roles: { party: [other] } },
    relinked: true,
  });
  expect((await org.push(relinked))[0]).toMatchObject({ is: "written" });
  expect((await phonecall(org))?.parties.map(({ id }) => id)).toEqual([other.id]);
});

test("L8 W6 where notes may be made but not read, none is made: each late fact stands in the call itself", async () => {
  const org = await opened({ missingPrivileges: [{ table: "annotation", privilege: "read" }] });
  const entry = activity(1);
  const receipt = await made(org, entry);
  const first = { ...entry, fields: { ...entry.fields, ...late(entry, "Recording: 1") } };
  const answers = [
    ...(await org.push(amend(entry, first.fields, receipt))),
    ...(await org.push(amend(first, late(entry, "Recording: 2"), receipt))),
  ];
  expect(answers).toMatchObject([{ how: "updated" }, { how: "updated" }]);
  expect(await org.rows("annotation")).toEqual([]);
  expect((await phonecall(org))?.columns).toMatchObject({
    description: "said 1\nRecording: 2",
    statecode: 1,
  });
});
