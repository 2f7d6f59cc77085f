import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureDrainDynamics } from "./drain-dynamics.ts";
import { measureDrain } from "./drain.ts";
import { measureDueToRequest } from "./due-to-request.ts";
import { startEnvironment } from "./dynamics-org.ts";
import { measureHostile } from "./hostile.ts";
import { measureIngest } from "./ingest.ts";
import { measureMemory } from "./memory.ts";
import { plainRow, type Row, type Size } from "./row.ts";
import { startOrg } from "./salesforce-org.ts";
import { tableOf } from "./table.ts";

const help = `Measures the library beside other ways of doing the same, in one run, against the emulators, each in a process of its own.
Numbers depend on the machine and on what else it does; ratios much less.

  --only <name>       ingest, due-to-request, drain, memory, drain-dynamics or hostile
  --quick             few of everything: shows that the benchmarks work, not how fast anything is
  --json              the last line is an array of {name, ours, peer, ratio, unit}
  --directory <path>  where files are put: a real disk (the system's temporary directory)
  --help`;

/** A measurement, with an emulator that is started for it. */
const against =
  <Crm extends { readonly close: () => Promise<void> }>(
    start: () => Promise<Crm>,
    measure: (crm: Crm, size: Size) => Promise<readonly Row[]>,
  ) =>
  async (size: Size): Promise<readonly Row[]> => {
    const crm = await start();
    try {
      return await measure(crm, size);
    } finally {
      await crm.close();
    }
  };

const measures: Readonly<Record<string, (size: Size) => Promise<readonly Row[]>>> = {
  ingest: against(startOrg, measureIngest),
  "due-to-request": against(startOrg, measureDueToRequest),
  drain: against(startOrg, measureDrain),
  memory: against(startOrg, measureMemory),
  "drain-dynamics": against(startEnvironment, measureDrainDynamics),
  hostile: against(startEnvironment, measureHostile),
};

const options = {
  only: { type: "string" },
  quick: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  directory: { type: "string", default: tmpdir() },
  help: { type: "boolean", default: false },
} as const;

/** How many wanted a processor in the last minute: above their number, everything that computes looks slow. */
const load = (): string => (loadavg()[0] ?? 0).toFixed(1);

/** The command line; a wrong one is told in one line. */
function readFlags() {
  try {
    const { values } = parseArgs({ options });
    if (values.only === undefined || values.only in measures) return values;
    console.error(`--only takes one of ${Object.keys(measures).join(", ")}. See --help.`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}. See --help.`);
  }
  process.exit(2);
}

const values = readFlags();

async function main(): Promise<void> {
  const chosen = Object.entries(measures).filter(
    ([name]) => values.only === undefined || values.only === name,
  );
  const loadBefore = load();
  const directory = await mkdtemp(join(values.directory, "wrapup-bench-"));
  const rows: Row[] = [];
  try {
    for (const [name, measure] of chosen) {
      console.error(`measuring ${name} …`);
      rows.push(...(await measure({ quick: values.quick, directory })));
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  console.log(tableOf(rows));
  console.log(
    `\nNode ${process.version}, ${availableParallelism()} processors, load ${loadBefore} before and ${load()} after${values.quick ? "; --quick: too few for numbers to mean anything" : ""}`,
  );
  if (values.json) console.log(JSON.stringify(rows.map(plainRow)));
}

if (values.help) console.log(help);
else await main();
