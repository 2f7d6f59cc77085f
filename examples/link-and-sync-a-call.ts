// A call: who is it, link, talk, after-contact work, and one activity in the CRM. Run it: node examples/link-and-sync-a-call.ts
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWrapup } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { salesforce } from "@wrapup/salesforce";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";

// With a real org: its own domain, and the client id and secret of an External Client App.
const emulator = await startSalesforceEmulator();
console.log("This story talks to an emulator of Salesforce on this machine.");
await emulator.control.seed([
  {
    sobject: "User",
    fields: {
      LastName: "Vance",
      Username: "a7@desk.example",
      Email: "a7@desk.example",
      Alias: "a7",
    },
  },
  { sobject: "Contact", fields: { FirstName: "Mara", LastName: "Huber", Phone: "(415) 555-0134" } },
]);
const { clientId, clientSecret } = emulator.credentials;
const folder = await mkdtemp(join(tmpdir(), "wrapup-"));
const wrapup = await createWrapup({
  store: sqliteStore(join(folder, "wrapup.db")),
  connections: { sales: salesforce({ signIn: { clientId, clientSecret, domain: emulator.url } }) },
});

// The platform says that it rings, and that an agent took it.
const call = await wrapup.interactions.start({
  id: "call-1",
  channel: "voice",
  customer: { phone: "+1 415 555 0134" },
});
const leg = await call.accept({
  agent: { id: "a-7", name: "Elinor Vance", email: "a7@desk.example" },
});

// The agent's screen: who is it? The number is found however people typed it.
const card = await call.card();
const [found] = card.records;
if (found === undefined) throw new Error("The emulator knows this number");
console.log(`The caller is ${found.title}. The agent links the call to that contact.`);
await call.link(found);

await leg.endTalk({ durations: { talkSeconds: 184 } });
await call.note({ text: "Wants the blue one instead.", audience: "inbound" });
await wrapup.drain();
const before = await emulator.control.records("Task");
const [waiting] = (await call.explain()).connections;
console.log(`They hung up. The CRM has ${before.length} activities. ${waiting?.why}`);

// After-contact work is over: now it is due, and written in the background. drain() waits for that.
await leg.completeWrapUp({ disposition: "Exchange" });
await wrapup.drain();
const [task, ...others] = await emulator.control.records("Task");
const fields = task?.fields ?? {};
console.log(
  `The agent is done. The CRM has ${1 + others.length} activity: "${String(fields["Subject"])}",`,
);
console.log(
  `${String(fields["CallDurationInSeconds"])} seconds, outcome ${String(fields["CallDisposition"])}.`,
);
console.log((await call.explain()).connections[0]?.why);

await wrapup.close();
await emulator.close();
await rm(folder, { recursive: true });
