import { existsSync, readFileSync } from "node:fs";

const root = new URL("../../../../../shared/data/salesforce/", import.meta.url);

/** Real describes and recordings lie beside a checkout, if at all; tests that need them skip where they are absent. */
export const haveShared = existsSync(root);

/** Reads one file of ../shared/data/salesforce. */
export function sharedJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), "utf8"));
}
