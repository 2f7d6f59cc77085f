import { describe, expect, test } from "vitest";
import {
  drawers,
  longExamples,
  machinePlaces,
  retriesInOneFile,
  type Rule,
  sleepingTests,
  switchedOff,
  vendorWords,
} from "./repo-rules.ts";
import { readFiles } from "./source-files.ts";

const files = readFiles();
// Put together here, so that this file does not break the rules that it plants.
const home = ["", "root", "x"].join("/");
const registry = ["registry", "npmjs.org"].join(".");

type Case = readonly [
  name: string,
  rule: Rule,
  broken: readonly (readonly [path: string, source: string])[],
  kept: readonly (readonly [path: string, source: string])[],
];

const cases: readonly Case[] = [
  [
    "A1 no vendor's word in core",
    vendorWords,
    [
      ["packages/core/src/plan/slots.ts", "// a Salesforce Task"],
      ["packages/core/src/plan/slots.ts", `const field = "WhoId";`],
    ],
    [["packages/salesforce/src/push.ts", `const field = "WhoId";`]],
  ],
  [
    "no drawer called utils, helpers, common, misc or types",
    drawers,
    [
      ["packages/core/src/plan/utils.ts", ""],
      ["packages/core/src/helpers/dates.ts", ""],
      ["packages/core/src/types.ts", ""],
      ["test/util.test.ts", ""],
    ],
    [["packages/core/src/model/record-types.ts", ""]],
  ],
  [
    "no machine path and no registry address",
    machinePlaces,
    [
      ["README.md", `see ${home}`],
      [".ci/run", `npm i --registry https://${registry}`],
    ],
    [["README.md", "see docs/operations.md"]],
  ],
  [
    "no any, no non-null !, no rule switched off",
    switchedOff,
    [
      ["a.ts", "export const a: any = 1;"],
      ["a.ts", "export const a = b!;"],
      ["a.ts", "export const a = b as unknown as string;"],
      ["a.ts", "// @ts-ignore\na();"],
      ["a.ts", "// @ts-expect-error\na();"],
      ["a.ts", "/* oxlint-disable no-console */"],
    ],
    [
      ["a.ts", `export const any = "any"; // any !`],
      ["packages/core/test/a.test.ts", "// @ts-expect-error: a wrong type on purpose\na();"],
    ],
  ],
  [
    "no test asleep",
    sleepingTests,
    [
      ["a.test.ts", `test.todo("E5");`],
      ["a.test.ts", `describe.only("x", () => {});`],
    ],
    [["a.test.ts", `test.skipIf(missing)("x", () => {});`]],
  ],
  [
    "an example has at most 80 lines, an adapter 150",
    longExamples,
    [
      ["examples/first-call.ts", "a();\n".repeat(81)],
      ["examples/first-call/main.ts", "a();\n".repeat(81)],
      ["examples/new-adapter.ts", "a();\n".repeat(151)],
    ],
    [
      ["examples/first-call.ts", "a();\n".repeat(80)],
      ["examples/first-call.test.ts", "a();\n".repeat(81)],
      ["examples/new-adapter.ts", "a();\n".repeat(150)],
      ["examples/demo/main.ts", "a();\n".repeat(81)],
    ],
  ],
  [
    "A3 one file retries",
    retriesInOneFile,
    [
      ["packages/salesforce/src/client.ts", `import retry from "p-retry";`],
      ["packages/core/src/model/leg.ts", ""],
    ],
    [["packages/core/src/gate/retry.ts", `import retry from "p-retry";`]],
  ],
];

describe.each(cases)("%s", (_, rule, broken, kept) => {
  test("holds in this repository", () => {
    expect(rule(files)).toEqual([]);
  });

  test.each(broken)("is broken by plant %# in %s", (path, source) => {
    expect(rule(new Map([[path, source]]))).toHaveLength(1);
  });

  test.each(kept)("is kept by plant %# in %s", (path, source) => {
    expect(rule(new Map([[path, source]]))).toEqual([]);
  });
});

test("the walk sees the whole repository", () => {
  expect([...files.keys()]).toEqual(
    expect.arrayContaining([
      "package.json",
      ".ci/run",
      "pnpm-workspace.yaml",
      "test/arrows.ts",
      "packages/core/src/errors.ts",
    ]),
  );
});

test("CI runs the very test command that the README and CONTRIBUTING give", () => {
  const command = "npx -y -p node@24 -p pnpm@12 pnpm test";

  for (const path of ["README.md", "CONTRIBUTING.md", ".ci/run"]) {
    expect(files.get(path), path).toContain(command);
  }
});
