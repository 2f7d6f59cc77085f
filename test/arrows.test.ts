import { describe, expect, test } from "vitest";
import core from "../packages/core/package.json" with { type: "json" };
import dynamics from "../packages/dynamics/package.json" with { type: "json" };
import salesforce from "../packages/salesforce/package.json" with { type: "json" };
import { type Declared, violations } from "./arrows.ts";
import { readFiles } from "./source-files.ts";

const declared: Declared = {
  core: Object.keys(core.dependencies),
  salesforce: Object.keys({ ...salesforce.dependencies, ...salesforce.peerDependencies }),
  dynamics: Object.keys({ ...dynamics.dependencies, ...dynamics.peerDependencies }),
};

function plant(path: string, source: string): readonly string[] {
  return violations(new Map([[path, source]]), declared);
}

test("every import of the repository keeps to the arrows of the house", () => {
  const files = readFiles("packages");

  expect([...files.keys()]).toContain("packages/core/src/errors.ts");
  expect(violations(files, declared)).toEqual([]);
});

describe("the table of arrows: each room reaches what it may, and nothing else", () => {
  const everyRoom = [
    "model",
    "lifecycle",
    "card",
    "adapter",
    "plan",
    "store",
    "gate",
    "sync",
    "desk",
    "options",
    "telemetry",
    "wrapup",
    "index",
    "testing",
  ];
  const single = new Set(["telemetry", "wrapup", "index"]);
  /** Written out a second time on purpose: a slip in the table must not excuse itself. */
  const may: Readonly<Record<string, string>> = {
    model: "",
    lifecycle: "model",
    card: "model",
    adapter: "model",
    plan: "model",
    store: "model",
    gate: "model adapter",
    sync: "model plan adapter gate",
    desk: "model lifecycle card plan adapter gate",
    options: "model lifecycle adapter gate telemetry",
    telemetry: "model",
    wrapup: "model lifecycle card adapter plan store gate sync desk options telemetry",
    index: "model lifecycle card adapter plan store gate sync desk options telemetry wrapup",
    testing: "index",
  };
  const pairs = everyRoom.flatMap((from) =>
    everyRoom.filter((to) => to !== from).map((to) => ({ from, to })),
  );

  test.each(pairs)("$from → $to", ({ from, to }) => {
    const path = single.has(from) ? `${from}.ts` : `${from}/thing.ts`;
    const target = single.has(to) ? `${to}.ts` : `${to}/other.ts`;
    const up = single.has(from) ? "./" : "../";

    const found = plant(
      `packages/core/src/${path}`,
      `import { thing } from "${up}${target}";\nthing();`,
    );

    const allowed = (may[from] ?? "").split(" ").includes(to);
    expect(found).toEqual(
      allowed ? [] : [`packages/core/src/${path}: ${from} may not import ${to}`],
    );
  });

  test.each(everyRoom)("%s → errors", (from) => {
    const found = plant(
      `packages/core/src/${from}/thing.ts`,
      `import { WrapupError } from "../errors.ts";\nnew WrapupError();`,
    );

    expect(found).toEqual([]);
  });

  test("errors import nothing of ours", () => {
    expect(
      plant("packages/core/src/errors.ts", `import type { Leg } from "./model/leg.ts";`),
    ).toHaveLength(1);
  });

  test("a room that is not in the table may import nothing", () => {
    expect(
      plant("packages/core/src/attic/box.ts", `import type { Leg } from "../model/leg.ts";`),
    ).toEqual(["packages/core/src/attic/box.ts: attic is no room of core"]);
  });

  test("a room may import itself", () => {
    expect(
      plant("packages/core/src/sync/worker.ts", `import { claim } from "./claim.ts";\nclaim();`),
    ).toEqual([]);
  });
});

describe("halves of rooms", () => {
  test.each(["gate", "sync", "desk"])("%s sees the store's contract, never a store", (from) => {
    const path = `packages/core/src/${from}/thing.ts`;

    expect(plant(path, `import type { Store } from "../store/contract.ts";`)).toEqual([]);
    expect(plant(path, `import { memory } from "../store/memory/index.ts";\nmemory();`)).toEqual([
      `${path}: ${from} may not import store`,
    ]);
  });

  test("plan sees the adapter's types only", () => {
    const path = "packages/core/src/plan/diff.ts";

    expect(plant(path, `import type { Write } from "../adapter/contract.ts";`)).toEqual([]);
    expect(plant(path, `import { type Write } from "../adapter/contract.ts";`)).toEqual([]);
    expect(
      plant(
        path,
        `import { type Write, CrmError } from "../adapter/contract.ts";\nnew CrmError();`,
      ),
    ).toEqual([`${path}: plan may not import adapter`]);
  });

  test.each(["index", "wrapup"])("%s does not load a store that has a door of its own", (from) => {
    const path = `packages/core/src/${from}.ts`;

    expect(plant(path, `export { sqliteStore } from "./store/sqlite/index.ts";`)).toEqual([
      `${path}: ${from} may not load packages/core/src/store/sqlite/index.ts, which has a door of its own`,
    ]);
    expect(plant(path, `export type { Options } from "./store/sqlite/index.ts";`)).toEqual([]);
    expect(plant(path, `export { memoryStore } from "./store/memory.ts";`)).toEqual([]);
  });
});

