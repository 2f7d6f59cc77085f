import type { ApiCall } from "../http/call.ts";
import { isObject } from "../http/call.ts";
import type { Problem } from "../problem.ts";
import { callProblem, Refusal } from "../problem.ts";
import type { Json } from "../write/prepare.ts";
import { bodyOf } from "./targets.ts";

/** At most 200 records in one call [D facts §2.2]. */
export const collectionLimit = 200;
const chunkLimit = 10;

/** The records of a collections call and its allOrNone. */
export type CollectionInput = { readonly allOrNone: boolean; readonly records: readonly Json[] };

/** EXCEEDED_ID_LIMIT; the wording is from public reports [I]. */
export function tooMany(limit: number): Refusal {
  const message = `record limit reached. cannot submit more than ${limit} records into this call`;
  return new Refusal(callProblem(400, "EXCEEDED_ID_LIMIT", message));
}

/** [U] wording of the parser errors of a malformed body; the status 400 is [D]. */
export function readCollection(call: ApiCall): CollectionInput {
  const body = bodyOf(call);
  const unknown = Object.keys(body).find((key) => key !== "allOrNone" && key !== "records");
  if (unknown !== undefined) throw parserError(`Unrecognized field "${unknown}"`);
  const { allOrNone, records } = {
    allOrNone: body["allOrNone"] ?? false,
    records: body["records"],
  };
  if (typeof allOrNone !== "boolean")
    throw parserError(`Cannot deserialize instance of boolean from ${JSON.stringify(allOrNone)}`);
  if (!Array.isArray(records) || !records.every(isObject))
    throw parserError("records must be a list of objects");
  if (records.length > collectionLimit) throw tooMany(collectionLimit);
  return { allOrNone: allOrNone || call.allOrNone, records };
}

function parserError(what: string): Refusal {
  return new Refusal(callProblem(400, "JSON_PARSER_ERROR", `${what} at [line:1, column:1]`));
}

/** The object name in a record's attributes. */
export function typeOf(record: Json): string | undefined {
  const attributes = record["attributes"];
  const type = isObject(attributes) ? attributes["type"] : undefined;
  return typeof type === "string" ? type : undefined;
}

const noAttributes: Problem = {
  code: "JSON_PARSER_ERROR",
  message:
    "Nested object for polymorphic foreign key must have an attributes field before any other fields.",
};

/**
 * A record without attributes answers the recorded JSON_PARSER_ERROR, inside a 200 [R upsert-sobject-collection]. In create and update
 * they must come first, as the message says; in upsert, where the path names the type, jsforce sends the key field first and works
 * against real orgs [facts §2.2], so there their place does not matter.
 */
export function attributesProblem(record: Json, mustBeFirst: boolean): Problem | undefined {
  if (typeOf(record) === undefined) return noAttributes;
  return mustBeFirst && Object.keys(record)[0] !== "attributes" ? noAttributes : undefined;
}

/** At most ten runs of consecutive records of one type [D facts §2.2]. [U] the code. */
export function checkChunks(records: readonly Json[]): void {
  let chunks = 0;
  let last: string | undefined;
  for (const record of records) {
    const type = typeOf(record);
    if (type !== last) chunks += 1;
    last = type;
  }
  if (chunks > chunkLimit) {
    throw new Refusal(
      callProblem(
        400,
        "LIMIT_EXCEEDED",
        `The request can’t contain more than ${chunkLimit} chunks of object types.`,
      ),
    );
  }
}
