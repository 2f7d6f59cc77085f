import assert from "node:assert/strict";
import { isWrapupError } from "../../index.ts";
import type { Law } from "../law-book.ts";
import {
  claimAll,
  claimOne,
  day,
  keyOf,
  minute,
  namesOf,
  neverRun,
  parkedRow,
  put,
  record,
  recordAll,
  rowsOf,
  sales,
  sendingRow,
  writtenRow,
} from "./subject.ts";
import type { StoreUnderTest } from "./subject.ts";

const isClosed = (error: unknown): boolean => isWrapupError(error) && error.code === "store_closed";

/** Sweeping, counting, opening and closing. */
export const upkeepLaws: readonly Law<StoreUnderTest>[] = [
  {
    name: "W1 sweep touches nothing that waits, is claimed or is parked, however old it is",
    run: async ({ store, advance }) => {
      const deleted = {
        deleted: { written: "retract", at: await store.now() },
        over: true,
      } as const;
      await record(store, keyOf("later"), { changed: deleted });
      await put(store, [sendingRow("k-later", "not yet")], {
        again: (await store.now()) + 900 * day,
      });
      await record(store, keyOf("parked"), { changed: deleted });
      await put(store, [parkedRow("k-parked", "no")]);
      await record(store, keyOf("claimed"), { changed: deleted });
      const claim = await claimOne(store, { leaseMs: 900 * day });
      await record(store, keyOf("waiting"), { changed: deleted });
      await advance(500 * day);
      await store.sweep();
      assert.deepEqual(
        (await store.rows({})).map(({ row }) => row.state),
        ["open", "parked"],
      );
      assert.deepEqual(await store.extend([claim], minute), []);
      assert.deepEqual(namesOf(await claimAll(store)), ["waiting"]);
      for (const name of ["later", "parked", "claimed", "waiting"])
        assert.ok(await store.read(keyOf(name)), name);
    },
  },
  {
    name: "W1 after a sweep every lane can be found by what waits for it: new, expired, or put off until now",
    run: async ({ store, advance }) => {
      await record(store, keyOf("put off"));
      await put(store, [], { again: (await store.now()) + minute });
      await record(store, keyOf("expired"));
      await claimOne(store, { leaseMs: minute });
      await advance(2 * minute);
      await record(store, keyOf("new"));
      await store.sweep();
      assert.deepEqual(await store.ready({ limit: 5, upTo: 50 }), [{ ...sales, lanes: 3 }]);
      assert.deepEqual(namesOf(await claimAll(store)).toSorted(), ["expired", "new", "put off"]);
      await store.sweep();
      assert.deepEqual(await claimAll(store), [], "a sweep takes nothing from whoever holds it");
    },
  },
  {
    name: "N5 event ids and deleted interactions are remembered for 400 days",
    run: async ({ store, advance }) => {
      const event = { id: "e-1", content: "ended" };
      await record(store, keyOf("deleted"), {
        wake: [],
        event,
        changed: { over: true, deleted: { written: "keep", at: await store.now() } },
      });
      await record(store, keyOf("kept"), { wake: [], event, changed: { over: true } });
      await advance(399 * day);
      await store.sweep();
      assert.equal(
        (await store.transact(keyOf("deleted"), event, neverRun)).interaction.deleted?.written,
        "keep",
      );
      assert.equal((await store.transact(keyOf("kept"), event, neverRun)).repeated, "same");
      await advance(500 * day);
      await store.sweep();
      assert.ok(await store.read(keyOf("kept")), "what is not deleted stays");
    },
  },
  {
    name: "O3 counts tell ready, claimed, later and parked apart, and how long the oldest waits",
    run: async ({ store, advance }) => {
      const none = { interactions: 0, ready: 0, claimed: 0, later: 0, parked: 0, oldestWaitMs: 0 };
      assert.deepEqual(await store.stats(), none);
      await record(store, keyOf("parked"));
      await put(store, [parkedRow("k", "no")]);
      await record(store, keyOf("later"));
      await put(store, [writtenRow("w", "yes")], { again: (await store.now()) + 60 * minute });
      await record(store, keyOf("claimed"));
      await claimOne(store, { leaseMs: 60 * minute });
      await recordAll(store, ["ready-1", "ready-2"]);
      await record(store, keyOf("ready-1"), { wake: ["support"] });
      await advance(3 * minute);
      const { oldestWaitMs, ...counts } = await store.stats();
      assert.deepEqual(counts, { interactions: 5, ready: 3, claimed: 1, later: 1, parked: 1 });
      assert.equal(Math.floor(oldestWaitMs / minute), 3);
      await store.changeGate(sales, (gate, at) => ({ ...gate, pausedUntil: at + minute }));
      const paused = await store.stats();
      assert.deepEqual([paused.ready, paused.later], [1, 3], "what a pause hides comes later");
    },
  },
  {
    name: "O1 a store survives what it says it survives",
    run: async ({ store, reopen }) => {
      await record(store, keyOf("call-1"), { event: { id: "e-1", content: "ended" } });
      await put(store, [writtenRow("k", "said")]);
      if (store.abilities.durability === "memory") {
        assert.equal(reopen, undefined, "a store that forgets cannot be opened anew");
        return;
      }
      assert.ok(reopen !== undefined, "a durable store is tested by opening it anew");
      const again = await reopen();
      assert.deepEqual(again.abilities, store.abilities);
      assert.equal((await again.read(keyOf("call-1")))?.interaction.version, 1);
      assert.deepEqual(await rowsOf(again, { ...sales, interaction: "call-1" }), [
        writtenRow("k", "said"),
      ]);
      assert.equal(
        (await record(again, keyOf("call-1"), { event: { id: "e-1", content: "ended" } })).repeated,
        "same",
      );
    },
  },
  {
    name: "W1 close waits for what was asked before, and refuses what is asked after",
    run: async ({ store }) => {
      const running = [record(store, keyOf("call-1")), record(store, keyOf("call-2"))];
      await store.close();
      const outcomes = await Promise.allSettled(running);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ["fulfilled", "fulfilled"],
      );
      await store.close();
      await assert.rejects(record(store, keyOf("call-3")), isClosed);
      await assert.rejects(store.read(keyOf("call-1")), isClosed);
      await assert.rejects(store.sweep(), isClosed);
    },
  },
];
