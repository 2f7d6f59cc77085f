import { adapterFor, type Environment } from "./dynamics-org.ts";
import type { CallBody, Habit, Peer } from "./dynamics-peers.ts";
import { hold, openOurs, type Running, warm } from "./ours.ts";
import type { Size } from "./row.ts";
import { side, timed } from "./samples.ts";
import { playCall } from "./story.ts";

/** One way of writing the backlog, once. */
export type Drained = {
  /** Interactions per second. */
  readonly rate: number;
  /** HTTP requests per 1,000 interactions. */
  readonly requests: number;
  /** Given up by a peer, or still waiting in ours. */
  readonly left: number;
  readonly lost: number;
  readonly doubled: number;
};

/** What the emulator takes: before each request, and for each operation in it. */
export type Waits = { readonly latencyMs: number; readonly operationMs?: number };

/** How a run is made: `hostile` begins when the backlog is ready. */
type Run = {
  readonly backlog: number;
  readonly waits: Waits;
  readonly maxBatch?: number;
  readonly hostile?: () => Promise<void>;
};

/** Gathers the backlog while the connection is held, then times from its release to the last receipt. */
export async function drainOurs(
  environment: Environment,
  size: Size,
  { backlog, waits, hostile, ...more }: Run,
): Promise<Drained> {
  const { control, address } = environment;
  const { contacts } = await environment.refill(backlog);
  const adapter = adapterFor(address, more);
  const running = await openOurs(adapter, { directory: size.directory, name: "dynamics" });
  try {
    await warm(running, contacts, "contact");
    for (const { id } of (await control.rows("phonecall")).filter(({ deleted }) => !deleted))
      await control.removeRow("phonecall", id);
    await hold(running);
    await side(backlog, 200, (n) =>
      playCall(running.wrapup, { id: `call-${n}`, n, contact: contacts[n] ?? "", type: "contact" }),
    );
    await control.setLatency(waits.latencyMs, waits.operationMs);
    await hostile?.();
    const before = await control.callCount();
    const waiting = receiptsOf(running, backlog);
    const ms = await timed(async () => {
      await running.wrapup.resume("sales");
      await running.wrapup.drain();
      await waiting.all;
    });
    const requests = (await control.callCount()) - before;
    await control.clearFaults();
    const left = waiting.count();
    return { ...figures(backlog, ms, requests), left, ...(await environment.tally(contacts)) };
  } finally {
    await running.close();
  }
}

/** Longest wait for the last receipt, ms. */
const patienceMs = 60_000;

/** `drain` does not wait for the end of a pause that the CRM asked for: here every receipt is waited for, though not for ever. */
function receiptsOf(
  { wrapup }: Running,
  backlog: number,
): { readonly all: Promise<void>; readonly count: () => number } {
  const open = new Set(Array.from({ length: backlog }, (_, n) => `call-${n}`));
  const { promise, resolve } = Promise.withResolvers<void>();
  const tired = setTimeout(resolve, patienceMs);
  wrapup.on((event) => {
    if (event.event !== "written") return;
    open.delete(event.interaction);
    if (open.size > 0) return;
    clearTimeout(tired);
    resolve();
  });
  return { all: promise, count: () => open.size };
}

/** The same by a peer. */
export async function drainPeer(
  environment: Environment,
  way: (habit: Habit) => Peer,
  callFor: CallFor,
  { backlog, waits, hostile, tries = 1 }: Run & { readonly tries?: number },
): Promise<Drained> {
  const { control, address } = environment;
  const { contacts, users } = await environment.refill(backlog);
  const calls = contacts.map((contact, n) => callFor(contact, users[n % users.length] ?? ""));
  const peer: Peer = way({ tries });
  const at = { url: address.url, token: await environment.token() };
  await control.setLatency(waits.latencyMs, waits.operationMs);
  await hostile?.();
  let left = 0;
  const ms = await timed(async () => {
    left = await peer(at, calls);
  });
  const requests = await control.callCount();
  await control.clearFaults();
  return { ...figures(backlog, ms, requests), left, ...(await environment.tally(contacts)) };
}

const figures = (
  backlog: number,
  ms: number,
  requests: number,
): { readonly rate: number; readonly requests: number } => ({
  rate: (backlog / ms) * 1_000,
  requests: (requests / backlog) * 1_000,
});

/** A phone call of a contact with an agent, as peers create it. */
export type CallFor = (contact: string, user: string) => CallBody;

/** Columns of a phone call that an app would set; the rest is the platform's. */
const settable = new Set([
  "subject",
  "description",
  "directioncode",
  "phonenumber",
  "actualdurationminutes",
  "actualstart",
  "actualend",
]);

/** Makes peers write what ours writes: the columns of one of our own phone calls, with the same people in it. */
export async function learnCall(environment: Environment, size: Size): Promise<CallFor> {
  const { contacts } = await environment.refill(10);
  const running = await openOurs(adapterFor(environment.address), {
    directory: size.directory,
    name: "learn-dynamics",
  });
  try {
    await warm(running, contacts, "contact");
    const [written] = await environment.control.rows("phonecall");
    if (written === undefined) throw new Error("warming up wrote nothing");
    const own = Object.fromEntries(
      Object.entries(written.columns).filter(([name]) => settable.has(name)),
    );
    return (contact, user) => ({
      ...own,
      "ownerid@odata.bind": `/systemusers(${user})`,
      phonecall_activity_parties: [
        { participationtypemask: 1, "partyid_contact@odata.bind": `/contacts(${contact})` },
        { participationtypemask: 2, "partyid_systemuser@odata.bind": `/systemusers(${user})` },
      ],
    });
  } finally {
    await running.close();
  }
}
