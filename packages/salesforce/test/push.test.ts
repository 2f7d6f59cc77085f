import { expect, test } from "vitest";
import { activity, amend, openOrg, put, receiptOf } from "./client/org.ts";

const upsert = { path: "/composite/sobjects" } as const;

test("W2 W4 a batch of activities is one upsert by key, each with its links, owner and address", async () => {
  const org = await openOrg();
  const [person, owner] = [
    await org.contact(),
    (
      await org.control.seed([
        {
          sobject: "User",
          fields: { LastName: "Agent", Username: "a@x.example", Email: "a@x.example", Alias: "a" },
        },
      ])
    )[0],
  ];
  await org.adapter.check(org.context);
  await org.calls();
  const answers = await org.push(
    ...Array.from({ length: 200 }, (_, n) =>
      put(activity(n, { roles: { who: [person] }, owner: owner ?? "" })),
    ),
  );
  expect(answers.map(({ is }) => is)).toEqual(Array.from({ length: 200 }, () => "written"));
  expect((await org.calls()).map(({ method, path, records }) => [method, path, records])).toEqual([
    ["PATCH", "/services/data/v66.0/composite/sobjects/Task/Wrapup_Key__c", 200],
  ]);
  const tasks = await org.tasks();
  expect(tasks).toHaveLength(200);
  expect(tasks[7]?.fields).toMatchObject({
    Wrapup_Key__c: "wk-0007",
    Subject: "Call 7",
    Status: "Completed",
    WhoId: person.id,
    OwnerId: owner,
    TaskSubtype: "Call",
  });
  const { ref, url, stamp } = receiptOf(answers[7]);
  expect([ref, url, stamp]).toEqual([
    { type: "Task", id: tasks[7]?.Id },
    `${org.emulator.url}/${tasks[7]?.Id}`,
    undefined,
  ]);
});

test("J12 W4 more than 200 are cut by us, and a chunk that fails keeps the results of the one before", async () => {
  const org = await openOrg();
  await org.push(put(activity(9999)));
  await org.calls();
  await org.control.fault({ kind: "status", status: 503, path: "/nowhere", times: 0 });
  const writes = Array.from({ length: 250 }, (_, n) => put(activity(n)));
  const first = await org.push(...writes.slice(0, 1));
  expect(first[0]?.is).toBe("written");
  await org.calls();
  const answers = await org.push(...writes.slice(1));
  expect((await org.calls()).map(({ records }) => records)).toEqual([200, 49]);
  expect(answers.every(({ is }) => is === "written")).toBe(true);
});

test("J12 a second chunk that fails leaves the answers of the first", async () => {
  const org = await openOrg();
  await org.push(put(activity(9999)));
  const lock = await org.control.fault({ kind: "lock", ...upsert, times: 1, recordEvery: 201 });
  expect(lock).toBeTruthy();
  let calls = 0;
  const context = {
    ...org.context,
    observe: () => {
      calls += 1;
      if (calls === 1) void org.control.fault({ kind: "reset", ...upsert });
    },
  };
  const answers = await org.adapter.push(
    Array.from({ length: 250 }, (_, n) => put(activity(n))),
    context,
  );
  expect(answers.slice(0, 200).every(({ is }) => is === "written")).toBe(true);
  expect(
    answers.slice(200).every((answer) => answer.is === "retry" && answer.sent === "maybe"),
  ).toBe(true);
});

test("J11 O5 a key with any characters travels in the body and comes back whole", async () => {
  const org = await openOrg();
  const keys = ["a/b?c#d e", "x.inc", "O'Brien \\ %", "../../Account", "漢字👩‍👩‍👧"];
  const writes = keys.map((key, n) => put(activity(n, { key })));
  const answers = await org.push(...writes);
  expect(answers.map(({ is }) => is)).toEqual(keys.map(() => "written"));
  expect((await org.tasks()).map(({ fields }) => fields["Wrapup_Key__c"])).toEqual(keys);
  const again = await org.push(...keys.map((key, n) => put(activity(n, { key }), true)));
  expect(
    again.map((answer) => answer.is === "written" && [answer.how, answer.receipt.ref.id]),
  ).toEqual(answers.map((answer) => ["already", receiptOf(answer).ref.id]));
});

test("W2 a put that was never sent but is there answers already, and makes no second one", async () => {
  const org = await openOrg();
  const [first] = await org.push(put(activity(1)));
  const [again] = await org.push(put(activity(1, { fields: { Subject: "Call 1" } })));
  expect(again).toMatchObject({
    is: "written",
    how: "already",
    receipt: { ref: receiptOf(first).ref },
  });
  expect(await org.tasks()).toHaveLength(1);
});

