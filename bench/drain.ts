import { adapterFor, type Org } from "./salesforce-org.ts";
import { hold, openOurs, warm } from "./ours.ts";
import { bareFetch, jsforceArray, jsforceLoop, type PeerAddress, type TaskBody } from "./peers.ts";
import type { Row, Size } from "./row.ts";
import { median, side, spread, timed } from "./samples.ts";
import { playCall } from "./story.ts";

/** Rates in records per second, one per round. */
type Rounds = {
  readonly ours: number[];
  readonly loop: number[];
  readonly array: number[];
  readonly limit: number[];
  /** Our API calls per 1,000 interactions. */
  readonly calls: number[];
  readonly arrayCalls: number[];
  /** Our process's processor time per interaction, µs. */
  readonly cpu: number[];
  /** Share of the time that our one thread was busy. */
  readonly busy: number[];
};

const names = ["ours", "loop", "array", "limit", "calls", "arrayCalls", "cpu", "busy"] as const;

/** Of each size: the backlog, what the slow peer is given, and how often all is repeated. */
const sizes = {
  full: { backlog: 5_000, loop: 100, rounds: 5 },
  quick: { backlog: 600, loop: 10, rounds: 1 },
};

/** Draining a ready backlog, beside three other ways to write the same tasks. */
export async function measureDrain(org: Org, size: Size): Promise<readonly Row[]> {
  const of = size.quick ? sizes.quick : sizes.full;
  // Both processes run at full speed only when their code is warm.
  const first = await org.refill(of.backlog);
  const tasks = await learnTasks(org, size, first);
  const rows: Row[] = [];
  for (const latencyMs of [25, 100]) {
    const rounds: Rounds = {
      ours: [],
      loop: [],
      array: [],
      limit: [],
      calls: [],
      arrayCalls: [],
      cpu: [],
      busy: [],
    };
    if (!size.quick) await oneRound(org, size, tasks, { latencyMs: 0, of });
    for (let round = 0; round < of.rounds; round += 1) {
      const now = await oneRound(org, size, tasks, { latencyMs, of });
      for (const name of names) rounds[name].push(now[name]);
    }
    rows.push(...rowsOf(latencyMs, of.backlog, rounds));
  }
  return rows;
}

type Round = { readonly [name in keyof Rounds]: number };

/** Every way once. The org is emptied before each, so that nobody finds another's rows. */
async function oneRound(
  org: Org,
  size: Size,
  taskFor: (contact: string, n: number) => TaskBody,
  { latencyMs, of }: { readonly latencyMs: number; readonly of: (typeof sizes)["full"] },
): Promise<Round> {
  const contacts = await org.refill(of.backlog);
  const ours = await drainOurs(org, size, contacts, latencyMs);
  const peer = async (
    count: number,
    run: (tasks: readonly TaskBody[]) => (at: PeerAddress) => Promise<void>,
  ): Promise<{ readonly rate: number; readonly calls: number }> => {
    const fresh = await org.refill(of.backlog);
    const go = run(fresh.slice(0, count).map((contact, n) => taskFor(contact, n)));
    const at = { url: org.address.url, token: await org.token() };
    await org.control.setLatency(latencyMs);
    const ms = await timed(() => go(at));
    const calls = await org.control.callCount();
    return { rate: (count / ms) * 1_000, calls: (calls / count) * 1_000 };
  };
  const limit = await peer(of.backlog, bareFetch);
  const array = await peer(of.backlog, (tasks) => (at) => jsforceArray(at, tasks));
  const loop = await peer(of.loop, (tasks) => (at) => jsforceLoop(at, tasks));
  return {
    ours: ours.rate,
    calls: ours.calls,
    cpu: ours.cpu,
    busy: ours.busy,
    limit: limit.rate,
    array: array.rate,
    arrayCalls: array.calls,
    loop: loop.rate,
  };
}

