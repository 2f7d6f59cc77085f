import { toId18 } from "../ids.ts";
import type { Org } from "../org.ts";
import type { Problem } from "../problem.ts";
import { recordProblem } from "../problem.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import type { Value } from "../store/table.ts";

/** A lookup's value in its 18-character form, or why it is refused. */
export type Reference = { readonly value: Value } | { readonly problem: Problem };

function wrongId(code: string, field: FieldDefinition, id: string): Reference {
  const message = `${field.label ?? field.name}: id value of incorrect type: ${id}`;
  return { problem: recordProblem(code, message, [field.name]) };
}

/**
 * Checks what a lookup points at. An id of another object is FIELD_INTEGRITY_EXCEPTION [I jsforce#1006: WhoId with an account's id],
 * a malformed one MALFORMED_ID, one that never existed INVALID_CROSS_REFERENCE_KEY [R for a record's own id], a deleted one
 * ENTITY_IS_DELETED or INVALID_CROSS_REFERENCE_KEY (open in facts §3.5: an option).
 */
export function resolveReference(org: Org, field: FieldDefinition, value: Value): Reference {
  if (typeof value !== "string") return { value };
  const id = toId18(value);
  if (id === undefined) return wrongId("MALFORMED_ID", field, value);
  const target = org.schema.byPrefix(id);
  if (target === undefined || !(field.referenceTo ?? []).includes(target.name)) {
    return wrongId("FIELD_INTEGRITY_EXCEPTION", field, value);
  }
  const row = org.store.row(id);
  if (row === undefined)
    return { problem: recordProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id") };
  if (!row.deleted) return { value: id };
  const code = org.options.deletedReference ?? "ENTITY_IS_DELETED";
  return {
    problem: recordProblem(
      code,
      code === "ENTITY_IS_DELETED" ? "entity is deleted" : "invalid cross reference id",
    ),
  };
}
