import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

/** The rows that a quick run of one measurement prints last. */
async function rowsOf(only: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "bench/main.ts",
    "--quick",
    "--json",
    "--only",
    only,
  ]);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

const row = (more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  name: expect.any(String),
  ours: expect.any(Number),
  peer: expect.any(Number),
  ratio: expect.any(Number),
  unit: expect.any(String),
  ...more,
});

describe("the bench", { timeout: 90_000 }, () => {
  test("its last line with --json is an array of rows", async () => {
    expect(await rowsOf("due-to-request")).toEqual([row()]);
  });

  test("W2 W5 with 2 % lost replies and 2 % 429, ours loses nothing and doubles nothing in Dynamics", async () => {
    const rows = await rowsOf("hostile");
    expect(rows).toEqual(
      Array.from({ length: 3 }, () => [
        row({ name: expect.stringMatching(/lost/u), ours: 0 }),
        row({ name: expect.stringMatching(/doubled/u), ours: 0 }),
      ]).flat(),
    );
  });
});
