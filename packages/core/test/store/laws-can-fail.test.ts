import { describe, expect, test } from "vitest";
import { storeLawNames, storeLaws } from "../../src/testing/store-laws.ts";
import type { StoreUnderTest } from "../../src/testing/store-laws.ts";
import { brokenStores } from "./broken-stores.ts";
import { openMemory } from "./openers.ts";

/** Runs one law on what `open` gives. */
async function judge(name: string, open: () => Promise<StoreUnderTest>): Promise<void> {
  const runs = new Map<string, () => Promise<void>>();
  storeLaws({ test: (law, run) => runs.set(law, run), open });
  await runs.get(name)?.();
}

test("A2 every law has a store that breaks it, and every such store breaks a law", () => {
  expect(Object.keys(brokenStores).toSorted()).toEqual(storeLawNames.toSorted());
});

const cases = Object.entries(brokenStores).flatMap(([law, stores]) =>
  stores.map(([fault, make]) => ({ law, fault, make })),
);

describe("A2 a broken store is found out", () => {
  test.for(cases)("$fault: $law", { timeout: 60_000 }, async ({ law, make }) => {
    const verdict = judge(law, () => openMemory(make));
    await expect(verdict).rejects.toThrow(expect.objectContaining({ name: "AssertionError" }));
  });
});
