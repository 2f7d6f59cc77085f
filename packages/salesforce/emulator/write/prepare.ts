import type { Org } from "../org.ts";
import type { Problem } from "../problem.ts";
import { recordProblem } from "../problem.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import type { SObject } from "../schema/schema.ts";
import type { Value } from "../store/table.ts";
import { convert } from "./convert.ts";
import { resolveReference } from "./references.ts";
import { checkValue } from "./validity.ts";

/** Who writes: the API, a person in the UI, or a test that seeds. Seeds may set read-only fields; only the API meets org rules. */
export type Writer = "api" | "person" | "seed";
export type WriteKind = "insert" | "update";
export type Json = Readonly<Record<string, unknown>>;

/** Values ready to be stored, by the field's own name, or why the record is refused. */
export type Prepared =
  | { readonly values: ReadonlyMap<string, Value> }
  | { readonly problems: readonly Problem[] };

/** [U] that a relationship by external id (`Who: {…}`) is refused: Salesforce has it, the emulator does not (README). */
function noSuchColumn(sobject: SObject, name: string): Problem {
  return {
    code: "INVALID_FIELD",
    message: `No such column '${name}' on sobject of type ${sobject.name}`,
  };
}

type Parsed = Map<FieldDefinition, Value>;

function parse(org: Org, sobject: SObject, json: Json): Parsed | Problem {
  const parsed: Parsed = new Map();
  const trim = org.options.trimText !== false;
  for (const name in json) {
    if (name === "attributes") continue;
    const field = sobject.byName.get(name.toLowerCase());
    if (field === undefined) return noSuchColumn(sobject, name);
    if (field.type === "address") {
      parsed.set(field, null);
      continue;
    }
    const converted = convert(field, json[name], trim);
    if ("problem" in converted) return converted.problem;
    parsed.set(field, converted.value);
  }
  return parsed;
}

/** Wording from general knowledge [U]; createable and updateable come from the describe [R]. */
function checkWritable(parsed: Parsed, kind: WriteKind): Problem | undefined {
  const refused: string[] = [];
  for (const field of parsed.keys()) {
    if ((kind === "insert" ? field.createable : field.updateable) !== true)
      refused.push(field.name);
  }
  if (refused.length === 0) return undefined;
  const advice =
    "Please check the security settings of this field and verify that it is read/write for your profile or permission set.";
  return recordProblem(
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    `Unable to create/update fields: ${refused.join(", ")}. ${advice}`,
    refused,
  );
}

function checkRequired(sobject: SObject, parsed: Parsed, kind: WriteKind): Problem | undefined {
  const missing: string[] = [];
  if (kind === "insert") {
    for (const field of sobject.required)
      if ((parsed.get(field) ?? null) === null) missing.push(field.name);
  }
  for (const [field, value] of parsed) {
    if (
      value === null &&
      field.nillable === false &&
      field.type !== "id" &&
      !missing.includes(field.name)
    )
      missing.push(field.name);
  }
  if (missing.length === 0) return undefined;
  return recordProblem(
    "REQUIRED_FIELD_MISSING",
    `Required fields are missing: [${missing.join(", ")}]`,
    missing,
  );
}

/**
 * Checks one record's JSON against the schema, in the order in which Salesforce is thought to complain [U order]: unknown fields and
 * wrong types, rights, required fields, values, lookups. The first complaint ends it.
 */
export function prepare(
  org: Org,
  sobject: SObject,
  json: Json,
  kind: WriteKind,
  writer: Writer,
): Prepared {
  const parsed = parse(org, sobject, json);
  if (!(parsed instanceof Map)) return { problems: [parsed] };
  const problem =
    (writer === "seed" ? undefined : checkWritable(parsed, kind)) ??
    checkRequired(sobject, parsed, kind);
  if (problem !== undefined) return { problems: [problem] };
  const values = new Map<string, Value>();
  for (const [field, value] of parsed) {
    const invalid = checkValue(field, value);
    if (invalid !== undefined) return { problems: [invalid] };
    values.set(field.name, value);
  }
  for (const [field, value] of parsed) {
    if (field.type !== "reference") continue;
    const reference = resolveReference(org, field, value);
    if ("problem" in reference) return { problems: [reference.problem] };
    values.set(field.name, reference.value);
  }
  return { values };
}
