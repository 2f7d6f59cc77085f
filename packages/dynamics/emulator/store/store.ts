import type { Schema } from "../schema/schema.ts";
import type { Row, Value } from "./row.ts";
import { isReference } from "./row.ts";

type Contents = { readonly live: Map<string, Row>; all: Row[] };

/** All rows of the organisation. Rows are found by id and by what they refer to without a scan. */
export class Store {
  readonly schema: Schema;
  readonly #tables = new Map<string, Contents>();
  readonly #referrers = new Map<string, Set<Row>>();
  #version = 1_000_000;

  constructor(schema: Schema) {
    this.schema = schema;
    this.clear();
  }

  /** Forgets every row. */
  clear(): void {
    this.#referrers.clear();
    for (const table of this.schema.tables)
      this.#tables.set(table.name, { live: new Map(), all: [] });
  }

  /** The next versionnumber of the whole organisation. */
  nextVersion(): number {
    this.#version += 1;
    return this.#version;
  }

  /** A living row by logical table name and lower-case id. */
  row(table: string, id: string): Row | undefined {
    return this.#tables.get(table)?.live.get(id);
  }

  /** Living rows of a table by id, in order of creation. */
  live(table: string): ReadonlyMap<string, Row> {
    return this.#contents(table).live;
  }

  /** Every row that a table ever had, deleted ones too, oldest first. */
  all(table: string): readonly Row[] {
    return this.#contents(table).all;
  }

  /** Living rows whose lookups (but those of `notIndexed`) or parties (but users) name this id. */
  referrers(id: string): readonly Row[] {
    return [...(this.#referrers.get(id) ?? [])];
  }

  /** Puts a new row in. */
  add(row: Row): void {
    const contents = this.#contents(row.table.name);
    contents.live.set(row.id, row);
    contents.all.push(row);
    this.#index(row);
  }

  /** Takes a row out, as if it had never been (undo of `add`). */
  drop(row: Row): void {
    const contents = this.#contents(row.table.name);
    contents.live.delete(row.id);
    const at = contents.all.lastIndexOf(row);
    if (at >= 0) contents.all.splice(at, 1);
    this.#unindex(row);
  }

  /** Marks a row as deleted. */
  hide(row: Row): void {
    this.#contents(row.table.name).live.delete(row.id);
    this.#unindex(row);
    row.deleted = true;
  }

  /** Undo of `hide`. */
  show(row: Row): void {
    row.deleted = false;
    this.#contents(row.table.name).live.set(row.id, row);
    this.#index(row);
  }

  /** Replaces what a living row holds. */
  replace(row: Row, values: ReadonlyMap<string, Value>, parties: Row["parties"]): void {
    this.#unindex(row);
    row.values = values;
    row.parties = parties;
    this.#index(row);
  }

  #contents(table: string): Contents {
    const contents = this.#tables.get(table);
    if (contents === undefined) throw new Error(`no table ${table}`);
    return contents;
  }

  #index(row: Row): void {
    for (const id of targetsOf(row)) {
      const found = this.#referrers.get(id);
      if (found === undefined) this.#referrers.set(id, new Set([row]));
      else found.add(row);
    }
  }

  #unindex(row: Row): void {
    for (const id of targetsOf(row)) this.#referrers.get(id)?.delete(row);
  }
}

/** Lookups that are not indexed: one application user stands in nearly all of them. */
export const notIndexed: ReadonlySet<string> = new Set([
  "ownerid",
  "createdby",
  "modifiedby",
  "owninguser",
  "owningteam",
  "owningbusinessunit",
]);

function targetsOf(row: Row): readonly string[] {
  const ids: string[] = [];
  for (const [name, value] of row.values)
    if (isReference(value) && !notIndexed.has(name)) ids.push(value.id);
  for (const party of row.parties) if (party.table !== "systemuser") ids.push(party.partyId);
  return ids;
}
