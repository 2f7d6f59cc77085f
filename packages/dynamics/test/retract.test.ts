import { expect, test } from "vitest";
import { activity, amend, openOrg, put, receiptOf, retract } from "./client/org.ts";
import type { Org } from "./client/org.ts";
import { seedUser } from "./client/people.ts";

const batch = { path: "/$batch" } as const;

const opened = async (...of: Parameters<typeof openOrg>): Promise<Org> => {
  const org = await openOrg(...of);
  await seedUser(org.control);
  return org;
};

const seedCase = async (org: Org): Promise<string> => {
  const { id } = await org.contact();
  const [about = ""] = await org.control.seed([
    { table: "incident", columns: { title: "S", customerid: { table: "contact", id } } },
  ]);
  return about;
};

const linksOf = async (org: Org) =>
  (await org.rows()).map(({ columns, parties }) => [
    parties.filter(({ table }) => table !== "systemuser").map(({ id }) => id),
    columns["regardingobjectid"] ?? null,
  ]);

test("K5 what only Wrapup wrote is deleted: one look at rows, one at notes, one delete", async () => {
  const org = await opened();
  const made = await org.push(put(activity(1)), put(activity(2)));
  await org.adapter.check(org.context);
  await org.push(put(activity(3)));
  await org.calls();
  const answers = await org.push(
    ...made.map((answer, n) => retract(activity(n + 1), receiptOf(answer))),
  );
  expect(answers).toEqual([
    { is: "removed", how: "deleted" },
    { is: "removed", how: "deleted" },
  ]);
  const calls = await org.calls();
  expect(calls.map(({ method }) => method)).toEqual(["GET", "GET", "POST"]);
  expect(await org.rows()).toHaveLength(1);
});

test("K5 what a person changed stays in the CRM without our links, as it was completed, and it is said", async () => {
  const org = await opened();
  const agent = await seedUser(org.control, "Ada Agent");
  const entry = activity(1, { roles: { party: [await org.contact()] }, owner: agent });
  const [made] = await org.push(put(entry));
  await org.control.editRow("phonecall", receiptOf(made).ref.id, { subject: "Edited by Bo" });
  const [answer] = await org.push(retract(entry, receiptOf(made)));
  expect(answer).toMatchObject({
    is: "removed",
    how: "unlinked",
    warnings: [{ code: "keptInCrm" }],
  });
  const [row] = await org.rows();
  expect(row?.columns).toMatchObject({ subject: "Edited by Bo", statecode: 1, statuscode: 4 });
  expect(row?.parties.map(({ id }) => id)).toEqual([agent]);
  const [again] = await org.push(retract(entry, receiptOf(made)));
  expect(again).toMatchObject({ is: "removed", how: "unlinked" });
  expect(await org.rows()).toHaveLength(1);
});

test("K5 a person's note on our activity is a person's work, and is not deleted with it", async () => {
  const org = await opened();
  const entry = activity(1, { roles: { party: [await org.contact()] } });
  const [made] = await org.push(put(entry));
  const { ref } = receiptOf(made);
  await org.control.seed([
    {
      table: "annotation",
      columns: { subject: "Bo", notetext: "n", objectid: { table: "phonecall", id: ref.id } },
    },
  ]);
  const [answer] = await org.push(retract(entry, receiptOf(made)));
  expect(answer).toMatchObject({ is: "removed", how: "unlinked" });
  expect(await org.rows("annotation")).toHaveLength(1);
  expect(await linksOf(org)).toEqual([[[], null]]);
});

test("K5 where notes may not be read there may be some, so nothing is deleted", async () => {
  const org = await opened();
  const [made] = await org.push(put(activity(1)));
  await org.control.fault({
    kind: "status",
    status: 403,
    code: "0x80040220",
    path: "/annotations",
  });
  const [answer] = await org.push(retract(activity(1), receiptOf(made)));
  expect(answer).toMatchObject({ is: "removed", how: "unlinked" });
  expect(await org.rows()).toHaveLength(1);
});

