import { keyUuid } from "@wrapup/core";
import type { Answer, Entry, RecordId, Write } from "@wrapup/core";
import { expect, test, vi } from "vitest";
import { activity, amend, openOrg, put, receiptOf } from "./client/org.ts";
import type { Org } from "./client/org.ts";
import { seedUser } from "./client/people.ts";

const batch = { path: "/$batch" } as const;

/** An organisation whose phone calls were described already: only the writing is seen. */
const warm = async (...of: Parameters<typeof openOrg>): Promise<Org> => {
  const org = await openOrg(...of);
  await org.push(put(activity(9999)));
  await org.calls();
  return org;
};

const seed = async (
  org: Org,
  table: string,
  columns: Readonly<Record<string, unknown>>,
): Promise<RecordId> => {
  const [id = ""] = await org.control.seed([{ table, columns }]);
  return { type: table, id };
};

const partiesOf = async (org: Org, table?: string) =>
  (await org.rows(table)).map(({ parties }) =>
    parties.map(({ mask, id }) => [mask, id] as const).toSorted(([a], [b]) => a - b),
  );

test("W2 W4 a batch of activities is one $batch, each with its parties, owner, state and address", async () => {
  const org = await openOrg();
  const [person, agent] = [await org.contact(), await seedUser(org.control)];
  const first = await seed(org, "incident", {
    title: "Broken",
    customerid: { table: "contact", id: person.id },
  });
  await org.push(put(activity(9999, { roles: { party: [person], regarding: [first] } })));
  await org.calls();
  const answers = await org.push(
    ...Array.from({ length: 25 }, (_, n) =>
      put(activity(n, { roles: { party: [person], regarding: [first] }, owner: agent })),
    ),
  );
  expect(answers.map(({ is }) => is)).toEqual(Array.from({ length: 25 }, () => "written"));
  expect((await org.calls()).map(({ method, path, writes }) => [method, path, writes])).toEqual([
    ["POST", "/api/data/v9.2/$batch", 50],
  ]);
  const row = (await org.rows()).find(({ columns }) => columns["subject"] === "Call 7");
  expect(row?.id).toBe(keyUuid("wk-0007"));
  expect(row?.columns).toMatchObject({
    subject: "Call 7",
    statecode: 1,
    statuscode: 4,
    directioncode: false,
    ownerid: { table: "systemuser", id: agent },
    regardingobjectid: { table: "incident", id: first.id },
  });
  expect(row?.parties.map(({ mask, id }) => [mask, id])).toEqual([
    [1, person.id],
    [2, agent],
  ]);
  expect(receiptOf(answers[7])).toEqual({
    ref: { type: "phonecall", id: row?.id },
    url: `${org.emulator.url}/main.aspx?pagetype=entityrecord&etn=phonecall&id=${row?.id ?? ""}`,
  });
});

test.for([
  ["phonecall", false, 4, [1, 1, 2]],
  ["phonecall", true, 2, [1, 2, 2]],
  ["email", false, 4, [1, 2, 3]],
  ["email", true, 3, [1, 2, 2]],
] as const)(
  "K4 an outgoing %s (%s) is completed as %i, its people in their places: %j",
  async ([type, directioncode, statuscode, masks]) => {
    const org = await openOrg();
    const [a, b, agent] = [await org.contact(), await org.contact(), await seedUser(org.control)];
    const fields = { subject: "S", directioncode };
    const [answer] = await org.push(
      put(activity(1, { type, fields, roles: { party: [a, b] }, owner: agent })),
    );
    expect(answer?.is).toBe("written");
    const [row] = await org.rows(type);
    expect(row?.columns).toMatchObject({ statecode: 1, statuscode });
    expect(row?.parties.map(({ mask }) => mask).toSorted()).toEqual(masks);
    const across = row?.parties.find(({ id }) => id === agent)?.mask;
    expect(across).toBe(directioncode ? 1 : 2);
  },
);

test("K4 a task is about one record, has no people, and is completed as done", async () => {
  const org = await openOrg();
  const account = await seed(org, "account", { name: "Acme" });
  const fields = { subject: "chat: hello", description: "said" };
  const [answer] = await org.push(
    put(activity(1, { type: "task", fields, roles: { regarding: [account] } })),
  );
  expect(answer?.is).toBe("written");
  const [row] = await org.rows("task");
  expect(row?.columns).toMatchObject({
    statecode: 1,
    statuscode: 5,
    regardingobjectid: { table: "account", id: account.id },
  });
});

