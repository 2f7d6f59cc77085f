import type { SeedRow } from "@wrapup/dynamics/emulator";
import type { Seed } from "../crm.ts";
import type { DemoAgent, RecordKind } from "../story.ts";

/** Dataverse's names of the kinds of records. */
export const tables: Readonly<Record<RecordKind, string>> = {
  Account: "account",
  Contact: "contact",
  Lead: "lead",
  Case: "incident",
  Opportunity: "opportunity",
};

/** An agent as a user of Dataverse. */
export const userRow = ({ name, email }: DemoAgent): SeedRow => ({
  table: "systemuser",
  columns: {
    firstname: name.split(" ")[0] ?? "",
    lastname: name.split(" ").slice(1).join(" ") || name,
    domainname: email,
    internalemailaddress: email,
    isdisabled: false,
  },
});

const ref = (table: string, id: string | undefined): unknown =>
  id === undefined ? undefined : { table, id };

/** A record of the story as a row of Dataverse. */
export function seedRow({ kind, facts, contact, account }: Seed): SeedRow {
  const { name, firstName, lastName, company, email, phone, subject } = facts;
  const customer = ref("contact", contact) ?? ref("account", account);
  const columns = {
    name,
    firstname: firstName,
    lastname: lastName,
    companyname: company,
    emailaddress1: email,
    telephone1: phone,
    ...(kind === "Contact" && { parentcustomerid: ref("account", account) }),
    ...(kind === "Case" && { title: subject, caseorigincode: 1, customerid: customer }),
    ...(kind === "Lead" && { subject: `Interest of ${lastName ?? "somebody"}` }),
  };
  return {
    table: tables[kind],
    columns: Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)),
  };
}
