import type { Answer, ApiCall } from "../http/call.ts";
import type { Preferences } from "../http/prefer.ts";
import { preferencesOf } from "../http/prefer.ts";
import { problem, Refusal } from "../problem.ts";
import { parseQuery } from "../query/options.ts";
import type { Shown } from "../query/project.ts";
import { buildProjector, etagOf } from "../query/project.ts";
import type { Table } from "../schema/schema.ts";
import type { Row } from "../store/row.ts";
import { rowByKey } from "../write/bind.ts";
import { readBody } from "../write/body.ts";
import { doesNotExist, invalidArgument } from "../write/refusals.ts";
import { checkPrivilege } from "../write/privileges.ts";
import { checkParties } from "../write/parties.ts";
import type { Changes, WriteContext } from "../write/save.ts";
import { insertRow, removeRow, updateRow } from "../write/save.ts";
import { guidIn } from "../write/values.ts";

/** The address of everything below which operations stand. */
export function apiRoot(call: ApiCall): string {
  return `${call.org.url}/api/data/v9.2/`;
}

/** The write context of an API call; the duplicate rules run only if a header says so (facts §1.5). */
export function writeContext(call: ApiCall): WriteContext {
  return {
    org: call.org,
    writer: "api",
    userId: call.userId,
    undo: call.undo,
    suppressDuplicates: call.headers["mscrm.suppressduplicatedetection"]?.toLowerCase() !== "false",
  };
}

/** Asks the armed faults first; a struck operation is not carried out. */
export function strike(call: ApiCall, table: string): void {
  const struck = call.strike(table);
  if (struck !== undefined) throw new Refusal(struck);
}

/** A header of a condition; the literal "null" stands for none (facts §1.1). */
function condition(call: ApiCall, name: "if-match" | "if-none-match"): string | undefined {
  const value = call.headers[name]?.trim();
  return value === undefined || value === "" || value === "null" ? undefined : value;
}

/** Refuses a write whose If-Match does not hold (facts §1.2). `row` undefined: it is not there. */
function checkMatch(call: ApiCall, table: Table, key: string, row: Row | undefined): void {
  const match = condition(call, "if-match");
  if (match === undefined) return;
  if (row === undefined) throw doesNotExist(table.name, guidIn(key) ?? key);
  if (match !== "*" && match !== etagOf(row))
    throw new Refusal(
      problem(
        412,
        "0x80060882",
        "The version of the existing record doesn't match the RowVersion property provided.",
      ),
    );
}

function withPreference(
  preferences: Preferences,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return preferences.applied === undefined
    ? headers
    : { ...headers, "Preference-Applied": preferences.applied };
}

/** One row as JSON with its context. */
function showRow(call: ApiCall, row: Row): Shown {
  const options = parseQuery(call.query);
  const { annotated } = preferencesOf(call.headers["prefer"]);
  const shown = buildProjector(call.org, row.table, options, annotated)(row);
  const list = options.select === undefined ? "" : `(${options.select.join(",")})`;
  return {
    "@odata.context": `${apiRoot(call)}$metadata#${row.table.entitySet}${list}/$entity`,
    ...shown,
  };
}

/** What a write answers: 204 with OData-EntityId, or the row if it is preferred (facts §1.1). */
function written(call: ApiCall, row: Row, created: boolean): Answer {
  const preferences = preferencesOf(call.headers["prefer"]);
  if (preferences.representation) {
    checkPrivilege(call.org, call.userId, row.table.name, "read");
    return {
      status: created ? 201 : 200,
      headers: withPreference(preferences, { ETag: etagOf(row) }),
      body: showRow(call, row),
    };
  }
  const address = `${apiRoot(call)}${row.table.entitySet}(${row.id})`;
  return {
    status: 204,
    headers: { "OData-EntityId": address, ...(created && { Location: address }) },
  };
}

/** POST to a collection. */
export function createRow(call: ApiCall, table: Table): Answer {
  strike(call, table.name);
  const { id, ...changes } = readBody(call.org, table, call.body, "create", call.references);
  return written(call, insertRow(writeContext(call), table, id, changes), true);
}

function findRow(call: ApiCall, table: Table, key: string): Row | undefined {
  const id = guidIn(key);
  return id === undefined ? rowByKey(call.org, table, key) : call.org.store.row(table.name, id);
}

/** [S] public code quotes this refusal for every PATCH that holds rows below its own, upserts that create among them. */
function checkDeep(call: ApiCall, { parties }: Changes): void {
  const { partiesOnPatch = "refused" } = call.org.options;
  if (parties !== undefined && partiesOnPatch === "refused")
    throw invalidArgument("Deep update of navigation properties is not allowed.", "0x80060888");
}

function upsertNew(call: ApiCall, table: Table, key: string): Answer {
  const id = guidIn(key);
  if (id === undefined) throw doesNotExist(table.name, key);
  const body = readBody(call.org, table, call.body, "create", call.references);
  checkDeep(call, body);
  if (body.id !== undefined && body.id !== id)
    throw invalidArgument(`The key of the address and ${table.primaryId} are not the same.`);
  return written(call, insertRow(writeContext(call), table, id, body), true);
}

function withOldParties(call: ApiCall, row: Row, changes: Changes): Changes {
  const { parties } = changes;
  if (parties === undefined || call.org.options.partiesOnPatch !== "appended") return changes;
  const all = [...row.parties, ...parties];
  checkParties(row.table, all);
  return { ...changes, parties: all };
}

/** PATCH: an upsert, or what If-Match and If-None-Match make of it (facts §1.2). */
export function patchRow(call: ApiCall, table: Table, key: string): Answer {
  strike(call, table.name);
  const row = findRow(call, table, key);
  checkMatch(call, table, key, row);
  if (row === undefined) return upsertNew(call, table, key);
  const none = condition(call, "if-none-match");
  if (none === "*" || none === etagOf(row))
    throw new Refusal(
      problem(412, "0x80040237", "A record with matching key values already exists."),
    );
  const body = readBody(call.org, table, call.body, "update", call.references);
  checkDeep(call, body);
  if (body.id !== undefined && body.id !== row.id)
    throw invalidArgument(
      `The property '${table.primaryId}' is not valid for update.`,
      "0x80041a02",
    );
  updateRow(writeContext(call), row, withOldParties(call, row, body));
  return written(call, row, false);
}

/** DELETE, honouring If-Match. */
export function deleteRow(call: ApiCall, table: Table, key: string): Answer {
  strike(call, table.name);
  const row = findRow(call, table, key);
  checkMatch(call, table, key, row);
  if (row === undefined) throw doesNotExist(table.name, guidIn(key) ?? key);
  removeRow(writeContext(call), row);
  return { status: 204 };
}

/** GET of one row. */
export function getRow(call: ApiCall, table: Table, key: string): Answer {
  strike(call, table.name);
  checkPrivilege(call.org, call.userId, table.name, "read");
  if (table.name === "activityparty")
    throw new Refusal(
      problem(
        400,
        "0x80040800",
        "The 'Retrieve' method does not support entities of type 'activityparty'.",
      ),
    );
  const row = findRow(call, table, key);
  if (row === undefined) throw doesNotExist(table.name, guidIn(key) ?? key);
  const body = showRow(call, row);
  const preferences = preferencesOf(call.headers["prefer"]);
  const headers = withPreference(preferences, { ETag: etagOf(row) });
  if (condition(call, "if-none-match") === etagOf(row)) return { status: 304, headers };
  return { status: 200, headers, body };
}
