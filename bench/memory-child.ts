/** Started by memory.ts with --expose-gc: works on a store for a while, then tells its memory as JSON. */
import { setTimeout as sleep } from "node:timers/promises";
import { adapterFor, type Address } from "./salesforce-org.ts";
import type { Memory } from "./memory.ts";
import { openOurs, warm } from "./ours.ts";
import { side } from "./samples.ts";

type Task = {
  readonly address: Address;
  readonly directory: string;
  readonly open: number;
  readonly contact: string;
  readonly round: number;
};

const isTask = (given: unknown): given is Task =>
  typeof given === "object" && given !== null && "address" in given && "open" in given;

async function main(): Promise<Memory> {
  const task: unknown = JSON.parse(process.argv[2] ?? "null");
  const collect = globalThis.gc;
  if (!isTask(task) || collect === undefined) throw new Error("this is started by memory.ts");
  const running = await openOurs(adapterFor(task.address), {
    directory: task.directory,
    name: "open",
  });
  // The same work whatever the store holds: calls are written, and open ones are touched all over the file.
  await warm(
    running,
    Array.from({ length: 10 }, () => task.contact),
  );
  const stride = Math.max(1, Math.floor(task.open / 1_000));
  await side(Math.min(1_000, task.open), 8, async (n) => {
    const call = await running.wrapup.interactions.get(`open-${(n * stride) % task.open}`);
    await call.hold();
    await call.explain();
    await call.resume();
  });
  await running.wrapup.drain();
  for (let n = 0; n < 5; n += 1) {
    collect();
    await sleep(100);
  }
  const { rss, heapUsed } = process.memoryUsage();
  await running.close();
  return { rss: rss / 1e6, heap: heapUsed / 1e6 };
}

console.log(JSON.stringify(await main()));
