import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deadLinks, drifted, moduleOf, tsBlocks, unproven } from "./docs.ts";
import { readFiles, root } from "./source-files.ts";

const files = readFiles();
const page = (path: string): string => files.get(path) ?? "";
const pages = [...files.keys()].filter((path) =>
  /^(?:[A-Z]+\.md|docs\/[^/]+\.md|examples\/README\.md|packages\/[^/]+\/README\.md)$/u.test(path),
);
const adapterPage = "docs/writing-an-adapter.md";
const adapterFiles = ["new-adapter.ts", "new-adapter-reads.ts", "new-adapter.test.ts"].map((name) =>
  page(`examples/${name}`),
);

/** Type-checks each source as a module at the root of the repository, with its own settings. */
function complaints(sources: readonly string[]): readonly string[] {
  const folder = join(root, "node_modules/.cache", `docs-${process.pid}-${String(sources.length)}`);
  mkdirSync(folder, { recursive: true });
  try {
    for (const [n, source] of sources.entries())
      writeFileSync(join(folder, `block${n}.ts`), source);
    const config = {
      extends: join(root, "tsconfig.json"),
      // A page shows what to write; whether the reader uses each name is up to them.
      compilerOptions: {
        noUnusedLocals: false,
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
      },
      include: [join(folder, "*.ts")],
      exclude: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", folder],
      { encoding: "utf8", cwd: folder },
    );
    // Others' files are checked by `pnpm typecheck`.
    return stdout
      .split("\n")
      .filter((line) => line.startsWith("block") || line.startsWith("error"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("what the pages show is true", () => {
  // One run of the compiler for both: it takes seconds to start.
  test("every ts block compiles, and one that does not is seen", { timeout: 60_000 }, () => {
    const blocks = pages
      .filter((path) => path !== adapterPage)
      .flatMap((path) => tsBlocks(page(path)).map((block) => ({ path, block })));
    const planted = { line: 1, source: `const id: number = wrapup.durability;\n` };

    const found = complaints([moduleOf(planted), ...blocks.map(({ block }) => moduleOf(block))]);

    expect(blocks.length).toBeGreaterThan(10);
    expect(
      found.filter((line) => !line.startsWith("block0.ts")),
      blocks.map(({ path, block }, n) => `block${n + 1}: ${path}:${block.line}`).join("\n"),
    ).toEqual([]);
    expect(found).toHaveLength(1);
  });

  test("every block about adapters stands in the example, word by word", () => {
    expect(tsBlocks(page(adapterPage)).length).toBeGreaterThan(5);
    expect(drifted(page(adapterPage), adapterFiles)).toEqual([]);
  });

  test("every promise names tests that exist", () => {
    expect(unproven(page("docs/when-things-fail.md"), (path) => files.get(path))).toEqual([]);
  });

  test("every link to a file of the repository leads somewhere", () => {
    const exists = (path: string): boolean => existsSync(join(root, path));

    expect(pages.flatMap((path) => deadLinks(path, page(path), exists))).toEqual([]);
  });
});

describe("the checks can fail", () => {
  test("a changed line is seen, another indentation is none", () => {
    const file = "const a = {\n  b: 1,\n};\n";

    expect(drifted("```ts\n  const a = {\n    b: 1,\n  };\n```\n", [file])).toEqual([]);
    expect(drifted("```ts\nconst a = {\n  b: 2,\n};\n```\n", [file])).toHaveLength(1);
  });

  test("a promise without a proof, and a proof without a test or file, are seen", () => {
    const read = (path: string): string | undefined =>
      path === "a.test.ts" ? `test("W1 it holds", () => {});` : undefined;

    expect(unproven('### One\n\n- Proof: `a.test.ts` "W1 it holds"\n', read)).toEqual([]);
    expect(unproven("### One\n\ntext\n", read)).toHaveLength(1);
    expect(unproven('### One\n\n- Proof: `a.test.ts` "W1 it fell"\n', read)).toHaveLength(1);
    expect(unproven('### One\n\n- Proof: `b.test.ts` "W1 it holds"\n', read)).toHaveLength(1);
  });

  test("a dead link is seen, an address and an anchor are let be", () => {
    const exists = (path: string): boolean => path === "docs/a.md";

    expect(
      deadLinks("docs/b.md", "[a](a.md#x) [b](../docs/a.md) [c](https://x.example)", exists),
    ).toEqual([]);
    expect(deadLinks("docs/b.md", "[a](c.md)", exists)).toEqual(["docs/b.md: c.md"]);
  });
});
