import type { SQLOutputValue } from "node:sqlite";
import type { HistoryLine } from "../../model/command.ts";
import type { Interaction } from "../../model/interaction.ts";
import type { Row } from "../../model/ledger.ts";
import type { GateState } from "../contract.ts";

/** One row of an answer. */
export type Columns = Readonly<Record<string, SQLOutputValue>>;

const unexpected = (name: string): TypeError =>
  new TypeError(`the store's column ${name} holds something else than the schema says`);

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

/** What this library wrote as JSON, back as it was; the guard tells a damaged file from a good one, not one version from another. */
function stored<Part>(
  columns: Columns,
  name: string,
  isPart: (value: unknown) => value is Part,
): Part {
  const value: unknown = JSON.parse(text(columns, name));
  if (isPart(value)) return value;
  throw unexpected(name);
}

const isStructure = (value: unknown): value is object =>
  typeof value === "object" && value !== null;
const isInteraction = (value: unknown): value is Interaction =>
  isStructure(value) && "version" in value;
const isRow = (value: unknown): value is Row => isStructure(value) && "key" in value;
const isGate = (value: unknown): value is GateState => isStructure(value) && "failures" in value;
const isLines = (value: unknown): value is readonly HistoryLine[] => Array.isArray(value);

export const interactionIn = (columns: Columns): Interaction =>
  stored(columns, "state", isInteraction);

export const rowIn = (columns: Columns): Row => stored(columns, "row", isRow);

export const linesIn = (columns: Columns): readonly HistoryLine[] =>
  stored(columns, "lines", isLines);

export const gateIn = (columns: Columns): GateState => stored(columns, "state", isGate);
