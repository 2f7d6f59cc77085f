import { describe, expect, test } from "vitest";
import type { Write } from "../../src/adapter/contract.ts";
import { replayedRow, reopenedRow, type Row } from "../../src/model/ledger.ts";
import { beginRow } from "../../src/plan/begin.ts";
import { diff } from "../../src/plan/diff.ts";
import { settleRow } from "../../src/plan/settle.ts";
import { entryOf, rowOf, writtenRow } from "./building.ts";

const wish = entryOf({ fields: { Title: "a", Talk: 10 } });
const newer = entryOf({ fields: { Title: "b" } });
const receipt = { ref: { type: "Log", id: "r-1" } };
const options = { now: 1_000, jitter: 0, maxAttempts: 5 };

const only = (writes: readonly Write[]): Write => {
  const [write] = writes;
  if (write === undefined || writes.length !== 1)
    throw new Error(`expected one write, got ${writes.length}`);
  return write;
};
const amended = (write: Write): Extract<Write, { readonly op: "amend" }> => {
  if (write.op !== "amend") throw new Error(`expected an amend, got a ${write.op}`);
  return write;
};

describe("W3 wanted − ledger = writes", () => {
  test("W3 what was never sent is put", () => {
    expect(diff([wish], [])).toEqual({
      writes: [{ op: "put", entry: wish, maybeSent: false }],
      forget: [],
    });
  });

  test("W3 nothing is sent when nothing changed, in whatever order a store keeps fields and records", () => {
    const shuffled = {
      ...wish,
      fields: { Talk: 10, Title: "a" },
      touches: [],
      warnings: [{ code: "shortened", text: "x" } as const],
    };
    expect(diff([wish], [writtenRow(shuffled)])).toEqual({ writes: [], forget: [] });
    const two = {
      parties: [
        { type: "contact", id: "1" },
        { type: "contact", id: "2" },
      ],
    };
    const turned = { parties: two.parties.toReversed() };
    expect(
      diff([entryOf({ roles: two })], [writtenRow(entryOf({ roles: turned }))]).writes,
    ).toEqual([]);
  });

  test("W3 a change sends what changed only, and clears what is no longer wished", () => {
    expect(only(diff([newer], [writtenRow(wish)]).writes)).toMatchObject({
      op: "amend",
      changed: { Title: "b", Talk: null },
      relinked: false,
      reowned: false,
      made: wish,
    });
  });

  test("W3 links, owner and completion are told apart from fields", () => {
    const row = writtenRow(wish);
    expect(only(diff([{ ...wish, roles: {} }], [row]).writes)).toMatchObject({
      changed: {},
      relinked: true,
      reowned: false,
    });
    expect(only(diff([{ ...wish, owner: "u" }], [row]).writes)).toMatchObject({
      changed: {},
      relinked: false,
      reowned: true,
    });
    expect(only(diff([{ ...wish, final: false }], [row]).writes)).toMatchObject({
      relinked: false,
      reowned: true,
    });
  });

  test("W3 what may have been sent is repeated unchanged, and only then the newer wish goes", () => {
    const sent = rowOf({ sending: wish, maybeSent: true });
    expect(diff([newer], [sent]).writes).toEqual([{ op: "put", entry: wish, maybeSent: true }]);
    const amending = writtenRow(wish, { state: "open", sending: newer, maybeSent: true });
    expect(only(diff([entryOf({ fields: { Title: "c" } })], [amending]).writes)).toMatchObject({
      op: "amend",
      entry: newer,
      maybeSent: true,
      changed: { Title: "b", Talk: null },
    });
  });

  test("W3 what surely was not sent gives way to the newer wish", () => {
    expect(diff([newer], [rowOf({ sending: wish })]).writes).toEqual([
      { op: "put", entry: newer, maybeSent: false },
    ]);
  });

  test("W3 what is no longer wanted is retracted by receipt or by key; never sent, it is forgotten without a call", () => {
    expect(only(diff([], [writtenRow(wish, { receipt })]).writes)).toEqual({
      op: "retract",
      entry: wish,
      maybeSent: false,
      receipt,
    });
    expect(only(diff([], [rowOf({ sending: wish, maybeSent: true })]).writes)).toEqual({
      op: "retract",
      entry: wish,
      maybeSent: true,
    });
    const { writes, forget } = diff([], [rowOf({ sending: wish, wakeAt: 5, reason: "locked" })]);
    expect(writes).toEqual([]);
    expect(forget).toEqual([rowOf({ sending: wish, state: "removed" })]);
  });

  test("W3 a retract that may have been sent is carried through, whatever is wished meanwhile, and by key", () => {
    const row = beginRow(
      { op: "retract", entry: wish, maybeSent: false, receipt },
      writtenRow(wish),
    );
    expect(diff([newer], [row]).writes).toEqual([{ op: "retract", entry: wish, maybeSent: true }]);
  });

  test("K6 what people deleted, and what was taken away, is left alone", () => {
    for (const state of ["gone", "removed"] as const) {
      expect(diff([newer], [writtenRow(wish, { state })])).toEqual({ writes: [], forget: [] });
      expect(diff([], [writtenRow(wish, { state })])).toEqual({ writes: [], forget: [] });
    }
  });

  test("W5 a row is not tried before its time", () => {
    const row = rowOf({ sending: wish, wakeAt: 500 });
    expect(diff([wish], [row], { now: 499 })).toEqual({ writes: [], forget: [], later: 500 });
    expect(diff([wish], [row], { now: 500 }).writes).toHaveLength(1);
  });
});

