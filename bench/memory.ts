import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { adapterFor, type Org } from "./salesforce-org.ts";
import { openOurs } from "./ours.ts";
import type { Row, Size } from "./row.ts";
import { median, side } from "./samples.ts";
import { connect } from "./story.ts";

/** What the child tells, in MB, after collecting garbage. */
export type Memory = { readonly rss: number; readonly heap: number };

const child = fileURLToPath(new URL("memory-child.ts", import.meta.url));
const run = promisify(execFile);

/** A working process with few open interactions in its store, beside one with many. */
export async function measureMemory(org: Org, size: Size): Promise<readonly Row[]> {
  const few = size.quick ? 100 : 1_000;
  const many = size.quick ? 2_000 : 100_000;
  const rounds = size.quick ? 1 : 3;
  const contacts = await org.refill(10);
  await prepare(org, size, { from: 0, to: few, name: `open-${few}` });
  await cp(join(size.directory, `open-${few}.db`), join(size.directory, `open-${many}.db`));
  await prepare(org, size, { from: few, to: many, name: `open-${many}` });
  const found = { few: [] as Memory[], many: [] as Memory[] };
  for (let round = 0; round < rounds; round += 1)
    for (const [name, open] of [
      ["few", few],
      ["many", many],
    ] as const)
      found[name].push(await inChild(org, size, { open, contact: contacts[0] ?? "", round }));
  return [rowOf(few, many, found)];
}

/** Fills a file with calls that agents are in; nothing of them is due. */
async function prepare(
  org: Org,
  size: Size,
  { from, to, name }: { readonly from: number; readonly to: number; readonly name: string },
): Promise<void> {
  const { wrapup } = await openOurs(
    adapterFor(org.address),
    { directory: size.directory, name },
    false,
  );
  await side(
    to - from,
    250,
    async (n) => void (await connect(wrapup, { id: `open-${from + n}`, n })),
  );
  // Not through `close` of ours, which deletes the file.
  await wrapup.close();
}

/** One measurement, in a process of its own and on a copy of its own. */
async function inChild(
  org: Org,
  size: Size,
  of: { readonly open: number; readonly contact: string; readonly round: number },
): Promise<Memory> {
  const directory = join(size.directory, `memory-${of.open}-${of.round}`);
  await mkdir(directory);
  await cp(join(size.directory, `open-${of.open}.db`), join(directory, "open.db"));
  const task = JSON.stringify({ address: org.address, directory, ...of });
  const { stdout } = await run(process.execPath, ["--expose-gc", child, task]);
  const said: unknown = JSON.parse(stdout);
  if (isMemory(said)) return said;
  throw new Error("the child said nothing of its memory");
}

const isMemory = (said: unknown): said is Memory =>
  typeof said === "object" && said !== null && "rss" in said && "heap" in said;

function rowOf(
  few: number,
  many: number,
  found: { readonly few: readonly Memory[]; readonly many: readonly Memory[] },
): Row {
  const [low, high] = [
    median(found.few.map(({ rss }) => rss)),
    median(found.many.map(({ rss }) => rss)),
  ];
  const heap = (of: readonly Memory[]): string => median(of.map(({ heap }) => heap)).toFixed(1);
  return {
    name: `memory, ${many.toLocaleString("en-US")} open`,
    ours: high,
    peer: low,
    unit: "MB resident",
    against: `ours with ${few.toLocaleString("en-US")} open`,
    aim: "≤ 50 MB more",
    met: high - low <= 50,
    note: `${(high - low).toFixed(1)} MB more; heap ${heap(found.few)} → ${heap(found.many)} MB`,
  };
}
