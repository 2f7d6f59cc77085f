import type { Answer, Context, Write } from "../adapter/contract.ts";
import type { Clock } from "../model/clock.ts";
import type { Row } from "../model/ledger.ts";
import type { Observer } from "../model/observer.ts";
import type { RecordRef } from "../model/record.ts";
import type { Claim, Settlement, Store } from "../store/contract.ts";
import type { Connection } from "../gate/connection.ts";
import { batches } from "../plan/batches.ts";
import { beginRow } from "../plan/begin.ts";
import { pauseOf, settleRow } from "../plan/settle.ts";
import type { Planned } from "./planned.ts";
import { reportAnswer, reportParked } from "./report.ts";

/** What a flight needs of the world. */
export type FlightOptions = {
  readonly connection: Connection;
  readonly store: Store;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly random: () => number;
  /** Tries of one write that the CRM answers with a lock or a passing fault, before it is parked. */
  readonly maxAttempts: number;
  /** The CRM merged or converted a linked record: the interaction's link follows it. */
  readonly relink: (claim: Claim, from: RecordRef, to: RecordRef) => Promise<void>;
  /** A batch has been settled: its rows in the CRM are free for others. */
  readonly settled: (writes: readonly Write[]) => void;
};

type Job = { readonly planned: Planned; readonly write: Write };