test("K4 a custom activity table is written with its own names, and completed without a known status", async () => {
  const org = await openOrg({
    customTables: [{ name: "new_chat", entitySet: "new_chats", activity: true }],
  });
  const person = await org.contact();
  const fields = { subject: "chat: hello" };
  const [answer] = await org.push(
    put(activity(1, { type: "new_chat", fields, roles: { party: [person] } })),
  );
  expect(answer?.is).toBe("written");
  const [row] = await org.rows("new_chat");
  expect(row?.columns["statecode"]).toBe(1);
  expect(row?.parties.map(({ id }) => id)).toEqual([person.id]);
});

test("O5 an e-mail's text is HTML that shows what was said, markup and all", async () => {
  const org = await openOrg();
  const fields = { subject: "Mail", directioncode: false, description: '<b>"1 & 2"</b>\r\nnext' };
  await org.push(put(activity(1, { type: "email", fields })));
  expect((await org.rows("email"))[0]?.columns["description"]).toBe(
    "&lt;b&gt;&quot;1 &amp; 2&quot;&lt;/b&gt;<br>next",
  );
});

test("L9 what will grow is left open", async () => {
  const org = await openOrg();
  await org.push(put(activity(1, { final: false })));
  expect((await org.rows())[0]?.columns).toMatchObject({ statecode: 0, statuscode: 1 });
});

test("W4 writes of several types share one request", async () => {
  const org = await warm();
  const fields = { subject: "t" };
  await org.push(put(activity(50, { type: "task", fields })));
  await org.calls();
  const answers = await org.push(put(activity(1)), put(activity(2, { type: "task", fields })));
  expect(answers.map(({ is }) => is)).toEqual(["written", "written"]);
  expect(await org.calls()).toHaveLength(1);
});

test("W2 a put that was never sent but is there answers already, leaves it alone and makes no second one", async () => {
  const org = await warm();
  const [first] = await org.push(put(activity(1)));
  const [again] = await org.push(put(activity(1, { fields: { subject: "other" } })));
  expect(again).toMatchObject({
    is: "written",
    how: "already",
    receipt: { ref: receiptOf(first).ref },
  });
  const rows = (await org.rows()).filter(({ id }) => id === receiptOf(first).ref.id);
  expect(rows.map(({ columns }) => columns["subject"])).toEqual(["Call 1"]);
});

test("W2 a growing activity that is there is left alone too: a put only ever makes", async () => {
  const org = await warm();
  const growing = activity(1, { final: false });
  const receipt = receiptOf((await org.push(put(growing)))[0]);
  const [again] = await org.push(put({ ...growing, fields: { subject: "other" } }));
  expect(again).toMatchObject({ is: "written", how: "already", receipt: { ref: receipt.ref } });
  const row = (await org.rows()).find(({ id }) => id === receipt.ref.id);
  expect(row?.columns).toMatchObject({ subject: "Call 1", statecode: 0 });
});

test("W3 a lost reply is answered maybe; the repeat meets its own rows and makes none", async () => {
  const org = await warm();
  await org.control.fault({ kind: "replyLost", ...batch });
  const writes = [1, 2, 3].map((n) => put(activity(n)));
  const lost = await org.push(...writes);
  expect(lost.map((answer) => answer.is === "retry" && answer.sent)).toEqual([
    "maybe",
    "maybe",
    "maybe",
  ]);
  await org.calls();
  const found = await org.push(...writes.map((write) => ({ ...write, maybeSent: true })));
  expect(found.map((answer) => answer.is === "written" && answer.how)).toEqual([
    "already",
    "already",
    "already",
  ]);
  expect((await org.calls()).map(({ method }) => method)).toEqual(["POST", "GET"]);
  expect(await org.rows()).toHaveLength(4);
});

test.for([
  ["reset", "created"],
  ["brokenBody", "already"],
] as const)("W3 after a %s the repeat answers %s, and there is one", async ([kind, how]) => {
  const org = await warm();
  await org.control.fault({ kind, ...batch });
  const [lost] = await org.push(put(activity(1)));
  expect(lost).toMatchObject({ is: "retry", sent: "maybe" });
  const [made] = await org.push(put(activity(1), true));
  expect(made).toMatchObject({ is: "written", how });
  expect(await org.rows()).toHaveLength(2);
});

