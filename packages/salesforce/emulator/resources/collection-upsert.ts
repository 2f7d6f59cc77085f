import type { Answer, ApiCall } from "../http/call.ts";
import { callProblem, recordProblem, Refusal } from "../problem.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import type { SObject } from "../schema/schema.ts";
import { comparable } from "../store/table.ts";
import type { Json } from "../write/prepare.ts";
import type { WriteContext } from "../write/save.ts";
import { insert, update } from "../write/save.ts";
import { attributesProblem, readCollection, tooMany, typeOf } from "./collection-input.ts";
import type { RecordOutcome } from "./collections.ts";
import { attempt, runCollection } from "./collections.ts";
import { recordBody } from "./record-body.ts";
import {
  bodyOf,
  fieldsOf,
  keyFieldOf,
  methodNotAllowed,
  objectOf,
  requireAbility,
} from "./targets.ts";
import { rowsByKey } from "./upsert.ts";

type Target = {
  readonly sobject: SObject;
  readonly field: FieldDefinition;
  readonly repeated: ReadonlySet<unknown>;
};

function keyOf(field: FieldDefinition, record: Json): unknown {
  for (const name in record)
    if (name.toLowerCase() === field.name.toLowerCase()) return record[name];
  return undefined;
}

function comparableKey(field: FieldDefinition, key: unknown): unknown {
  return typeof key === "string" ? comparable(field, key.trim()) : key;
}

/** The same key twice in one call fails all its rows [facts §3.5]. */
function repeatedKeys(field: FieldDefinition, records: readonly Json[]): ReadonlySet<unknown> {
  const seen = new Set<unknown>();
  const repeated = new Set<unknown>();
  for (const record of records) {
    const key = comparableKey(field, keyOf(field, record));
    if (key !== undefined && seen.has(key)) repeated.add(key);
    seen.add(key);
  }
  return repeated;
}

function checkKey(record: Json, { sobject, field, repeated }: Target): RecordOutcome | string {
  const problem = attributesProblem(record, false);
  if (problem !== undefined) return { problems: [problem] };
  if (typeOf(record)?.toLowerCase() !== sobject.name.toLowerCase()) {
    // [U] the code when a record's type is not the path's.
    return {
      problems: [
        recordProblem(
          "INVALID_TYPE",
          `record type ${typeOf(record)} does not match ${sobject.name}`,
        ),
      ],
    };
  }
  const key = keyOf(field, record);
  if (typeof key !== "string" || key.trim() === "") {
    return {
      problems: [recordProblem("MISSING_ARGUMENT", `${field.name} not specified`, [field.name])],
    };
  }
  if (repeated.has(comparableKey(field, key))) {
    return {
      problems: [
        recordProblem("DUPLICATE_VALUE", `Duplicate external id specified: ${key}`, [field.name]),
      ],
    };
  }
  return key.trim();
}

/** `id` beside an external id is an error [D facts §2.2]; [U] the code. */
function idProblem(field: FieldDefinition, record: Json): RecordOutcome | undefined {
  if (field.type === "id" || !("id" in record || "Id" in record)) return undefined;
  const message = `cannot specify both an external ID reference ${field.name} and a salesforce id`;
  return { problems: [recordProblem("INVALID_FIELD", message, [field.name])] };
}

function withoutKey(field: FieldDefinition, record: Json): Json {
  const rest: Record<string, unknown> = {};
  for (const name in record)
    if (name.toLowerCase() !== field.name.toLowerCase()) rest[name] = record[name];
  return rest;
}

function upsertOne(
  call: ApiCall,
  context: WriteContext,
  record: Json,
  target: Target,
): RecordOutcome {
  const { sobject, field } = target;
  const key = checkKey(record, target);
  if (typeof key !== "string") return key;
  const both = idProblem(field, record);
  if (both !== undefined) return both;
  const rows = rowsByKey(call, sobject, field, key);
  const [row] = rows;
  const struck = call.strike(sobject.name, row?.id);
  if (struck !== undefined) return { problems: [struck] };
  if (rows.length > 1) {
    const message = `${field.name}: more than one record found for external id field: [${rows.map((one) => one.id).join(", ")}]`;
    return { problems: [recordProblem("DUPLICATE_EXTERNAL_ID", message, [field.name])] };
  }
  if (row !== undefined) {
    requireAbility(sobject, "updateable");
    return { ...update(context, row, withoutKey(field, record)), created: false };
  }
  if (field.type === "id")
    return {
      problems: [recordProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")],
    };
  requireAbility(sobject, "createable");
  return { ...insert(context, sobject, record), created: true };
}

/** PATCH composite/sobjects/T/Field: one type, 200 records, the key in each record [D, R upsert-sobject-collection]. */
export function collectionUpsertResource(call: ApiCall): Answer {
  if (call.method !== "PATCH") throw methodNotAllowed(call, "PATCH");
  const sobject = objectOf(call, call.segments[2]);
  const field = keyFieldOf(sobject, call.segments[3] ?? "");
  const { allOrNone, records } = readCollection(call);
  const target = { sobject, field, repeated: repeatedKeys(field, records) };
  return runCollection(call, allOrNone, records.length, false, (context, index) => ({
    created: false,
    ...attempt(() => upsertOne(call, context, records[index] ?? {}, target)),
  }));
}

const retrieveLimit = 2000;

function retrieveInput(call: ApiCall): {
  readonly ids: readonly string[];
  readonly fields: string;
} {
  if (call.method === "GET") {
    return {
      ids: (call.query.get("ids") ?? "").split(",").filter((id) => id !== ""),
      fields: call.query.get("fields") ?? "",
    };
  }
  if (call.method !== "POST") throw methodNotAllowed(call, "GET,POST");
  const { ids, fields } = { ids: bodyOf(call)["ids"], fields: bodyOf(call)["fields"] };
  if (!Array.isArray(ids) || !Array.isArray(fields)) {
    throw new Refusal(
      callProblem(400, "JSON_PARSER_ERROR", "ids and fields must be lists at [line:1, column:1]"),
    );
  }
  return { ids: ids.map(String), fields: fields.map(String).join(",") };
}

/** composite/sobjects/T: up to 2,000 records by id; null for what is not there [U facts §2.2]. */
export function collectionRetrieveResource(call: ApiCall): Answer {
  const sobject = objectOf(call, call.segments[2]);
  const { ids, fields } = retrieveInput(call);
  if (ids.length > retrieveLimit) throw tooMany(retrieveLimit);
  const wanted = fieldsOf(sobject, fields);
  const body = ids.map((id) => {
    const row = call.org.store.row(id);
    return row === undefined || row.deleted || row.sobject !== sobject
      ? null
      : recordBody(row, call.version, wanted);
  });
  return { status: 200, body };
}
