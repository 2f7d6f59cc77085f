import assert from "node:assert/strict";
import { reopenedRow } from "../../index.ts";
import type { Claim, Row } from "../../index.ts";
import type { Law } from "../law-book.ts";
import {
  claimAll,
  claimOne,
  keyOf,
  minute,
  record,
  recordAll,
  rowsOf,
  sendingRow,
  writtenRow,
} from "./subject.ts";
import type { StoreUnderTest } from "./subject.ts";

/** A claim that was lost, and the newer one that took the lane over. */
async function overtake({
  store,
  advance,
}: StoreUnderTest): Promise<{ readonly lost: Claim; readonly newer: Claim }> {
  await record(store, keyOf("call-1"));
  const lost = await claimOne(store);
  await advance(2 * minute);
  return { lost, newer: await claimOne(store, { leaseMs: 10 * minute }) };
}

/** What a hold on a lane allows, and what happens after it was lost. */
export const fenceLaws: readonly Law<StoreUnderTest>[] = [
  {
    name: "W1 a lane whose lease ran out is claimed again, and the old claim has lost it",
    run: async (subject) => {
      const { store } = subject;
      const { lost, newer } = await overtake(subject);
      assert.ok(newer.fence > lost.fence);
      assert.deepEqual(await store.extend([lost, newer], minute), [lost]);
      assert.deepEqual(await store.begin([{ claim: lost, rows: [sendingRow("k", "lost")] }]), []);
      assert.deepEqual(await rowsOf(store, lost.lane), [], "nothing is kept for a lost claim");
    },
  },
  {
    name: "W3 begin keeps the rows of claims that hold, and answers those",
    run: async (subject) => {
      const { store } = subject;
      const { lost } = await overtake(subject);
      await record(store, keyOf("call-2"));
      const holding = await claimOne(store);
      const begun = await store.begin([
        { claim: lost, rows: [sendingRow("k-1", "lost")] },
        { claim: holding, rows: [sendingRow("k-2", "kept"), sendingRow("k-3", "kept too")] },
      ]);
      assert.deepEqual(begun, [holding]);
      assert.deepEqual(await rowsOf(store, lost.lane), []);
      assert.deepEqual(await rowsOf(store, holding.lane), [
        sendingRow("k-2", "kept"),
        sendingRow("k-3", "kept too"),
      ]);
    },
  },
  {
    name: "W3 what was begun is seen by whoever claims the lane after a crash",
    run: async ({ store, advance, reopen }) => {
      await record(store, keyOf("call-1"));
      const claim = await claimOne(store);
      await store.begin([{ claim, rows: [sendingRow("k", "first try")] }]);
      const survivor = (await reopen?.()) ?? store;
      await advance(2 * minute);
      assert.deepEqual((await claimOne(survivor)).rows, [sendingRow("k", "first try")]);
    },
  },
  {
    name: "W3 settle keeps the rows and lets the lane rest",
    run: async ({ store }) => {
      await recordAll(store, ["call-1", "call-2"]);
      const claims = await claimAll(store);
      const settled = claims.map((claim) => ({
        claim,
        rows: [writtenRow(`k-${claim.lane.interaction}`, "said")],
        release: {},
      }));
      assert.deepEqual(await store.settle(settled), []);
      for (const { claim, rows } of settled)
        assert.deepEqual(await rowsOf(store, claim.lane), rows);
      assert.deepEqual(await claimAll(store), []);
      const found = await store.read(keyOf("call-1"));
      assert.deepEqual(
        found?.lanes.map(({ wakeAt, claimed }) => [wakeAt, claimed]),
        [[undefined, false]],
      );
    },
  },
  {
    name: "W3 a settlement that does not let go keeps the claim",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"));
      const claim = await claimOne(store);
      await store.settle([{ claim, rows: [writtenRow("k-1", "first chain")] }]);
      assert.deepEqual(await claimAll(store), []);
      assert.deepEqual(await store.begin([{ claim, rows: [sendingRow("k-2", "second chain")] }]), [
        claim,
      ]);
      assert.deepEqual(await rowsOf(store, claim.lane), [
        writtenRow("k-1", "first chain"),
        sendingRow("k-2", "second chain"),
      ]);
    },
  },
  {
    name: "W3 who let a lane go holds it no longer",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"));
      const claim = await claimOne(store);
      await store.settle([{ claim, rows: [writtenRow("k", "said")], release: {} }]);
      assert.deepEqual(await store.begin([{ claim, rows: [sendingRow("k", "again")] }]), []);
      assert.deepEqual(await store.extend([claim], minute), [claim]);
      assert.deepEqual(await rowsOf(store, claim.lane), [writtenRow("k", "said")]);
    },
  },
  {
    name: "W1 a lane whose interaction moved on during the claim stays ready",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"));
      const claim = await claimOne(store);
      await record(store, keyOf("call-1"));
      assert.deepEqual(
        await store.settle([{ claim, rows: [writtenRow("k", "said")], release: {} }]),
        [],
      );
      const next = await claimOne(store);
      assert.equal(next.interaction.version, 2);
      await store.settle([{ claim: next, rows: [], release: {} }]);
      assert.deepEqual(await claimAll(store), [], "once is enough");
    },
  },
  {
    name: "W1 a wake-up during the claim is not lost, also when the version stands still",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"));
      const claim = await claimOne(store);
      await record(store, keyOf("call-1"), { versions: 0 });
      await store.settle([
        { claim, rows: [], release: { again: (await store.now()) + 60 * minute } },
      ]);
      await claimOne(store);
    },
  },
  {
    name: "W3 a late settlement reopens its rows as maybe sent, wakes the lane and is answered as late",
    run: async (subject) => {
      const { store } = subject;
      const { lost, newer } = await overtake(subject);
      await store.settle([{ claim: newer, rows: [writtenRow("k", "newer")], release: {} }]);
      const late = writtenRow("k", "older");
      assert.deepEqual(await store.settle([{ claim: lost, rows: [late], release: {} }]), [lost]);
      assert.deepEqual(await rowsOf(store, lost.lane), [reopenedRow(late)]);
      assert.equal(reopenedRow(late).maybeSent, true);
      assert.deepEqual((await claimOne(store)).rows, [reopenedRow(late)]);
    },
  },
  {
    name: "W3 a late settlement under a newer claim leaves that claim alone, and its lane ready afterwards",
    run: async (subject) => {
      const { store } = subject;
      const { lost, newer } = await overtake(subject);
      assert.deepEqual(
        await store.settle([{ claim: lost, rows: [writtenRow("k-old", "older")], release: {} }]),
        [lost],
      );
      assert.deepEqual(await claimAll(store), [], "the newer claim still holds");
      assert.deepEqual(
        await store.settle([{ claim: newer, rows: [writtenRow("k-new", "newer")], release: {} }]),
        [],
      );
      assert.deepEqual((await claimOne(store)).rows, [
        writtenRow("k-new", "newer"),
        reopenedRow(writtenRow("k-old", "older")),
      ]);
    },
  },
  {
    name: "W3 an answer that comes in time is not believed where a late one came during the same claim",
    run: async (subject) => {
      const { store } = subject;
      const { lost, newer } = await overtake(subject);
      await store.begin([{ claim: newer, rows: [sendingRow("k", "newer")] }]);
      await store.settle([{ claim: lost, rows: [writtenRow("k", "older")], release: {} }]);
      await store.settle([{ claim: newer, rows: [writtenRow("k", "newer")], release: {} }]);
      const again = await claimOne(store);
      assert.deepEqual(again.rows, [reopenedRow(writtenRow("k", "newer"))]);
      await store.begin([{ claim: again, rows: [sendingRow("k", "newer")] }]);
      await store.settle([{ claim: again, rows: [writtenRow("k", "newer")], release: {} }]);
      assert.deepEqual(
        await rowsOf(store, again.lane),
        [writtenRow("k", "newer")],
        "the repeat is believed",
      );
    },
  },
  {
    name: "W3 what was taken away while a request was late is taken away once more",
    run: async (subject) => {
      const { store } = subject;
      const { lost, newer } = await overtake(subject);
      const removed: Row = { ...writtenRow("k", "said"), state: "removed" };
      await store.settle([{ claim: newer, rows: [removed], release: {} }]);
      await store.settle([{ claim: lost, rows: [writtenRow("k", "said")], release: {} }]);
      const { rows } = await claimOne(store);
      assert.deepEqual(rows, [reopenedRow(writtenRow("k", "said"), removed)]);
      assert.equal(rows[0]?.removing, true);
    },
  },
  {
    name: "W1 a lease that was extended in time is not taken over",
    run: async ({ store, advance }) => {
      await recordAll(store, ["call-1", "call-2"]);
      const claims = await claimAll(store);
      await advance(minute / 2);
      assert.deepEqual(await store.extend(claims, 5 * minute), []);
      await advance(4 * minute);
      assert.deepEqual(await claimAll(store), []);
      await advance(2 * minute);
      assert.equal((await claimAll(store)).length, 2);
    },
  },
];