test("K5 a person's edit that we amended after is still a person's edit", async () => {
  const org = await opened();
  const entry = activity(1, { roles: { party: [await org.contact()] } });
  const [made] = await org.push(put(entry));
  await org.control.editRow("phonecall", receiptOf(made).ref.id, { prioritycode: 2 });
  const [amended] = await org.push(amend(entry, { subject: "new" }, receiptOf(made)));
  const [answer] = await org.push(retract(entry, receiptOf(amended)));
  expect(answer).toMatchObject({ is: "removed", how: "unlinked" });
  expect(await org.rows()).toHaveLength(1);
});

test("K5 our own amendment does not keep it from being deleted", async () => {
  const org = await opened();
  const [made] = await org.push(put(activity(1)));
  const [amended] = await org.push(amend(activity(1), { subject: "new" }, receiptOf(made)));
  expect((await org.push(retract(activity(1), receiptOf(amended))))[0]).toEqual({
    is: "removed",
    how: "deleted",
  });
});

test("W3 without a receipt it is found by key; absent is success", async () => {
  const org = await opened();
  await org.push(put(activity(1)));
  expect(await org.push(retract(activity(1)), retract(activity(2)))).toEqual([
    { is: "removed", how: "deleted" },
    { is: "removed", how: "deleted" },
  ]);
  expect(await org.rows()).toEqual([]);
});

test("K5 where deleting is refused the links are removed; where that is refused too it is kept", async () => {
  const org = await opened({ missingPrivileges: [{ table: "phonecall", privilege: "delete" }] });
  const entries = await Promise.all(
    [1, 2].map(async (n) => activity(n, { roles: { party: [await org.contact()] } })),
  );
  const made = await org.push(...entries.map((entry) => put(entry)));
  await org.control.fault({
    kind: "partial",
    method: "PATCH",
    status: 403,
    code: "0x80040220",
    table: "phonecall",
    operationEvery: 2,
    times: Infinity,
  });
  const answers = await org.push(
    ...made.map((answer, n) => retract(entries[n] ?? activity(n), receiptOf(answer))),
  );
  expect(new Set(answers.map((answer) => answer.is === "removed" && answer.how))).toEqual(
    new Set(["kept", "unlinked"]),
  );
  for (const answer of answers) expect(answer).toMatchObject({ warnings: [{ code: "keptInCrm" }] });
});

test("K5 W7 what a person changes between our look and our deletion is not deleted", async () => {
  const org = await opened();
  const [made] = await org.push(put(activity(1)));
  const { ref } = receiptOf(made);
  await org.push(retract(activity(2)));
  const context = {
    ...org.context,
    // The first answer seen is that of the look.
    observe: () => void org.control.editRow("phonecall", ref.id, { subject: "Bo was faster" }),
  };
  const [answer] = await org.adapter.push([retract(activity(1), receiptOf(made))], context);
  expect(answer).toMatchObject({ is: "retry", why: "lock", sent: "no" });
  expect((await org.push(retract(activity(1), receiptOf(made))))[0]).toMatchObject({
    how: "unlinked",
  });
  expect(await org.rows()).toHaveLength(1);
});

test("W6 a lock while deleting is tried again; a lost reply is maybe and its repeat succeeds", async () => {
  const org = await opened();
  const [made] = await org.push(put(activity(1)));
  await org.control.fault({ kind: "lock", ...batch });
  expect((await org.push(retract(activity(1), receiptOf(made))))[0]).toMatchObject({
    is: "retry",
    why: "lock",
    sent: "no",
  });
  await org.control.fault({ kind: "replyLost", ...batch });
  expect((await org.push(retract(activity(1), receiptOf(made))))[0]).toMatchObject({
    is: "retry",
    sent: "maybe",
  });
  expect((await org.push(retract(activity(1), receiptOf(made))))[0]).toEqual({
    is: "removed",
    how: "deleted",
  });
});

