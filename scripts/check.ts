/**
 * Everything a change must pass, in order of price: `pnpm check`.
 * `--no-tests` leaves the tests out, for a machine that has just run them.
 */
import { parseArgs } from "node:util";
import { run, runSteps, type Step } from "./shell.ts";

const { values } = parseArgs({ options: { "no-tests": { type: "boolean", default: false } } });

function script(name: string, scripts: readonly string[]): Step {
  return {
    name,
    run: () => {
      for (const each of scripts) {
        run("pnpm", ["run", "--silent", each]);
      }
    },
  };
}

const steps: readonly Step[] = [
  script("format", ["format:check"]),
  script("lint (type-aware)", ["lint"]),
  script("types", ["typecheck"]),
  script("unused code and dependencies, cycles", ["unused"]),
  ...(values["no-tests"]
    ? []
    : [script("tests with coverage (arrows and house rules among them)", ["coverage"])]),
  script("build", ["clean", "build"]),
  script("packages, as a stranger installs them", ["check:packages"]),
];

process.exitCode = runSteps(steps) ? 0 : 1;
