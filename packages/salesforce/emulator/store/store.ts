import { toId18 } from "../ids.ts";
import type { Schema, SObject } from "../schema/schema.ts";
import type { Row } from "./table.ts";
import { Table } from "./table.ts";

/** All records of the org. */
export class Store {
  readonly schema: Schema;
  readonly #tables = new Map<string, Table>();
  readonly #alsoIndexed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #counters = new Map<string, number>();

  constructor(schema: Schema, alsoIndexed: ReadonlyMap<string, ReadonlySet<string>>) {
    this.schema = schema;
    this.#alsoIndexed = alsoIndexed;
    this.clear();
  }

  /** Forgets every record. */
  clear(): void {
    this.#counters.clear();
    for (const sobject of this.schema.objects) {
      this.#tables.set(
        sobject.name,
        new Table(sobject, this.#alsoIndexed.get(sobject.name) ?? new Set()),
      );
    }
  }

  /** The table of an object of this schema. */
  table(sobject: SObject): Table {
    const table = this.#tables.get(sobject.name);
    if (table === undefined) throw new Error(`no table for ${sobject.name}`);
    return table;
  }

  /** A row by a 15- or 18-character id, deleted ones too. */
  row(id: string): Row | undefined {
    const id18 = toId18(id);
    const sobject = id18 === undefined ? undefined : this.schema.byPrefix(id18);
    return id18 === undefined || sobject === undefined
      ? undefined
      : this.table(sobject).rows.get(id18);
  }

  /** The next auto-number of an object: 00001026, 00001027, … */
  nextNumber(sobject: SObject): number {
    const next = (this.#counters.get(sobject.name) ?? 1025) + 1;
    this.#counters.set(sobject.name, next);
    return next;
  }
}
