import type { Answer, ApiCall } from "../http/call.ts";
import { isObject } from "../http/call.ts";
import type { Problem } from "../problem.ts";
import { callProblem, Refusal } from "../problem.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row } from "../store/table.ts";
import { valueOf } from "../store/table.ts";
import { createRecord, updateRecord } from "./records.ts";
import { bodyOf, methodNotAllowed, objectOf, rowOf } from "./targets.ts";

const keptForMs = 30 * 86_400_000;
const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
// Task is no UI API object by default [D facts §3.2]; the same is assumed for Event, TaskRelation, User and Group [U].
const unsupported = new Set([
  "Task",
  "Event",
  "TaskRelation",
  "User",
  "Group",
  "RecordType",
  "CaseComment",
  "EmailMessage",
]);

function uiObject(call: ApiCall, name: unknown): SObject {
  const sobject = typeof name === "string" ? call.org.schema.find(name) : undefined;
  if (sobject === undefined || unsupported.has(sobject.name)) {
    throw new Refusal(
      callProblem(400, "INVALID_TYPE", `object type ${String(name)} is not supported in UI API`),
    );
  }
  return sobject;
}

function recordAnswer(row: Row): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const field of row.sobject.fields) {
    if (field.type !== "address" && field.name !== "Id")
      fields[field.name] = { displayValue: null, value: valueOf(row, field.name) };
  }
  return {
    apiName: row.sobject.name,
    childRelationships: {},
    eTag: `${row.id}-${row.modifications}`,
    fields,
    id: row.id,
    lastModifiedById: valueOf(row, "LastModifiedById"),
    lastModifiedDate: valueOf(row, "LastModifiedDate"),
    recordTypeInfo: null,
    systemModstamp: valueOf(row, "SystemModstamp"),
    weakEtag: row.modifiedAt,
  };
}

/** The UI API's own error body for a record [D UIAPI; U details]. */
function recordError(problems: readonly Problem[]): Answer {
  const errors = problems.map((problem) => ({
    errorCode: problem.code,
    message: problem.message,
    ...problem.extra,
  }));
  const fieldErrors: Record<string, unknown> = {};
  for (const problem of problems) {
    for (const field of problem.fields ?? [])
      fieldErrors[field] = [{ errorCode: problem.code, field, message: problem.message }];
  }
  const body = {
    message: "An error occurred while trying to update the record. Please try again.",
    statusCode: 400,
    enhancedErrorType: "RecordError",
    output: { errors, fieldErrors },
  };
  return { status: 400, body };
}

function attemptRecord(run: () => Answer): Answer {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal && error.problems.every((problem) => problem.status === undefined))
      return recordError(error.problems);
    throw error;
  }
}

/**
 * The same Idempotency-Key within 30 days answers what the first call answered [D facts §3.2]. [U] the same key with another body, and
 * whether refusals are kept: here the first answer comes back whatever the body, and refusals are not kept.
 */
function once(call: ApiCall, run: () => Answer): Answer {
  const key = call.headers["idempotency-key"];
  if (key === undefined) return run();
  if (call.org.options.idempotencyKeys === false) {
    throw new Refusal(
      callProblem(400, "INVALID_INPUT", "Idempotency-Key is not supported for this resource"),
    );
  }
  if (!uuidV4.test(key))
    throw new Refusal(
      callProblem(400, "INVALID_INPUT", "Idempotency-Key must be a UUID of version 4"),
    );
  const kept = call.org.kept.get(key);
  const at = call.org.now();
  if (kept !== undefined && at - kept.at < keptForMs)
    return { status: kept.status, body: kept.body };
  const answer = run();
  if (answer.status < 300) call.org.kept.set(key, { at, status: answer.status, body: answer.body });
  return answer;
}

/** ui-api/records: POST {apiName, fields}, one record. */
function createUiRecord(call: ApiCall): Answer {
  const body = bodyOf(call);
  const sobject = uiObject(call, body["apiName"]);
  const fields = body["fields"];
  if (!isObject(fields))
    throw new Refusal(
      callProblem(400, "JSON_PARSER_ERROR", "fields must be an object at [line:1, column:1]"),
    );
  return once(call, () =>
    attemptRecord(() => ({ status: 201, body: recordAnswer(createRecord(call, sobject, fields)) })),
  );
}

function changeUiRecord(call: ApiCall, id: string): Answer {
  const sobject = call.org.schema.byPrefix(id);
  const row = rowOf(call, uiObject(call, sobject?.name ?? id), id);
  if (call.method === "GET") return { status: 200, body: recordAnswer(row) };
  if (call.method !== "PATCH") throw methodNotAllowed(call, "GET,PATCH");
  const fields = bodyOf(call)["fields"];
  if (!isObject(fields))
    throw new Refusal(
      callProblem(400, "JSON_PARSER_ERROR", "fields must be an object at [line:1, column:1]"),
    );
  return once(call, () =>
    attemptRecord(() => {
      updateRecord(call, row, fields);
      return { status: 200, body: recordAnswer(row) };
    }),
  );
}

/** ui-api/records and ui-api/records/{id}. */
export function uiRecordsResource(call: ApiCall): Answer {
  const id = call.segments[2];
  if (id !== undefined) return changeUiRecord(call, id);
  if (call.method !== "POST") throw methodNotAllowed(call, "POST");
  return createUiRecord(call);
}

/** ui-api/object-info/T: the probe that says whether UI API knows an object [U facts §3.2]. */
export function objectInfoResource(call: ApiCall): Answer {
  if (call.method !== "GET") throw methodNotAllowed(call, "GET");
  const sobject = uiObject(call, objectOf(call, call.segments[2]).name);
  const fields = Object.fromEntries(
    sobject.fields.map((field) => [
      field.name,
      {
        apiName: field.name,
        createable: field.createable,
        dataType: field.type,
        label: field.label,
        length: field.length ?? 0,
        required: sobject.required.includes(field),
        updateable: field.updateable,
      },
    ]),
  );
  const { definition, keyPrefix, name } = sobject;
  return {
    status: 200,
    body: {
      apiName: name,
      createable: sobject.can("createable"),
      fields,
      keyPrefix,
      label: definition.label,
    },
  };
}
