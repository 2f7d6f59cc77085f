import { describe, expect, test } from "vitest";
import type { Answer, Refusal, Trouble, Write } from "../../src/adapter/contract.ts";
import type { Row } from "../../src/model/ledger.ts";
import { beginRow } from "../../src/plan/begin.ts";
import { pauseOf, settleRow, type SettleOptions } from "../../src/plan/settle.ts";
import { entryOf, putOf, rowOf, writtenRow } from "./building.ts";

const wish = entryOf({
  fields: { Title: "b" },
  warnings: [{ code: "shortened", field: "Title", text: "cut" }],
});
const old = entryOf({ fields: { Title: "a" } });
const receipt = { ref: { type: "Log", id: "r-1" } };
const options: SettleOptions = { now: 1_000_000, jitter: 0.5, maxAttempts: 4 };
const put = putOf(wish);
const amend: Write = {
  op: "amend",
  entry: wish,
  maybeSent: false,
  receipt,
  changed: { Title: "b" },
  relinked: false,
  reowned: false,
  contentKnown: true,
  made: old,
};
const retract: Write = { op: "retract", entry: wish, maybeSent: false, receipt };

const settled = (write: Write, answer: Answer, row?: Row, more: Partial<SettleOptions> = {}): Row =>
  settleRow(write, beginRow(write, row), answer, { ...options, ...more });

const retry = (why: Trouble, sent: "no" | "maybe" = "no", afterMs?: number): Answer => ({
  is: "retry",
  why,
  sent,
  reason: "it said so",
  ...(afterMs !== undefined && { afterMs }),
});

const refused = (why: Refusal): Answer => ({ is: "refused", why, reason: "because" });

describe("W3 begin", () => {
  test("W3 the row says what the CRM may hold before the request leaves", () => {
    expect(beginRow(put)).toEqual(
      rowOf({ key: wish.key, sending: wish, maybeSent: true, attempts: 1, tries: 1 }),
    );
    expect(beginRow(amend, writtenRow(old, { wakeAt: 7, attempts: 2, tries: 4 }))).toMatchObject({
      written: old,
      sending: wish,
      maybeSent: true,
      attempts: 3,
      tries: 5,
    });
    expect(beginRow(amend, writtenRow(old, { wakeAt: 7 }))).not.toHaveProperty("wakeAt");
  });

  test("W3 a begun retract is known as one", () => {
    expect(beginRow(retract, writtenRow(old))).toMatchObject({ removing: true, sending: wish });
    expect(beginRow(put)).not.toHaveProperty("removing");
  });
});

