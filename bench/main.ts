import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureDrain } from "./drain.ts";
import { measureDueToRequest } from "./due-to-request.ts";
import { type Org, startOrg } from "./emulator.ts";
import { measureIngest } from "./ingest.ts";
import { measureMemory } from "./memory.ts";
import { plainRow, type Row, type Size } from "./row.ts";
import { tableOf } from "./table.ts";

const help = `Measures the library beside other ways of doing the same, in one run, against the Salesforce emulator in a process of its own.
Numbers depend on the machine and on what else it does; ratios much less.

  --only <name>       drain, due-to-request, ingest or memory
  --quick             few of everything: shows that the benchmarks work, not how fast anything is
  --json              the last line is an array of {name, ours, peer, ratio, unit}
  --directory <path>  where files are put: a real disk (the system's temporary directory)
  --help`;

const measures: Readonly<Record<string, (org: Org, size: Size) => Promise<readonly Row[]>>> = {
  ingest: measureIngest,
  "due-to-request": measureDueToRequest,
  drain: measureDrain,
  memory: measureMemory,
};

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    directory: { type: "string", default: tmpdir() },
    help: { type: "boolean", default: false },
  },
});

/** How many wanted a processor in the last minute: above their number, everything that computes looks slow. */
const load = (): string => (loadavg()[0] ?? 0).toFixed(1);

async function main(): Promise<void> {
  const chosen = Object.entries(measures).filter(
    ([name]) => values.only === undefined || values.only === name,
  );
  if (chosen.length === 0)
    throw new Error(`--only takes one of ${Object.keys(measures).join(", ")}`);
  const loadBefore = load();
  const directory = await mkdtemp(join(values.directory, "wrapup-bench-"));
  const org = await startOrg();
  const rows: Row[] = [];
  try {
    for (const [name, measure] of chosen) {
      console.error(`measuring ${name} …`);
      rows.push(...(await measure(org, { quick: values.quick, directory })));
    }
  } finally {
    await org.close();
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
