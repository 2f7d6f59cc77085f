import type { Receipt, Write } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { standing } from "../../src/graph/find.ts";
import { manualClock } from "@wrapup/core/testing";
import {
  contextOf,
  drafted,
  mail,
  openTenant,
  put,
  receiptOf,
  retract,
  sending,
} from "./tenant.ts";

/** Long enough for a held request to have been carried out. */
const settled = async (until: () => Promise<boolean>): Promise<void> => {
  for (let n = 0; n < 200 && !(await until()); n += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
};

describe("W2 a lost answer sends nothing twice", () => {
  test("the answer to the draft is lost: the marker finds it", async () => {
    const tenant = await openTenant();
    const entry = mail(1, tenant.agent);
    await tenant.control.fault({ kind: "replyLost", method: "POST", path: "/messages" });
    expect(await tenant.push(put(entry))).toMatchObject([
      { is: "retry", why: "unreachable", sent: "maybe" },
    ]);
    const [again] = await tenant.push(put(entry, true));
    expect(again).toMatchObject({ is: "written", how: "already" });
    await tenant.push(sending(entry, receiptOf(again)));
    expect(await tenant.sent()).toHaveLength(1);
    expect(await tenant.control.mails()).toHaveLength(1);
  });

  test("the answer to the draft is cut in half: the same", async () => {
    const tenant = await openTenant();
    const entry = mail(2, tenant.agent);
    await tenant.control.fault({ kind: "brokenBody", method: "POST", path: "/messages" });
    const [first] = await tenant.push(put(entry));
    expect(first).toMatchObject({ is: "retry", sent: "maybe" });
    expect(await tenant.push(put(entry, true))).toMatchObject([{ is: "written", how: "already" }]);
    expect(await tenant.control.mails()).toHaveLength(1);
  });

  test("the answer to the sending is lost: it is seen as sent, and not sent again", async () => {
    const tenant = await openTenant();
    const entry = mail(3, tenant.agent);
    const receipt = await drafted(tenant, entry);
    await tenant.control.fault({ kind: "replyLost", method: "POST", path: "/send" });
    expect(await tenant.push(sending(entry, receipt))).toMatchObject([
      { is: "retry", sent: "maybe" },
    ]);
    const [again] = await tenant.push(sending(entry, receipt, { maybeSent: true }));
    expect(again).toMatchObject({ is: "written", how: "already" });
    expect(receiptOf(again).stamp).toMatch(/^sent:/);
    expect(await tenant.sent()).toHaveLength(1);
  });

  test("the request to send never arrived: it is still a draft, and goes out now", async () => {
    const tenant = await openTenant();
    const entry = mail(4, tenant.agent);
    const receipt = await drafted(tenant, entry);
    await tenant.control.fault({ kind: "reset", method: "POST", path: "/send" });
    await tenant.push(sending(entry, receipt));
    expect(await tenant.sent()).toHaveLength(0);
    expect(await tenant.push(sending(entry, receipt, { maybeSent: true }))).toMatchObject([
      { is: "written", how: "updated" },
    ]);
    expect(await tenant.sent()).toHaveLength(1);
  });

  test("a process that died between the two steps: another one sends the same draft", async () => {
    const tenant = await openTenant();
    const entry = mail(5, tenant.agent);
    const receipt = await drafted(tenant, entry);
    await tenant.adapter.close();
    const [answer] = await tenant
      .another()
      .push([sending(entry, receipt, { maybeSent: true })], tenant.context);
    expect(answer).toMatchObject({ is: "written" });
    expect(await tenant.sent()).toHaveLength(1);
  });
});

describe("W3 the look before", () => {
  test("a draft of ours that the ledger knows nothing of (a store from a backup) is found, and not doubled", async () => {
    const tenant = await openTenant();
    const entry = mail(6, tenant.agent);
    await drafted(tenant, entry);
    expect(await tenant.push(put(entry))).toMatchObject([{ is: "written", how: "already" }]);
    expect(await tenant.control.mails()).toHaveLength(1);
  });

  test("of several with one marker, what was sent stands for it, then the oldest draft that is not in the bin", () => {
    const draft = { isDraft: true, trashed: false };
    const [old, young] = [
      { ...draft, id: "old" },
      { ...draft, id: "young" },
    ];
    const bin = { ...draft, id: "bin", trashed: true };
    const sent = { id: "sent", isDraft: false, trashed: false };
    expect(standing([old, young, sent])?.id).toBe("sent");
    expect(standing([bin, old, young])?.id).toBe("old");
    expect(standing([bin])).toBeUndefined();
  });

  test("what cannot be looked at is not written: the look failed", async () => {
    const tenant = await openTenant();
    const entry = mail(7, tenant.agent);
    await tenant.control.fault({ kind: "status", status: 503, method: "GET", path: "/messages" });
    expect(await tenant.push(put(entry, true))).toMatchObject([{ is: "retry", sent: "no" }]);
    const receipt = await drafted(tenant, entry);
    await tenant.control.fault({ kind: "status", status: 500, method: "GET", path: "/messages/" });
    expect(await tenant.push(sending(entry, receipt, { maybeSent: true }))).toMatchObject([
      { is: "retry", sent: "no" },
    ]);
    expect(await tenant.sent()).toEqual([]);
  });
});

describe("W3 what lands late", () => {
  test("the sending lands after it was given up: the repeat sends, the late one finds no draft", async () => {
    const tenant = await openTenant({}, { timeoutMs: 150 });
    const entry = mail(10, tenant.agent);
    const receipt = await drafted(tenant, entry);
    await tenant.control.fault({ kind: "hang", method: "POST", path: "/send", ms: 400 });
    expect(await tenant.push(sending(entry, receipt))).toMatchObject([
      { is: "retry", why: "unreachable", sent: "maybe" },
    ]);
    expect(await tenant.push(sending(entry, receipt, { maybeSent: true }))).toMatchObject([
      { is: "written", how: "updated" },
    ]);
    const sends = async (): Promise<number> =>
      (await tenant.control.calls()).filter(({ path }) => path.endsWith("/send")).length;
    await settled(async () => (await sends()) === 2);
    expect(await sends()).toBe(2);
    expect(await tenant.sent()).toHaveLength(1);
  });

  test("the draft lands after another was made: one goes out, and the look afterwards clears the other away", async () => {
    const tenant = await openTenant({}, { timeoutMs: 150 });
    const entry = mail(11, tenant.agent);
    await tenant.control.fault({ kind: "hang", method: "POST", path: "/messages", ms: 300 });
    await tenant.push(put(entry));
    const [again] = await tenant.push(put(entry, true));
    expect(again).toMatchObject({ is: "written", how: "created" });
    await settled(async () => (await tenant.drafts()).length === 2);
    expect(await tenant.drafts()).toHaveLength(2);
    await tenant.push(sending(entry, receiptOf(again)));
    expect(await tenant.drafts()).toHaveLength(1);
    // Core looks once more when nothing can land any longer: it no longer trusts what it knows of the content.
    const [sent] = await tenant.push(
      sending(entry, receiptOf(again), {
        maybeSent: true,
        contentKnown: false,
        changed: entry.fields,
      }),
    );
    expect(sent).toMatchObject({ is: "written", how: "already" });
    expect(await tenant.drafts()).toEqual([]);
    expect(await tenant.sent()).toHaveLength(1);
  });

  test("two workers at once with one draft: it goes out once, and both know", async () => {
    const tenant = await openTenant({ latencyMs: 20 });
    const entry = mail(12, tenant.agent);
    const receipt = await drafted(tenant, entry);
    const write = sending(entry, receipt, { maybeSent: true });
    const other = tenant.another();
    const answers = await Promise.all([tenant.push(write), other.push([write], contextOf())]);
    expect(await tenant.sent()).toHaveLength(1);
    const settledAnswers = await Promise.all([
      tenant.push(write),
      other.push([write], contextOf()),
    ]);
    expect(answers.flat().filter(({ is }) => is === "written").length).toBeGreaterThan(0);
    expect(settledAnswers.flat()).toMatchObject([
      { is: "written", how: "already" },
      { is: "written", how: "already" },
    ]);
    expect(await tenant.sent()).toHaveLength(1);
  });

  test("a hundred mails, every third request in trouble: each goes out once", async () => {
    const tenant = await openTenant({ seed: 7 }, { timeoutMs: 2_000 });
    for (const kind of ["replyLost", "reset", "status"] as const)
      await tenant.control.fault({
        kind,
        method: "POST",
        rate: 0.12,
        times: Number.POSITIVE_INFINITY,
        path: "/v1.0/",
      });
    const one = async (n: number): Promise<void> => {
      const entry = mail(1000 + n, tenant.agent);
      let maybe = false;
      const until = async (write: () => Write): Promise<Receipt> => {
        for (let tries = 0; tries < 40; tries += 1) {
          const [answer] = await tenant.push(write());
          if (answer?.is === "written") return answer.receipt;
          expect(answer?.is).toBe("retry");
          maybe ||= answer?.is === "retry" && answer.sent === "maybe";
        }
        throw new Error("it never ended");
      };
      const receipt = await until(() => put(entry, maybe));
      maybe = false;
      await until(() => sending(entry, receipt, { maybeSent: maybe }));
    };
    await Promise.all(Array.from({ length: 100 }, (_, n) => one(n)));
    const sent = await tenant.sent();
    expect(sent).toHaveLength(100);
    expect(new Set(sent.map(({ subject }) => subject)).size).toBe(100);
  });
});

describe("the copy in Sent Items", () => {
  test("it lags: not sent again, looked for again, found when it is there", async () => {
    const clock = manualClock(1_700_000_000_000);
    const tenant = await openTenant(
      { sentItemsLagMs: 60_000, clock: () => clock.now() },
      { clock },
    );
    const entry = mail(20, tenant.agent);
    const receipt = await drafted(tenant, entry);
    await tenant.control.fault({ kind: "replyLost", method: "POST", path: "/send" });
    await tenant.push(sending(entry, receipt));
    const again = sending(entry, receipt, { maybeSent: true });
    expect(await tenant.push(again)).toMatchObject([
      { is: "retry", why: "transient", sent: "no", afterMs: 30_000 },
    ]);
    await clock.advance(61_000);
    expect(await tenant.push(again)).toMatchObject([{ is: "written", how: "already" }]);
    expect(await tenant.sent()).toHaveLength(1);
  });

  test("it never comes: after five minutes a person decides, and nothing is sent", async () => {
    const clock = manualClock(1_700_000_000_000);
    const tenant = await openTenant({ clock: () => clock.now() }, { clock });
    const entry = mail(21, tenant.agent);
    const receipt = await drafted(tenant, entry);
    await tenant.control.fault({ kind: "replyLost", method: "POST", path: "/send" });
    await tenant.push(sending(entry, receipt));
    await tenant.control.removeMail(receipt.ref.id);
    const again = sending(entry, receipt, { maybeSent: true });
    expect(await tenant.push(again)).toMatchObject([{ is: "retry", why: "transient" }]);
    await clock.advance(5 * 60_000);
    const [answer] = await tenant.push(again);
    expect(answer).toMatchObject({ is: "refused", why: "unsupported" });
    expect(answer?.is === "refused" ? answer.reason : "").toMatch(/may have been sent/);
    expect(await tenant.sent()).toHaveLength(1);
    // Wished away after that: it says that nobody knows.
    expect(await tenant.push(retract(entry, receipt, true))).toMatchObject([
      { is: "removed", how: "kept", warnings: [{ code: "keptInCrm" }] },
    ]);
  });

  test("it has another id, as it had for years: the marker finds it", async () => {
    const tenant = await openTenant({ sentKeepsImmutableId: false });
    const entry = mail(22, tenant.agent);
    const receipt = await drafted(tenant, entry);
    await tenant.control.fault({ kind: "replyLost", method: "POST", path: "/send" });
    await tenant.push(sending(entry, receipt));
    const [again] = await tenant.push(sending(entry, receipt, { maybeSent: true }));
    expect(again).toMatchObject({ is: "written", how: "already" });
    expect(receiptOf(again).ref.id).not.toBe(receipt.ref.id);
    expect(await tenant.sent()).toHaveLength(1);
  });

  test("a person deleted it, and core looks once more: it was sent all the same", async () => {
    const tenant = await openTenant();
    const entry = mail(23, tenant.agent);
    const receipt = await drafted(tenant, entry);
    const [sent] = await tenant.push(sending(entry, receipt));
    await tenant.control.removeMail(receipt.ref.id);
    expect(
      await tenant.push(
        sending(entry, receiptOf(sent), {
          maybeSent: true,
          contentKnown: false,
          changed: entry.fields,
        }),
      ),
    ).toMatchObject([{ is: "written", how: "already" }]);
  });
});
