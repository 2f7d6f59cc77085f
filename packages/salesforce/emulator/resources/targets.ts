import { toId18 } from "../ids.ts";
import type { ApiCall } from "../http/call.ts";
import { isObject } from "../http/call.ts";
import { callProblem, notFound, recordProblem, Refusal } from "../problem.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row } from "../store/table.ts";
import type { Json } from "../write/prepare.ts";

/** The object that a path names; 404 when the org does not have it. */
export function objectOf(call: ApiCall, name: string | undefined): SObject {
  const sobject = name === undefined ? undefined : call.org.schema.find(name);
  if (sobject === undefined) throw new Refusal(notFound());
  return sobject;
}

/** The live row that a path names. Malformed and foreign ids are 404 NOT_FOUND, deleted rows 404 ENTITY_IS_DELETED [U statuses]. */
export function rowOf(call: ApiCall, sobject: SObject, id: string): Row {
  const row = toId18(id) === undefined ? undefined : call.org.store.row(id);
  if (row === undefined || row.sobject !== sobject) throw new Refusal(notFound());
  if (row.deleted) throw new Refusal(callProblem(404, "ENTITY_IS_DELETED", "entity is deleted"));
  return row;
}

/** The JSON object in the body. */
export function bodyOf(call: ApiCall): Json {
  if (!isObject(call.body)) {
    throw new Refusal(
      callProblem(
        400,
        "JSON_PARSER_ERROR",
        "The HTTP entity body is required, but this request has no entity body.",
      ),
    );
  }
  return call.body;
}

/** The field that `upsert` goes by: Id, an external id or an idLookup field such as Contact.Email [R upsert-record]. */
export function keyFieldOf(sobject: SObject, name: string): FieldDefinition {
  const field = sobject.byName.get(name.toLowerCase());
  if (field === undefined || (field.idLookup !== true && field.externalId !== true)) {
    throw new Refusal(
      notFound(`Provided external ID field does not exist or is not accessible: ${name}`),
    );
  }
  return field;
}

/** The fields of a comma-separated list. */
export function fieldsOf(sobject: SObject, list: string): readonly FieldDefinition[] {
  return list.split(",").map((name) => {
    const field = sobject.byName.get(name.trim().toLowerCase());
    if (field === undefined) {
      throw new Refusal({
        code: "INVALID_FIELD",
        message: `No such column '${name.trim()}' on sobject of type ${sobject.name}`,
      });
    }
    return field;
  });
}

/** Refuses an operation that the object does not have. */
export function requireAbility(
  sobject: SObject,
  ability: "createable" | "updateable" | "deletable",
): void {
  if (sobject.can(ability)) return;
  const verb = { createable: "create", updateable: "update", deletable: "delete" }[ability];
  const message = `entity type cannot be ${verb}d: ${sobject.definition.label}`
    .replace("createed", "inserted")
    .replace("deleteed", "deleted");
  throw new Refusal(recordProblem("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message));
}

/** 405 with the methods that would do. */
export function methodNotAllowed(call: ApiCall, allowed: string): Refusal {
  const message = `HTTP Method '${call.method}' not allowed. Allowed are ${allowed}`;
  return new Refusal(callProblem(405, "METHOD_NOT_ALLOWED", message));
}