test("W3 a repeat that is refused now, but was carried out before, is already there", async () => {
  const org = await warm();
  const person = await org.contact();
  const write = put(activity(1, { roles: { party: [person] } }));
  await org.push(write);
  await org.control.fault({ kind: "partial", status: 400, code: "0x80044331", ...batch });
  expect((await org.push({ ...write, maybeSent: true }))[0]).toMatchObject({
    is: "written",
    how: "already",
  });
});

test("W3 K9 a repeat whose record was merged meanwhile, but was carried out before, is written anew, as nobody knows which record it names", async () => {
  const org = await warm();
  const [winner, loser] = [await org.contact(), await org.contact()];
  const write = put(activity(1, { roles: { party: [loser] } }));
  await org.control.fault({ kind: "replyLost", ...batch });
  await org.push(write);
  await org.control.merge("contact", winner.id, loser.id);
  const fresh = { ...write, maybeSent: true };
  expect((await org.push(fresh))[0]).toMatchObject({
    is: "retry",
    why: "lock",
    receipt: { ref: { id: keyUuid(write.entry.key) } },
  });
});

test("W2 a duplicate key that is not ours is refused, and never taken for our row", async () => {
  const org = await warm();
  await org.control.fault({ kind: "partial", status: 412, code: "0x80040237", ...batch });
  expect((await org.push(put(activity(1))))[0]).toMatchObject({ is: "refused", why: "duplicate" });
});

test("R5 a duplicate rule's refusal is no proof that the row is there", async () => {
  const org = await warm();
  await org.control.fault({ kind: "partial", status: 412, code: "0x80040333", ...batch });
  expect((await org.push(put(activity(1))))[0]).toMatchObject({ is: "refused", why: "duplicate" });
});

test.for([
  [
    { kind: "status", status: 503 },
    { why: "unreachable", sent: "maybe" },
  ],
  [{ kind: "html" }, { why: "unreachable", sent: "maybe" }],
  [
    { kind: "status", status: 429, code: "0x80072322", headers: { "retry-after": "9" } },
    { why: "throttled", sent: "no", afterMs: 9000 },
  ],
  [
    { kind: "status", status: 500, code: "0x80040216" },
    { why: "transient", sent: "maybe" },
  ],
  [
    { kind: "status", status: 403, code: "0x80040225" },
    { why: "auth", sent: "no" },
  ],
] as const)("W6 A3 %j answers every write after one attempt: %j", async ([fault, expected]) => {
  const org = await warm();
  await org.control.fault({ ...fault, ...batch });
  const answers = await org.push(put(activity(1)), put(activity(2)));
  expect(answers).toMatchObject([
    { is: "retry", ...expected },
    { is: "retry", ...expected },
  ]);
  expect(await org.calls()).toHaveLength(1);
});

test("W6 W4 a lock concerns its write only, and was surely not applied", async () => {
  const org = await warm();
  await org.control.fault({ kind: "lock", ...batch, operationEvery: 2, table: "phonecall" });
  const answers = await org.push(put(activity(1)), put(activity(2)), put(activity(3)));
  expect(answers).toMatchObject([
    { is: "written" },
    { is: "retry", why: "lock", sent: "no" },
    { is: "written" },
  ]);
});

test("W4 one bad write never sinks its batch, and what it says is not repeated", async () => {
  const org = await warm();
  const secret = "4711-9923 ".repeat(300);
  const answers = await org.push(
    put(activity(1)),
    put(activity(2, { fields: { subject: secret } })),
    put(activity(3)),
  );
  expect(answers.map(({ is }) => is)).toEqual(["written", "refused", "written"]);
  expect(answers[1]).toMatchObject({ why: "validation" });
  expect(JSON.stringify(answers[1])).not.toContain("4711");
  expect(await org.rows()).toHaveLength(3);
});

test("A3 W2 an activity that cannot be completed is not made either: all or none", async () => {
  const org = await warm();
  const [answer] = await org.push(put(activity(1, { fields: { subject: "x", statuscode: 77 } })));
  expect(answer).toMatchObject({ is: "refused", why: "validation" });
  expect(await org.rows()).toHaveLength(1);
});

test("the same key twice in one call is sent once", async () => {
  const org = await warm();
  const answers = await org.push(put(activity(1)), put(activity(1)));
  expect(answers).toMatchObject([{ is: "written" }, { is: "retry", why: "lock", sent: "no" }]);
});

