import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The text of files by their path from the repository's root, with forward slashes. */
export type Files = ReadonlyMap<string, string>;

const generated = new Set(["node_modules", "dist", "coverage", ".git"]);
const text = /\.(?:ts|mjs|cjs|js|json|jsonc|md|yaml|yml|sql|sh|html|css)$|^\.ci\/run$|^LICENSE$/u;

/** Every text file of the repository, the lockfile and what tools generate excepted. */
export function readFiles(folder = ""): Files {
  const files = new Map<string, string>();
  if (!existsSync(join(root, folder))) {
    return files;
  }
  for (const item of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? item.name : `${folder}/${item.name}`;
    if (generated.has(item.name) || path === "pnpm-lock.yaml") {
      continue;
    }
    if (item.isDirectory()) {
      for (const [inner, content] of readFiles(path)) {
        files.set(inner, content);
      }
    } else if (text.test(path)) {
      files.set(path, readFileSync(join(root, path), "utf8"));
    }
  }
  return files;
}
