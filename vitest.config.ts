import { join } from "node:path";
import { defineConfig } from "vitest/config";

const packages = ["core", "salesforce", "dynamics"] as const;

/** Set by .ci/run: a folder for a count of the tests, which also turns coverage on. */
const report = process.env["WRAPUP_TEST_REPORT"];

export default defineConfig({
  test: {
    projects: [
      ...packages.map((name) => ({
        extends: true as const,
        root: `packages/${name}`,
        test: { name, include: ["test/**/*.test.ts"] },
      })),
      {
        extends: true as const,
        test: { name: "examples", include: ["examples/**/*.test.ts"] },
      },
      { extends: true as const, test: { name: "repo", include: ["test/**/*.test.ts"] } },
    ],
    reporters:
      report === undefined
        ? ["default"]
        : ["default", ["json", { outputFile: join(report, "tests.json") }]],
    // One process for many files: 30 s becomes 5 s on two cores. Tests clean up after themselves.
    isolate: false,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    expect: { requireAssertions: true },
    testTimeout: 20_000,
    coverage: {
      enabled: report !== undefined,
      provider: "v8",
      include: ["packages/*/src/**/*.ts", "packages/*/emulator/**/*.ts"],
      // The command-line door of an emulator is started by hand; what it starts is covered.
      exclude: ["packages/*/emulator/cli.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 94, functions: 93, branches: 85, statements: 93 },
    },
  },
});