test("A1 an entry of another kind is refused visibly, and its neighbours are written", async () => {
  const org = await warm();
  const answers = await org.push(put(activity(1, { kind: "notice" })), put(activity(2)));
  expect(answers).toMatchObject([{ is: "refused", why: "unsupported" }, { is: "written" }]);
});

test("K3 a column that the organisation lost pauses the connection with the column's name; nothing is parked", async () => {
  const org = await warm();
  const [answer] = await org.push(put(activity(1, { fields: { subject: "x", new_gone: "y" } })));
  expect(answer).toMatchObject({ is: "retry", why: "schema", sent: "no" });
  expect(JSON.stringify(answer)).toContain("new_gone");
});

test("K3 a table that is not there concerns its own writes only", async () => {
  const org = await warm();
  const answers = await org.push(put(activity(1, { type: "new_gone" })), put(activity(2)));
  expect(answers).toMatchObject([{ is: "retry", why: "schema", sent: "no" }, { is: "written" }]);
});

test("A1 what cannot be named at all is refused in words, before anything is sent", async () => {
  const org = await warm();
  const answers = await org.push(
    put(activity(1, { roles: { regarding: [{ type: "systemuser", id: keyUuid("x") }] } })),
    put(activity(2, { roles: { party: [{ type: "contact", id: "../accounts" }] } })),
    put(activity(3, { owner: "ada" })),
    put(activity(4, { roles: { regarding: [{ type: "new_gone", id: keyUuid("x") }] } })),
  );
  expect(answers).toMatchObject([
    { is: "refused", why: "unsupported", field: "regardingobjectid" },
    { is: "refused", why: "validation" },
    { is: "refused", why: "validation", field: "ownerid" },
    { is: "refused", why: "unsupported" },
  ]);
  expect((await org.calls()).filter(({ writes }) => writes > 0)).toEqual([]);
});

/** What core sends after `already`: nobody knows what the row holds, so all of it. */
const anew = (entry: Entry, answer: Answer | undefined): Write =>
  amend(entry, { ...entry.fields }, receiptOf(answer), {
    maybeSent: true,
    contentKnown: false,
    relinked: true,
    reowned: true,
  });

test("K9 a call is written and its people are looked at in one request", async () => {
  const org = await warm();
  const person = await org.contact();
  await org.push(put(activity(1, { roles: { party: [person] } })));
  await org.push(put(activity(2, { roles: { party: [person] } })));
  expect((await org.calls()).map(({ path }) => path)).toEqual([
    "/api/data/v9.2/$batch",
    "/api/data/v9.2/$batch",
  ]);
});

test("K9 a contact merged before the write: core is asked to write anew, and then it is moved, along the whole chain", async () => {
  const org = await warm();
  const [last, middle, first] = [await org.contact(), await org.contact(), await org.contact()];
  await org.control.merge("contact", middle.id, first.id);
  await org.control.merge("contact", last.id, middle.id);
  const entry = activity(1, { roles: { party: [first] } });
  const [made] = await org.push(put(entry));
  expect(made).toMatchObject({ is: "written", how: "already" });
  const moved = { is: "moved", from: first, to: last };
  expect(await org.push(anew(entry, made))).toEqual([moved]);
  const after = { ...entry, roles: { party: [last] } };
  expect(await org.push(anew(after, made))).toMatchObject([{ is: "written", how: "updated" }]);
  expect((await org.rows()).slice(1).map(({ columns }) => columns["statecode"])).toEqual([1]);
  expect((await partiesOf(org)).slice(1)).toEqual([[[1, last.id]]]);
});

test("K9 a repeat is not sent before its links were looked at", async () => {
  const org = await warm();
  const [winner, loser] = [await org.contact(), await org.contact()];
  await org.control.merge("contact", winner.id, loser.id);
  const write = { ...put(activity(1, { roles: { party: [loser] } })), maybeSent: true };
  expect(await org.push(write)).toEqual([{ is: "moved", from: loser, to: winner }]);
  expect(await org.rows()).toHaveLength(1);
});

