import { describe, expect, test } from "vitest";
import { storeLaws } from "../../src/testing/store-laws.ts";
import type { LawTest } from "../../src/testing/law-book.ts";
import { openMemory, openSqlite } from "./openers.ts";

const law: LawTest = (name: string, run) =>
  test(name, { timeout: 60_000 }, async () => {
    await expect(run()).resolves.toBeUndefined();
  });

describe("the memory store", () => {
  storeLaws({ test: law, open: () => openMemory() });
});

describe("the SQLite store", () => {
  storeLaws({ test: law, open: openSqlite });
});
