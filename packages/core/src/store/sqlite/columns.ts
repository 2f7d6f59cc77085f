import type { SQLOutputValue } from "node:sqlite";
import type { HistoryLine } from "../../model/command.ts";
import type { Interaction } from "../../model/interaction.ts";
import type { Row } from "../../model/ledger.ts";
import type { GateState } from "../contract.ts";

/** One row of an answer. */
export type Columns = Readonly<Record<string, SQLOutputValue>>;

const unexpected = (name: string): TypeError => new TypeError(`the store's column ${name} holds something else than the schema says`);

export function int(columns: Columns, name: string): number {
  const value = columns[name];
  if (typeof value === "number") return value;
  throw unexpected(name);
}

export function text(columns: Columns, name: string): string {
  const value = columns[name];
  if (typeof value === "string") return value;
  throw unexpected(name);
}

export function bytes(columns: Columns, name: string): Uint8Array {
  const value = columns[name];
  if (value instanceof Uint8Array) return value;
  throw unexpected(name);
}

/** Absent for null. */
export const intMaybe = (columns: Columns, name: string): number | undefined =>
  columns[name] === null ? undefined : int(columns, name);

/** What this library wrote as JSON, back as it was. */
export const interactionIn = (columns: Columns): Interaction => JSON.parse(text(columns, "state"));

export const rowIn = (columns: Columns): Row => JSON.parse(text(columns, "row"));

export const linesIn = (columns: Columns): readonly HistoryLine[] => JSON.parse(text(columns, "lines"));

export const gateIn = (columns: Columns): GateState => JSON.parse(text(columns, "state"));