describe("W3 content that nobody knows is written whole", () => {
  const mapping = { fieldsOf: () => ["Title", "Talk", "Note"] };

  test("W3 found there though never sent: the next write changes every field", () => {
    const put: Write = { op: "put", entry: newer, maybeSent: false };
    const row = settleRow(put, beginRow(put), { is: "written", how: "already", receipt }, options);
    expect(row).toMatchObject({ state: "open", receipt, wakeAt: 1_000 });
    const rewrite = amended(only(diff([newer], [row], { mapping }).writes));
    expect(rewrite).toMatchObject({
      entry: newer,
      changed: { Title: "b", Talk: null, Note: null },
      relinked: true,
      reowned: true,
    });
    const settled = settleRow(
      rewrite,
      beginRow(rewrite, row),
      { is: "written", how: "updated", receipt },
      options,
    );
    expect(diff([newer], [settled], { mapping }).writes).toEqual([]);
  });

  test("W2 found there after a lost answer is what was sent", () => {
    const put: Write = { op: "put", entry: newer, maybeSent: true };
    const row = settleRow(put, beginRow(put), { is: "written", how: "already", receipt }, options);
    expect(row).toMatchObject({ state: "written", written: newer, maybeSent: false });
  });

  test("W3 after a late settlement the newest wish is written whole, also when that attempt is lost too", () => {
    const late = reopenedRow(writtenRow(wish));
    const rewrite = amended(only(diff([newer], [late], { mapping }).writes));
    expect(rewrite).toMatchObject({
      entry: newer,
      changed: { Title: "b", Talk: null, Note: null },
      relinked: true,
    });
    const lost = settleRow(
      rewrite,
      beginRow(rewrite, late),
      { is: "retry", why: "transient", sent: "maybe", reason: "no answer" },
      options,
    );
    const again = entryOf({ fields: { Title: "c" } });
    expect(amended(only(diff([again], [lost], { mapping }).writes))).toMatchObject({
      entry: again,
      changed: { Title: "c", Talk: null, Note: null },
    });
  });

  test("W3 a row whose sending equals what was written is of unknown content as well", () => {
    const row = writtenRow(wish, { state: "open", sending: wish, maybeSent: true });
    expect(amended(only(diff([wish], [row]).writes))).toMatchObject({
      changed: { Title: "a", Talk: 10 },
      relinked: true,
      reowned: true,
    });
    expect(beginRow(only(diff([wish], [row]).writes), row).written).toBeUndefined();
  });

  test("W3 what was taken away while a request was late is taken away once more, by its key", () => {
    const late = reopenedRow(writtenRow(wish), rowOf({ state: "removed", sending: wish }));
    expect(diff([wish], [late]).writes).toEqual([{ op: "retract", entry: wish, maybeSent: true }]);
  });

  test("W3 a late answer without a receipt does not lose the one that is known", () => {
    expect(
      reopenedRow(rowOf({ sending: wish, maybeSent: true }), writtenRow(newer, { receipt }))
        .receipt,
    ).toEqual(receipt);
  });
});

const parked = (over: Partial<Row> = {}): Row =>
  rowOf({ state: "parked", sending: wish, reason: "no", attempts: 3, ...over });

describe("W6 parked rows", () => {
  test("W6 the same wish waits for a person, another one is tried at once", () => {
    expect(diff([wish], [parked()]).writes).toEqual([]);
    expect(diff([newer], [parked()]).writes).toEqual([
      { op: "put", entry: newer, maybeSent: false },
    ]);
    const amend = writtenRow(wish, { state: "parked", sending: newer });
    expect(diff([newer], [amend]).writes).toEqual([]);
    expect(
      amended(only(diff([entryOf({ fields: { Title: "c" } })], [amend]).writes)).changed,
    ).toEqual({ Title: "c", Talk: null });
  });

  test("W6 N3 a first write that may have been sent waits for a person whatever is wished, and is taken back when nothing is", () => {
    expect(diff([newer], [parked({ maybeSent: true })]).writes).toEqual([]);
    expect(only(diff([], [parked({ maybeSent: true })]).writes).op).toBe("retract");
  });

  test("W6 a retract that was refused is not repeated by itself", () => {
    expect(diff([], [parked({ receipt, removing: true })])).toEqual({ writes: [], forget: [] });
  });

  test("W6 a replay tries the same again; it counts its tries anew", () => {
    const again = only(diff([wish], [replayedRow(parked())]).writes);
    expect(again).toEqual({ op: "put", entry: wish, maybeSent: false });
    expect(beginRow(again, parked()).attempts).toBe(1);
  });

  test("W6 an unwanted parked row that was never sent is forgotten", () => {
    expect(diff([], [parked()]).forget).toMatchObject([{ state: "removed" }]);
  });
});
