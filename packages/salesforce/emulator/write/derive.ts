import type { Org } from "../org.ts";
import type { SObject } from "../schema/schema.ts";
import type { Value } from "../store/table.ts";
import { valueOf } from "../store/table.ts";
import { formatDateTime, parseDateTime } from "./dates.ts";

type Values = Map<string, Value>;

function read(org: Org, id: Value | undefined, name: string): Value {
  const row = typeof id === "string" ? org.store.row(id) : undefined;
  return row === undefined ? null : valueOf(row, name);
}

function personName(values: Values): void {
  const parts = [values.get("FirstName"), values.get("LastName")].filter(
    (part) => typeof part === "string",
  );
  values.set("Name", parts.join(" "));
}

/** AccountId comes from the What's account, else from the contact's [D facts §2.3]. */
function activityAccount(org: Org, values: Values): void {
  const what = values.get("WhatId");
  const viaWhat =
    typeof what === "string" && what.startsWith("001") ? what : read(org, what, "AccountId");
  values.set("AccountId", viaWhat ?? read(org, values.get("WhoId"), "AccountId"));
}

/** IsClosed follows Status [D facts §2.3]; "Completed" is the standard closed status of the recorded org. */
function deriveTask(org: Org, values: Values): void {
  const closed = values.get("Status") === "Completed";
  if (closed && values.get("IsClosed") !== true)
    values.set("CompletedDateTime", formatDateTime(org.now()));
  if (!closed) values.set("CompletedDateTime", null);
  values.set("IsClosed", closed);
  values.set("IsHighPriority", values.get("Priority") === "High");
  activityAccount(org, values);
}

/** Start, length and end of an event follow each other. [U] details. */
function deriveEvent(org: Org, values: Values): void {
  const start = values.get("StartDateTime") ?? values.get("ActivityDateTime");
  const startMs = typeof start === "string" ? parseDateTime(start) : undefined;
  if (startMs !== undefined && typeof start === "string") {
    values.set("StartDateTime", start);
    values.set("ActivityDateTime", start);
    values.set("ActivityDate", start.slice(0, 10));
    const minutes = values.get("DurationInMinutes");
    const end = values.get("EndDateTime");
    const endMs = typeof end === "string" ? parseDateTime(end) : undefined;
    if (typeof minutes === "number")
      values.set("EndDateTime", formatDateTime(startMs + minutes * 60_000));
    else if (endMs !== undefined)
      values.set("DurationInMinutes", Math.round((endMs - startMs) / 60_000));
  }
  activityAccount(org, values);
}

/** A case shows its contact's addresses and takes the contact's account when it has none [R describe; U for the account]. */
function deriveCase(org: Org, values: Values): void {
  const contact = values.get("ContactId");
  values.set("ContactPhone", read(org, contact, "Phone"));
  values.set("ContactMobile", read(org, contact, "MobilePhone"));
  values.set("ContactEmail", read(org, contact, "Email"));
  values.set("ContactFax", read(org, contact, "Fax"));
  if ((values.get("AccountId") ?? null) === null)
    values.set("AccountId", read(org, contact, "AccountId"));
  const closed = values.get("Status") === "Closed";
  if (closed && values.get("IsClosed") !== true)
    values.set("ClosedDate", formatDateTime(org.now()));
  if (!closed) values.set("ClosedDate", null);
  values.set("IsClosed", closed);
}

function deriveOpportunity(_org: Org, values: Values): void {
  const stage = values.get("StageName");
  values.set("IsWon", stage === "Closed Won");
  values.set("IsClosed", stage === "Closed Won" || stage === "Closed Lost");
}

function deriveTaskRelation(_org: Org, values: Values): void {
  const relation = values.get("RelationId");
  values.set(
    "IsWhat",
    typeof relation === "string" && !relation.startsWith("003") && !relation.startsWith("00Q"),
  );
}

const derivations: Readonly<Record<string, (org: Org, values: Values) => void>> = {
  Contact: (_org, values) => personName(values),
  Lead: (_org, values) => personName(values),
  User: (_org, values) => personName(values),
  Task: deriveTask,
  Event: deriveEvent,
  Case: deriveCase,
  Opportunity: deriveOpportunity,
  TaskRelation: deriveTaskRelation,
};

/** Sets the read-only fields that the platform computes from the others. */
export function derive(org: Org, sobject: SObject, values: Values): void {
  derivations[sobject.name]?.(org, values);
}

/** Auto-numbers: CaseNumber 00001026, Invoice__c.Name INV-00001026. */
export function autoNumbers(org: Org, sobject: SObject, values: Values): void {
  for (const field of sobject.fields) {
    if (field.autoNumber !== true || (values.get(field.name) ?? null) !== null) continue;
    const text = String(org.store.nextNumber(sobject)).padStart(8, "0");
    values.set(field.name, sobject.name.endsWith("__c") ? `INV-${text}` : text);
  }
}
