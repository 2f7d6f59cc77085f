import { toId18 } from "../ids.ts";
import type { Answer, ApiCall } from "../http/call.ts";
import { dataPath, writeContext } from "../http/call.ts";
import { callProblem, notFound, Refusal } from "../problem.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row } from "../store/table.ts";
import { remove } from "../write/save.ts";
import { recordBody } from "./record-body.ts";
import { createdAnswer, createRecord, updateRecord } from "./records.ts";
import { bodyOf, keyFieldOf, methodNotAllowed, objectOf, rowOf } from "./targets.ts";

/** The live rows whose key field has this value. */
export function rowsByKey(
  call: ApiCall,
  sobject: SObject,
  field: FieldDefinition,
  value: string,
): readonly Row[] {
  if (field.type !== "id") return call.org.store.table(sobject).lookup(field.name, value) ?? [];
  const row = toId18(value) === undefined ? undefined : call.org.store.row(value);
  return row === undefined || row.sobject !== sobject || row.deleted ? [] : [row];
}

/** More than one match: 300 with the list, nothing written [D facts §2.2]. */
function multipleChoices(call: ApiCall, rows: readonly Row[]): Answer {
  return {
    status: 300,
    body: rows.map((row) => dataPath(call, `sobjects/${row.sobject.name}/${row.id}`)),
  };
}

function refuseKeyInBody(field: FieldDefinition, json: Readonly<Record<string, unknown>>): void {
  const found = Object.keys(json).find(
    (name) => name.toLowerCase() === field.name.toLowerCase() || name.toLowerCase() === "id",
  );
  if (found === undefined) return;
  const message = `The ${field.name} field should not be specified in the sobject data.`;
  throw new Refusal({ code: "INVALID_FIELD", message, fields: [field.name] });
}

function upsert(call: ApiCall, sobject: SObject, field: FieldDefinition, value: string): Answer {
  const json = bodyOf(call);
  refuseKeyInBody(field, json);
  const rows = rowsByKey(call, sobject, field, value);
  const [row] = rows;
  if (rows.length > 1) return multipleChoices(call, rows);
  if (row !== undefined) {
    updateRecord(call, row, json);
    return { status: 200, body: { id: row.id, success: true, errors: [], created: false } };
  }
  // [D] updateOnly=true forbids creation; [U] its code. By Id nothing can be created.
  if (field.type === "id" || call.query.get("updateOnly") === "true") throw new Refusal(notFound());
  return createdAnswer(call, createRecord(call, sobject, { ...json, [field.name]: value }), {
    created: true,
  });
}

/** sobjects/T/Field/value: GET, PATCH upsert 201 or 200 [R upsert-record, update-record-by-external-id], DELETE. */
export function keyResource(call: ApiCall): Answer {
  const sobject = objectOf(call, call.segments[1]);
  const field = keyFieldOf(sobject, call.segments[2] ?? "");
  const value = call.segments[3] ?? "";
  // A value that ends like a server page is taken for one [facts §2.2: ".inc" gives 404].
  if (value.endsWith(".inc"))
    throw new Refusal(callProblem(404, "NOT_FOUND", "The requested resource does not exist"));
  if (call.method === "PATCH") return upsert(call, sobject, field, value);
  const rows = rowsByKey(call, sobject, field, value);
  if (rows.length > 1) return multipleChoices(call, rows);
  const row = rowOf(call, sobject, rows[0]?.id ?? "");
  if (call.method === "GET") return { status: 200, body: recordBody(row, call.version) };
  if (call.method !== "DELETE") throw methodNotAllowed(call, "HEAD,GET,PATCH,DELETE");
  remove(writeContext(call), row);
  return { status: 204 };
}
