import type { Org } from "../org.ts";
import type { Refusal } from "../problem.ts";
import { shownValue } from "../resources/record-body.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import { field } from "../schema/definition.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row } from "../store/table.ts";
import { valueOf } from "../store/table.ts";
import { queryProblem } from "./lex.ts";
import type { NameToken } from "./syntax.ts";

/** A field path resolved against the schema: the lookups to follow, then the field. */
export type Path = {
  readonly parents: readonly FieldDefinition[];
  readonly field: FieldDefinition;
  readonly polymorphic: boolean;
};

const parentLimit = 5;

// A polymorphic parent (Who, What, Owner of Group|User) is seen through the Name object and shows these fields only [U the list].
const nameObject: ReadonlyMap<string, FieldDefinition> = new Map(
  [
    "Id",
    "Name",
    "FirstName",
    "LastName",
    "Email",
    "Phone",
    "Title",
    "Username",
    "Alias",
    "IsActive",
    "Type",
  ].map((name) => [name.toLowerCase(), field(name, name === "Id" ? "id" : "string", "N")]),
);

/** INVALID_FIELD "No such column" in the wording of SOQL [general knowledge, seen in public reports]. */
function noSuchColumn(source: string, token: NameToken, name: string, entity: string): Refusal {
  const advice =
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.";
  const text = `No such column '${name}' on entity '${entity}'. ${advice} Please reference your WSDL or the describe call for the appropriate names.`;
  return queryProblem(source, token.at, text, "INVALID_FIELD");
}

/** Resolves "Name", "Account.Name", "Who.Type" on an object. */
export function resolvePath(org: Org, source: string, sobject: SObject, token: NameToken): Path {
  const steps = token.text.split(".");
  // `SELECT Task.Id FROM Task` names the object itself.
  if (
    steps.length > 1 &&
    steps[0]?.toLowerCase() === sobject.name.toLowerCase() &&
    !sobject.byRelationship.has(sobject.name.toLowerCase())
  )
    steps.shift();
  const last = steps.pop() ?? "";
  if (steps.length > parentLimit)
    throw queryProblem(source, token.at, "too many levels of parents");
  const parents: FieldDefinition[] = [];
  let entity: SObject | undefined = sobject;
  for (const step of steps) {
    const lookup: FieldDefinition | undefined = entity?.byRelationship.get(step.toLowerCase());
    if (lookup === undefined) {
      const text = `Didn't understand relationship '${step}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.`;
      throw queryProblem(source, token.at, text, "INVALID_FIELD");
    }
    parents.push(lookup);
    const targets: readonly string[] = lookup.referenceTo ?? [];
    entity = targets.length === 1 ? org.schema.find(targets[0] ?? "") : undefined;
  }
  const polymorphic = entity === undefined;
  const found = polymorphic
    ? nameObject.get(last.toLowerCase())
    : entity?.byName.get(last.toLowerCase());
  if (found === undefined) throw noSuchColumn(source, token, last, entity?.name ?? "Name");
  return { parents, field: found, polymorphic };
}

/** Follows the lookups of a path; undefined where a link is empty. */
export function followParents(
  org: Org,
  row: Row,
  parents: readonly FieldDefinition[],
): Row | undefined {
  let current: Row | undefined = row;
  for (const parent of parents) {
    const id: unknown = current === undefined ? null : valueOf(current, parent.name);
    current = typeof id === "string" ? org.store.row(id) : undefined;
  }
  return current;
}

/** The value at the end of a path, as the API shows it. */
export function readPath(org: Org, row: Row, path: Path): unknown {
  const owner = path.parents.length === 0 ? row : followParents(org, row, path.parents);
  if (owner === undefined) return null;
  if (path.polymorphic && path.field.name === "Type") return owner.sobject.name;
  if (path.polymorphic && path.field.name === "Name") return nameOf(owner);
  return shownValue(owner, path.field);
}

function nameOf(row: Row): unknown {
  const named = row.sobject.fields.find((one) => one.nameField === true);
  return named === undefined ? null : valueOf(row, named.name);
}
