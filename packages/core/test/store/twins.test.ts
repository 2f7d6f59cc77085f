import { isDeepStrictEqual } from "node:util";
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { Claim, Lane, Row } from "../../src/index.ts";
import type { StoreUnderTest } from "../../src/testing/store-laws.ts";
import {
  connection,
  day,
  keyOf,
  minute,
  parkedRow,
  record,
  sales,
  sendingRow,
  support,
  tenant,
  writtenRow,
} from "../../src/testing/store-laws/subject.ts";
import { openMemory, openSqlite } from "./openers.ts";

/** A store with every claim that it ever gave, in order. */
type Twin = StoreUnderTest & { readonly claims: Claim[] };

/** One thing to do; what it answers is compared. */
type Step = (twin: Twin) => Promise<unknown>;

const name = fc.constantFrom("a", "b");
const where = fc.constantFrom(sales, support);
const ms = fc.constantFrom(1, minute / 2, minute, 5 * minute);
const nth = fc.nat({ max: 3 });
const goneRow = (key: string, text: string): Row => ({ ...writtenRow(key, text), state: "gone" });
/** Made whole: one wish in two places. */
const wholeRow = (key: string, text: string): Row => {
  const { made: _m, ...row } = writtenRow(key, text);
  return row.written === undefined ? row : { ...row, made: row.written };
};
const removedRow = (key: string, text: string): Row => ({
  ...writtenRow(key, text),
  state: "removed",
});
const row = fc
  .tuple(
    fc.constantFrom("k-1", "k-2"),
    fc.constantFrom(sendingRow, writtenRow, wholeRow, parkedRow, goneRow, removedRow),
    fc.constantFrom("one", "two"),
  )
  .map(([key, make, text]) => make(key, text));
const rows = fc.uniqueArray(row, { maxLength: 2, selector: ({ key }) => key });

/** A key belongs to one lane. */
const keyIn = ({ interaction, connection }: Lane, key: string): string =>
  `${interaction}/${connection}/${key}`;
const rowsFor = ({ lane }: Claim, rows: readonly Row[]): readonly Row[] =>
  rows.map((row) => Object.assign({}, row, { key: keyIn(lane, row.key) }));

const recording = fc
  .record({
    name,
    wake: fc.subarray([connection, support.connection]),
    event: fc.option(fc.constantFrom("e-1", "e-2")),
    content: fc.constantFrom("x", "y"),
    due: fc.option(ms),
    deleted: fc.boolean(),
    versions: fc.constantFrom(0, 1),
  })
  .map(({ name, wake, event, content, due, deleted, versions }): Step => async ({ store }) => {
    const at = await store.now();
    return record(store, keyOf(name), {
      wake,
      versions,
      ...(event !== null && { event: { id: event, content } }),
      ...(due !== null && { deadline: at + due }),
      ...(deleted && { changed: { over: true, deleted: { written: "keep", at } } }),
    });
  });

const claiming = fc
  .record({ where, limit: fc.constantFrom(1, 2, 9), leaseMs: ms })
  .map(({ where, ...how }): Step => async ({ store, claims }) => {
    const taken = await store.claim({ ...where, ...how });
    claims.push(...taken);
    return taken;
  });

/** Some claim that was given, most of them lost or let go long ago. */
const pick = ({ claims }: Twin, nth: number): Claim | undefined =>
  claims.at(-1 - (nth % Math.max(1, claims.length)));

const beginning = fc.record({ nth, rows }).map(({ nth, rows }): Step => async (twin) => {
  const claim = pick(twin, nth);
  return claim && twin.store.begin([{ claim, rows: rowsFor(claim, rows) }]);
});

const settling = fc
  .array(fc.record({ nth, rows, release: fc.constantFrom("no", "rest", "rest", "again"), ms }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((wanted): Step => async (twin) => {
    const now = await twin.store.now();
    const first = pick(twin, wanted[0]?.nth ?? 0);
    const settlements = wanted.flatMap(({ nth, rows, release, ms }) => {
      const claim = pick(twin, nth);
      // Of one lane only: two that are woken by one call wait equally long.
      if (claim === undefined || !isDeepStrictEqual(claim.lane, first?.lane)) return [];
      // Half a millisecond beside every change, so that no two lanes wait equally long.
      const again = { again: now + ms + 0.5 };
      const released = release !== "no" && { release: release === "again" ? again : {} };
      return [{ claim, rows: rowsFor(claim, rows), ...released }];
    });
    return twin.store.settle(settlements);
  });

const extending = fc.record({ nth, ms }).map(({ nth, ms }): Step => async (twin) => {
  const claim = pick(twin, nth);
  return claim && twin.store.extend([claim], ms);
});

const advancing = fc.oneof(ms, ms, fc.constant(201 * day)).map(
  (ms): Step =>
    ({ advance }) =>
      advance(ms),
);

const pausing = fc.record({ where, ms: fc.option(ms) }).map(
  ({ where, ms }): Step =>
    ({ store }) =>
      store.changeGate(where, ({ pausedUntil: _p, ...gate }, at) =>
        ms === null ? gate : { ...gate, pausedUntil: at + ms, failures: gate.failures + 1 },
      ),
);

const replaying = fc.record({ interaction: name, where, key: fc.constantFrom("k-1", "k-2") }).map(
  ({ interaction, where, key }): Step =>
    ({ store }) =>
      store.replay(tenant, [keyIn({ ...where, interaction }, key)], "dana"),
);

const sweeping = fc.constant<Step>(({ store }) => store.sweep());

const step = fc.oneof(
  { weight: 5, arbitrary: recording },
  { weight: 4, arbitrary: claiming },
  { weight: 2, arbitrary: beginning },
  { weight: 5, arbitrary: settling },
  { weight: 1, arbitrary: extending },
  { weight: 3, arbitrary: advancing },
  { weight: 1, arbitrary: pausing },
  { weight: 1, arbitrary: replaying },
  { weight: 1, arbitrary: sweeping },
);

/** Everything that can be asked of a store. */
async function seen({ store }: Twin): Promise<unknown> {
  const names = ["a", "b"].map((name) => keyOf(name));
  return {
    interactions: await Promise.all(names.map((of) => store.read(of))),
    histories: await Promise.all(names.map((of) => store.history(of))),
    // One change may wake both connections at the same time.
    ready: new Set(await store.ready({ limit: 5, upTo: 3 })),
    overdue: await store.overdue(3),
    next: await store.nextDueAt(),
    rows: await store.rows({}),
    parked: await store.rows({ state: "parked" }),
    gone: await store.rows({ state: "gone" }),
    stats: await store.stats(),
  };
}

test.prop([fc.array(step, { minLength: 40, maxLength: 80 })], {
  numRuns: 100,
  interruptAfterTimeLimit: 20_000,
})(
  "O1 whatever is done to them, the memory store and the SQLite store answer the same",
  async (steps) => {
    const twins: readonly Twin[] = [
      { ...(await openMemory()), claims: [] },
      { ...(await openSqlite()), claims: [] },
    ];
    try {
      for (const each of steps) {
        const [one, other] = await Promise.all(twins.map((twin) => each(twin)));
        expect(other).toEqual(one);
        // No two things happen at the same time, so that their order is never a matter of chance.
        for (const { advance } of twins) await advance(1);
      }
      const [one, other] = await Promise.all(twins.map(seen));
      expect(other).toEqual(one);
    } finally {
      for (const twin of twins) await twin.close();
    }
  },
  60_000,
);