test("K5 W7 unlinking takes off what is still ours, and its repeat after a lost reply keeps the rest", async () => {
  const org = await opened();
  const [ours, theirs, about] = [await org.contact(), await org.contact(), await seedCase(org)];
  const entry = activity(1, {
    roles: { party: [ours], regarding: [{ type: "incident", id: about }] },
  });
  const receipt = receiptOf((await org.push(put(entry)))[0]);
  await org.control.editRow("phonecall", receipt.ref.id, {
    from: [{ table: "contact", id: theirs.id }],
  });
  await org.control.fault({ kind: "replyLost", ...batch });
  expect((await org.push(retract(entry, receipt)))[0]).toMatchObject({
    is: "retry",
    sent: "maybe",
  });
  await org.calls();
  expect(await org.push(retract(entry, receipt), retract(activity(2)))).toMatchObject([
    { is: "removed", how: "unlinked", warnings: [{ code: "keptInCrm" }] },
    { is: "removed", how: "deleted" },
  ]);
  expect((await org.calls()).filter(({ method }) => method !== "GET")).toEqual([]);
  expect(await linksOf(org)).toEqual([[[theirs.id], null]]);
});

test("K5 W7 where a person replaced our only link nothing is sent, and it is said", async () => {
  const org = await opened();
  const [ours, theirs] = [await org.contact(), await org.contact()];
  const entry = activity(1, { roles: { party: [ours] } });
  const receipt = receiptOf((await org.push(put(entry)))[0]);
  await org.control.editRow("phonecall", receipt.ref.id, {
    from: [{ table: "contact", id: theirs.id }],
  });
  await org.calls();
  const [answer] = await org.push(retract(entry, receipt));
  expect(answer).toMatchObject({
    is: "removed",
    how: "unlinked",
    warnings: [{ code: "keptInCrm" }],
  });
  expect((await org.calls()).every(({ method }) => method === "GET")).toBe(true);
  expect(await linksOf(org)).toEqual([[[theirs.id], null]]);
});

test("K5 an activity of another type is deleted and unlinked by its own names", async () => {
  const org = await opened();
  const about = await seedCase(org);
  const task = (n: number) =>
    activity(n, {
      type: "task",
      fields: { subject: `t${n}` },
      roles: { regarding: [{ type: "incident", id: about }] },
    });
  const made = await org.push(put(task(1)), put(task(2)));
  await org.control.editRow("task", receiptOf(made[1]).ref.id, { subject: "Bo's" });
  const answers = await org.push(
    ...made.map((answer, n) => retract(task(n + 1), receiptOf(answer))),
  );
  expect(answers).toMatchObject([
    { is: "removed", how: "deleted" },
    { is: "removed", how: "unlinked" },
  ]);
  const rows = await org.rows("task");
  expect(rows.map(({ columns }) => [columns["regardingobjectid"], columns["statuscode"]])).toEqual([
    [undefined, 5],
  ]);
});

test("K5 K9 a link that a merge moved along is taken off the winner, of a person and of what it is about", async () => {
  const org = await opened();
  const [winner, loser] = [await org.contact(), await org.contact()];
  const party = activity(1, { roles: { party: [loser] } });
  const about = activity(2, {
    type: "task",
    fields: { subject: "T" },
    roles: { regarding: [loser] },
  });
  const made = (await org.push(put(party), put(about))).map(receiptOf);
  await org.control.merge("contact", winner.id, loser.id);
  const answers = await org.push(retract(party, made[0]), retract(about, made[1]));
  expect(answers).toMatchObject([
    { is: "removed", how: "unlinked" },
    { is: "removed", how: "unlinked" },
  ]);
  expect(await linksOf(org)).toEqual([[[], null]]);
  expect((await org.rows("task"))[0]?.columns).not.toHaveProperty("regardingobjectid");
});

test("K5 what a person put in our link's place stays when ours is taken back: it was not merged", async () => {
  const org = await opened();
  const [ours, theirs] = [await org.contact(), await org.contact()];
  const entry = activity(1, { roles: { party: [ours] } });
  const receipt = receiptOf((await org.push(put(entry)))[0]);
  await org.control.editRow("phonecall", receipt.ref.id, {
    from: [{ table: "contact", id: theirs.id }],
  });
  await org.push(retract(entry, receipt));
  expect((await linksOf(org))[0]?.[0]).toEqual([theirs.id]);
});