describe("between packages", () => {
  const adapter = "packages/salesforce/src/push.ts";
  const emulator = "packages/salesforce/emulator/server.ts";
  const worker = "packages/core/src/sync/worker.ts";

  test.each([
    ["an adapter by core's name", adapter, `import { a } from "@wrapup/core";`],
    ["an adapter's own dependency", adapter, `import jsforce from "jsforce";`],
    [
      "a subpath of a dependency",
      "packages/core/src/model/phone.ts",
      `import { p } from "libphonenumber-js/max";`,
    ],
    ["node's modules in core", worker, `import { createHash } from "node:crypto";`],
    ["node's modules in an emulator", emulator, `import { createServer } from "node:http";`],
    ["an emulator's own files", emulator, `import { rows } from "./rows.ts";`],
  ])("allowed: %s", (_, path, source) => {
    expect(plant(path, source)).toEqual([]);
  });

  test.each([
    [
      "one adapter from another",
      adapter,
      `import { a } from "@wrapup/dynamics";`,
      "salesforce may not import @wrapup/dynamics",
    ],
    [
      "one adapter from another, the other way",
      "packages/dynamics/src/push.ts",
      `import { a } from "@wrapup/salesforce";`,
      "dynamics may not import @wrapup/salesforce",
    ],
    [
      "core's inside by a path",
      adapter,
      `import { a } from "../../core/src/plan/diff.ts";`,
      "leaves packages/salesforce/src/ for packages/core/src/plan/diff.ts",
    ],
    [
      "core's testing from an adapter's source",
      adapter,
      `import { a } from "@wrapup/core/testing";`,
      "salesforce may not import @wrapup/core/testing",
    ],
    [
      "an adapter from core",
      worker,
      `import { a } from "@wrapup/salesforce";`,
      "core may not import @wrapup/salesforce",
    ],
    [
      "core by its own name from core",
      worker,
      `import { a } from "@wrapup/core";`,
      "core may not import @wrapup/core",
    ],
    [
      "a CRM package from core's testing",
      "packages/core/src/testing/laws.ts",
      `import jsforce from "jsforce";`,
      "jsforce is not a dependency of core",
    ],
    [
      "a test runner from core's testing",
      "packages/core/src/testing/laws.ts",
      `import { test } from "vitest";`,
      "vitest is not a dependency of core",
    ],
    [
      "an undeclared dependency",
      adapter,
      `import axios from "axios";`,
      "axios is not a dependency of salesforce",
    ],
    [
      "the emulator from the adapter",
      adapter,
      `import { a } from "../emulator/index.ts";`,
      "leaves packages/salesforce/src/ for packages/salesforce/emulator/index.ts",
    ],
    [
      "the adapter from the emulator",
      emulator,
      `import { a } from "../src/index.ts";`,
      "leaves packages/salesforce/emulator/ for packages/salesforce/src/index.ts",
    ],
    [
      "core from the emulator",
      emulator,
      `import { a } from "@wrapup/core";`,
      "an emulator imports node's modules only, not @wrapup/core",
    ],
    [
      "a library from the emulator",
      emulator,
      `import { z } from "zod";`,
      "an emulator imports node's modules only, not zod",
    ],
  ])("forbidden: %s", (_, path, source, problem) => {
    expect(plant(path, source)).toEqual([`${path}: ${problem}`]);
  });
});

describe("every way to import counts", () => {
  test.each([
    ["import type", `import type { A } from "../desk/a.ts";`],
    ["side effect", `import "../desk/a.ts";`],
    ["re-export", `export { a } from "../desk/a.ts";`],
    ["export all", `export * from "../desk/a.ts";`],
    ["export type", `export type { A } from "../desk/a.ts";`],
    ["dynamic import", `await import("../desk/a.ts");`],
    ["type of an import", `export type A = import("../desk/a.ts").A;`],
    ["import require", `import a = require("../desk/a.ts");`],
    ["computed", "await import(`../desk/${name}.ts`);"],
  ])("%s: sync may not import desk", (_, source) => {
    expect(plant("packages/core/src/sync/worker.ts", source)).toHaveLength(1);
  });

  test("a file that does not parse is an error, not a pass", () => {
    expect(() => plant("packages/core/src/sync/worker.ts", "import {")).toThrow("does not parse");
  });
});
