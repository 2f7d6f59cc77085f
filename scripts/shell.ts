import { spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command with its output shown; throws when it fails. Windows needs the shell to find pnpm. */
export function run(command: string, args: readonly string[], cwd: string = root): void {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (error !== undefined) {
    throw error;
  }
  if (status !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed (exit ${String(status)})`);
  }
}

export type Step = { readonly name: string; readonly run: () => void };

/** Runs the steps in order, prints each with its time, stops at the first that fails; true when all passed. */
export function runSteps(steps: readonly Step[]): boolean {
  const began = performance.now();
  for (const step of steps) {
    console.log(`\n▶ ${step.name}`);
    const stepBegan = performance.now();
    try {
      step.run();
    } catch (error) {
      console.error(`✗ ${step.name}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
    console.log(`✓ ${step.name} (${seconds(stepBegan)})`);
  }
  console.log(`\n✓ ${String(steps.length)} steps (${seconds(began)})`);
  return true;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
