import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BareStore } from "./bare-store.ts";
import { adapterFor, type Org } from "./salesforce-org.ts";
import { openOurs, warm } from "./ours.ts";
import { sendUpsert, type TaskBody, upsertBody } from "./peers.ts";
import type { Row, Size } from "./row.ts";
import { median, quantile } from "./samples.ts";
import { connect, restOf } from "./story.ts";

/** Node's fetch tells when the head of a request is put on the wire; a name of undici, which Node's fetch is. */
const headSent = "undici:client:sendHeaders";

/** From the command that makes an interaction due to its request leaving, while nothing else is to be done. */
export async function measureDueToRequest(org: Org, size: Size): Promise<readonly Row[]> {
  const samples = size.quick ? 10 : 100;
  const contacts = await org.refill(samples);
  const running = await openOurs(adapterFor(org.address), {
    directory: size.directory,
    name: "due",
  });
  const bare = new BareStore(join(size.directory, "due-bare.db"));
  try {
    await warm(running, contacts);
    const at = { url: org.address.url, token: await org.token() };
    const ours: number[] = [];
    const peer: number[] = [];
    for (const [n, contact] of contacts.entries()) {
      const open = await connect(running.wrapup, { id: `due-${n}`, n });
      const [link, endTalk, completeWrapUp] = restOf({ contact });
      await link?.(open);
      await endTalk?.(open);
      await sleep(idleMs);
      ours.push(await untilSent(async () => void (await completeWrapUp?.(open))));
      await running.wrapup.drain();
      await sleep(idleMs);
      const body = upsertBody([taskOf(contact, n)]);
      peer.push(
        await untilSent(async () => {
          bare.write(`due-${n}`, command);
          await sendUpsert(at, body);
        }),
      );
    }
    return [rowOf(ours, peer)];
  } finally {
    bare.close();
    await running.close();
  }
}

/** Long enough for the worker to have gone to sleep. */
const idleMs = 20;

/** Ms from the start of `work` to the first request that it leads to. */
async function untilSent(work: () => Promise<void>): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const onSent = (): void => resolve(performance.now());
  subscribe(headSent, onSent);
  try {
    const began = performance.now();
    const [sent] = await Promise.all([promise, work()]);
    return sent - began;
  } finally {
    unsubscribe(headSent, onSent);
  }
}

const command = {
  state: JSON.stringify({ channel: "voice", padding: "x".repeat(1_200) }),
  deadlineAt: null,
  event: "5-wrapUp",
  history: JSON.stringify([{ at: 0, what: "completeWrapUp", text: "x".repeat(80) }]),
  wakes: true,
};

const taskOf = (contact: string, n: number): TaskBody => ({
  Subject: "Call with Cora Customer",
  Status: "Completed",
  WhoId: contact,
  Wrapup_Key__c: `due-peer-${n}`,
});

function rowOf(ours: readonly number[], peer: readonly number[]): Row {
  const ms = median(ours);
  return {
    name: "due to request, idle",
    ours: ms,
    peer: median(peer),
    unit: "ms, median",
    against: "one bare commit, then fetch",
    aim: "≤ 20 ms",
    met: ms <= 20,
    note: `p95 ${quantile(ours, 0.95).toFixed(1)} ms and ${quantile(peer, 0.95).toFixed(1)} ms; ${ours.length} samples`,
  };
}
