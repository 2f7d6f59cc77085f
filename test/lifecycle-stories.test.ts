import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { untold } from "./lifecycle-stories.ts";
import { root } from "./source-files.ts";

/** Asked of vitest rather than read from the source, so that titles made by `test.each` count. */
function titlesOfCore(): readonly string[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "node_modules/vitest/vitest.mjs"), "list", "--project", "core", "--json"],
    { cwd: root, encoding: "utf8", env: { ...process.env, WRAPUP_TEST_REPORT: undefined } },
  );
  expect(status, stderr).toBe(0);
  const listed: unknown = JSON.parse(stdout);
  return Array.isArray(listed) ? listed.map(({ name }: { name: string }) => name) : [];
}

test("every lifecycle story E1 to E32 is told by a test of core", { timeout: 60_000 }, () => {
  expect(untold(titlesOfCore())).toEqual([]);
});

test("a story that no title names is found, and E1 is not E12", () => {
  const all = Array.from({ length: 32 }, (_, index) => `E${String(index + 1)} a story`);

  expect(untold(all)).toEqual([]);
  expect(untold(all.filter((title) => !title.startsWith("E1 ")))).toEqual(["E1"]);
  expect(untold(["E2/E3: two in one", ...all.slice(3)])).toEqual(["E1"]);
  expect(untold(all.slice(0, 28))).toEqual(["E31", "E32"]);
});
