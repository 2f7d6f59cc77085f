// An agent creates a case while the call goes on: nothing exists until they save, and saving twice makes one.
// Run it: node examples/create-a-record.ts
import { createWrapup, memoryStore } from "@wrapup/core";
import { salesforce } from "@wrapup/salesforce";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";

// The org refuses a second contact with the same email, as its administrator wished.
const emulator = await startSalesforceEmulator({
  duplicateRules: [{ sobject: "Contact", fields: ["Email"], action: "block" }],
});
const { control, credentials } = emulator;
console.log("This story talks to an emulator of Salesforce on this machine.");
await control.seed([
  {
    sobject: "Contact",
    fields: { FirstName: "Mara", LastName: "Huber", Email: "mara@customer.example" },
  },
]);
const count = async (type: string): Promise<number> => (await control.records(type)).length;

// memoryStore() forgets all when the process ends: for tests and stories only.
const { clientId, clientSecret } = credentials;
const wrapup = await createWrapup({
  store: memoryStore(),
  connections: {
    sales: {
      adapter: salesforce({ signIn: { clientId, clientSecret, domain: emulator.url } }),
      creatable: ["Case", "Contact"],
    },
  },
});
const call = await wrapup.interactions.start({
  id: "call-1",
  channel: "voice",
  customer: { name: "Mara Huber", email: "mara@customer.example" },
});
const leg = await call.accept({ agent: { id: "a-7" } });

// The form is the CRM's own, and filled in with what is known of the caller.
const person = await call.draft("sales", "Contact");
const filled = person.form.flatMap((field) =>
  field.value === undefined ? [] : [`${field.label} ${field.value}`],
);
console.log(`The form for a new contact comes filled in: ${filled.join(", ")}.`);
const twin = await person.save({});
if (twin.is !== "duplicate") throw new Error("The org has a rule against that");
console.log(
  `The CRM knows her already, as ${twin.candidates[0]?.title}: the agent links that record instead.`,
);
if (twin.candidates[0]) await call.link(twin.candidates[0]);

// Cancelled: nothing was ever sent.
const dropped = await call.draft("sales", "Case");
dropped.cancel();
console.log(`A form is cancelled: the CRM has ${await count("Case")} cases.`);

// A double click: both saves are one request, and answer with one record.
const refund = await call.draft("sales", "Case");
const values = { Subject: "Refund", Origin: "Phone" };
const [saved, again] = await Promise.all([refund.save(values), refund.save(values)]);
if (saved.is !== "created" || again.is !== "created") throw new Error("The case was not created");
console.log(
  `Save is clicked twice: the CRM has ${await count("Case")} case, titled "${saved.record.title}".`,
);
const { links } = await call.card();
console.log(`The call is linked to ${links.map((link) => link.record.type).join(" and ")}.`);

// A case is created at once; the call itself is written when the agent is done.
console.log(`Meanwhile the CRM has ${await count("Task")} activities: the agent is still working.`);
await leg.endTalk();
await leg.completeWrapUp({ disposition: "Refund opened" });
await wrapup.drain();
console.log(`Now it has ${await count("Task")}.`);

await wrapup.close();
await emulator.close();