test("K9 who is merged a moment after a look is found by the next write", async () => {
  const org = await warm();
  const [winner, loser] = [await org.contact(), await org.contact()];
  const [first] = await org.push(put(activity(1, { roles: { party: [loser] } })));
  expect(first).toMatchObject({ how: "created" });
  await org.control.merge("contact", winner.id, loser.id);
  const [second] = await org.push(put(activity(2, { roles: { party: [loser] } })));
  expect(second).toMatchObject({ how: "already" });
});

test("K9 who is merged a moment after a look is followed by the write anew, too", async () => {
  const org = await warm();
  const [winner, loser] = [await org.contact(), await org.contact()];
  await org.push(put(activity(1, { roles: { party: [loser] } })));
  await org.control.merge("contact", winner.id, loser.id);
  const entry = activity(2, { roles: { party: [loser] } });
  const [made] = await org.push(put(entry));
  expect(made).toMatchObject({ how: "already" });
  expect(await org.push(anew(entry, made))).toEqual([{ is: "moved", from: loser, to: winner }]);
});

test("K9 a change to who was merged a moment after a look is not sent either", async () => {
  const org = await warm();
  const [winner, loser] = [await org.contact(), await org.contact()];
  await org.push(put(activity(1, { roles: { party: [loser] } })));
  const entry = activity(2, { roles: { party: [winner] } });
  const [made] = await org.push(put(entry));
  await org.control.merge("contact", winner.id, loser.id);
  const to = { ...entry, roles: { party: [loser] } };
  const change = amend(entry, {}, receiptOf(made), { entry: to, relinked: true });
  expect(await org.push(change)).toEqual([{ is: "moved", from: loser, to: winner }]);
});

test("K9 who is merged between the look and the change is seen beside the change, which goes again", async () => {
  const org = await warm();
  const [winner, loser] = [await org.contact(), await org.contact()];
  const entry = activity(1, { roles: { party: [winner] } });
  const receipt = receiptOf((await org.push(put(entry)))[0]);
  const to = { ...entry, roles: { party: [loser] } };
  const change = amend(entry, {}, receipt, { entry: to, relinked: true });
  await org.control.fault({ kind: "hang", ms: 300, ...batch });
  const before = (await org.control.calls()).length;
  const pushed = org.push(change);
  // It reads the row after it has looked at the contact, and before it writes.
  await vi.waitFor(async () => {
    const paths = (await org.control.calls()).slice(before).map(({ path }) => path);
    expect(paths.some((path) => path.endsWith("/phonecalls"))).toBe(true);
  });
  await org.control.merge("contact", winner.id, loser.id);
  const [answer] = await pushed;
  expect(answer).toMatchObject({ is: "retry", why: "lock", sent: "maybe", receipt });
  expect(await org.push({ ...change, maybeSent: true })).toEqual([
    { is: "moved", from: loser, to: winner },
  ]);
});

test.for(["replyLost", "brokenBody"] as const)(
  "W3 K9 a repeat (%s) that meets its own row on the loser of a merge is written anew, not taken for done",
  async (kind) => {
    const org = await warm();
    const [winner, loser] = [await org.contact(), await org.contact()];
    await org.control.merge("contact", winner.id, loser.id);
    const entry = activity(1, { roles: { party: [loser] } });
    await org.control.fault({ kind, ...batch });
    expect(await org.push(put(entry))).toMatchObject([{ is: "retry", sent: "maybe" }]);
    const [again] = await org.push(put(entry, true));
    expect(again).toMatchObject({ is: "retry", why: "lock", sent: "maybe" });
    const receipt = again?.is === "retry" ? again.receipt : undefined;
    expect(receipt).toMatchObject({ ref: { type: "phonecall", id: keyUuid(entry.key) } });
  },
);

test("K9 W6 a look that failed leaves it open where the links are; one that is not allowed does not", async () => {
  const org = await warm();
  const person = await org.contact();
  await org.control.fault({ kind: "partial", table: "contact", status: 503, code: "0x80044151" });
  const [open] = await org.push(put(activity(1, { roles: { party: [person] } })));
  expect(open).toMatchObject({ is: "written", how: "already" });
  const blind = await warm({ missingPrivileges: [{ table: "contact", privilege: "read" }] });
  const [unseen] = await blind.push(
    put(activity(1, { roles: { party: [await blind.contact()] } })),
  );
  expect(unseen).toMatchObject({ is: "written", how: "created" });
});

