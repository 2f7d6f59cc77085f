// A chat goes from one agent to another: written when the first hands it on, and the same activity grows when the second is done.
// Run it: node examples/chat-that-is-transferred.ts
import { createWrapup, memoryStore } from "@wrapup/core";
import { salesforce } from "@wrapup/salesforce";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";

const emulator = await startSalesforceEmulator();
const { control, credentials } = emulator;
console.log("This story talks to an emulator of Salesforce on this machine.");
const user = (name: string) => ({
  sobject: "User",
  fields: {
    LastName: name,
    Username: `${name}@x.example`,
    Email: `${name}@x.example`,
    Alias: name,
  },
});
const person = { FirstName: "Mara", LastName: "Huber", Email: "mara@customer.example" };
const [ada = "", bruno = "", mara = ""] = await control.seed([
  user("ada"),
  user("bruno"),
  { sobject: "Contact", fields: person },
]);
const aCase = { sobject: "Case", fields: { Subject: "Refund", ContactId: mara } };
const [refund = ""] = await control.seed([aCase]);
const owners = new Map([
  [ada, "Ada"],
  [bruno, "Bruno"],
]);

// memoryStore() forgets all when the process ends: for tests and stories only.
const { clientId, clientSecret } = credentials;
const wrapup = await createWrapup({
  store: memoryStore(),
  connections: { sales: salesforce({ signIn: { clientId, clientSecret, domain: emulator.url } }) },
});

/** What the CRM holds, in a sentence. */
const look = async (): Promise<string> => {
  const [task, ...more] = await control.records("Task");
  if (task === undefined) return "The CRM holds no activity yet.";
  const about = task.fields["WhatId"] === refund ? "Mara and her refund case" : "Mara";
  const owner = owners.get(String(task.fields["OwnerId"]));
  return `The CRM holds ${1 + more.length} activity, about ${about}, owned by ${owner}.`;
};

const chat = await wrapup.interactions.start({
  id: "chat-1",
  channel: "chat",
  customer: { name: "Mara Huber", email: "mara@customer.example" },
});
const first = await chat.accept({ agent: { id: "ada", email: "ada@x.example" } });
await chat.link({ connection: "sales", type: "Contact", id: mara });
await chat.message({ from: "customer" });
await wrapup.drain();
console.log(`Ada chats with Mara. ${await look()}`);

// Handed on: Ada's leg closes, and what is known is written.
await first.transfer({ to: { id: "bruno" }, disposition: "Handed on" });
await wrapup.drain();
console.log(`Ada hands the chat on to Bruno. ${await look()}`);

// Bruno sees what Ada linked, and adds the case. A digital interaction has one activity, which grows.
const second = await chat.accept({ agent: { id: "bruno", email: "bruno@x.example" } });
const { links } = await chat.card();
console.log(
  `Bruno sees ${links.length} link of Ada's, which is ${links[0]?.state}, and links the case.`,
);
await chat.link({ connection: "sales", type: "Case", id: refund });
await second.unassign({ disposition: "Refunded" });
await wrapup.drain();
console.log(`Bruno is done. ${await look()}`);
console.log((await chat.explain()).connections[0]?.why);

await wrapup.close();
await emulator.close();
