import type { Row, Value } from "../store/row.ts";
import type { Table } from "../schema/schema.ts";
import { doesNotExist, invalidArgument } from "./refusals.ts";
import type { Changes, WriteContext } from "./save.ts";
import { insertRow, updateRow } from "./save.ts";

const contactColumns = [
  "firstname",
  "middlename",
  "lastname",
  "salutation",
  "jobtitle",
  "mobilephone",
  "telephone1",
  "telephone2",
  "telephone3",
  "emailaddress1",
  "emailaddress2",
  "emailaddress3",
] as const;
const accountColumns = ["telephone1", "emailaddress1", "websiteurl", "numberofemployees"] as const;

/** What a qualification makes. */
export type Making = {
  readonly contact: boolean;
  readonly account: boolean;
  readonly opportunity: boolean;
};

/** What a qualification made. */
export type Made = {
  readonly contactId?: string;
  readonly accountId?: string;
  readonly opportunityId?: string;
};

function copied(lead: Row, names: readonly string[]): Map<string, Value> {
  const values = new Map<string, Value>([["originatingleadid", { table: "lead", id: lead.id }]]);
  for (const name of [...names, "ownerid"]) {
    const value = lead.values.get(name);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

function make(context: WriteContext, tableName: string, values: Changes["values"]): string {
  const table: Table | undefined = context.org.schema.find(tableName);
  if (table === undefined) throw new Error(`no table ${tableName}`);
  return insertRow(context, table, undefined, { values }).id;
}

/** Closes an open lead (state 1, status 3) and makes what is asked for. Throws Refusal. */
export function qualify(context: WriteContext, leadId: string, making: Making): Made {
  const lead = context.org.store.row("lead", leadId.toLowerCase());
  if (lead === undefined) throw doesNotExist("lead", leadId);
  if (lead.values.get("statecode") !== 0)
    throw invalidArgument("The lead is already closed.", "0x80040203");
  const person: WriteContext = { ...context, writer: "person" };
  const name = lead.values.get("companyname") ?? lead.values.get("fullname") ?? "";
  const accountId = making.account
    ? make(person, "account", copied(lead, accountColumns).set("name", name))
    : undefined;
  const parent = accountId === undefined ? undefined : { table: "account", id: accountId };
  const contact = copied(lead, contactColumns);
  if (parent !== undefined) contact.set("parentcustomerid", parent);
  const contactId = making.contact ? make(person, "contact", contact) : undefined;
  const opportunity = copied(lead, []).set("name", lead.values.get("subject") ?? name);
  if (parent !== undefined) opportunity.set("customerid", parent);
  const opportunityId = making.opportunity ? make(person, "opportunity", opportunity) : undefined;
  const values = new Map<string, Value>([
    ["statecode", 1],
    ["statuscode", 3],
  ]);
  if (parent !== undefined) values.set("parentaccountid", parent);
  if (contactId !== undefined) values.set("parentcontactid", { table: "contact", id: contactId });
  if (opportunityId !== undefined)
    values.set("qualifyingopportunityid", { table: "opportunity", id: opportunityId });
  updateRow(person, lead, { values });
  return {
    ...(contactId !== undefined && { contactId }),
    ...(accountId !== undefined && { accountId }),
    ...(opportunityId !== undefined && { opportunityId }),
  };
}

/** A person qualifies a lead: it is closed (state 1, status 3), and a contact and an account are made. Throws Refusal. */
export function qualifyLead(
  context: WriteContext,
  leadId: string,
): { readonly contactId: string; readonly accountId: string } {
  const making = { contact: true, account: true, opportunity: false };
  const { contactId = "", accountId = "" } = qualify(context, leadId, making);
  return { contactId, accountId };
}
