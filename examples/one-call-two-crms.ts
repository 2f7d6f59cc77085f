// One call, two CRMs and a mail: each is written, and may fail, on its own. Run it: node examples/one-call-two-crms.ts
import { createWrapup, memoryStore } from "@wrapup/core";
import { dynamics, graphMail } from "@wrapup/dynamics";
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import { salesforce } from "@wrapup/salesforce";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";

// With real organisations: your own addresses, ids and secrets.
const sales = await startSalesforceEmulator();
const service = await startDynamicsEmulator();
console.log("This story talks to emulators of Salesforce, Dynamics 365 and Graph on this machine.");
const email = "a7@desk.example";
const [contact = ""] = (
  await sales.control.seed([
    { sobject: "User", fields: { LastName: "Vance", Username: email, Email: email, Alias: "a7" } },
    { sobject: "Contact", fields: { LastName: "Huber", Phone: "+1 415 555 0134" } },
  ])
).slice(1);
const [client = "", incident = ""] = await service.control.seed([
  { table: "contact", columns: { lastname: "Huber", telephone1: "(415) 555-0134" } },
  { table: "incident", columns: { title: "Wrong colour" } },
  { table: "systemuser", columns: { fullname: "Elinor Vance", internalemailaddress: email } },
]);
await service.control.seedUsers([{ userPrincipalName: email, mail: email, mailbox: true }]);

const { clientId, clientSecret } = sales.credentials;
const { certificate: _another, ...app } = service.credentials;
const signIn = { ...app, authority: service.authority };
const wrapup = await createWrapup({
  store: memoryStore(),
  connections: {
    sales: salesforce({ signIn: { clientId, clientSecret, domain: sales.url } }),
    service: dynamics({ environment: service.url, signIn }),
    mail: graphMail({ signIn, graphUrl: service.graphUrl }),
  },
});

const customer = { phone: "+1 415 555 0134", email: "mara@huber.example" };
const call = await wrapup.interactions.start({ id: "call-1", channel: "voice", customer });
const leg = await call.accept({ agent: { id: "a-7", name: "Elinor Vance", email } });
await call.link({ connection: "sales", type: "Contact", id: contact });
await call.link({ connection: "service", type: "contact", id: client });
await call.link({ connection: "service", type: "incident", id: incident });

// What an agent asks for is done at once; the rest waits for the agent's work to be over.
await leg.email({ via: "mail", subject: "Your exchange", text: "The blue one is on its way." });
await leg.endTalk({ durations: { talkSeconds: 184 } });
await wrapup.drain();
const [mail] = await service.control.mails();
console.log(`They hung up. Mails sent: "${mail?.subject}". Activities written: none yet.`);

// Dynamics goes away just now. Salesforce does not notice.
await service.control.fault({ kind: "html", path: "/api/data/", times: 100 });
await leg.completeWrapUp({ disposition: "Exchange" });
await wrapup.drain();
for (const { connection, state, why } of (await call.explain()).connections)
  console.log(`  ${connection}: ${state}. ${why}`);

console.log("Dynamics is back.");
await service.control.clearFaults();
await wrapup.resume("service");
await wrapup.drain();
const [task] = await sales.control.records("Task");
const [phonecall] = await service.control.rows("phonecall");
const people = phonecall?.parties.filter(({ mask }) => mask === 1).length;
console.log(`Salesforce has the task "${String(task?.fields["Subject"])}" on the contact.`);
console.log(
  `Dynamics has the phone call "${String(phonecall?.columns["subject"])}", about the case,`,
);
console.log(
  `with ${people} person who called, ${String(phonecall?.columns["actualdurationminutes"])} minutes long.`,
);

await wrapup.close();
await Promise.all([sales.close(), service.close()]);
