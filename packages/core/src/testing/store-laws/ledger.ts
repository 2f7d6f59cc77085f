import assert from "node:assert/strict";
import { replayedRow } from "../../index.ts";
import type { Row } from "../../index.ts";
import type { Law } from "../law-book.ts";
import {
  claimAll,
  claimOne,
  connection,
  keyOf,
  parkedRow,
  put,
  record,
  rowsOf,
  sales,
  support,
  tenant,
  writtenRow,
} from "./subject.ts";
import type { StoreUnderTest } from "./subject.ts";

const goneRow = (key: string): Row => ({
  ...writtenRow(key, "deleted by a person"),
  state: "gone",
});

/** What operators see and do, and what core keeps about connections. */
export const ledgerLaws: readonly Law<StoreUnderTest>[] = [
  {
    name: "W6 rows are listed by filter, in key order, page by page",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"), { wake: [support.connection] });
      const [claim] = await claimAll(store, support);
      assert.ok(claim !== undefined);
      await store.settle([{ claim, rows: [parkedRow("k-3", "elsewhere")], release: {} }]);
      await record(store, keyOf("call-2"));
      const lane = await put(store, [
        parkedRow("k-4", "no"),
        writtenRow("k-2", "yes"),
        parkedRow("k-1", "no"),
      ]);
      const keys = async (filter: Parameters<typeof store.rows>[0]): Promise<readonly string[]> =>
        (await store.rows(filter)).map(({ row }) => row.key);
      assert.deepEqual(await keys({}), ["k-1", "k-2", "k-3", "k-4"]);
      assert.deepEqual(await keys({ state: "parked" }), ["k-1", "k-3", "k-4"]);
      assert.deepEqual(await keys({ state: "written", tenant }), ["k-2"]);
      assert.deepEqual(await keys({ state: "parked", connection }), ["k-1", "k-4"]);
      assert.deepEqual(await keys({ tenant: "another" }), []);
      assert.deepEqual(await keys({ limit: 2 }), ["k-1", "k-2"]);
      assert.deepEqual(await keys({ limit: 2, after: "k-2" }), ["k-3", "k-4"]);
      assert.deepEqual(await store.rows({ after: "k-3" }), [{ lane, row: parkedRow("k-4", "no") }]);
    },
  },
  {
    name: "W6 replay puts parked rows back to work, wakes their lane and says who asked",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"));
      const lane = await put(store, [parkedRow("k-1", "no"), parkedRow("k-2", "no")]);
      assert.deepEqual(await claimAll(store), []);
      assert.equal(await store.replay("another tenant", ["k-1"], "dana"), 0);
      assert.equal(await store.replay(tenant, ["k-1", "k-1", "unknown"], "dana"), 1);
      assert.deepEqual(await rowsOf(store, lane), [
        replayedRow(parkedRow("k-1", "no")),
        parkedRow("k-2", "no"),
      ]);
      assert.deepEqual((await claimOne(store)).lane, lane);
      const line = (await store.history(keyOf("call-1"))).at(-1);
      assert.deepEqual([line?.what, line?.by, line?.rule], ["replayed", "dana", "W6"]);
    },
  },
  {
    name: "K6 replay makes anew what a person deleted in the CRM",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"));
      const lane = await put(store, [goneRow("k-1"), writtenRow("k-2", "there")]);
      assert.equal(await store.replay(tenant, ["k-1", "k-2"], "dana"), 1);
      assert.deepEqual(await rowsOf(store, lane), [
        replayedRow(goneRow("k-1")),
        writtenRow("k-2", "there"),
      ]);
      assert.equal((await store.history(keyOf("call-1"))).at(-1)?.rule, "K6");
    },
  },
  {
    name: "W6 replay twice is replay once",
    run: async ({ store }) => {
      await record(store, keyOf("call-1"));
      await put(store, [parkedRow("k-1", "no")]);
      assert.equal(await store.replay(tenant, ["k-1"], "dana"), 1);
      const history = await store.history(keyOf("call-1"));
      assert.equal(await store.replay(tenant, ["k-1"], "dana"), 0);
      assert.deepEqual(await store.history(keyOf("call-1")), history);
    },
  },
  {
    name: "A1 what is kept of a connection is found again, the last value under each name",
    run: async ({ store, reopen }) => {
      assert.equal(await store.kept(sales, "abilities"), undefined);
      await store.keep(sales, "abilities", "old");
      await store.keep(sales, "abilities", "new");
      await store.keep(sales, "seen", "yes");
      const again = (await reopen?.()) ?? store;
      assert.equal(await again.kept(sales, "abilities"), "new");
      assert.equal(await again.kept(sales, "seen"), "yes");
      assert.equal(await again.kept(support, "abilities"), undefined);
      assert.deepEqual(await again.ready({ limit: 5, upTo: 5 }), [], "a fact is no work");
    },
  },
];