test("W2 a create-only field that stands in the way of a repeated upsert is looked up, not refused", async () => {
  const org = await openOrg();
  const [first] = await org.push(
    put(activity(1, { fields: { Subject: "x", TaskSubtype: "Task" } })),
  );
  const [again] = await org.push(
    put(activity(1, { fields: { Subject: "x", TaskSubtype: "Call" } })),
  );
  expect(again).toMatchObject({
    is: "written",
    how: "already",
    receipt: { ref: receiptOf(first).ref },
  });
});

test("W3 a lost reply is answered maybe; the repeat looks once for all and finds what is there", async () => {
  const org = await openOrg();
  await org.push(put(activity(99)));
  await org.control.fault({ kind: "replyLost", ...upsert });
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
  expect((await org.calls()).map(({ method, path }) => [method, path])).toEqual([
    ["GET", "/services/data/v66.0/query"],
  ]);
  expect(await org.tasks()).toHaveLength(4);
});

test("W3 a reset before the commit is maybe too, and its repeat makes exactly one", async () => {
  const org = await openOrg();
  await org.push(put(activity(99)));
  await org.control.fault({ kind: "reset", ...upsert });
  const [lost] = await org.push(put(activity(1)));
  expect(lost).toMatchObject({ is: "retry", why: "unreachable", sent: "maybe" });
  const [made] = await org.push(put(activity(1), true));
  expect(made).toMatchObject({ is: "written", how: "created" });
  expect(await org.tasks()).toHaveLength(2);
});

test("W3 a broken answer is maybe sent: it was committed", async () => {
  const org = await openOrg();
  await org.push(put(activity(99)));
  await org.control.fault({ kind: "brokenJson", ...upsert });
  const [broken] = await org.push(put(activity(1)));
  expect(broken).toMatchObject({ is: "retry", sent: "maybe" });
  const [found] = await org.push(put(activity(1), true));
  expect(found).toMatchObject({ is: "written", how: "already" });
});

