import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Interaction } from "@wrapup/core";
import { BareStore, type Transaction } from "./bare-store.ts";
import { adapterFor, type Org } from "./salesforce-org.ts";
import { openOurs, type Running } from "./ours.ts";
import type { Row, Size } from "./row.ts";
import { median, side, spread, timed } from "./samples.ts";
import { commandsPerCall, connect, playCall, restOf } from "./story.ts";

const contact = "003be0000000001AAA";

/** Recording commands, beside a bare loop of the same transactions. Nothing is written to the CRM meanwhile. */
export async function measureIngest(org: Org, size: Size): Promise<readonly Row[]> {
  const calls = size.quick ? 20 : 200;
  const rounds = size.quick ? 2 : 15;
  const directory = join(size.directory, "ingest");
  await mkdir(directory, { recursive: true });
  const running = await openOurs(adapterFor(org.address), { directory, name: "ours" }, false);
  const bare = new BareStore(join(directory, "bare.db"));
  try {
    const script = await scriptOf(running);
    const rates = { one: [] as number[], sixteen: [] as number[], bare: [] as number[] };
    for (let round = -1; round < rounds; round += 1) {
      const ours = (atOnce: number) => () =>
        side(calls, atOnce, (n) =>
          playCall(running.wrapup, { id: `${round}-${atOnce}-${n}`, n, contact }),
        );
      const now = {
        one: await timed(ours(1)),
        bare: await timed(async () => playBare(bare, script, { calls, tag: `${round}` })),
        sixteen: await timed(ours(16)),
      };
      // The first round warms the code up.
      if (round >= 0)
        for (const name of ["one", "sixteen", "bare"] as const)
          rates[name].push(((calls * commandsPerCall) / now[name]) * 1_000);
    }
    return [
      rowOf("one caller", rates.one, rates.bare),
      rowOf("16 callers", rates.sixteen, rates.bare),
    ];
  } finally {
    bare.close();
    await running.close();
  }
}

/** What each command of a call leaves in the store: the peer writes the same bytes, and nothing has to be decided. */
async function scriptOf({ wrapup, store }: Running): Promise<readonly Transaction[]> {
  const id = "script";
  const script: Transaction[] = [];
  let lines = 0;
  let wasReady = false;
  const look = async (): Promise<void> => {
    const key = { tenant: "default", interaction: id };
    const [found, history] = [await store.read(key), await store.history(key)];
    if (found === undefined) throw new Error("the script's call is not there");
    const isReady = found.lanes.some((lane) => lane.wakeAt !== undefined);
    script.push({
      state: JSON.stringify(found.interaction),
      deadlineAt: deadlineIn(found.interaction),
      event: `${script.length + 1}-something`,
      history: JSON.stringify(history.slice(lines)),
      wakes: isReady && !wasReady,
    });
    lines = history.length;
    wasReady = isReady;
  };
  // Each command is looked at as soon as it is recorded; `connect` is two of them.
  await wrapup.interactions.start({
    id,
    channel: "voice",
    customer: { name: "Cora Customer 1", phone: "+14155550001", email: "cora1@customer.example" },
    queue: "Support",
    eventId: "1-start",
  });
  await look();
  const open = await connect(wrapup, { id, n: 1 });
  await look();
  for (const step of restOf({ contact })) {
    await step(open);
    await look();
  }
  return script;
}

/** Any moment will do: the peer keeps one where ours does. */
const deadlineIn = ({ over, recordedAt }: Interaction): number | null =>
  over ? null : recordedAt + 3_600_000;

function playBare(
  bare: BareStore,
  script: readonly Transaction[],
  { calls, tag }: { readonly calls: number; readonly tag: string },
): void {
  for (let n = 0; n < calls; n += 1)
    for (const transaction of script) bare.write(`${tag}-${n}`, transaction);
}

function rowOf(who: string, ours: readonly number[], peer: readonly number[]): Row {
  const more = 1e6 / median(ours) - 1e6 / median(peer);
  return {
    name: `ingest, ${who}`,
    ours: median(ours),
    peer: median(peer),
    unit: "commands/s",
    against: "bare node:sqlite loop of the same transactions",
    aim: "≥ 0.6 ×",
    met: median(ours) / median(peer) >= 0.6,
    note: `ours ${spread(ours)}, peer ${spread(peer)}`,
    reason: `a command costs ${more.toFixed(0)} µs more than its bare commit: it is checked, the interaction is read and decided upon, and the commit waits for the end of the event loop's turn, so that callers can share it`,
  };
}
