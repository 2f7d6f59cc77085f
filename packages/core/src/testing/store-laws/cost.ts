import assert from "node:assert/strict";
import type { Store } from "../../index.ts";
import type { Law } from "../law-book.ts";
import { claimAll, keyOf, record } from "./subject.ts";
import type { StoreUnderTest } from "./subject.ts";

/** The least that is believed of a clock, ms: below it, noise decides. */
const floorMs = 0.5;
const rounds = 9;
const attempts = 4;

type Costs = { readonly claim: number; readonly ready: number; readonly overdue: number };

async function fill(store: Store, from: number, to: number): Promise<void> {
  const perTurn = 500;
  for (let start = from; start < to; start += perTurn) {
    const turn = Array.from({ length: Math.min(perTurn, to - start) }, (_, n) =>
      record(store, keyOf(`call-${start + n}`), { deadline: start + n }),
    );
    await Promise.all(turn);
  }
}

async function timed<Result>(times: number[], run: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await run();
  times.push(performance.now() - start);
  return result;
}

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;

async function costsOf(store: Store): Promise<Costs> {
  const [claim, ready, overdue]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    const claims = await timed(claim, () => claimAll(store, { limit: 10 }));
    assert.equal(claims.length, 10);
    await timed(ready, () => store.ready({ limit: 10, upTo: 10 }));
    await timed(overdue, () => store.overdue(10));
    const again = await store.now();
    await store.settle(claims.map((each) => ({ claim: each, rows: [], release: { again } })));
  }
  return { claim: median(claim), ready: median(ready), overdue: median(overdue) };
}

/** What waits must cost nothing until it is taken. */
export const costLaws: readonly Law<StoreUnderTest>[] = [
  {
    name: "W4 finding and claiming ten of 100,000 lanes costs at most five times what it costs among 1,000",
    run: async ({ store }) => {
      await fill(store, 0, 1_000);
      await costsOf(store);
      const few = await costsOf(store);
      await fill(store, 1_000, 100_000);
      const tooDear = (many: Costs): readonly string[] =>
        (["claim", "ready", "overdue"] as const)
          .filter((what) => many[what] > 5 * Math.max(few[what], floorMs))
          .map(
            (what) =>
              `${what}: ${many[what].toFixed(2)} ms among 100,000, ${few[what].toFixed(2)} ms among 1,000`,
          );
      let found = tooDear(await costsOf(store));
      // A machine that was busy for a moment is no scan.
      for (let attempt = 1; attempt < attempts && found.length > 0; attempt += 1)
        found = tooDear(await costsOf(store));
      assert.deepEqual(found, []);
    },
  },
];