test.for([
  [
    { kind: "status", status: 503, errorCode: "SERVER_UNAVAILABLE" },
    { why: "unreachable", sent: "maybe" },
  ],
  [{ kind: "html" }, { why: "unreachable", sent: "maybe" }],
  [{ kind: "status", status: 429, headers: { "retry-after": "9" } }, { sent: "no" }],
  [
    {
      kind: "status",
      status: 403,
      errorCode: "REQUEST_LIMIT_EXCEEDED",
      message: "TotalRequests Limit exceeded.",
    },
    { why: "budget", sent: "no" },
  ],
  [
    {
      kind: "status",
      status: 403,
      errorCode: "REQUEST_LIMIT_EXCEEDED",
      message: "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    },
    { why: "throttled", sent: "no" },
  ],
  [
    { kind: "status", status: 500, errorCode: "UNKNOWN_EXCEPTION" },
    { why: "transient", sent: "maybe" },
  ],
  [
    { kind: "status", status: 403, errorCode: "API_DISABLED_FOR_ORG" },
    { why: "auth", sent: "no" },
  ],
] as const)("W6 A3 %j answers every write after one attempt: %j", async ([fault, expected]) => {
  const org = await openOrg();
  await org.push(put(activity(99)));
  await org.calls();
  await org.control.fault({ ...fault, ...upsert });
  const answers = await org.push(put(activity(1)), put(activity(2)));
  expect(answers).toMatchObject([
    { is: "retry", ...expected },
    { is: "retry", ...expected },
  ]);
  expect(await org.calls()).toHaveLength(1);
});

test("W6 W4 a lock concerns its record only", async () => {
  const org = await openOrg();
  await org.push(put(activity(99)));
  await org.control.fault({ kind: "lock", ...upsert, recordEvery: 2 });
  const answers = await org.push(put(activity(1)), put(activity(2)), put(activity(3)));
  expect(answers).toMatchObject([
    { is: "written" },
    { is: "retry", why: "lock", sent: "no" },
    { is: "written" },
  ]);
});

test("W4 one bad record never sinks its batch", async () => {
  const org = await openOrg({
    validationRules: [
      {
        sobject: "Task",
        when: { field: "Subject", equals: "Call 2" },
        message: 'No "Rose" calls for rose@edge.example',
      },
    ],
  });
  const answers = await org.push(put(activity(1)), put(activity(2)), put(activity(3)));
  expect(answers.map(({ is }) => is)).toEqual(["written", "refused", "written"]);
  expect(answers[1]).toMatchObject({ why: "validation" });
  expect(JSON.stringify(answers[1])).not.toMatch(/Rose|rose@/);
});

test("W4 a batch that Salesforce refuses as a whole is cut in halves until the bad record is alone", async () => {
  const org = await openOrg();
  await org.push(put(activity(99)));
  const writes = [1, 2, 3, 4].map((n) =>
    put(activity(n, n === 3 ? { fields: { ActivityDate: "not a date" } } : {})),
  );
  const answers = await org.push(...writes);
  expect(answers.map(({ is }) => is)).toEqual(["written", "written", "refused", "written"]);
});

test("the same key twice in one call is sent once", async () => {
  const org = await openOrg();
  const answers = await org.push(put(activity(1)), put(activity(1)));
  expect(answers).toMatchObject([{ is: "written" }, { is: "retry", why: "lock", sent: "no" }]);
  expect(await org.tasks()).toHaveLength(1);
});

test("A1 an entry of another kind is refused visibly, and its neighbours are written", async () => {
  const org = await openOrg();
  const answers = await org.push(put(activity(1, { kind: "notice" })), put(activity(2)));
  expect(answers).toMatchObject([{ is: "refused", why: "unsupported" }, { is: "written" }]);
});

test("K3 a field that the org lost pauses the connection with the field's name; nothing is parked", async () => {
  const org = await openOrg();
  const [answer] = await org.push(put(activity(1, { fields: { Subject: "x", Gone__c: "y" } })));
  expect(answer).toMatchObject({ is: "retry", why: "schema", sent: "no" });
});

test("A3 an expired session is renewed once in the middle of writing", async () => {
  const org = await openOrg();
  await org.push(put(activity(1)));
  await org.control.expireSessions();
  const answers = await Promise.all([2, 3, 4, 5].map((n) => org.push(put(activity(n)))));
  expect(answers.flat().map(({ is }) => is)).toEqual(["written", "written", "written", "written"]);
  const signIns = (await org.control.calls()).filter(({ path }) => path.includes("oauth2/token"));
  expect(signIns).toHaveLength(2);
});

test("W5 O3 usage and the CRM's clock are seen in passing", async () => {
  const org = await openOrg({ dailyLimit: 1000 });
  await org.push(put(activity(1)));
  expect(org.seen.at(-1)?.usage).toMatchObject({ limit: 1000 });
  expect(
    org.seen.some(
      ({ serverTime }) => serverTime !== undefined && Math.abs(serverTime - Date.now()) < 60_000,
    ),
  ).toBe(true);
});

test("K9 a merged contact answers moved, with where it is now", async () => {
  const org = await openOrg();
  const [winner, loser] = [await org.contact(), await org.contact()];
  await org.control.merge(winner.id, loser.id);
  const [answer] = await org.push(put(activity(1, { roles: { who: [loser] } })));
  expect(answer).toEqual({ is: "moved", from: loser, to: winner });
});

test("K9 a converted lead answers moved to its contact", async () => {
  const org = await openOrg();
  const [lead = ""] = await org.control.seed([
    { sobject: "Lead", fields: { LastName: "Lee", Company: "Leads" } },
  ]);
  const { contactId } = await org.control.convertLead(lead);
  const [answer] = await org.push(
    put(activity(1, { roles: { who: [{ type: "Lead", id: lead }] } })),
  );
  expect(answer).toEqual({
    is: "moved",
    from: { type: "Lead", id: lead },
    to: { type: "Contact", id: contactId },
  });
});

test.for(["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"] as const)(
  "K9 a deleted record (%s) is refused as not found, once and for all",
  async (deletedReference) => {
    const org = await openOrg({ deletedReference });
    const person = await org.contact();
    await org.control.removeRecord(person.id);
    const [answer] = await org.push(put(activity(1, { roles: { who: [person] } })));
    expect(answer).toMatchObject({ is: "refused", why: "notFound", field: "WhoId" });
  },
);

test("K9 an amendment that links to a merged record answers moved", async () => {
  const org = await openOrg();
  const [winner, loser] = [await org.contact(), await org.contact()];
  const [made] = await org.push(put(activity(1)));
  await org.control.merge(winner.id, loser.id);
  const entry = activity(1, { roles: { who: [loser] } });
  const [answer] = await org.push(
    amend(activity(1), {}, receiptOf(made), { relinked: true, entry }),
  );
  expect(answer).toEqual({ is: "moved", from: loser, to: winner });
});

test("K5 K9 unlinking somebody who was merged meanwhile takes the winner off", async () => {
  const org = await openOrg();
  const [winner, loser] = [await org.contact(), await org.contact()];
  const entry = activity(1, { roles: { who: [loser] } });
  const receipt = receiptOf((await org.push(put(entry)))[0]);
  await org.control.merge(winner.id, loser.id);
  const without = { relinked: true, entry: { ...entry, roles: {} } };
  const [answer] = await org.push(amend(entry, {}, receipt, without));
  expect(answer).toEqual({ is: "written", how: "updated", receipt });
  expect((await org.tasks())[0]?.fields["WhoId"] ?? null).toBeNull();
});

test("K9 W7 a link that a merge moved along and nobody changed is no person's edit", async () => {
  const org = await openOrg();
  const [winner, loser] = [await org.contact(), await org.contact()];
  const [about = ""] = await org.control.seed([
    { sobject: "Case", fields: { Subject: "S", Status: "New" } },
  ]);
  const entry = activity(1, { roles: { who: [loser] } });
  const receipt = receiptOf((await org.push(put(entry)))[0]);
  await org.control.merge(winner.id, loser.id);
  const more = { ...entry, roles: { ...entry.roles, what: [{ type: "Case", id: about }] } };
  const [answer] = await org.push(amend(entry, {}, receipt, { relinked: true, entry: more }));
  expect(answer).toEqual({ is: "written", how: "updated", receipt });
  expect((await org.tasks())[0]?.fields).toMatchObject({ WhoId: winner.id, WhatId: about });
});

test("K9 W7 unlinking leaves whom a person put in our link's place, and looks once more only then", async () => {
  const org = await openOrg();
  const [ours, theirs] = [await org.contact(), await org.contact()];
  const entry = activity(1, { roles: { who: [ours] } });
  const [first, second] = [entry, { ...entry, key: "wk-other" }];
  const made = (await org.push(put(first), put(second))).map(receiptOf);
  const unlink = (one: typeof entry, n: number) =>
    amend(one, {}, made[n] ?? { ref: ours }, { relinked: true, entry: { ...one, roles: {} } });
  await org.calls();
  await org.push(unlink(first, 0));
  expect((await org.calls()).map(({ method }) => method)).toEqual(["GET", "PATCH"]);
  await org.control.editRecord(made[1]?.ref.id ?? "", { WhoId: theirs.id });
  const [answer] = await org.push(unlink(second, 1));
  expect(answer).toMatchObject({ warnings: [{ code: "editedInCrm", field: "WhoId" }] });
  expect((await org.calls()).map(({ method }) => method)).toEqual(["GET", "GET"]);
  expect((await org.tasks()).map(({ fields }) => fields["WhoId"] ?? null)).toEqual([
    null,
    theirs.id,
  ]);
});

test("W3 W7 an amendment sends what differs, by id, and leaves a person's edit with a warning", async () => {
  const org = await openOrg();
  const made = activity(1);
  const [answer] = await org.push(put(made));
  const receipt = receiptOf(answer);
  await org.control.editRecord(receipt.ref.id, { Subject: "Edited by Bo" });
  await org.calls();
  const [amended] = await org.push(
    amend(made, { Subject: "Call one", Description: "said more" }, receipt),
  );
  expect(amended).toMatchObject({
    is: "written",
    how: "updated",
    receipt: { ref: receipt.ref, stamp: "touched" },
    warnings: [{ code: "editedInCrm", field: "Subject" }],
  });
  expect((await org.tasks())[0]?.fields).toMatchObject({
    Subject: "Edited by Bo",
    Description: "said more",
  });
  expect((await org.calls()).map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /services/data/v66.0/queryAll",
    "PATCH /services/data/v66.0/composite/sobjects",
  ]);
});