describe("W6 core disposes of answers", () => {
  test("W6 written: known content, a receipt, all warnings, no failures left", () => {
    const answer: Answer = {
      is: "written",
      how: "created",
      receipt,
      warnings: [{ code: "editedInCrm", text: "kept" }],
    };
    const row = settled(put, answer, rowOf({ reason: "locked", attempts: 2, tries: 2 }));
    expect(row).toMatchObject({
      state: "written",
      written: wish,
      made: wish,
      receipt,
      maybeSent: false,
      attempts: 0,
      tries: 3,
      writtenAt: 1_000_000,
    });
    expect(row.warnings.map(({ code }) => code)).toEqual(["shortened", "editedInCrm"]);
    expect(row).not.toHaveProperty("sending");
    expect(row).not.toHaveProperty("reason");
  });

  test("L8 appended: the row itself stays as it was made", () => {
    expect(
      settled(amend, { is: "written", how: "appended", receipt }, writtenRow(old)),
    ).toMatchObject({ written: wish, made: old });
    expect(
      settled(amend, { is: "written", how: "updated", receipt }, writtenRow(old)),
    ).toMatchObject({ written: wish, made: wish });
  });

  test("K6 a link to the activity outlives an answer without one", () => {
    const row = writtenRow(old, { receipt: { ...receipt, url: "https://crm/1", stamp: "1" } });
    expect(
      settled(amend, { is: "written", how: "updated", receipt: { ...receipt, stamp: "2" } }, row)
        .receipt,
    ).toEqual({ ...receipt, url: "https://crm/1", stamp: "2" });
  });

  test("K5 removed, and told when the CRM kept it", () => {
    const row = settled(retract, { is: "removed", how: "deleted" }, writtenRow(old));
    expect(row).toMatchObject({ state: "removed", maybeSent: false, sending: wish, warnings: [] });
    expect(row).not.toHaveProperty("removing");
    expect(
      settled(retract, { is: "removed", how: "kept" }, writtenRow(old)).warnings,
    ).toMatchObject([{ code: "keptInCrm" }]);
    const own = { code: "keptInCrm", text: "someone edited it" } as const;
    expect(
      settled(retract, { is: "removed", how: "kept", warnings: [own] }, writtenRow(old)).warnings,
    ).toEqual([own]);
  });

  test("K6 gone: a person deleted it with the links they saw; one that was on its way is free for another slot", () => {
    const row = settled(amend, { is: "gone" }, writtenRow(old));
    expect(row).toMatchObject({ state: "gone", written: old, maybeSent: false });
    expect(row).not.toHaveProperty("sending");
    expect(settled(put, { is: "gone" })).toMatchObject({ state: "gone", sending: wish });
    expect(settled(retract, { is: "gone" }, writtenRow(old)).state).toBe("removed");
  });

  test("K9 moved: looked at again at once, since core relinks; not for ever", () => {
    const answer: Answer = {
      is: "moved",
      from: { type: "lead", id: "1" },
      to: { type: "contact", id: "2" },
    };
    expect(settled(put, answer)).toMatchObject({
      state: "open",
      wakeAt: 1_000_000,
      maybeSent: false,
    });
    expect(settled(put, answer, rowOf({ attempts: 2 })).wakeAt).toBeGreaterThan(1_000_000);
    expect(settled(put, answer, rowOf({ attempts: 3 }))).toMatchObject({
      state: "parked",
      reason: expect.stringContaining("merged or converted"),
    });
  });

  test("K9 moved: a first write that was repeated is not held on to; a repeated amend leaves unknown content", () => {
    const answer: Answer = {
      is: "moved",
      from: { type: "lead", id: "1" },
      to: { type: "contact", id: "2" },
    };
    expect(settled({ ...put, maybeSent: true }, answer).maybeSent).toBe(false);
    expect(settled({ ...amend, maybeSent: true }, answer, writtenRow(old))).not.toHaveProperty(
      "written",
    );
    expect(settled(amend, answer, writtenRow(old)).written).toEqual(old);
  });

  test("K9 N5 moved, and the interaction was deleted: no link is left to follow, so the row itself does", () => {
    const [from, to] = [
      { type: "lead", id: "1" },
      { type: "contact", id: "2" },
    ] as const;
    const roles = { who: [from, to, { type: "contact", id: "3" }] };
    const change = { ...amend, entry: entryOf({ roles }) };
    const answer: Answer = { is: "moved", from, to };
    expect(settled(change, answer, writtenRow(old)).sending?.roles).toEqual(roles);
    expect(settled(change, answer, writtenRow(old), { deleted: true }).sending?.roles).toEqual({
      who: [to, { type: "contact", id: "3" }],
    });
  });

  test("W6 refused: parked, with the reason in words", () => {
    expect(settled(put, refused("validation"))).toMatchObject({
      state: "parked",
      sending: wish,
      maybeSent: false,
      reason: "the CRM refused the content: because",
    });
    expect(settled(amend, refused("notFound"), writtenRow(old))).toMatchObject({
      state: "parked",
      written: old,
      reason: expect.stringMatching(/^a linked record is not/u),
    });
  });

  test("N3 a repeated first write that is refused is known not to be there, unless the CRM did not let us look", () => {
    const repeated = { ...put, maybeSent: true };
    for (const why of ["validation", "duplicate", "notFound"] as const)
      expect(settled(repeated, refused(why)).maybeSent).toBe(false);
    for (const why of ["permission", "unsupported"] as const)
      expect(settled(repeated, refused(why)).maybeSent).toBe(true);
    expect(settled({ ...retract, maybeSent: true }, refused("validation")).maybeSent).toBe(true);
  });

  test("W6 an adapter that answers nonsense is parked, not believed", () => {
    expect(settled(put, { is: "removed", how: "deleted" })).toMatchObject({
      state: "parked",
      reason: 'the adapter answered "removed" to a put',
      maybeSent: true,
    });
    expect(
      settled(retract, { is: "written", how: "updated", receipt }, writtenRow(old)),
    ).toMatchObject({ state: "parked", removing: true });
  });
});

