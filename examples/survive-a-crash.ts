// A worker is killed (SIGKILL) while its write is on the way: what was acknowledged is in the CRM afterwards, and once.
// Run it: node examples/survive-a-crash.ts
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createWrapup, type Wrapup } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { salesforce } from "@wrapup/salesforce";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";

type Place = Record<"file" | "url" | "clientId" | "clientSecret", string>;

/** The same app before and after the crash. Leases are short, so that nobody waits minutes for the dead worker's hold to end. */
const open = ({ file, url, clientId, clientSecret }: Place): Promise<Wrapup> =>
  createWrapup({
    store: sqliteStore(file),
    connections: { sales: salesforce({ signIn: { clientId, clientSecret, domain: url } }) },
    leaseMs: 2_500,
  });

/** The process that is killed: it takes one call, says when the end of it was acknowledged, and never gets further. */
async function work(place: Place, contact: string): Promise<void> {
  const wrapup = await open(place);
  const call = await wrapup.interactions.start({ id: "call-1", channel: "voice" });
  const leg = await call.accept({ agent: { id: "a-7" } });
  await call.link({ connection: "sales", type: "Contact", id: contact });
  await leg.endTalk();
  await leg.completeWrapUp({ disposition: "Resolved" });
  process.send?.("acknowledged");
  // The ledger says "may have been sent" before the request leaves. A moment later it is on its way.
  await until(async () => (await call.explain()).connections[0]?.entries.length === 1);
  await sleep(200);
  process.send?.("on its way");
}

async function story(): Promise<void> {
  const emulator = await startSalesforceEmulator();
  const { control, url } = emulator;
  console.log("This story talks to an emulator of Salesforce on this machine.");
  const folder = await mkdtemp(join(tmpdir(), "wrapup-"));
  const { clientId, clientSecret } = emulator.credentials;
  const place = { file: join(folder, "wrapup.db"), url, clientId, clientSecret };
  const person = { sobject: "Contact", fields: { LastName: "Huber" } };
  const [contact = ""] = await control.seed([person]);
  // The CRM takes its time over the first write.
  await control.fault({ kind: "hang", path: "/composite/sobjects", ms: 1_000 });

  const child = fork(import.meta.filename, [contact, ...Object.values(place)]);
  await once(child, "message");
  console.log("The worker acknowledged the end of the call.");
  await once(child, "message");
  child.kill("SIGKILL");
  await once(child, "exit");
  console.log("It was killed while its write was on the way.");
  await until(async () => (await control.records("Task")).length > 0);
  console.log("The CRM carried the write out all the same; nobody heard its answer.");

  const wrapup = await open(place);
  console.log(`Opened again: ${(await wrapup.explain("call-1")).connections[0]?.why}`);
  await until(async () => (await wrapup.explain("call-1")).connections[0]?.state === "written");
  const tasks = await control.records("Task");
  console.log(
    `The CRM holds ${tasks.length} activity. Nothing was lost, and nothing is there twice.`,
  );
  await wrapup.close();
  await emulator.close();
  await rm(folder, { recursive: true });
}

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await sleep(50);
}

const [, , contact, file = "", url = "", clientId = "", clientSecret = ""] = process.argv;
if (contact !== undefined) await work({ file, url, clientId, clientSecret }, contact);
else await story();
