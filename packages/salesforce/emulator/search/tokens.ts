import type { FieldDefinition } from "../schema/definition.ts";
import type { Row } from "../store/table.ts";

/** Which fields a search looks into. */
export type Scope = "ALL" | "NAME" | "EMAIL" | "PHONE" | "SIDEBAR";

const texts = new Set(["string", "textarea", "combobox", "email", "phone", "url"]);

function inScope(field: FieldDefinition, scope: Scope): boolean {
  const named = field.nameField === true || field.compound === "Name";
  if (scope === "NAME") return named && texts.has(field.type);
  if (scope === "EMAIL") return field.type === "email";
  if (scope === "PHONE") return field.type === "phone";
  if (scope === "SIDEBAR") return named || field.type === "email" || field.type === "phone";
  return texts.has(field.type);
}

/**
 * Cuts a text as the search index does: at white space and punctuation [D facts §2.5]. "(415) 555-1212" is 415|555|1212, while
 * "+14155551212" is the one token 14155551212.
 */
export function tokensOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

type Cached = {
  readonly modifications: number;
  readonly byScope: Map<Scope, readonly (readonly string[])[]>;
};

const cache = new WeakMap<Row, Cached>();

/** The tokens of a row's fields in a scope, one list per field. */
export function rowTokens(row: Row, scope: Scope): readonly (readonly string[])[] {
  let cached = cache.get(row);
  if (cached?.modifications !== row.modifications) {
    cached = { modifications: row.modifications, byScope: new Map() };
    cache.set(row, cached);
  }
  let lists = cached.byScope.get(scope);
  if (lists === undefined) {
    lists = row.sobject.fields
      .filter((field) => inScope(field, scope))
      .map((field) => row.values.get(field.name))
      .filter((value) => typeof value === "string")
      .map((value) => tokensOf(value));
    cached.byScope.set(scope, lists);
  }
  return lists;
}
