import { existsSync, readFileSync } from "node:fs";

const root = new URL("../../../../../shared/data/dataverse/", import.meta.url);

/** The compiled schema lies beside a checkout, if at all; tests that need it skip where it is absent. */
export const haveShared = existsSync(root);

/** Reads one file of ../shared/data/dataverse. */
export function sharedJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), "utf8"));
}
