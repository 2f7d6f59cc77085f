import type { Environment } from "./dynamics-org.ts";
import { batchesOf, type Habit, type Peer, singles } from "./dynamics-peers.ts";
import { type Drained, drainOurs, drainPeer, learnCall } from "./dynamics-runs.ts";
import type { Row, Size } from "./row.ts";

/** Draining while 2 % of the replies are lost and 2 % of the requests are told to slow down: what is lost and what is doubled. */
export async function measureHostile(
  environment: Environment,
  size: Size,
): Promise<readonly Row[]> {
  const backlog = size.quick ? 200 : 2_000;
  const callFor = await learnCall(environment, size);
  const of = { backlog, waits: { latencyMs: 25 }, hostile: () => misbehave(environment) };
  const ours = await drainOurs(environment, size, of);
  const peer = (way: (habit: Habit) => Peer, tries: number): Promise<Drained> =>
    drainPeer(environment, way, callFor, { ...of, tries });
  return [
    ...rowsOf(ours, await peer(singles, 1), "singles", "20 at a time, nothing tried again"),
    ...rowsOf(ours, await peer(singles, 5), "retries", "20 at a time, each tried 5 times"),
    ...rowsOf(
      ours,
      await peer(batchesOf(10), 5),
      "batches",
      "batches of 10 operations as Microsoft advises, each tried 5 times",
    ),
  ];
}

async function misbehave({ control }: Environment): Promise<void> {
  const often = { rate: 0.02, times: Number.POSITIVE_INFINITY };
  await control.fault({ kind: "replyLost", ...often });
  await control.fault({
    kind: "status",
    status: 429,
    code: "0x80072322",
    message: "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
    headers: { "Retry-After": "1" },
    ...often,
  });
}

const rowsOf = (ours: Drained, peer: Drained, name: string, words: string): readonly Row[] =>
  (["lost", "doubled"] as const).map((what) => ({
    name: `Dynamics, 2 % bad replies, ${what}, ${name}`,
    ours: ours[what],
    peer: peer[what],
    unit: "interactions",
    against: `dynamics-web-api, ${words}`,
    aim: "0",
    met: ours[what] === 0 && ours.left === 0,
    note: `ours ${ours.rate.toFixed(0)} interactions/s and waits when it is told to, peer ${peer.rate.toFixed(0)}; it gave up on ${peer.left}`,
  }));
