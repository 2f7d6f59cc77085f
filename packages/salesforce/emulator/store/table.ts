import type { FieldDefinition } from "../schema/definition.ts";
import type { SObject } from "../schema/schema.ts";

/** What a stored field holds. Dates and times are kept in the form that the API answers with. */
export type Value = string | number | boolean | null;

/** One record. Values that were never set are absent and read as null. */
export type Row = {
  readonly id: string;
  readonly sobject: SObject;
  readonly values: Map<string, Value>;
  readonly createdAt: number;
  modifiedAt: number;
  modifications: number;
  deleted: boolean;
};

/** Reads a field as SOQL and GET see it. */
export function valueOf(row: Row, name: string): Value {
  return row.values.get(name) ?? null;
}

/** The form in which two values of a field are compared: text ignores case unless the field says otherwise. */
export function comparable(field: FieldDefinition, value: Value): Value {
  return typeof value === "string" && field.caseSensitive !== true ? value.toLowerCase() : value;
}

function isIndexed(field: FieldDefinition): boolean {
  if (field.type === "id") return false;
  return (
    field.idLookup === true ||
    field.externalId === true ||
    field.unique === true ||
    field.indexed === true
  );
}

/** The rows of one object, in order of creation, with equality indexes so that no write scans. */
export class Table {
  readonly sobject: SObject;
  readonly rows = new Map<string, Row>();
  readonly #indexes = new Map<
    string,
    { readonly field: FieldDefinition; readonly rows: Map<Value, Set<Row>> }
  >();

  constructor(sobject: SObject, alsoIndexed: ReadonlySet<string>) {
    this.sobject = sobject;
    for (const field of sobject.fields) {
      if (isIndexed(field) || alsoIndexed.has(field.name))
        this.#indexes.set(field.name, { field, rows: new Map() });
    }
  }

  /** Puts a new row in. */
  add(row: Row): void {
    this.rows.set(row.id, row);
    this.#each(row, (rows, key) => {
      const found = rows.get(key);
      if (found === undefined) rows.set(key, new Set([row]));
      else found.add(row);
    });
  }

  /** Takes a row out, as if it had never been (rollback). */
  drop(row: Row): void {
    this.hide(row);
    this.rows.delete(row.id);
  }

  /** Takes a row out of the indexes: it was deleted, or its values are about to change. */
  hide(row: Row): void {
    this.#each(row, (rows, key) => {
      const found = rows.get(key);
      found?.delete(row);
      if (found?.size === 0) rows.delete(key);
    });
  }

  /** Puts a hidden row back into the indexes. */
  show(row: Row): void {
    if (!row.deleted) this.add(row);
  }

  /** Rows whose indexed field equals the value; undefined when the field has no index. Deleted rows are not in indexes. */
  lookup(fieldName: string, value: Value): readonly Row[] | undefined {
    const index = this.#indexes.get(fieldName);
    if (index === undefined) return undefined;
    return [...(index.rows.get(comparable(index.field, value)) ?? [])];
  }

  #each(row: Row, visit: (rows: Map<Value, Set<Row>>, key: Value) => void): void {
    for (const [name, index] of this.#indexes) {
      const value = row.values.get(name);
      if (value !== undefined && value !== null) visit(index.rows, comparable(index.field, value));
    }
  }
}
