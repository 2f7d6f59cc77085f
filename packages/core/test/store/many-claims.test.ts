import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreUnderTest } from "../../src/testing/store-laws.ts";
import {
  claimAll,
  connection,
  keyOf,
  record,
  recordAll,
  sales,
  support,
  writtenRow,
} from "../../src/testing/store-laws/subject.ts";
import { openMemory, openSqlite } from "./openers.ts";

const stores = [
  ["memory", openMemory],
  ["SQLite", openSqlite],
] as const;

describe.for(stores)("many claims in one call: the %s store", ([, open]) => {
  let subject: StoreUnderTest;

  beforeEach(async () => {
    subject = await open();
  });

  afterEach(() => subject.close());

  test("W3 a claim that is settled twice in one call is late the second time", async () => {
    const { store } = subject;
    await recordAll(store, ["call-1", "call-2"]);
    const [claim, after] = await claimAll(store);
    if (claim === undefined || after === undefined) throw new Error("two lanes were ready");
    const settlement = { claim, rows: [writtenRow("k-1", "one")], release: {} };
    const late = await store.settle([
      settlement,
      settlement,
      { claim: after, rows: [writtenRow("k-2", "two")], release: {} },
    ]);
    expect(late).toEqual([claim]);
    const rows = await store.rows({});
    expect(rows.map(({ row }) => [row.key, row.state, row.maybeSent])).toEqual([
      ["k-1", "open", true],
      ["k-2", "written", false],
    ]);
    expect((await store.stats()).ready).toBe(1);
  });

  test("W3 claims of several connections are begun, extended and settled together, each in its own lane", async () => {
    const { store } = subject;
    for (const name of ["call-1", "call-2"])
      await record(store, keyOf(name), { wake: [connection, support.connection] });
    const claims = [...(await claimAll(store)), ...(await claimAll(store, support))].toReversed();
    expect(claims).toHaveLength(4);
    const keyIn = ({ lane }: (typeof claims)[number]): string =>
      `${lane.interaction} ${lane.connection}`;
    const stranger = { ...sales, interaction: "unheard-of" };
    const lost = claims.map((claim) => Object.assign({}, claim, { lane: stranger }));
    const rows = claims.map((claim) => ({ claim, rows: [writtenRow(keyIn(claim), "x")] }));
    expect(await store.begin([...rows, ...lost.map((claim) => ({ claim, rows: [] }))])).toEqual(
      claims,
    );
    expect(await store.extend([...claims, ...lost], 60_000)).toEqual(lost);
    expect(await store.settle(rows.map((settlement) => ({ ...settlement, release: {} })))).toEqual(
      [],
    );
    for (const { lane, row } of await store.rows({}))
      expect(row.key).toBe(`${lane.interaction} ${lane.connection}`);
    expect(await store.stats()).toMatchObject({ claimed: 0, ready: 0 });
  });
});
