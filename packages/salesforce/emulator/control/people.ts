import type { Row, Value } from "../store/table.ts";
import { valueOf } from "../store/table.ts";
import { derive } from "../write/derive.ts";
import type { WriteContext } from "../write/save.ts";
import { insert, remove } from "../write/save.ts";
import { formatDateTime } from "../write/dates.ts";

/** Sets values as the platform itself does: no rules, no count of modifications. */
function setValues(context: WriteContext, row: Row, values: Readonly<Record<string, Value>>): void {
  const table = context.org.store.table(row.sobject);
  table.hide(row);
  for (const [name, value] of Object.entries(values)) row.values.set(name, value);
  derive(context.org, row.sobject, row.values);
  table.show(row);
}

/** Points every lookup at `from` to `to`. */
function moveChildren(
  context: WriteContext,
  from: string,
  to: string,
  onlyActivities: boolean,
): void {
  const { schema, store } = context.org;
  for (const child of schema.objects) {
    if (onlyActivities && child.name !== "Task" && child.name !== "Event") continue;
    const lookups = child.fields.filter(
      (field) => field.type === "reference" && field.name !== "MasterRecordId",
    );
    for (const row of store.table(child).rows.values()) {
      for (const lookup of lookups)
        if (valueOf(row, lookup.name) === from) setValues(context, row, { [lookup.name]: to });
    }
  }
}

/**
 * Two records become one: children move to the winner, the loser is deleted with MasterRecordId [D facts §2.2]. [U] whether the
 * winner takes values of the loser: not here.
 */
export function mergeRecords(context: WriteContext, winner: Row, loser: Row): void {
  if (winner.sobject !== loser.sobject || winner === loser || !winner.sobject.can("mergeable")) {
    throw new Error(`emulator: cannot merge ${loser.id} into ${winner.id}`);
  }
  moveChildren(context, loser.id, winner.id, false);
  remove(context, loser);
  loser.values.set("MasterRecordId", winner.id);
}

function create(
  context: WriteContext,
  sobject: string,
  fields: Readonly<Record<string, Value>>,
): Row {
  const target = context.org.schema.find(sobject);
  const saved =
    target === undefined ? undefined : insert({ ...context, writer: "seed" }, target, fields);
  if (saved === undefined || "problems" in saved)
    throw new Error(`emulator: cannot make the ${sobject} of a converted lead`);
  return saved.row;
}

/** A lead becomes an account and a contact, its activities move to the contact, and it is read-only from then on [D facts §2.4, §2.8]. */
export function convertLead(
  context: WriteContext,
  lead: Row,
): { readonly contactId: string; readonly accountId: string } {
  if (lead.sobject.name !== "Lead" || valueOf(lead, "IsConverted") === true)
    throw new Error(`emulator: cannot convert ${lead.id}`);
  const take = (name: string): Value => valueOf(lead, name);
  const account = create(context, "Account", { Name: take("Company"), Phone: take("Phone") });
  const contact = create(context, "Contact", {
    AccountId: account.id,
    FirstName: take("FirstName"),
    LastName: take("LastName"),
    Email: take("Email"),
    Phone: take("Phone"),
    MobilePhone: take("MobilePhone"),
  });
  setValues(context, lead, {
    IsConverted: true,
    Status: "Closed - Converted",
    ConvertedAccountId: account.id,
    ConvertedContactId: contact.id,
    ConvertedDate: formatDateTime(context.org.now()).slice(0, 10),
  });
  lead.modifiedAt = context.org.now();
  moveChildren(context, lead.id, contact.id, true);
  return { contactId: contact.id, accountId: account.id };
}
