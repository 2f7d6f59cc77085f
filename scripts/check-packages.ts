/**
 * Packs what would be published and looks at it from outside: publint, attw, and a project in a
 * temporary folder that installs the tarballs with pnpm, imports and requires every door, and
 * compiles against them. Needs `pnpm build` before it.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import core from "../packages/core/package.json" with { type: "json" };
import dynamics from "../packages/dynamics/package.json" with { type: "json" };
import salesforce from "../packages/salesforce/package.json" with { type: "json" };
import { root, run, runSteps } from "./shell.ts";

type Package = {
  readonly name: string;
  readonly tarball: string;
  readonly doors: readonly string[];
};

const manifests: Readonly<
  Record<string, { name: string; private?: boolean; publishConfig?: { exports: object } }>
> = { core, dynamics, salesforce };

const forgotten = readdirSync(join(root, "packages")).filter((folder) => !(folder in manifests));
if (forgotten.length > 0) {
  throw new Error(`scripts/check-packages.ts does not know packages/${forgotten.join(", ")}`);
}

const outside = mkdtempSync(join(tmpdir(), "wrapup-packages-"));
const consumer = join(outside, "consumer");

const packages: readonly Package[] = Object.entries(manifests)
  .filter(([, manifest]) => manifest.private !== true)
  .map(([folder, manifest]) => ({
    name: manifest.name,
    tarball: join(outside, `${folder}.tgz`),
    doors: Object.keys(manifest.publishConfig?.exports ?? {})
      .filter((door) => door !== "./package.json")
      .map((door) => manifest.name + door.slice(1)),
  }));
const doors = packages.flatMap((each) => each.doors);

/** Our public declarations must stand on their own, without a vendor's broken ones: the library check is on. */
const compilerOptions = {
  target: "es2024",
  module: "nodenext",
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  typeRoots: [join(root, "node_modules", "@types")],
  types: ["node"],
};

function pack(): void {
  for (const { name, tarball } of packages) {
    run("pnpm", ["--silent", "--filter", name, "pack", "--out", tarball]);
  }
}

function judge(script: string): void {
  for (const { tarball } of packages) {
    run("pnpm", ["run", "--silent", script, tarball]);
  }
}

function install(): void {
  mkdirSync(consumer);
  const dependencies = Object.fromEntries(
    packages.map(({ name, tarball }) => [name, `file:${tarball}`]),
  );
  write("package.json", JSON.stringify({ name: "consumer", private: true, dependencies }));
  write("esm.mjs", doors.map((door) => `await import(${JSON.stringify(door)});`).join("\n"));
  write("cjs.cjs", doors.map((door) => `require(${JSON.stringify(door)});`).join("\n"));
  write(
    "types.ts",
    doors
      .map((door, index) => `export * as d${String(index)} from ${JSON.stringify(door)};`)
      .join("\n"),
  );
  write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["types.ts"] }));
  // Unapproved build scripts, which would stop our users too, fail here. Not frozen: CI=true would ask for a lockfile.
  run("pnpm", ["install", "--no-frozen-lockfile", "--reporter=append-only"], consumer);
}

function write(file: string, text: string): void {
  writeFileSync(join(consumer, file), `${text}\n`);
}

const passed = runSteps([
  { name: `pack ${packages.map(({ name }) => name).join(", ")}`, run: pack },
  { name: "publint --strict", run: () => judge("tarball:publint") },
  { name: "are the types wrong", run: () => judge("tarball:attw") },
  { name: "install the tarballs in an empty project", run: install },
  { name: `import ${doors.join(", ")}`, run: () => run("node", ["esm.mjs"], consumer) },
  { name: "require the same", run: () => run("node", ["cjs.cjs"], consumer) },
  {
    name: "compile against the same, library check on",
    run: () => run("pnpm", ["exec", "tsc", "--noEmit", "-p", join(consumer, "tsconfig.json")]),
  },
]);
if (passed) {
  rmSync(outside, { recursive: true, force: true });
} else {
  console.error(`Left for a look: ${outside}`);
}
process.exitCode = passed ? 0 : 1;
