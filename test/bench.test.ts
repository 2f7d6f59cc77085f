import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the bench's last line with --json is an array of rows", { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "bench/main.ts",
    "--quick",
    "--json",
    "--only",
    "due-to-request",
  ]);
  const rows: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  expect(rows).toEqual([
    {
      name: expect.any(String),
      ours: expect.any(Number),
      peer: expect.any(Number),
      ratio: expect.any(Number),
      unit: expect.any(String),
    },
  ]);
});