test("W3 an amendment that the CRM already holds costs no write", async () => {
  const org = await openOrg();
  const made = activity(1);
  const [answer] = await org.push(put(made));
  await org.push(amend(made, { Subject: "new" }, receiptOf(answer)));
  await org.calls();
  const [again] = await org.push(
    amend(made, { Subject: "new" }, receiptOf(answer), { maybeSent: true }),
  );
  expect(again).toMatchObject({ is: "written", how: "updated" });
  expect((await org.calls()).filter(({ method }) => method !== "GET")).toEqual([]);
});

test("K6 what a person deleted is gone, and not revived", async () => {
  const org = await openOrg();
  const [answer] = await org.push(put(activity(1)));
  await org.control.removeRecord(receiptOf(answer).ref.id);
  await org.calls();
  const [amended] = await org.push(amend(activity(1), { Subject: "new" }, receiptOf(answer)));
  expect(amended).toEqual({ is: "gone" });
  expect((await org.calls()).map(({ method }) => method)).toEqual(["GET"]);
  expect(await org.tasks()).toEqual([]);
});

test("K6 a row that is not there at all is gone too", async () => {
  const org = await openOrg();
  const receipt = { ref: { type: "Task", id: "00T5g00000ZZZZZEA5" } };
  const [amended] = await org.push(amend(activity(1), { Subject: "new" }, receipt));
  expect(amended).toEqual({ is: "gone" });
});

