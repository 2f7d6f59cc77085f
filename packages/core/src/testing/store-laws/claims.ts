import assert from "node:assert/strict";
import type { Claim, Store } from "../../index.ts";
import type { Law } from "../law-book.ts";
import {
  claimAll,
  claimOne,
  connection,
  keyOf,
  minute,
  namesOf,
  record,
  recordAll,
  sales,
  support,
} from "./subject.ts";
import type { StoreUnderTest } from "./subject.ts";

async function claimUntilEmpty(store: Store): Promise<readonly Claim[]> {
  const taken: Claim[] = [];
  for (let empty = 0; empty < 2;) {
    const claims = await claimAll(store, { limit: 7 });
    taken.push(...claims);
    empty = claims.length === 0 ? empty + 1 : 0;
  }
  return taken;
}

/** Who gets which lane, and when. */
export const claimLaws: readonly Law<StoreUnderTest>[] = [
  {
    name: "W1 a lane has at most one live claim, however many claim at once",
    run: async ({ store, second }) => {
      const names = Array.from({ length: 60 }, (_, n) => `call-${n}`);
      await recordAll(store, names);
      const other = (await second?.()) ?? store;
      const taken = await Promise.all(
        [store, other, store, other, store, other].map(claimUntilEmpty),
      );
      assert.deepEqual(namesOf(taken.flat()).toSorted(), names.toSorted(), "every lane once");
    },
  },
  {
    name: "W1 who waits longest is claimed first, and says how long it waited",
    run: async ({ store, advance }) => {
      for (const name of ["c", "a", "b"]) {
        await record(store, keyOf(name));
        await advance(minute);
      }
      // Woken again: it keeps its place.
      await record(store, keyOf("c"));
      const claims = [
        ...(await claimAll(store, { limit: 2 })),
        ...(await claimAll(store, { limit: 2 })),
      ];
      assert.deepEqual(namesOf(claims), ["c", "a", "b"]);
      const waited = claims.map(({ waitedMs }) => waitedMs);
      assert.deepEqual(
        waited.map((ms) => Math.floor(ms / minute)),
        [3, 2, 1],
      );
    },
  },
  {
    name: "W1 a claim brings the interaction as it stands and the ledger of its lane",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"), { changed: { queue: "orders" } });
      await record(store, keyOf("call-1"));
      const claim = await claimOne(store);
      assert.deepEqual(claim.lane, { ...sales, interaction: "call-1" });
      assert.deepEqual(
        [claim.interaction.version, claim.interaction.queue, claim.rows],
        [2, "orders", []],
      );
      assert.deepEqual(
        (await store.read(keyOf("call-1")))?.lanes.map((lane) => lane.claimed),
        [true],
      );
    },
  },
  {
    name: "W6 a lane let go until later is not ready before, and is then",
    run: async ({ store, advance }) => {
      await record(store, keyOf("call-1"));
      const claim = await claimOne(store);
      assert.deepEqual(await store.ready({ limit: 5, upTo: 5 }), [], "a claimed lane is not ready");
      assert.deepEqual(await claimAll(store), [], "nor can it be claimed");
      await store.settle([
        { claim, rows: [], release: { again: (await store.now()) + 10 * minute } },
      ]);
      await advance(9 * minute);
      assert.deepEqual(await store.ready({ limit: 5, upTo: 5 }), []);
      assert.deepEqual(await claimAll(store), []);
      await advance(2 * minute);
      assert.deepEqual(await store.ready({ limit: 5, upTo: 5 }), [{ ...sales, lanes: 1 }]);
      await claimOne(store);
    },
  },
  {
    name: "W6 a change wakes a lane that was to wait longer",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"));
      const claim = await claimOne(store);
      await store.settle([
        { claim, rows: [], release: { again: (await store.now()) + 10 * minute } },
      ]);
      await record(store, keyOf("call-1"), { wake: [] });
      assert.deepEqual(await claimAll(store), [], "a change that wakes nothing wakes nothing");
      await record(store, keyOf("call-1"));
      assert.equal((await claimOne(store)).interaction.version, 3);
    },
  },
  {
    name: "W5 a paused connection hides its lanes and no others, until the pause is over",
    run: async ({ store, advance }) => {
      await record(store, keyOf("call-1"), { wake: [sales.connection, support.connection] });
      const paused = await store.changeGate(sales, (now, at) => ({
        ...now,
        pausedUntil: at + 10 * minute,
        why: "throttled",
        failures: 1,
      }));
      assert.deepEqual([paused.why, paused.failures], ["throttled", 1]);
      const both = { limit: 5, upTo: 5 };
      assert.deepEqual(await store.ready(both), [{ ...support, lanes: 1 }]);
      assert.deepEqual(await claimAll(store), []);
      assert.equal((await claimAll(store, support)).length, 1);
      await advance(11 * minute);
      assert.deepEqual(
        (await claimAll(store)).map(({ lane }) => lane.connection),
        [connection],
      );
    },
  },
  {
    name: "W5 all workers of a connection share one gate, and its changes take turns",
    run: async ({ store, second }) => {
      const other = (await second?.()) ?? store;
      const calm = await store.changeGate(sales, (now) => now);
      assert.deepEqual(calm, { failures: 0 }, "where nothing happened, nothing failed");
      const handles = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? store : other));
      await Promise.all(
        handles.map((handle) =>
          handle.changeGate(sales, (now) => ({ ...now, failures: now.failures + 1 })),
        ),
      );
      assert.equal((await other.changeGate(sales, (now) => now)).failures, 20);
      assert.equal((await other.changeGate(support, (now) => now)).failures, 0);
      await assert.rejects(
        store.changeGate(sales, () => {
          throw new RangeError("not like this");
        }),
        RangeError,
      );
      assert.equal((await store.changeGate(sales, (now) => now)).failures, 20);
    },
  },
  {
    name: "W5 ready names connections, longest waiting first, and counts no further than asked",
    run: async ({ store, advance }) => {
      await record(store, keyOf("call-1"), { wake: [support.connection] });
      await advance(minute);
      for (let n = 2; n < 8; n += 1) await record(store, keyOf(`call-${n}`));
      await advance(minute);
      await record(store, keyOf("call-9"), { wake: ["mail"] });
      const found = await store.ready({ limit: 2, upTo: 4 });
      assert.deepEqual(found, [
        { ...support, lanes: 1 },
        { ...sales, lanes: 4 },
      ]);
    },
  },
];
