/** Who may import whom: the one table, and a checker that reads imports with a real parser. */
import { posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import type { Files } from "./source-files.ts";

type Import = { readonly specifier: string | undefined; readonly typesOnly: boolean };

/** A room, or a part of one: `store contract` is store/contract.ts alone; `(types)` allows type-only imports. */
const coreArrows: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  model: [],
  lifecycle: ["model"],
  card: ["model"],
  adapter: ["model"],
  plan: ["model", "adapter (types)"],
  store: ["model"],
  gate: ["model", "adapter", "store contract"],
  sync: ["model", "plan", "adapter", "gate", "store contract"],
  desk: ["model", "lifecycle", "card", "plan", "adapter", "gate", "store contract"],
  telemetry: ["model"],
  options: ["model", "lifecycle", "adapter", "gate", "telemetry", "store contract"],
  wrapup: [
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
  ],
  index: [
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
  ],
  testing: ["index"],
};

const core = "packages/core/src/";
const storeContract = `${core}store/contract.ts`;
/** Doors of their own, so that nobody loads what they do not use: not reached from the main door. */
const ownDoors = [`${core}store/sqlite/`, `${core}store/postgres/`];

/** What a published package may import by name, besides node's own modules: its manifest says it. */
export type Declared = Readonly<Record<string, readonly string[]>>;

/** One sentence per forbidden import; empty when every arrow of house rules is kept. */
export function violations(files: Files, declared: Declared): readonly string[] {
  const found: string[] = [];
  for (const [path, source] of files) {
    const territory = /^packages\/[^/]+\/(?:src|emulator)\//u.exec(path)?.[0];
    if (territory === undefined || !path.endsWith(".ts")) {
      continue;
    }
    for (const each of importsOf(path, source)) {
      const problem = judge(path, territory, each, declared);
      if (problem !== undefined) {
        found.push(`${path}: ${problem}`);
      }
    }
  }
  return found;
}

function judge(
  path: string,
  territory: string,
  { specifier, typesOnly }: Import,
  declared: Declared,
): string | undefined {
  if (specifier === undefined) {
    return "imports something computed, which nobody can check";
  }
  if (specifier.startsWith("node:")) {
    return undefined;
  }
  if (!specifier.startsWith(".")) {
    return judgePackage(territory, specifier, declared);
  }
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (!target.startsWith(territory)) {
    return `leaves ${territory} for ${target}`;
  }
  return territory === core ? judgeRooms(path, target, typesOnly) : undefined;
}

function judgePackage(
  territory: string,
  specifier: string,
  declared: Declared,
): string | undefined {
  const [, owner = "", part] = territory.split("/");
  if (part === "emulator") {
    return `an emulator imports node's modules only, not ${specifier}`;
  }
  if (specifier.startsWith("@wrapup/")) {
    const allowed = owner !== "core" && specifier === "@wrapup/core";
    return allowed ? undefined : `${owner} may not import ${specifier}`;
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return declared[owner]?.includes(name) === true
    ? undefined
    : `${specifier} is not a dependency of ${owner}`;
}

function judgeRooms(path: string, target: string, typesOnly: boolean): string | undefined {
  const from = roomOf(path);
  const to = roomOf(target);
  const allowed = coreArrows[from];
  if (allowed === undefined) {
    return `${from} is no room of core`;
  }
  if (to === "errors" || (from === to && path !== target)) {
    return undefined;
  }
  if (path !== target && isMainDoor(from) && ownDoors.some((door) => target.startsWith(door))) {
    return typesOnly ? undefined : `${from} may not load ${target}, which has a door of its own`;
  }
  const permitted =
    allowed.includes(to) ||
    (allowed.includes(`${to} (types)`) && typesOnly) ||
    (allowed.includes(`${to} contract`) && target === storeContract);
  return permitted ? undefined : `${from} may not import ${to}${typesOnly ? " (types)" : ""}`;
}

function isMainDoor(room: string): boolean {
  return room === "index" || room === "wrapup";
}

/** `packages/core/src/sync/worker.ts` → `sync`; `packages/core/src/wrapup.ts` → `wrapup`. */
function roomOf(path: string): string {
  const [first = ""] = path.slice(core.length).split("/");
  return first.replace(/\.ts$/u, "");
}

/** Every import, re-export, dynamic import and `import("x")` type of a file. */
function importsOf(path: string, source: string): readonly Import[] {
  const { module, program, errors } = parseSync(path, source);
  if (errors.length > 0) {
    throw new Error(`${path} does not parse: ${errors[0]?.message ?? "unknown error"}`);
  }
  const found: Import[] = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    typesOnly: entries.length > 0 && entries.every(({ isType }) => isType),
  }));
  for (const { moduleRequest, isType } of module.staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest !== null) {
      found.push({ specifier: moduleRequest.value, typesOnly: isType });
    }
  }
  new Visitor({
    ImportExpression: ({ source: from }) => {
      const literal = from.type === "Literal" && typeof from.value === "string";
      found.push({ specifier: literal ? from.value : undefined, typesOnly: false });
    },
    TSImportType: ({ source: from }) => {
      found.push({ specifier: from.value, typesOnly: true });
    },
    TSExternalModuleReference: ({ expression }) => {
      found.push({ specifier: expression.value, typesOnly: false });
    },
  }).visit(program);
  return found;
}
