import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/index.ts";
import type { Row, Store } from "../../src/index.ts";
import { openDatabase } from "../../src/store/sqlite/database.ts";
import { SqliteStore } from "../../src/store/sqlite/store.ts";
import {
  claimOne,
  connection,
  keyOf,
  parkedRow,
  put,
  record,
  recordAll,
  sales,
  tenant,
  writtenRow,
} from "../../src/testing/store-laws/subject.ts";
import { scratchFolder } from "./openers.ts";

let folder: Awaited<ReturnType<typeof scratchFolder>>;
let path: string;
let database: DatabaseSync;
let store: Store;

beforeEach(async () => {
  folder = await scratchFolder();
  path = join(folder.path, "wrapup.db");
  store = new SqliteStore(path, { busyMs: 120 }, (path) => (database = openDatabase(path)));
  await store.open(systemClock);
});

afterEach(async () => {
  await store.close();
  await folder.remove();
});

/** A row whose wish was made whole: `made` and `written` are one object, as `settleRow` leaves them. */
function madeWhole(key: string, text: string): Row {
  const { made: _m, ...row } = writtenRow(key, text);
  return row.written === undefined ? row : { ...row, made: row.written };
}

const goneRow = (key: string): Row => ({ ...writtenRow(key, "deleted there"), state: "gone" });

const keptText = (key: string): unknown =>
  database.prepare("select row from entry where key = ?").get(key)?.["row"];

const countOf = (text: unknown, part: string): number => String(text).split(part).length - 1;

/** How SQLite goes about the statements on the ledger that `run` causes, each a list of steps. */
async function plansOf(run: () => Promise<unknown>): Promise<readonly (readonly string[])[]> {
  const prepare = vi.spyOn(database, "prepare");
  await run();
  const texts = prepare.mock.calls.map(([text]) => text);
  prepare.mockRestore();
  return texts
    .filter((text) => text.startsWith("select e.") || text.startsWith("select i.tenant"))
    .map((text) =>
      database
        .prepare(`explain query plan ${text}`)
        .all()
        .map(({ detail }) => String(detail)),
    );
}

const other = (): DatabaseSync => new DatabaseSync(path);

describe("what a SQLite store does not write twice", () => {
  test("L8 a wish that was made whole is kept once, and whoever reads the row finds it in both places", async () => {
    await record(store, keyOf("call-1"));
    const row = madeWhole("k-1", "only once");
    const lane = await put(store, [row], { again: 0 });
    expect(countOf(keptText("k-1"), "only once")).toBe(1);
    expect((await store.read(keyOf("call-1")))?.lanes[0]?.rows).toEqual([row]);
    expect(await store.rows({})).toEqual([{ lane, row }]);
    const claim = await claimOne(store);
    expect(claim.rows).toEqual([row]);
    // What was read is kept as economically as what was made.
    await store.settle([{ claim, rows: claim.rows, release: {} }]);
    expect(countOf(keptText("k-1"), "only once")).toBe(1);
    expect((await store.read(keyOf("call-1")))?.lanes[0]?.rows).toEqual([row]);
  });

  test("L8 what was made and what was appended to it later are told apart", async () => {
    await record(store, keyOf("call-1"));
    const { written } = writtenRow("k-1", "first and more");
    const row: Row = {
      ...madeWhole("k-1", "first"),
      ...(written !== undefined && { written }),
    };
    await put(store, [row, parkedRow("k-2", "never made")]);
    const rows = (await store.rows({})).map(({ row }) => row);
    expect(rows).toEqual([row, parkedRow("k-2", "never made")]);
  });

  test("O1 a row that was written out in full is read all the same, and one that lacks half is not believed", async () => {
    await record(store, keyOf("call-1"));
    const row = madeWhole("k-1", "in full");
    await put(store, [row]);
    const update = database.prepare("update entry set row = ?");
    update.run(JSON.stringify(row));
    expect(countOf(keptText("k-1"), "in full")).toBe(2);
    expect((await store.rows({}))[0]?.row).toEqual(row);
    const { written: _w, ...half } = row;
    update.run(JSON.stringify({ ...half, made: "as written" }));
    await expect(store.rows({})).rejects.toThrow("the store's column row");
  });
});

