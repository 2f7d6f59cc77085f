import { describe, expect, test } from "vitest";
import { flawless, judge, type Verdict } from "./verdict.ts";
import { Run, type Variant } from "./model-run.ts";

/** One seed to look at, or the first of the whole range. */
const only = process.env["FUZZ_SEED"];

type Outcome = {
  readonly failing: readonly number[];
  readonly sum: Verdict;
  readonly first: string;
};

function playAll(variant: Variant, seeds: number): Outcome {
  const failing: number[] = [];
  const sum = { ...flawless };
  let first = "";
  const from = only === undefined ? 1 : Number(only);
  for (let seed = from; seed < from + (only === undefined ? seeds : 1); seed += 1) {
    const run = new Run(seed, variant);
    run.play(40 + (seed % 60));
    const verdict = judge(run);
    const wrong = Object.values(verdict).some((count) => count > 0);
    if (!wrong) continue;
    failing.push(seed);
    for (const name of Object.keys(sum)) if (isName(name)) sum[name] += verdict[name];
    first ||= `FUZZ_SEED=${seed} ${JSON.stringify(verdict)}\n${run.log.join("\n")}`;
  }
  return { failing, sum, first };
}

const isName = (name: string): name is keyof Verdict => name in flawless;

describe("W2 W3 K4 K5 K6 K9 the plan against an independent CRM, with a crash at every step", () => {
  test("5,000 seeds leave no orphan and nothing missing, stale, misfiled, doubled or unsettled", () => {
    const { failing, sum, first } = playAll("whole", 5_000);
    expect({ failing, sum }, first).toEqual({ failing: [], sum: flawless });
  });

  test.skipIf(only !== undefined).each(["noWriteAhead", "newestWish", "receiptsOnly"] as const)(
    "W3 the same test finds failures once a rule is left out: %s",
    (variant) => {
      const { failing, sum } = playAll(variant, 600);
      expect(failing.length).toBeGreaterThan(6);
      expect(sum.orphans + sum.missing + sum.stale + sum.misfiled + sum.doubled).toBeGreaterThan(6);
    },
  );
});
