import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Columns } from "./columns.ts";

/** What a column or a parameter may be here. */
export type SqlValue = string | number | null | Uint8Array;

/** A database with its prepared statements: each text is prepared once. */
export class Sql {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The first row. */
  one(text: string, ...values: readonly SqlValue[]): Columns | undefined {
    return this.#statement(text).get(...values);
  }

  all(text: string, ...values: readonly SqlValue[]): readonly Columns[] {
    return this.#statement(text).all(...values);
  }

  /** Answers how many rows it changed, and the id of the last one it inserted. */
  run(
    text: string,
    ...values: readonly SqlValue[]
  ): { readonly changes: number; readonly id: number } {
    const { changes, lastInsertRowid } = this.#statement(text).run(...values);
    return { changes: Number(changes), id: Number(lastInsertRowid) };
  }

  /** Several statements that answer nothing. */
  script(text: string): void {
    this.#database.exec(text);
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  close(): void {
    this.#prepared.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #statement(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const made = this.#database.prepare(text);
    this.#prepared.set(text, made);
    return made;
  }
}
