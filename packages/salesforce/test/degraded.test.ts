import { manualClock } from "@wrapup/core/testing";
import { expect, test } from "vitest";
import { activity, amend, openOrg, put, receiptOf, retract } from "./client/org.ts";

const minutes = 60_000;
const writes = { path: "/composite/sobjects" } as const;

const withoutKeyField = async () => {
  const clock = manualClock();
  return { clock, org: await openOrg({ keyField: false }, { clock }) };
};

test("W2 without the key field CallObject keeps the key, after a look", async () => {
  const { org } = await withoutKeyField();
  const { abilities, findings } = await org.adapter.check(org.context);
  expect(abilities.once).toBe("lookFirst");
  expect(findings).toContainEqual(
    expect.objectContaining({ severity: "warning", place: "Task.Wrapup_Key__c" }),
  );
  await org.calls();
  const [made] = await org.push(put(activity(1)));
  expect(made).toMatchObject({ is: "written", how: "created" });
  expect((await org.tasks())[0]?.fields["CallObject"]).toBe("wk-0001");
  expect((await org.calls()).map(({ method }) => method)).toEqual(["GET", "POST"]);
  const [again] = await org.push(put(activity(1)));
  expect(again).toMatchObject({
    is: "written",
    how: "already",
    receipt: { ref: receiptOf(made).ref },
  });
  expect(await org.tasks()).toHaveLength(1);
});

test("W2 an unknown outcome waits out Salesforce's ten minutes before it is repeated", async () => {
  const { org, clock } = await withoutKeyField();
  await org.push(put(activity(99)));
  await org.control.fault({ kind: "reset", ...writes });
  const [lost] = await org.push(put(activity(1)));
  expect(lost).toMatchObject({
    is: "retry",
    why: "transient",
    sent: "maybe",
    afterMs: 10 * minutes,
  });
  await clock.advance(4 * minutes);
  const [early] = await org.push(put(activity(1), true));
  expect(early).toMatchObject({ is: "retry", sent: "maybe", afterMs: 6 * minutes });
  expect(await org.tasks()).toHaveLength(1);
  await clock.advance(6 * minutes);
  const [late] = await org.push(put(activity(1), true));
  expect(late).toMatchObject({ is: "written", how: "created" });
  expect(await org.tasks()).toHaveLength(2);
});

test("W2 a lost reply is found at once when it is there, without waiting", async () => {
  const { org } = await withoutKeyField();
  await org.push(put(activity(99)));
  await org.control.fault({ kind: "replyLost", ...writes });
  await org.push(put(activity(1)));
  const [found] = await org.push(put(activity(1), true));
  expect(found).toMatchObject({ is: "written", how: "already" });
  expect(await org.tasks()).toHaveLength(2);
});

test("W2 after a crash nobody knows when it was sent: the first look starts the ten minutes", async () => {
  const { org, clock } = await withoutKeyField();
  const [first] = await org.push(put(activity(1), true));
  expect(first).toMatchObject({ is: "retry", sent: "maybe", afterMs: 10 * minutes });
  await clock.advance(10 * minutes);
  expect((await org.push(put(activity(1), true)))[0]).toMatchObject({
    is: "written",
    how: "created",
  });
});

test("W2 what was surely not sent does not wait", async () => {
  const { org } = await withoutKeyField();
  await org.push(put(activity(99)));
  await org.control.fault({
    kind: "status",
    status: 403,
    errorCode: "REQUEST_LIMIT_EXCEEDED",
    message: "ConcurrentRequests Limit exceeded.",
    ...writes,
  });
  const [busy] = await org.push(put(activity(1)));
  expect(busy).toMatchObject({ is: "retry", why: "throttled", sent: "no" });
  expect((await org.push(put(activity(1))))[0]).toMatchObject({ is: "written", how: "created" });
});

test("W2 activities from before the field was installed are found both ways", async () => {
  const org = await openOrg();
  await org.control.seed([
    { sobject: "Task", fields: { Subject: "Call 1", CallObject: "wk-0001" } },
    { sobject: "Task", fields: { Subject: "other", CallObject: "WK-0002" } },
  ]);
  const answers = await org.push(put(activity(1), true), put(activity(2), true));
  expect(answers).toMatchObject([
    { is: "written", how: "already" },
    { is: "written", how: "created" },
  ]);
  const [gone] = await org.push(retract(activity(1)));
  expect(gone).toEqual({ is: "removed", how: "deleted" });
  expect((await org.tasks()).map(({ fields }) => fields["Subject"])).toEqual(["other", "Call 2"]);
});

test("W2 a row of today with a key of before in CallObject is found by that one", async () => {
  const org = await openOrg();
  const [id] = await org.control.seed([
    { sobject: "Task", fields: { Subject: "a", Wrapup_Key__c: "wk-other", CallObject: "wk-0001" } },
  ]);
  expect(await org.push(put(activity(1), true))).toMatchObject([
    { is: "written", how: "already", receipt: { ref: { id } } },
  ]);
});

test("W2 two rows with one key, made before the field was unique: the oldest is used, and it is said", async () => {
  const { org } = await withoutKeyField();
  const ids = await org.control.seed([
    { sobject: "Task", fields: { Subject: "a", CallObject: "wk-0001" } },
    { sobject: "Task", fields: { Subject: "b", CallObject: "wk-0001" } },
  ]);
  const [answer] = await org.push(put(activity(1), true));
  expect(answer).toMatchObject({
    is: "written",
    how: "already",
    receipt: { ref: { id: ids[0] } },
    warnings: [{ code: "degraded" }],
  });
});

test("W2 amending works by id without the field", async () => {
  const { org } = await withoutKeyField();
  const [made] = await org.push(put(activity(1)));
  const [amended] = await org.push(amend(activity(1), { Subject: "new" }, receiptOf(made)));
  expect(amended).toMatchObject({ is: "written", how: "updated" });
  expect((await org.tasks())[0]?.fields).toMatchObject({ Subject: "new", CallObject: "wk-0001" });
});

test("W2 a type that can keep no key is not written at all", async () => {
  const { org } = await withoutKeyField();
  const [answer] = await org.push(put(activity(1, { type: "Event", fields: { Subject: "x" } })));
  expect(answer).toMatchObject({ is: "retry", why: "schema", sent: "no" });
});
