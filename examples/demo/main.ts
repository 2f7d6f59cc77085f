import { type Flags, help, readFlags } from "./flags.ts";
import { InputError, readInput } from "./input.ts";
import { timeOfDay } from "./paint.ts";
import { jsonOf, proofText } from "./proof-text.ts";
import { realFacts, realRecordings } from "./real.ts";
import { replayOf } from "./replay.ts";
import { faultsOf, type Result } from "./result.ts";
import { run } from "./run.ts";
import { busyHalfHour } from "./scenario.ts";
import { Screen } from "./screen.ts";
import { crmLabels, type Scenario } from "./story.ts";
import { costOf, listOf, tableOf } from "./table.ts";

const exit = { holds: 0, fails: 1, usage: 2, interrupted: 130 } as const;

/** Plays what the flags ask for. Answers the process's exit code. */
async function demo(flags: Flags): Promise<number> {
  const screen = new Screen(process.stdout);
  const scenario = await scenarioOf(flags);
  if ("problem" in scenario) {
    process.stderr.write(`${scenario.problem}\n`);
    return exit.usage;
  }
  if ("skipped" in scenario) {
    screen.line(scenario.skipped);
    return exit.holds;
  }
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  screen.line(
    screen.paint.bold(
      `A busy half hour of a contact center: ${scenario.stories.length} interactions, played in about ${flags.seconds} seconds.`,
    ),
  );
  for (const remark of scenario.remarks) screen.line(remark);
  screen.line(`${processesText(scenario)}, over real HTTP. Times are the contact center's.\n`);
  try {
    const result = await run({
      scenario,
      seed: flags.seed,
      seconds: flags.seconds,
      ...(flags.sabotage !== undefined && { sabotage: flags.sabotage }),
      says: (at, text) => screen.line(screen.paint.dim(`  ${timeOfDay(at)}  ${text}`)),
      progress: (now) => screen.progress(now),
      signal: stop.signal,
    });
    screen.endProgress();
    show(result, flags, screen);
    return faultsOf(result).length === 0 ? exit.holds : exit.fails;
  } catch (error) {
    screen.endProgress();
    // Stories still wait for their moments; nobody is there to see them.
    if (stop.signal.aborted) process.exit(exit.interrupted);
    process.stderr.write(
      `The demo could not run: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return exit.fails;
  }
}

const processesText = ({ crms }: Scenario): string =>
  crms.length === 1
    ? `Three processes: the app, the worker that writes, and an emulated ${crms.map((crm) => crmLabels[crm]).join()} that misbehaves`
    : `Four processes: the app, the worker that writes, an emulated ${crms.map((crm) => crmLabels[crm]).join(" and an emulated ")} that misbehave, each in its own way`;

type Chosen = Scenario | { readonly problem: string } | { readonly skipped: string };

async function scenarioOf(flags: Flags): Promise<Chosen> {
  if (flags.real) {
    const recordings = await realRecordings(flags.seed);
    return recordings === undefined
      ? {
          skipped:
            "Skipped: the real recordings (../shared/data/contact-center) are not here. pnpm demo plays an invented half hour.",
        }
      : replayOf(recordings, flags.crms, realFacts);
  }
  if (flags.input === undefined) return busyHalfHour(flags);
  try {
    return replayOf(await readInput(flags.input), flags.crms, [
      `Replayed from ${flags.input}. What the CRM knew before is invented, and the gaps between interactions are squeezed.`,
    ]);
  } catch (error) {
    if (error instanceof InputError) return { problem: error.message };
    throw error;
  }
}

function show(result: Result, flags: Flags, screen: Screen): void {
  const { paint } = screen;
  const faults = faultsOf(result);
  screen.line();
  for (const [n, row] of tableOf(result).entries()) screen.line(n === 0 ? paint.bold(row) : row);
  screen.line();
  for (const row of costOf(result)) screen.line(row);
  if (flags.list)
    for (const row of ["", paint.bold("Every interaction"), ...listOf(result)]) screen.line(row);
  screen.line(
    `\n${paint.bold("Proof: each emulated CRM's own records, compared with what the story says should be there")}`,
  );
  for (const row of proofText(result, paint)) screen.line(row);
  screen.line();
  if (flags.sabotage !== undefined)
    screen.line(`Sabotaged on purpose (${flags.sabotage}); the proof must fail.`);
  screen.line(
    faults.length === 0
      ? paint.good("The proof holds.")
      : paint.bad(`The proof fails: ${faults.join("; ")}.`),
  );
  if (flags.json) process.stdout.write(`${jsonOf(result)}\n`);
}

const read = readFlags(process.argv.slice(2));
if ("problem" in read) {
  process.stderr.write(`${read.problem}. See pnpm demo --help.\n`);
  process.exitCode = exit.usage;
} else if (read.flags.help) {
  process.stdout.write(`${help}\n`);
} else {
  process.exitCode = await demo(read.flags);
}
