import { syntaxRefusal } from "../http/path.ts";
import type { Comparison, Filter, Literal } from "../query/syntax.ts";
import { textTest } from "../query/text.ts";

type Json = Readonly<Record<string, unknown>>;

function missing(type: string, name: string): Error {
  return syntaxRefusal(
    `Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.${type}'.`,
  );
}

/** Leaves the selected properties and MetadataId. Throws Refusal for one that the type does not have. */
export function selected(json: Json, select: readonly string[] | undefined, type: string): Json {
  if (select === undefined) return json;
  for (const name of select) if (!(name in json)) throw missing(type, name);
  return Object.fromEntries(
    Object.entries(json).filter(([name]) => name === "MetadataId" || select.includes(name)),
  );
}

function valueAt(json: Json, path: readonly string[], type: string): unknown {
  let value: unknown = json;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !(name in value))
      throw missing(type, path.join("/"));
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  return value;
}

function compared(value: unknown, operator: Comparison, literal: Literal): boolean {
  const right = literal.kind === "null" ? null : literal.value;
  if (operator !== "eq" && operator !== "ne")
    throw syntaxRefusal(`The operator ${operator} is not supported in a metadata filter.`);
  return (value === right) === (operator === "eq");
}

/** Whether one piece of metadata passes a filter; metadata compares with case. Throws Refusal for an unknown property. */
export function passes(json: Json, filter: Filter | undefined, type: string): boolean {
  if (filter === undefined) return true;
  if (filter.kind === "and")
    return passes(json, filter.left, type) && passes(json, filter.right, type);
  if (filter.kind === "or")
    return passes(json, filter.left, type) || passes(json, filter.right, type);
  if (filter.kind === "not") return !passes(json, filter.inner, type);
  if (filter.kind === "compare")
    return compared(valueAt(json, filter.path, type), filter.operator, filter.literal);
  if (filter.kind === "in") {
    const value = valueAt(json, filter.path, type);
    return filter.values.includes(String(value)) !== filter.negated;
  }
  if (filter.kind === "text")
    return textTest(filter.value, filter.name)(String(valueAt(json, filter.path, type)));
  throw syntaxRefusal("This filter is not supported for metadata.");
}
