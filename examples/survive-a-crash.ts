// A worker is killed (SIGKILL) while its write is on the way: what was acknowledged is in the CRM afterwards, and once.
// Run it: node examples/survive-a-crash.ts
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWrapup, type Wrapup } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { salesforce } from "@wrapup/salesforce";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";

type Place = {
  readonly file: string;
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** The same app before and after the crash. Leases are short, so that nobody waits minutes for the dead worker's hold to end. */
const open = ({ file, url, clientId, clientSecret }: Place): Promise<Wrapup> =>
  createWrapup({
    store: sqliteStore(file),
    connections: {
      sales: {
        adapter: salesforce({ signIn: { clientId, clientSecret, domain: url } }),
        timeoutMs: 1_000,
      },
    },
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
}

async function story(): Promise<void> {
  const emulator = await startSalesforceEmulator();
  const { control, credentials, url } = emulator;
  console.log("This story talks to an emulator of Salesforce on this machine.");
  const folder = await mkdtemp(join(tmpdir(), "wrapup-"));
  const place: Place = { ...credentials, file: join(folder, "wrapup.db"), url };
  const [contact = ""] = await control.seed([
    { sobject: "Contact", fields: { LastName: "Huber" } },
  ]);
  // The CRM carries the write out, and the worker dies before it hears of it.
  await control.fault({ kind: "hang", path: "/composite/sobjects", ms: 500 });

  const child = fork(import.meta.filename, ["work", JSON.stringify(place), contact]);
  await once(child, "message");
  console.log("The worker acknowledged the end of the call.");
  await until(async () =>
    (await control.calls()).some((call) => call.path.includes("/composite/")),
  );
  child.kill("SIGKILL");
  await once(child, "exit");
  console.log("It was killed while its write was on the way.");

  await using wrapup = await open(place);
  const [stood] = (await wrapup.explain("call-1")).connections;
  console.log(`Opened again, the store knows: ${stood?.why}`);
  await until(async () => (await wrapup.explain("call-1")).connections[0]?.state === "written");
  const tasks = await control.records("Task");
  console.log(
    `The CRM holds ${tasks.length} activity. Nothing was lost, and nothing is there twice.`,
  );
  await emulator.close();
  await rm(folder, { recursive: true });
}

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resume) => setTimeout(resume, 50));
}

const [, , role, place, contact] = process.argv;
if (role === "work" && place !== undefined && contact !== undefined)
  await work(JSON.parse(place), contact);
else await story();