describe("how a SQLite store finds what waits for a person", () => {
  test("W6 replay looks parked and gone rows up by their keys, in an index of each", async () => {
    const [plan, ...others] = await plansOf(() => store.replay(tenant, ["k-1"], "dana"));
    expect(others).toEqual([]);
    const onEntries = plan?.filter((step) => / e\b/.test(step));
    expect(onEntries).toHaveLength(2);
    expect(onEntries).toEqual(
      expect.arrayContaining([
        "SEARCH e USING INDEX entry_parked (key=?)",
        "SEARCH e USING INDEX entry_gone (key=?)",
      ]),
    );
  });

  test.for(["parked", "gone"] as const)(
    "W6 rows that are %s are walked in an index of their own, in key order, without sorting",
    async (state) => {
      for (const filter of [{ state }, { ...sales, state, after: "k-1" }]) {
        const [plan, ...others] = await plansOf(() => store.rows(filter));
        expect(others).toEqual([]);
        expect(plan?.[0]).toBe(`SEARCH e USING INDEX entry_${state} (key>?)`);
        expect(plan?.join()).not.toMatch(/SCAN|TEMP B-TREE/);
      }
    },
  );

  test("W6 rows in any other state are found without an index: one walk, however they are filtered", async () => {
    await recordAll(store, ["call-1"]);
    await put(store, [writtenRow("k-2", "b"), writtenRow("k-1", "a"), goneRow("k-3")]);
    const [plan] = await plansOf(() => store.rows({ state: "written" }));
    expect(plan?.filter((step) => step.startsWith("SCAN"))).toEqual(["SCAN e"]);
    const keys = async (filter: Parameters<Store["rows"]>[0]): Promise<readonly string[]> =>
      (await store.rows(filter)).map(({ row }) => row.key);
    expect(await keys({ state: "written" })).toEqual(["k-1", "k-2"]);
    expect(await keys({ after: "k-1", limit: 1 })).toEqual(["k-2"]);
    expect(await keys({ state: "open" })).toEqual([]);
  });

  test("W6 K6 parked and gone rows are replayed together, each once, however often their keys are named", async () => {
    await record(store, keyOf("call-1"));
    await put(store, [goneRow("k-1"), parkedRow("k-2", "no"), writtenRow("k-3", "there")]);
    const before = (await store.history(keyOf("call-1"))).length;
    expect(await store.replay(tenant, ["k-2", "k-1", "k-3", "k-2"], "dana")).toBe(2);
    expect((await store.history(keyOf("call-1"))).slice(before)).toMatchObject([
      { what: "replayed", rule: "K6" },
      { what: "replayed", rule: "W6" },
    ]);
    expect((await store.rows({ state: "open" })).map(({ row }) => row.key)).toEqual(["k-1", "k-2"]);
  });
});

describe("what a SQLite store does without the file's lock", () => {
  test("W5 a gate's state is told while another process holds the lock, and changed only with it", async () => {
    await store.changeGate(sales, (now) => ({ ...now, failures: 3 }));
    const database = other();
    database.exec("begin immediate");
    expect(await store.changeGate(sales, (now) => now)).toEqual({ failures: 3 });
    await expect(store.changeGate(sales, (now) => ({ ...now }))).rejects.toMatchObject({
      code: "store_unwritable",
    });
    database.close();
  });

  test("W5 a change is decided anew on what another process wrote meanwhile", async () => {
    await store.changeGate(sales, (now) => ({ ...now, failures: 1 }));
    const changing = store.changeGate(sales, (now) => ({ ...now, failures: now.failures + 1 }));
    const database = other();
    database.exec(`update gate set state = '{"failures":7}'`);
    database.close();
    expect(await changing).toEqual({ failures: 8 });
    expect(await store.changeGate(sales, (now) => now)).toEqual({ failures: 8 });
  });

  test("W5 whoever asks after a change was asked for sees it, committed or not", async () => {
    const changing = store.changeGate(sales, (now) => ({ ...now, failures: 1 }));
    expect(await store.changeGate(sales, (now) => now)).toEqual({ failures: 1 });
    await changing;
  });

  test("W5 a change that throws changes nothing, and its error is the caller's own", async () => {
    const refusing = (): never => {
      throw new RangeError("not like that");
    };
    await expect(store.changeGate(sales, refusing)).rejects.toThrow(RangeError);
    expect(await store.changeGate(sales, (now) => now)).toEqual({ failures: 0 });
  });
});

describe("a command that shares its commit with no other", () => {
  test("W1 it is undone when it fails half way through, and the next one is served", async () => {
    const unreadable = {
      at: 1,
      what: "recorded",
      get text(): string {
        throw new RangeError("no text");
      },
    };
    await record(store, keyOf("first"));
    await expect(
      store.transact(keyOf("first"), { id: "e-1", content: "x" }, (now) => {
        if (now === undefined) throw new Error("it was recorded before");
        return { next: { ...now, version: 9 }, wake: [connection], history: [unreadable] };
      }),
    ).rejects.toThrow("no text");
    expect(database.isTransaction).toBe(false);
    expect((await store.read(keyOf("first")))?.interaction.version).toBe(1);
    expect(database.prepare("select * from event").all()).toEqual([]);
    expect((await record(store, keyOf("first"))).interaction.version).toBe(2);
  });
});
