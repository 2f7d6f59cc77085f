import { toId18 } from "../ids.ts";
import type { Answer, ApiCall } from "../http/call.ts";
import { writeContext } from "../http/call.ts";
import type { Problem } from "../problem.ts";
import { recordErrors, recordProblem, Refusal } from "../problem.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row } from "../store/table.ts";
import type { Json } from "../write/prepare.ts";
import type { Saved, WriteContext } from "../write/save.ts";
import { insert, remove, update } from "../write/save.ts";
import { Undo } from "../write/undo.ts";
import {
  attributesProblem,
  checkChunks,
  collectionLimit,
  readCollection,
  tooMany,
  typeOf,
} from "./collection-input.ts";
import { methodNotAllowed, requireAbility } from "./targets.ts";

/** What happened to one record; `created` only in upserts. */
export type RecordOutcome = Saved & { readonly created?: boolean };

const rolledBack = recordProblem(
  "ALL_OR_NONE_OPERATION_ROLLED_BACK",
  // Wording from a public log of a real answer.
  "Record rolled back because not all records were valid and the request was using AllOrNone header",
);

function resultOf(
  outcome: RecordOutcome,
  undone: boolean,
  isCreate: boolean,
): Readonly<Record<string, unknown>> {
  const created =
    outcome.created === undefined
      ? {}
      : { created: "row" in outcome && !undone ? outcome.created : false };
  if ("problems" in outcome)
    return { success: false, errors: recordErrors(outcome.problems), ...created };
  if (!undone) return { id: outcome.row.id, success: true, errors: [], ...created };
  // A rolled-back update keeps its id [facts §3.5].
  const id = isCreate || outcome.created === true ? {} : { id: outcome.row.id };
  return { ...id, success: false, errors: recordErrors([rolledBack]), ...created };
}

/**
 * Writes records in their order and answers in the same order, HTTP 200 even when records fail [D facts §2.2; R]. With allOrNone one
 * failure takes everything back.
 */
export function runCollection(
  call: ApiCall,
  allOrNone: boolean,
  count: number,
  isCreate: boolean,
  write: (context: WriteContext, index: number) => RecordOutcome,
): Answer {
  call.tally.records += count;
  const undo = new Undo();
  const context = writeContext(call, undo);
  const outcomes: RecordOutcome[] = [];
  for (let index = 0; index < count; index += 1) outcomes.push(write(context, index));
  const undone = allOrNone && outcomes.some((outcome) => "problems" in outcome);
  if (undone) undo.rollBack();
  else call.undo.add(() => undo.rollBack());
  return { status: 200, body: outcomes.map((outcome) => resultOf(outcome, undone, isCreate)) };
}

/** Turns a thrown refusal of one record into its outcome. */
export function attempt(run: () => RecordOutcome): RecordOutcome {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal) return { problems: error.problems };
    throw error;
  }
}

function failed(...problems: readonly Problem[]): RecordOutcome {
  return { problems };
}

function objectOrProblem(call: ApiCall, record: Json): SObject | Problem {
  const name = typeOf(record) ?? "";
  return (
    call.org.schema.find(name) ??
    recordProblem("INVALID_TYPE", `sObject type '${name}' is not supported.`)
  );
}

function createOne(call: ApiCall, context: WriteContext, record: Json): RecordOutcome {
  const problem = attributesProblem(record, true);
  if (problem !== undefined) return failed(problem);
  const sobject = objectOrProblem(call, record);
  if ("code" in sobject) return failed(sobject);
  requireAbility(sobject, "createable");
  const struck = call.strike(sobject.name, undefined);
  return struck === undefined ? insert(context, sobject, record) : failed(struck);
}

/** The row of an id given in a collection, or the recorded complaint [R update-sobject-collection: no id in the result]. */
function rowOrProblem(call: ApiCall, given: unknown): Row | Problem {
  if (typeof given !== "string")
    return recordProblem("MISSING_ARGUMENT", "Id not specified in an update call", ["Id"]);
  if (toId18(given) === undefined) return recordProblem("MALFORMED_ID", `malformed id ${given}`);
  const row = call.org.store.row(given);
  if (row === undefined)
    return recordProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
  return row.deleted ? recordProblem("ENTITY_IS_DELETED", "entity is deleted") : row;
}

function updateOne(call: ApiCall, context: WriteContext, record: Json): RecordOutcome {
  const problem = attributesProblem(record, true);
  if (problem !== undefined) return failed(problem);
  const sobject = objectOrProblem(call, record);
  if ("code" in sobject) return failed(sobject);
  const { Id: upperId, id: lowerId, ...json } = record;
  const row = rowOrProblem(call, upperId ?? lowerId);
  if ("code" in row) return failed(row);
  if (row.sobject !== sobject)
    return failed(recordProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"));
  requireAbility(sobject, "updateable");
  const struck = call.strike(sobject.name, row.id);
  return struck === undefined ? update(context, row, json) : failed(struck);
}

function deleteOne(call: ApiCall, context: WriteContext, id: string): RecordOutcome {
  const row = rowOrProblem(call, id);
  if ("code" in row) return failed(row);
  requireAbility(row.sobject, "deletable");
  const struck = call.strike(row.sobject.name, row.id);
  if (struck !== undefined) return failed(struck);
  remove(context, row);
  return { row };
}

function deleteMany(call: ApiCall): Answer {
  const ids = (call.query.get("ids") ?? "").split(",").filter((id) => id !== "");
  if (ids.length > collectionLimit) throw tooMany(collectionLimit);
  const allOrNone = call.query.get("allOrNone") === "true" || call.allOrNone;
  return runCollection(call, allOrNone, ids.length, false, (context, index) =>
    attempt(() => deleteOne(call, context, ids[index] ?? "")),
  );
}

/** composite/sobjects: POST create [R], PATCH update [R], DELETE [R]. */
export function collectionResource(call: ApiCall): Answer {
  if (call.method === "DELETE") return deleteMany(call);
  if (call.method !== "POST" && call.method !== "PATCH")
    throw methodNotAllowed(call, "POST,PATCH,DELETE");
  const { allOrNone, records } = readCollection(call);
  checkChunks(records);
  const one = call.method === "POST" ? createOne : updateOne;
  return runCollection(call, allOrNone, records.length, call.method === "POST", (context, index) =>
    attempt(() => one(call, context, records[index] ?? {})),
  );
}
