import assert from "node:assert/strict";
import type { Law } from "../law-book.ts";
import { claimOne, keyOf, minute, parkedRow, put, record, sales, tenant } from "./subject.ts";
import type { StoreUnderTest } from "./subject.ts";

/** Deadlines, sleeping and waking. */
export const timeLaws: readonly Law<StoreUnderTest>[] = [
  {
    name: "L7 interactions whose deadline passed are named, earliest first, and no others",
    run: async ({ store, advance }) => {
      const now = await store.now();
      await record(store, keyOf("second"), { wake: [], deadline: now + 2 * minute });
      await record(store, keyOf("first"), { wake: [], deadline: now + minute });
      await record(store, keyOf("later"), { wake: [], deadline: now + 60 * minute });
      await record(store, keyOf("closed"), { wake: [], deadline: now + minute });
      await record(store, keyOf("closed"), { wake: [] });
      assert.deepEqual(await store.overdue(10), []);
      await advance(10 * minute);
      assert.deepEqual(await store.overdue(10), [keyOf("first"), keyOf("second")]);
      assert.deepEqual(await store.overdue(1), [keyOf("first")]);
      await record(store, keyOf("first"), { wake: [], deadline: (await store.now()) + minute });
      assert.deepEqual(await store.overdue(10), [keyOf("second")]);
    },
  },
  {
    name: "L7 the next thing due is the earliest of lanes, leases and deadlines",
    run: async ({ store }) => {
      assert.equal(await store.nextDueAt(), undefined);
      const now = await store.now();
      const minutesAway = async (): Promise<number> =>
        Math.round(((await store.nextDueAt()) ?? Infinity) / minute - now / minute);
      await record(store, keyOf("call-1"), { wake: [], deadline: now + 60 * minute });
      assert.equal(await minutesAway(), 60);
      await record(store, keyOf("call-1"), { deadline: now + 60 * minute });
      assert.equal(await minutesAway(), 0);
      const claim = await claimOne(store, { leaseMs: 20 * minute });
      assert.equal(await minutesAway(), 20, "when a lease runs out, its lane can be claimed");
      await store.settle([{ claim, rows: [], release: { again: now + 10 * minute } }]);
      assert.equal(await minutesAway(), 10);
      await store.changeGate(sales, (gate) => ({ ...gate, pausedUntil: now + 30 * minute }));
      assert.equal(await minutesAway(), 30, "a paused connection has nothing due before");
    },
  },
  {
    name: "W1 whoever waits for work is told when a lane became ready, until they stop listening",
    run: async ({ store, advance }) => {
      let hints = 0;
      const stop = store.onWake(() => (hints += 1));
      const told = async (): Promise<boolean> => {
        await advance(0);
        await new Promise((resolve) => setImmediate(resolve));
        const before = hints;
        hints = 0;
        return before > 0;
      };
      await record(store, keyOf("call-1"), { wake: [] });
      assert.equal(await told(), false, "nothing became ready");
      await record(store, keyOf("call-1"));
      assert.equal(await told(), true, "a lane was woken");
      const claim = await claimOne(store);
      await record(store, keyOf("call-1"));
      await told();
      await store.settle([{ claim, rows: [parkedRow("k", "no")], release: {} }]);
      assert.equal(await told(), true, "a lane was let go that stays ready");
      await put(store, []);
      await told();
      await store.replay(tenant, ["k"], "dana");
      assert.equal(await told(), true, "a row was replayed");
      await store.changeGate(sales, (gate, at) => ({ ...gate, pausedUntil: at + minute }));
      await told();
      await store.changeGate(sales, ({ pausedUntil: _p, ...gate }) => gate);
      assert.equal(await told(), true, "a pause was lifted");
      stop();
      await record(store, keyOf("call-2"));
      assert.equal(await told(), false);
    },
  },
];
