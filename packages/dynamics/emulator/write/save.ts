import type { Org } from "../org.ts";
import { problem, Refusal } from "../problem.ts";
import type { Table } from "../schema/schema.ts";
import type { Party, Row, Value } from "../store/row.ts";
import { isReference } from "../store/row.ts";
import { derive } from "./derive.ts";
import { checkDuplicates } from "./duplicates.ts";
import { checkPlugIns } from "./plug-ins.ts";
import { checkPrivilege } from "./privileges.ts";
import { invalidArgument } from "./refusals.ts";
import { checkIncident, checkOpen, settleState } from "./state.ts";
import { formatTime } from "./times.ts";
import type { Undo } from "./undo.ts";

/**
 * How a write is made. `writer`: the API; a person, past privileges, read-only states and duplicate rules; or seeding, past every rule
 * but the schema's.
 */
export type WriteContext = {
  readonly org: Org;
  readonly writer: "api" | "person" | "seed";
  /** systemuserid. */
  readonly userId: string;
  readonly undo: Undo;
  /** False runs the published duplicate rules; they are off unless a header asks for them (facts §1.5). */
  readonly suppressDuplicates?: boolean;
};

/** What a write sets. A column set to null is cleared. `parties` replaces the whole list. */
export type Changes = {
  readonly values: ReadonlyMap<string, Value | null>;
  readonly parties?: readonly Party[];
};

function apply(values: Map<string, Value>, changes: Changes): void {
  for (const [name, value] of changes.values) {
    if (value === null) values.delete(name);
    else values.set(name, value);
  }
}

// What may be null although it is SystemRequired: the platform fills it.
const filled: ReadonlySet<string> = new Set([
  "statecode",
  "ownerid",
  "isdocument",
  "attachmentcount",
]);

function checkRequired(table: Table, values: ReadonlyMap<string, Value>): void {
  // [T facts §1.4, 0x80044410] a case belongs to a contact or an account.
  if (table.name === "incident" && !values.has("customerid"))
    throw invalidArgument("You should specify a parent contact or account.", "0x80044410");
  for (const column of table.columns) {
    if (column.required !== "SystemRequired" || column.name === table.primaryId) continue;
    if (!values.has(column.name) && !filled.has(column.name))
      throw invalidArgument(`Attribute '${column.name}' cannot be NULL.`);
  }
}

function checkLinks(context: WriteContext, table: Table, changes: Changes): void {
  if (context.org.options.missingPrivileges === undefined) return;
  const { org, userId } = context;
  const linked = [...changes.values]
    .filter(([name, value]) => name !== "ownerid" && isReference(value))
    .flatMap(([, value]) => (isReference(value) ? [value.table] : []));
  const targets = [...linked, ...(changes.parties ?? []).map((party) => party.table)];
  if (targets.length > 0) checkPrivilege(org, userId, table.name, "append");
  for (const target of targets) checkPrivilege(org, userId, target, "appendTo");
  const owner = changes.values.get("ownerid");
  if (isReference(owner) && owner.id !== userId) checkPrivilege(org, userId, table.name, "assign");
}

function checkApi(context: WriteContext, table: Table, changes: Changes, create: boolean): void {
  if (context.writer !== "api") return;
  if (table.readOnly === true)
    throw new Refusal(
      problem(405, "0x80060888", `The entity '${table.name}' cannot be written on its own.`),
    );
  checkPrivilege(context.org, context.userId, table.name, create ? "create" : "write");
  checkLinks(context, table, changes);
}

function stamp(values: Map<string, Value>, context: WriteContext): number {
  const at = context.org.now();
  values.set("modifiedon", formatTime(at));
  values.set("modifiedby", { table: "systemuser", id: context.userId });
  return at;
}

function startValues(context: WriteContext, table: Table, changes: Changes): Map<string, Value> {
  const values = new Map<string, Value>(table.defaults);
  stamp(values, context);
  values.set("createdon", formatTime(context.org.now()));
  values.set("createdby", { table: "systemuser", id: context.userId });
  if (table.byName.has("ownerid"))
    values.set("ownerid", { table: "systemuser", id: context.userId });
  apply(values, changes);
  return values;
}

