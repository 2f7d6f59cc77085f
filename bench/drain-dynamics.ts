import type { Environment } from "./dynamics-org.ts";
import { batchesOf, type Habit, type Peer, singles } from "./dynamics-peers.ts";
import { type Drained, drainOurs, drainPeer, learnCall, type Waits } from "./dynamics-runs.ts";
import type { Row, Size } from "./row.ts";
import { median, spread } from "./samples.ts";

/** Of each size: the backlog, and how often all is repeated. */
const sizes = { full: { backlog: 2_000, rounds: 3 }, quick: { backlog: 200, rounds: 1 } };

/** With and without a time for each operation: Dataverse works the operations of a batch off one after another (facts §1.6). */
const waiting: readonly Waits[] = [
  { latencyMs: 0 },
  { latencyMs: 25 },
  { latencyMs: 100 },
  { latencyMs: 25, operationMs: 5 },
];

/** Ways of dynamics-web-api to write the same phone calls. */
const peers: readonly { readonly words: string; readonly way: (habit: Habit) => Peer }[] = [
  { words: "singles, 20 at a time", way: singles },
  { words: "batches of 100 operations", way: batchesOf(100) },
  { words: "batches of 1,000 operations", way: batchesOf(1_000) },
];

/** Draining a ready backlog into Dynamics 365, beside other ways to write it. */
export async function measureDrainDynamics(
  environment: Environment,
  size: Size,
): Promise<readonly Row[]> {
  const { backlog, rounds } = size.quick ? sizes.quick : sizes.full;
  const callFor = await learnCall(environment, size);
  const ours = (waits: Waits): Promise<Drained> =>
    drainOurs(environment, size, { backlog, waits }).then(complete);
  // Both processes run at full speed only when their code is warm.
  if (!size.quick) await ours({ latencyMs: 0 });
  const rows: Row[] = [];
  for (const waits of waiting) {
    const own: Drained[] = [];
    const theirs = peers.map((peer) => ({ ...peer, found: [] as Drained[] }));
    for (let round = 0; round < rounds; round += 1) {
      own.push(await ours(waits));
      for (const { way, found } of theirs)
        found.push(complete(await drainPeer(environment, way, callFor, { backlog, waits })));
    }
    rows.push(...rowsOf(waits, own, theirs));
  }
  return rows;
}

/** Skipping is fast, too. */
function complete(drained: Drained): Drained {
  const { left, lost, doubled } = drained;
  if (left + lost + doubled > 0)
    throw new Error(`not everything was written once: ${JSON.stringify(drained)}`);
  return drained;
}

const rates = (found: readonly Drained[]): readonly number[] => found.map(({ rate }) => rate);
const requests = (found: readonly Drained[]): number => median(found.map((one) => one.requests));

type Theirs = { readonly words: string; readonly found: readonly Drained[] };

function rowsOf(
  { latencyMs, operationMs = 0 }: Waits,
  own: readonly Drained[],
  theirs: readonly Theirs[],
): readonly Row[] {
  const name = `Dynamics drain ${latencyMs}${operationMs === 0 ? "" : ` + ${operationMs}`} ms`;
  const ours = median(rates(own));
  const fastest = Math.max(...theirs.map(({ found }) => median(rates(found))));
  return theirs.flatMap(({ words, found }): readonly Row[] => {
    const peer = median(rates(found));
    const aimed = peer === fastest && latencyMs > 0;
    return [
      {
        name: `${name}, ${words}`,
        ours,
        peer,
        unit: "interactions/s",
        against: `dynamics-web-api, ${words}${operationMs === 0 ? "" : `; each operation takes ${operationMs} ms`}`,
        aim: aimed ? "≥ 1 ×" : "-",
        met: !aimed || ours >= peer,
        note: `ours ${spread(rates(own))}, peer ${spread(rates(found))}`,
        reason,
      },
      {
        name: `${name}, requests of ${words}`,
        ours: requests(own),
        peer: requests(found),
        unit: "requests per 1,000",
        against: `dynamics-web-api, ${words}`,
        aim: "-",
        met: true,
      },
    ];
  });
}

const reason =
  "one waiting time for 1,000 operations flatters large batches: Dataverse works them off one after another, and ends a request after two minutes (see the rows with a time per operation). Ours begins with small batches side by side until it knows the environment, and its one thread is busy all the time: planning, and keeping each row durably before and after its request";
