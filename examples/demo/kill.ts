import { pause, until } from "./fast-clock.ts";
import { minute } from "./story.ts";
import { latency, type World } from "./world.ts";

/** When the worker's process is killed. */
const killedAt = 13.7 * minute;

/** Kills the worker with -9 while requests are under way, and starts another. Answers how many writes were under way. */
export async function killMidway(
  { crms, store, time, killWorker, startWorker }: World,
  begin: number,
  says: (text: string) => void,
): Promise<number> {
  const slow = (ms: number): Promise<unknown> =>
    Promise.all(crms.map(({ probe }) => probe.setLatency(ms)));
  await until(begin + killedAt, time);
  // A slow CRM for a moment, so that a request is surely under way: the CRM carries it out, and nobody hears the answer.
  await slow(latency.slow);
  let underWay = 0;
  for (let left = 150; left > 0 && underWay === 0; left -= 1) {
    await pause(10);
    underWay = (await store.rows({ state: "open" })).filter(({ row }) => row.maybeSent).length;
  }
  await killWorker();
  says(
    `the worker is killed (kill -9) with ${underWay} ${underWay === 1 ? "write" : "writes"} under way`,
  );
  await slow(latency.usual);
  await startWorker();
  says("a new worker has started");
  return underWay;
}
