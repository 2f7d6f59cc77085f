import { describe, expect, test } from "vitest";
import type { LawTest } from "../../src/testing/law-book.ts";
import { storeLaws } from "../../src/testing/store-laws.ts";
import { openMemory, openSqlite } from "./openers.ts";

/** Vitest wants to see an assertion in each test; the laws bring their own. */
const law: LawTest = (name, run) =>
  test.for([name])("%s", { timeout: 60_000 }, async () => {
    await expect(run()).resolves.toBeUndefined();
  });

describe("the memory store", () => {
  storeLaws({ test: law, open: () => openMemory() });
});

describe("the SQLite store", () => {
  storeLaws({ test: law, open: openSqlite });
});