/** Creates one row; `id` undefined lets the organisation choose. Throws Refusal, and 412 0x80040237 when the id is taken (facts §1.2). */
export function insertRow(
  context: WriteContext,
  table: Table,
  id: string | undefined,
  changes: Changes,
): Row {
  const { org, undo, userId } = context;
  checkApi(context, table, changes, true);
  const rowId = id ?? org.nextId();
  if (org.store.row(table.name, rowId) !== undefined)
    throw new Refusal(
      problem(
        412,
        "0x80040237",
        `Cannot insert duplicate key. A record with matching key values already exists.`,
      ),
    );
  const values = startValues(context, table, changes);
  settleState(table, rowId, changes.values, values);
  if (context.writer === "api") checkRequired(table, values);
  if (context.writer === "api" && context.suppressDuplicates === false)
    checkDuplicates(org, table.name, values);
  derive(org, table, undefined, values);
  if (context.writer === "api") checkPlugIns(org, table.name, values);
  values.set(table.primaryId, rowId);
  const at = org.now();
  const times = { createdAt: at, modifiedAt: at, createdBy: userId, modifiedBy: userId };
  const counts = { modifications: 0, version: org.store.nextVersion(), deleted: false };
  const row: Row = {
    id: rowId,
    table,
    values,
    parties: changes.parties ?? [],
    ...times,
    ...counts,
  };
  org.store.add(row);
  undo.record(() => org.store.drop(row));
  return row;
}

/** Changes one row. Throws Refusal, among others 0x80040230 for a closed activity (facts §1.4). */
export function updateRow(context: WriteContext, row: Row, changes: Changes): void {
  const { org, writer } = context;
  const { table } = row;
  checkApi(context, table, changes, false);
  if (writer === "api") {
    checkOpen(row, changes.values, changes.parties !== undefined);
    checkIncident(row, changes.values);
  }
  const values = new Map(row.values);
  apply(values, changes);
  settleState(table, row.id, changes.values, values);
  if (writer === "api") checkRequired(table, values);
  if (writer === "api" && context.suppressDuplicates === false)
    checkDuplicates(org, table.name, values, row.id);
  if (table.byName.has("ownerid") && !values.has("ownerid"))
    throw invalidArgument("The owner ID is invalid or missing.", "0x80040229");
  derive(org, table, row, values);
  if (writer === "api") checkPlugIns(org, table.name, values);
  replace(context, row, values, changes.parties ?? row.parties);
}

function replace(
  context: WriteContext,
  row: Row,
  values: Map<string, Value>,
  parties: readonly Party[],
): void {
  const { store } = context.org;
  const {
    modifiedAt,
    modifiedBy,
    modifications,
    version,
    values: oldValues,
    parties: oldParties,
  } = row;
  const at = stamp(values, context);
  store.replace(row, values, parties);
  row.modifiedAt = at;
  row.modifiedBy = context.userId;
  row.modifications += 1;
  row.version = store.nextVersion();
  context.undo.record(() => {
    store.replace(row, oldValues, oldParties);
    Object.assign(row, { modifiedAt, modifiedBy, modifications, version });
  });
}

function holds(row: Row, column: string, id: string): boolean {
  const value = row.values.get(column);
  return isReference(value) && value.id === id;
}

/** Deletes one row for good; notes go with what they hang on, other lookups to it are cleared ([U] which relationships do which). Throws Refusal. */
export function removeRow(context: WriteContext, row: Row): void {
  const { org, undo } = context;
  if (context.writer === "api") {
    checkApi(context, row.table, { values: new Map() }, false);
    checkPrivilege(org, context.userId, row.table.name, "delete");
  }
  const referrers = org.store.referrers(row.id);
  const modifiedAt = row.modifiedAt;
  org.store.hide(row);
  row.modifiedAt = org.now();
  undo.record(() => {
    row.modifiedAt = modifiedAt;
    org.store.show(row);
  });
  for (const referrer of referrers) {
    if (referrer.deleted || referrer === row) continue;
    if (referrer.table.name === "annotation" && holds(referrer, "objectid", row.id))
      removeRow({ ...context, writer: "person" }, referrer);
    else forget(context, referrer, row.id);
  }
}

/** Clears what pointed at a row that is gone; this is no modification of the referrer. */
function forget(context: WriteContext, referrer: Row, id: string): void {
  const { store } = context.org;
  const { values, parties } = referrer;
  const left = new Map([...values].filter(([name]) => !holds(referrer, name, id)));
  store.replace(
    referrer,
    left,
    parties.filter((party) => party.partyId !== id),
  );
  context.undo.record(() => store.replace(referrer, values, parties));
}