/** Sends what was planned for a set of claims and settles every answer. Resolves when every claim has been let go. */
export async function fly(planned: readonly Planned[], options: FlightOptions): Promise<void> {
  const { connection, store, clock } = options;
  const jobs = new Map<Write, Job>();
  const left = new Map<Planned, number>();
  for (const one of planned) {
    left.set(one, one.writes.length);
    for (const write of one.writes) jobs.set(write, { planned: one, write });
  }
  const idle = planned.filter((one) => one.writes.length === 0);
  if (idle.length > 0)
    await store.settle(idle.map((one) => released(one, one.withoutCall, clock.now())));
  // As it was planned with: looking anew here could fail, and would leave every claim to its lease.
  const maxBatch = connection.batchLimit;
  const chains = batches([...jobs.keys()], (write) => wordOf(write, connection), maxBatch);
  const ends = await Promise.allSettled(
    chains.map(async (chain) => {
      for (const batch of chain) {
        const mine = batch.flatMap((write) => jobs.get(write) ?? []);
        await pushBatch(mine, left, options);
        options.settled(batch);
      }
    }),
  );
  for (const { claim, withoutCall } of planned) reportParked(options.observer, claim, withoutCall);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** An adapter that cannot even name a write's request gets it alone, so that it sinks no other. */
function wordOf(write: Write, { adapter }: Connection): string {
  try {
    return adapter.requestOf(write);
  } catch {
    return `unnamed ${write.entry.key}`;
  }
}

/** One request: rows made durable, sent once, answers settled (W1, W3). */
async function pushBatch(
  jobs: readonly Job[],
  left: Map<Planned, number>,
  options: FlightOptions,
): Promise<void> {
  const { connection, observer, clock } = options;
  const started = clock.now();
  const sent = await connection.gate.run("background", async (context) => {
    // Asked once it has its place, and answered before the place is free: nobody who waited for it goes out into a pause.
    const leave = await connection.gate.leave("background");
    if (leave.is === "closed") return undefined;
    const sent = judged(await sendBatch(jobs, context, options), connection);
    await disposeGate(
      sent.map(({ answer }) => answer),
      connection,
    );
    return sent;
  });
  if (sent === undefined) return settleAll(jobs, left, () => undefined, options);
  observer.event({
    event: "pushed",
    ...connection.key,
    writes: sent.length,
    ms: clock.now() - started,
  });
  const settled = new Map<Job, Row>();
  for (const { job, begun, answer } of sent) {
    const row = settleRow(job.write, begun, answer, {
      now: clock.now(),
      jitter: options.random(),
      maxAttempts: options.maxAttempts,
      landsWithinMs: connection.remembered?.abilities.landsWithinMs ?? 0,
      deleted: job.planned.claim.interaction.deleted !== undefined,
    });
    settled.set(job, row);
    job.planned.keep(job.write, row);
    reportAnswer(observer, job.planned.claim, job.write, row, answer, clock.now());
  }
  await settleAll(jobs, left, (job) => settled.get(job), options);
  for (const { job, answer } of sent)
    if (answer.is === "moved")
      await options.relink(
        job.planned.claim,
        { ...answer.from, connection: connection.key.connection },
        { ...answer.to, connection: connection.key.connection },
      );
}

type Sent = { readonly job: Job; readonly begun: Row; readonly answer: Answer };

/** Neither a yes nor a no: it tells nothing of the CRM's health. */
const isUnclear = (answer: Answer): boolean =>
  answer.is === "retry" && answer.why === "transient" && answer.sent === "maybe";

/** A CRM that fails one request after the other as a whole is ill, whatever it calls it: the connection pauses, and nothing is parked (W6). */
function judged(sent: readonly Sent[], { gate }: Connection): readonly Sent[] {
  if (sent.length === 0 || !sent.every(({ answer }) => isUnclear(answer))) return sent;
  if (!gate.failedWhole(sent.map(({ begun }) => begun.key))) return sent;
  return sent.map(({ job, begun, answer }) => ({
    job,
    begun,
    answer: answer.is === "retry" ? { ...answer, why: "unreachable" } : answer,
  }));
}

/** Makes the rows durable and sends those whose claim still holds. */
async function sendBatch(
  jobs: readonly Job[],
  context: Context,
  { connection, store, observer }: FlightOptions,
): Promise<readonly Sent[]> {
  const begun = jobs.map((job) => ({
    job,
    begun: beginRow(job.write, job.planned.row(job.write.entry.key)),
  }));
  const byClaim = Map.groupBy(begun, ({ job }) => job.planned);
  const kept = new Set(
    (
      await store.begin(
        [...byClaim].map(([{ claim }, own]) => ({ claim, rows: own.map(({ begun }) => begun) })),
      )
    ).map(laneOf),
  );
  const sending = begun.filter(({ job }) => kept.has(laneOf(job.planned.claim)));
  if (sending.length === 0) return [];
  const answers = await observer.span(
    "wrapup.push",
    {
      connection: connection.key.connection,
      tenant: connection.key.tenant,
      writes: sending.length,
    },
    () =>
      answersOf(
        sending.map(({ job }) => job),
        connection,
        context,
      ),
  );
  return sending.flatMap((one, n) => {
    const answer = answers[n];
    return answer === undefined ? [] : { ...one, answer };
  });
}

/** The adapter's answers, one per write. A throw or a wrong count is a broken adapter: everything may have been sent. */
async function answersOf(
  jobs: readonly Job[],
  connection: Connection,
  context: Context,
): Promise<readonly Answer[]> {
  const broken = (reason: string): readonly Answer[] =>
    jobs.map(() => ({ is: "retry", why: "transient", sent: "maybe", reason }));
  try {
    const answers = await connection.adapter.push(
      jobs.map((job) => job.write),
      context,
    );
    return answers.length === jobs.length
      ? answers
      : broken(`the adapter gave ${answers.length} answers to ${jobs.length} writes`);
  } catch (error) {
    return broken(
      `the adapter threw ${error instanceof Error ? error.name : "something"} instead of answering`,
    );
  }
}

/** Pauses the connection if any answer concerns all of it; otherwise the CRM is well. */
async function disposeGate(answers: readonly Answer[], connection: Connection): Promise<void> {
  const pause = answers.map(pauseOf).find((trouble) => trouble !== undefined);
  if (pause?.why === "schema") connection.expire();
  if (pause !== undefined) await connection.gate.pause(pause);
  else if (answers.some((answer) => !isUnclear(answer))) await connection.gate.succeeded();
}

/** Keeps the rows, and lets go of every claim whose last write this was. */
async function settleAll(
  jobs: readonly Job[],
  left: Map<Planned, number>,
  rowOf: (job: Job) => Row | undefined,
  { store, clock, observer, connection }: FlightOptions,
): Promise<void> {
  const settlements: Settlement[] = [];
  for (const [one, own] of Map.groupBy(jobs, (job) => job.planned)) {
    const rows = own.flatMap((job) => rowOf(job) ?? []);
    const remaining = (left.get(one) ?? 0) - own.length;
    left.set(one, remaining);
    if (remaining > 0) settlements.push({ claim: one.claim, rows });
    else settlements.push(released(one, [...rows, ...one.withoutCall], clock.now()));
  }
  const late = await store.settle(settlements);
  for (const claim of late)
    observer.event({
      event: "failure",
      where: "sync.settle",
      error: new Error(
        `an answer came after the lease had ended; the lane of ${connection.key.connection} is looked at again (fence ${claim.fence})`,
      ),
    });
}

/** Lets a lane go until the earliest of its rows is to be tried again; at once if something was not tried. */
function released(one: Planned, rows: readonly Row[], now: number): Settlement {
  const again = one.nextLook(now);
  return { claim: one.claim, rows, release: again === undefined ? {} : { again } };
}

const laneOf = (claim: Claim): string =>
  JSON.stringify([claim.lane.tenant, claim.lane.interaction]);