test("K9 a qualified lead is followed to its contact", async () => {
  const org = await warm();
  const lead = await seed(org, "lead", { subject: "L", lastname: "Lee", companyname: "Leads" });
  const { contactId } = await org.control.qualifyLead(lead.id);
  const entry = activity(1, { roles: { party: [lead] } });
  const [made] = await org.push(put(entry));
  expect(made).toMatchObject({ is: "written", how: "already" });
  const to = { type: "contact", id: contactId };
  expect(await org.push(anew(entry, made))).toEqual([{ is: "moved", from: lead, to }]);
});

test.for([
  ["party", "contact", { lastname: "Gone" }, {}],
  ["regarding", "opportunity", { name: "Deal" }, { field: "regardingobjectid" }],
] as const)(
  "K9 a deleted record (%s) is refused as not found, once and for all",
  async ([role, table, columns, place]) => {
    const org = await warm();
    const record = await seed(org, table, columns);
    await org.control.removeRow(table, record.id);
    const [answer] = await org.push(put(activity(1, { roles: { [role]: [record] } })));
    expect(answer).toMatchObject({ is: "refused", why: "notFound", ...place });
  },
);

test("W10 an owner that is not there is refused as not found, and says nothing of the links", async () => {
  const org = await warm();
  const person = await org.contact();
  const [answer] = await org.push(
    put(activity(1, { roles: { party: [person] }, owner: keyUuid("nobody") })),
  );
  expect(answer).toMatchObject({ is: "refused", why: "notFound" });
  expect(JSON.stringify(answer)).not.toContain("contact");
});

test("W6 the look at a refused link is not the write's own trouble: it is waited out", async () => {
  const org = await warm();
  const person = await org.contact();
  await org.push(put(activity(1, { roles: { party: [person] } })));
  await org.control.removeRow("contact", person.id);
  await org.control.fault({ kind: "status", status: 503, path: "/contacts" });
  const [answer] = await org.push(put(activity(2, { roles: { party: [person] } })));
  expect(answer).toMatchObject({ is: "retry", why: "unreachable", sent: "no" });
});

test("W4 writes of one record that are too many for one batch go one after the other, each once", async () => {
  const org = await warm();
  const writes = Array.from({ length: 120 }, (_, n) => put(activity(n, { touches: ["one"] })));
  const answers = await org.push(...writes);
  expect(answers.map((answer) => answer.is === "written" && answer.how)).toEqual(
    writes.map(() => "created"),
  );
  const sent = (await org.calls()).map((call) => call.writes);
  expect(sent[0]).toBe(100);
  expect(sent.reduce((all, some) => all + some, 0)).toBe(240);
});

test("W6 of such writes, those behind a trouble of the connection are not sent", async () => {
  const org = await warm();
  await org.control.fault({ kind: "status", status: 429, ...batch });
  const writes = Array.from({ length: 120 }, (_, n) => put(activity(n, { touches: ["one"] })));
  const answers = await org.push(...writes);
  expect(answers).toMatchObject(writes.map(() => ({ is: "retry", why: "throttled", sent: "no" })));
  expect(await org.calls()).toHaveLength(1);
});

test("W6 push answers even when nothing can be reached; it never throws", async () => {
  const org = await openOrg();
  await org.emulator.close();
  const answers = await org.push(put(activity(1)), put(activity(2)));
  expect(answers).toMatchObject([
    { is: "retry", why: "unreachable", sent: "no" },
    { is: "retry", why: "unreachable", sent: "no" },
  ]);
  await expect(org.push()).resolves.toEqual([]);
});

test("O5 a key with any characters makes one row of its own", async () => {
  const org = await warm();
  const keys = ["a/b?c#d e", "O'Brien \\ %", "../../accounts", "漢字👩‍👩‍👧"];
  const answers = await org.push(...keys.map((key, n) => put(activity(n, { key }))));
  expect(answers.map(({ is }) => is)).toEqual(keys.map(() => "written"));
  const again = await org.push(...keys.map((key, n) => put(activity(n, { key }), true)));
  expect(again.map((answer) => answer.is === "written" && answer.how)).toEqual(
    keys.map(() => "already"),
  );
});

test("K4 people stand in the list once each", async () => {
  const org = await warm();
  const [a, b] = [await org.contact(), await org.contact()];
  await org.push(put(activity(1, { roles: { party: [a, b] } })));
  expect((await partiesOf(org)).at(-1)?.map(([, id]) => id)).toEqual([a.id, b.id]);
});