test("K5 a relinked activity names its new records only", async () => {
  const org = await openOrg();
  const [one, other] = [await org.contact(), await org.contact()];
  const made = activity(1, { roles: { who: [one] } });
  const moved = { ...made, roles: { who: [other] } };
  const [answer] = await org.push(put(made));
  await org.push(amend(made, {}, receiptOf(answer), { relinked: true, entry: moved }));
  expect((await org.tasks())[0]?.fields["WhoId"]).toBe(other.id);
  await org.push(
    amend(moved, {}, receiptOf(answer), { relinked: true, entry: { ...made, roles: {} } }),
  );
  expect((await org.tasks())[0]?.fields["WhoId"] ?? null).toBeNull();
});

test.for([
  ["is not sent again", "same", "theirs", 1],
  ["is not cleared", "none", "theirs", 1],
  ["gives way to an agent's new one", "new", "new", 0],
] as const)(
  "K5 W7 a link that a person put in place of ours %s",
  async ([, wish, there, warned]) => {
    const org = await openOrg();
    const [ours, theirs, fresh] = [await org.contact(), await org.contact(), await org.contact()];
    const [about = ""] = await org.control.seed([
      { sobject: "Case", fields: { Subject: "S", Status: "New" } },
    ]);
    const made = activity(1, { roles: { who: [ours], what: [{ type: "Case", id: about }] } });
    const receipt = receiptOf((await org.push(put(made)))[0]);
    await org.control.editRecord(receipt.ref.id, { WhoId: theirs.id });
    const who = { same: [ours], none: [], new: [fresh] }[wish];
    const [answer] = await org.push(
      amend(made, {}, receipt, { relinked: true, entry: { ...made, roles: { who } } }),
    );
    const warnings = answer?.is === "written" ? (answer.warnings ?? []) : [];
    expect(warnings.map(({ code, field }) => [code, field])).toEqual(
      Array.from({ length: warned }, () => ["editedInCrm", "WhoId"]),
    );
    const [task] = await org.tasks();
    expect([task?.fields["WhoId"], task?.fields["WhatId"] ?? null]).toEqual([
      there === "theirs" ? theirs.id : fresh.id,
      null,
    ]);
  },
);

test.for([
  [false, "ours"],
  [true, "theirs"],
] as const)(
  "K5 W7 where nobody knows what the row holds its links are written, unless a person touched it: %s",
  async ([touched, stays]) => {
    const org = await openOrg();
    const [ours, theirs] = [await org.contact(), await org.contact()];
    const late = activity(1, { roles: { who: [theirs] } });
    const receipt = receiptOf((await org.push(put(late)))[0]);
    if (touched) await org.control.editRecord(receipt.ref.id, { Priority: "High" });
    const entry = activity(1, { roles: { who: [ours] } });
    await org.push(amend(entry, {}, receipt, { relinked: true, contentKnown: false, entry }));
    expect((await org.tasks())[0]?.fields["WhoId"]).toBe({ ours, theirs }[stays].id);
  },
);

test("L9 a growing activity is completed when it is final", async () => {
  const org = await openOrg();
  const growing = activity(1, { final: false });
  const [answer] = await org.push(put(growing));
  expect((await org.tasks())[0]?.fields["Status"]).toBe("In Progress");
  await org.push(
    amend(growing, {}, receiptOf(answer), { reowned: true, entry: { ...growing, final: true } }),
  );
  expect((await org.tasks())[0]?.fields["Status"]).toBe("Completed");
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
