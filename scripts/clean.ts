import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./shell.ts";

// Old output must not reach a tarball.
for (const name of readdirSync(join(root, "packages"))) {
  rmSync(join(root, "packages", name, "dist"), { recursive: true, force: true });
}
