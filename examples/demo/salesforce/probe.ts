import type {
  CallRecord,
  EmulatorControl,
  SeedRow,
  StoredRecord,
} from "@wrapup/salesforce/emulator";
import type { Probe, Seed, Spent } from "../crm.ts";
import type { Found } from "../proof.ts";
import type { DemoAgent } from "../story.ts";
import { badMomentsOf } from "./hostility.ts";

/** Looks into the emulated Salesforce. */
export const probeOf = (control: EmulatorControl): Probe => ({
  seedAgents: (agents) => control.seed(agents.map(userRow)),
  seed: (rows) => control.seed(rows.map(seedRow)),
  remove: (_kind, id) => control.removeRecord(id),
  merge: (_kind, winner, loser) => control.merge(winner, loser),
  convertLead: async (id) => (await control.convertLead(id)).contactId,
  activities: async () => (await control.records("Task")).filter(isLive).map(foundOf),
  cases: async () =>
    (await control.records("Case")).filter(isLive).map(({ fields }) => String(fields["Subject"])),
  spent: async () => spentOn(await control.calls(), await control.records("Task")),
  setLatency: (ms) => control.setLatency(ms),
  badMoments: badMomentsOf(control),
  behave: () => control.clearFaults(),
  damage: (how) => damage(control, how),
});

const isLive = ({ deleted }: StoredRecord): boolean => !deleted;

const userRow = ({ name, email, id }: DemoAgent): SeedRow => ({
  sobject: "User",
  fields: {
    FirstName: name.split(" ")[0] ?? "",
    LastName: name.split(" ").slice(1).join(" ") || name,
    Username: email,
    Email: email,
    Alias: id.slice(-8),
  },
});

function seedRow({ kind, facts, contact, account }: Seed): SeedRow {
  const { name, firstName, lastName, company, email, phone, subject } = facts;
  const fields = {
    Name: name,
    FirstName: firstName,
    LastName: lastName,
    Company: company,
    Email: email,
    Phone: phone,
    Subject: subject,
    ContactId: contact,
    AccountId: account,
    ...(kind === "Case" && { Origin: "Phone", Status: "New" }),
    ...(kind === "Opportunity" && { StageName: "Prospecting", CloseDate: "2026-12-31" }),
  };
  return {
    sobject: kind,
    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  };
}

const textIn = (fields: StoredRecord["fields"], name: string): string | undefined => {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

const foundOf = ({ fields, createdAt, modifiedAt, Id }: StoredRecord): Found => ({
  interaction: textIn(fields, "Wrapup_Interaction__c") ?? "",
  key: textIn(fields, "Wrapup_Key__c") ?? Id,
  kind: "Task",
  owner: textIn(fields, "OwnerId") ?? "",
  places: (["WhatId", "WhoId"] as const).flatMap((field) => {
    const id = textIn(fields, field);
    return id === undefined ? [] : [`${field.slice(0, -2).toLowerCase()} ${id}`];
  }),
  disposition: textIn(fields, "CallDisposition"),
  says: textIn(fields, "Description") ?? "",
  done: fields["Status"] === "Completed",
  createdAt,
  modifiedAt,
});

function spentOn(calls: readonly CallRecord[], tasks: readonly StoredRecord[]): Spent {
  const api = calls.filter((call) => call.api);
  const count = (...parts: readonly string[]): number =>
    api.filter(({ path }) => parts.some((part) => path.includes(part))).length;
  const [writing, looking, agents] = [
    count("/composite"),
    count("/query"),
    count("/ui-api", "earch"),
  ];
  return {
    all: api.length,
    writing,
    looking,
    agents,
    describing: api.length - writing - looking - agents,
    onePerRecord: tasks.reduce(
      (sum, { modifications, deleted }) => sum + 1 + modifications + (deleted ? 1 : 0),
      0,
    ),
  };
}

/** What an integration that knows nothing of keys would write again. */
const copied = new Set([
  "Subject",
  "Status",
  "WhoId",
  "WhatId",
  "OwnerId",
  "CallDisposition",
  "Wrapup_Interaction__c",
]);

async function damage(control: EmulatorControl, how: "duplicate" | "missing"): Promise<void> {
  const task = (await control.records("Task")).find(isLive);
  if (task === undefined) return;
  if (how === "missing") return control.removeRecord(task.Id);
  const fields = Object.fromEntries(
    Object.entries(task.fields).filter(([name]) => copied.has(name)),
  );
  await control.seed([{ sobject: "Task", fields }]);
}
