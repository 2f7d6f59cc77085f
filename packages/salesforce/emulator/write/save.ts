import type { Org } from "../org.ts";
import type { Problem } from "../problem.ts";
import { recordProblem } from "../problem.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row, Value } from "../store/table.ts";
import { formatDateTime } from "./dates.ts";
import { autoNumbers, derive } from "./derive.ts";
import type { DuplicateHeader } from "./duplicates.ts";
import { duplicateProblem } from "./duplicates.ts";
import type { Json, Writer } from "./prepare.ts";
import { prepare } from "./prepare.ts";
import type { Draft } from "./rules.ts";
import { platformRules, validationRules } from "./rules.ts";
import type { Undo } from "./undo.ts";

/** How a write is made: by whom, under which duplicate header, and where its undo steps go. */
export type WriteContext = {
  readonly org: Org;
  readonly writer: Writer;
  readonly duplicates: DuplicateHeader;
  readonly undo: Undo;
  /** The user who writes; the integration user for the API. */
  readonly userId: string;
};

/** The written row, or why nothing was written. */
export type Saved = { readonly row: Row } | { readonly problems: readonly Problem[] };

/** The message carries the 15-character id, as public logs of real orgs show it [I facts §2.8]. */
function uniqueProblem(org: Org, draft: Draft): Problem | undefined {
  for (const field of draft.sobject.fields) {
    const value = field.unique === true ? draft.changes.get(field.name) : undefined;
    if (value === undefined || value === null) continue;
    const other = org.store
      .table(draft.sobject)
      .lookup(field.name, value)
      ?.find((row) => row !== draft.before);
    if (other !== undefined) {
      const message = `duplicate value found: ${field.name} duplicates value on record with id: ${other.id.slice(0, 15)}`;
      return recordProblem("DUPLICATE_VALUE", message);
    }
  }
  return undefined;
}

function check(context: WriteContext, draft: Draft): readonly Problem[] {
  const { org, writer } = context;
  if (writer === "seed") {
    const problem = uniqueProblem(org, draft);
    return problem === undefined ? [] : [problem];
  }
  const problem =
    platformRules(org, draft) ??
    (writer === "api"
      ? (validationRules(org, draft) ?? duplicateProblem(org, draft, context.duplicates))
      : undefined) ??
    uniqueProblem(org, draft);
  return problem === undefined ? [] : [problem];
}

function stamp(values: Map<string, Value>, at: number, userId: string): void {
  const time = formatDateTime(at);
  values.set("LastModifiedDate", time);
  values.set("SystemModstamp", time);
  values.set("LastModifiedById", userId);
}

function startValues(
  context: WriteContext,
  sobject: SObject,
  changes: ReadonlyMap<string, Value>,
): Map<string, Value> {
  const values = new Map<string, Value>(sobject.defaults);
  if (sobject.byName.has("ownerid")) values.set("OwnerId", context.userId);
  const time = formatDateTime(context.org.now());
  values.set("CreatedDate", time);
  values.set("CreatedById", context.userId);
  stamp(values, context.org.now(), context.userId);
  for (const [name, value] of changes) values.set(name, value);
  return values;
}

/** Creates one record. */
export function insert(context: WriteContext, sobject: SObject, json: Json): Saved {
  const { org, writer } = context;
  const given = json["Id"] ?? json["id"];
  if (given !== undefined && writer !== "seed") {
    return {
      problems: [
        recordProblem("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", [
          "Id",
        ]),
      ],
    };
  }
  const prepared = prepare(org, sobject, json, "insert", writer);
  if ("problems" in prepared) return prepared;
  const values = startValues(context, sobject, prepared.values);
  const problems = check(context, {
    sobject,
    before: undefined,
    changes: prepared.values,
    after: values,
  });
  if (problems.length > 0) return { problems };
  autoNumbers(org, sobject, values);
  derive(org, sobject, values);
  const id = typeof given === "string" ? given : org.nextId(sobject.keyPrefix);
  return { row: addRow(context, sobject, id, values) };
}

function addRow(
  context: WriteContext,
  sobject: SObject,
  id: string,
  values: Map<string, Value>,
): Row {
  const { org, undo } = context;
  const at = org.now();
  values.set("Id", id);
  const times = { createdAt: at, modifiedAt: at, modifications: 0 };
  const row: Row = { id, sobject, values, ...times, deleted: false };
  const table = org.store.table(sobject);
  table.add(row);
  undo.add(() => table.drop(row));
  return row;
}

/** Changes one record. */
export function update(context: WriteContext, row: Row, json: Json): Saved {
  const { org, writer } = context;
  const prepared = prepare(org, row.sobject, json, "update", writer);
  if ("problems" in prepared) return prepared;
  const values = new Map(row.values);
  for (const [name, value] of prepared.values) values.set(name, value);
  const problems = check(context, {
    sobject: row.sobject,
    before: row,
    changes: prepared.values,
    after: values,
  });
  if (problems.length > 0) return { problems };
  derive(org, row.sobject, values);
  stamp(values, org.now(), context.userId);
  replaceValues(context, row, values);
  return { row };
}

function replaceValues(context: WriteContext, row: Row, values: ReadonlyMap<string, Value>): void {
  const table = context.org.store.table(row.sobject);
  const before = {
    values: new Map(row.values),
    modifiedAt: row.modifiedAt,
    modifications: row.modifications,
  };
  const put = (next: ReadonlyMap<string, Value>): void => {
    table.hide(row);
    row.values.clear();
    for (const [name, value] of next) row.values.set(name, value);
    table.show(row);
  };
  put(values);
  row.modifiedAt = context.org.now();
  row.modifications += 1;
  context.undo.add(() => {
    put(before.values);
    row.modifiedAt = before.modifiedAt;
    row.modifications = before.modifications;
  });
}

/** Moves one record to the Recycle Bin; comments go with their case. [U] what else Salesforce deletes along. */
export function remove(context: WriteContext, row: Row): void {
  const { store } = context.org;
  store.table(row.sobject).hide(row);
  row.deleted = true;
  row.values.set("IsDeleted", true);
  row.modifiedAt = context.org.now();
  context.undo.add(() => {
    row.deleted = false;
    row.values.set("IsDeleted", false);
    store.table(row.sobject).show(row);
  });
  const comments = store.schema.find("CaseComment");
  if (row.sobject.name !== "Case" || comments === undefined) return;
  for (const comment of store.table(comments).rows.values()) {
    if (!comment.deleted && comment.values.get("ParentId") === row.id) remove(context, comment);
  }
}