/** Gathers the backlog while the connection is held, then times from its release to the last receipt. */
async function drainOurs(
  org: Org,
  size: Size,
  contacts: readonly string[],
  latencyMs: number,
): Promise<{
  readonly rate: number;
  readonly calls: number;
  readonly cpu: number;
  readonly busy: number;
}> {
  const running = await openOurs(adapterFor(org.address), {
    directory: size.directory,
    name: "drain",
  });
  try {
    await warm(running, contacts);
    await hold(running);
    await side(contacts.length, 200, (n) =>
      playCall(running.wrapup, { id: `call-${n}`, n, contact: contacts[n] ?? "" }),
    );
    await org.control.setLatency(latencyMs);
    const before = await org.control.callCount();
    const [cpu, loop] = [process.cpuUsage(), performance.eventLoopUtilization()];
    const ms = await timed(async () => {
      await running.wrapup.resume("sales");
      await running.wrapup.drain();
    });
    const used = process.cpuUsage(cpu);
    const busy = performance.eventLoopUtilization(loop).utilization;
    const calls = (await org.control.callCount()) - before;
    const left = await running.wrapup.stats();
    if (left.ready + left.claimed + left.later + left.parked > 0)
      throw new Error(`not everything was written: ${JSON.stringify(left)}`);
    // Skipping is fast, too.
    if (calls < contacts.length / 200) throw new Error(`${calls} calls cannot have written it all`);
    return {
      rate: (contacts.length / ms) * 1_000,
      calls: (calls / contacts.length) * 1_000,
      cpu: (used.user + used.system) / contacts.length,
      busy,
    };
  } finally {
    await running.close();
  }
}

/** The fields of a task that an app would set; the rest is the org's. */
const settable = [
  "Subject",
  "Status",
  "TaskSubtype",
  "CallType",
  "CallDurationInSeconds",
  "CallDisposition",
  "Description",
  "ActivityDate",
  "OwnerId",
];

/** Makes peers write what ours writes: the fields of one of our own tasks, for another contact and under another key. */
async function learnTasks(
  org: Org,
  size: Size,
  contacts: readonly string[],
): Promise<(contact: string, n: number) => TaskBody> {
  const running = await openOurs(adapterFor(org.address), {
    directory: size.directory,
    name: "learn",
  });
  try {
    await warm(running, contacts);
    const [written] = await org.control.records("Task");
    if (written === undefined) throw new Error("warming up wrote nothing");
    const key = String(written.fields["Wrapup_Key__c"]);
    const own = Object.fromEntries(
      settable.flatMap((name) => (name in written.fields ? [[name, written.fields[name]]] : [])),
    );
    const { OwnerId: _who, ...rest } = own;
    return (contact, n) => ({
      ...rest,
      WhoId: contact,
      Wrapup_Key__c: `${key}${String(n).padStart(6, "0")}`,
    });
  } finally {
    await running.close();
  }
}

function rowsOf(latencyMs: number, backlog: number, rounds: Rounds): readonly Row[] {
  const ours = median(rounds.ours);
  const calls = median(rounds.calls);
  const cpu = `${median(rounds.cpu).toFixed(0)} µs of processor time an interaction`;
  const busy = `${(median(rounds.busy) * 100).toFixed(0)} %`;
  const against = (of: "loop" | "array" | "limit", words: string, least: number): Row => {
    const peer = median(rounds[of]);
    return {
      name: `drain ${latencyMs} ms, ${of}`,
      ours,
      peer,
      unit: "interactions/s",
      against: words,
      aim: `≥ ${least} ×`,
      met: ours / peer >= least,
      note: `ours ${spread(rounds.ours)}, peer ${spread(rounds[of])}`,
      reason: `our one thread is busy ${busy} of the time (${cpu}: planning, and keeping each row durably before and after its request), while the peer mostly waits for answers`,
    };
  };
  return [
    {
      name: `drain ${latencyMs} ms, calls`,
      ours: calls,
      peer: median(rounds.arrayCalls),
      unit: "API calls per 1,000",
      against: "jsforce create(array)",
      aim: "≤ 10",
      met: calls <= 10,
      note: `${backlog.toLocaleString("en-US")} interactions; ours takes ${cpu}`,
    },
    against("loop", "jsforce create, one by one", 50),
    against("array", "jsforce create(array)", 1),
    against("limit", "bare fetch of ready-made bodies, 200 a call, 4 at once", 0.8),
  ];
}
