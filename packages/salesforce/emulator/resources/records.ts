import type { Answer, ApiCall } from "../http/call.ts";
import { dataPath, writeContext } from "../http/call.ts";
import { Refusal } from "../problem.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row } from "../store/table.ts";
import { insert, remove, update } from "../write/save.ts";
import { describeSummary } from "./describe.ts";
import { recordBody } from "./record-body.ts";
import { bodyOf, fieldsOf, methodNotAllowed, objectOf, requireAbility, rowOf } from "./targets.ts";

/** The answer to a record that was made: 201 {id, success, errors} [R create-record]. */
export function createdAnswer(
  call: ApiCall,
  row: Row,
  more: Readonly<Record<string, unknown>> = {},
): Answer {
  const headers = { Location: dataPath(call, `sobjects/${row.sobject.name}/${row.id}`) };
  return { status: 201, body: { id: row.id, success: true, errors: [], ...more }, headers };
}

/** Creates the record of the body. */
export function createRecord(
  call: ApiCall,
  sobject: SObject,
  json: Readonly<Record<string, unknown>>,
): Row {
  call.tally.records += 1;
  requireAbility(sobject, "createable");
  const struck = call.strike(sobject.name, undefined);
  if (struck !== undefined) throw new Refusal(struck);
  const saved = insert(writeContext(call), sobject, json);
  if ("problems" in saved) throw new Refusal(...saved.problems);
  return saved.row;
}

/** Changes a row by the body. */
export function updateRecord(
  call: ApiCall,
  row: Row,
  json: Readonly<Record<string, unknown>>,
): void {
  call.tally.records += 1;
  requireAbility(row.sobject, "updateable");
  const struck = call.strike(row.sobject.name, row.id);
  if (struck !== undefined) throw new Refusal(struck);
  const saved = update(writeContext(call), row, json);
  if ("problems" in saved) throw new Refusal(...saved.problems);
}

/** sobjects/T: GET basic facts [R get-sobject-basic-info], POST create. */
export function objectResource(call: ApiCall): Answer {
  const sobject = objectOf(call, call.segments[1]);
  if (call.method === "POST") return createdAnswer(call, createRecord(call, sobject, bodyOf(call)));
  if (call.method !== "GET") throw methodNotAllowed(call, "HEAD,GET,POST");
  const recent = [...call.org.store.table(sobject).rows.values()]
    .filter((row) => !row.deleted)
    .slice(-5)
    .toReversed();
  const name = sobject.byName.get("name") ?? sobject.byName.get("subject");
  const shown = [sobject.byName.get("id"), name].filter((field) => field !== undefined);
  const recentItems = recent.map((row) => recordBody(row, call.version, shown));
  return { status: 200, body: { objectDescribe: describeSummary(call, sobject), recentItems } };
}

function deleteRecord(call: ApiCall, row: Row): Answer {
  call.tally.records += 1;
  requireAbility(row.sobject, "deletable");
  const struck = call.strike(row.sobject.name, row.id);
  if (struck !== undefined) throw new Refusal(struck);
  remove(writeContext(call), row);
  return { status: 204 };
}

/** The recorded refusal of an Id inside the body is [U]; the wording is general knowledge. */
function refuseId(json: Readonly<Record<string, unknown>>): void {
  if ("Id" in json || "id" in json) {
    throw new Refusal({
      code: "INVALID_FIELD",
      message: "The Id field should not be specified in the sobject data.",
      fields: ["Id"],
    });
  }
}

/** sobjects/T/id: GET, PATCH 204 [R update-record], DELETE 204 [R delete-record]. */
export function recordResource(call: ApiCall): Answer {
  const sobject = objectOf(call, call.segments[1]);
  const row = rowOf(call, sobject, call.segments[2] ?? "");
  if (call.method === "GET") {
    const list = call.query.get("fields");
    return {
      status: 200,
      body: recordBody(row, call.version, list === null ? undefined : fieldsOf(sobject, list)),
    };
  }
  if (call.method === "DELETE") return deleteRecord(call, row);
  if (call.method !== "PATCH") throw methodNotAllowed(call, "HEAD,GET,PATCH,DELETE");
  const json = bodyOf(call);
  refuseId(json);
  updateRecord(call, row, json);
  return { status: 204 };
}