describe("W5 W6 trying again", () => {
  test.each(["throttled", "budget", "auth", "schema", "unreachable"] as const)(
    "W5 %s concerns the connection: never parked, no try counted, held back by the gate alone",
    (why) => {
      const row = rowOf({ attempts: 50 });
      expect(settled(put, retry(why), row)).toMatchObject({
        state: "open",
        attempts: 50,
        maybeSent: false,
        reason: "it said so",
      });
      expect(settled(put, retry(why, "maybe", 9_000), row)).toMatchObject({
        wakeAt: 1_000_000,
        maybeSent: true,
      });
      expect(pauseOf(retry(why, "no", 9_000))).toEqual({
        why,
        reason: "it said so",
        afterMs: 9_000,
      });
    },
  );

  test.each(["lock", "transient"] as const)(
    "W5 %s concerns one write: jittered backoff, then parked",
    (why) => {
      const waits = [0, 1, 2].map(
        (attempts) => (settled(put, retry(why), rowOf({ attempts })).wakeAt ?? 0) - 1_000_000,
      );
      expect(waits).toEqual([750, 1_500, 3_000]);
      expect(settled(put, retry(why), rowOf({ attempts: 3 }))).toMatchObject({
        state: "parked",
        reason: "gave up after 4 tries: it said so",
      });
      expect(pauseOf(retry(why))).toBeUndefined();
    },
  );

  test("W5 never longer than 15 minutes by itself, never sooner than the CRM asks", () => {
    const many = { maxAttempts: 1_000, jitter: 0.999_999 };
    expect(
      (settled(put, retry("lock"), rowOf({ attempts: 500 }), many).wakeAt ?? 0) - 1_000_000,
    ).toBeLessThanOrEqual(900_000);
    expect(settled(put, retry("lock", "no", 60_000), rowOf()).wakeAt).toBe(1_060_000);
  });

  test("W3 what was once maybe sent stays so until it is known", () => {
    expect(settled({ ...put, maybeSent: true }, retry("lock", "no")).maybeSent).toBe(true);
    expect(settled(put, retry("transient", "maybe")).maybeSent).toBe(true);
    expect(settled(put, retry("lock", "no")).maybeSent).toBe(false);
  });

  test.each([4, 1])(
    "W7 what an attempt without an answer saw of the row is kept for the next one, given up or not (%i tries)",
    (maxAttempts) => {
      const seen = { ref: receipt.ref, stamp: "touched" };
      const answer = { ...retry("transient", "maybe"), receipt: seen };
      const row = writtenRow(old, { receipt: { ...receipt, url: "https://crm/r-1" } });
      expect(settled(amend, answer, row, { maxAttempts }).receipt).toEqual({
        ...seen,
        url: "https://crm/r-1",
      });
    },
  );

  test("W6 an amend given up though it may have landed leaves unknown content", () => {
    const row = writtenRow(old, { attempts: 3 });
    expect(settled(amend, retry("transient", "maybe"), row)).not.toHaveProperty("written");
    expect(settled(amend, retry("transient", "no"), row).written).toEqual(old);
  });

  test.each<Answer>([
    { is: "gone" },
    { is: "written", how: "created", receipt },
    { is: "refused", why: "validation", reason: "x" },
  ])("W5 other answers pause nothing", (answer) => {
    expect(pauseOf(answer)).toBeUndefined();
  });
});
