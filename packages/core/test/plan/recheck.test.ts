import { freshRow, type Row } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import { seenAt } from "../../src/plan/recheck.ts";
import { settleRow } from "../../src/plan/settle.ts";

const entry: NonNullable<Row["written"]> = {
  key: "k",
  kind: "activity",
  leg: "1",
  slot: 0,
  type: "activity",
  fields: { subject: "a call" },
  roles: {},
  final: true,
  touches: [],
  warnings: [],
};
const receipt = { ref: { type: "activity", id: "a1" } };
const options = { now: 1_000, jitter: 0, maxAttempts: 5, landsWithinMs: 600_000 };
const put = { op: "put", entry, maybeSent: true } as const;
const begun: Row = { ...freshRow("k"), sending: entry, maybeSent: true, attempts: 2, tries: 2 };
const answered = { is: "written", how: "already", receipt } as const;
const lost = { is: "retry", why: "unreachable", sent: "maybe", reason: "no answer" } as const;

describe("W3 what went without an answer may land later than its repeat", () => {
  test("W3 a lost answer is remembered, and the repeat's row is looked at again once it can no longer land", () => {
    const waiting = settleRow(put, begun, lost, options);
    expect(waiting.unansweredAt).toBe(1_000);
    const row = settleRow(put, { ...waiting, tries: 3 }, answered, { ...options, now: 5_000 });
    expect(row).toMatchObject({ state: "written", recheckAt: 601_000 });
    expect(row).not.toHaveProperty("unansweredAt");
  });

  test("W3 a CRM that carries nothing out later needs no second look", () => {
    const waiting = settleRow(put, begun, lost, options);
    const row = settleRow(put, waiting, answered, { ...options, landsWithinMs: 0 });
    expect(row).not.toHaveProperty("recheckAt");
  });

  test("W3 until then a written row is written; from then on its content is unknown, once", () => {
    const row: Row = {
      ...freshRow("k"),
      state: "written",
      written: entry,
      receipt,
      recheckAt: 9_000,
    };
    expect(seenAt(row, 8_999)).toBe(row);
    const seen = seenAt(row, 9_000);
    expect(seen).toMatchObject({ state: "open", maybeSent: true, sending: entry });
    expect(seen).not.toHaveProperty("recheckAt");
    const again = settleRow(
      {
        ...put,
        op: "amend",
        receipt,
        changed: {},
        relinked: true,
        reowned: true,
        made: entry,
        contentKnown: false,
      },
      seen,
      { ...answered, how: "updated" },
      options,
    );
    expect(again).not.toHaveProperty("recheckAt");
  });

  test("W3 K5 what was taken away is taken away once more by its key", () => {
    const row: Row = { ...freshRow("k"), state: "removed", sending: entry, recheckAt: 9_000 };
    expect(seenAt(row, 9_000)).toMatchObject({ state: "open", maybeSent: true, removing: true });
  });

  test("W1 W3 a row that a dead worker left begun went without an answer, nobody knows when", () => {
    expect(seenAt(begun, 7_000)).toMatchObject({ unansweredAt: 7_000 });
    expect(seenAt({ ...begun, unansweredAt: 3_000 }, 7_000)).toMatchObject({ unansweredAt: 3_000 });
  });
});
