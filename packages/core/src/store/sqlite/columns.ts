import type { SQLOutputValue } from "node:sqlite";
import type { HistoryLine } from "../../model/command.ts";
import type { Entry } from "../../model/entry.ts";
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

/** A ledger row as the file has it: `made` is the larger half of it, and mostly the very wish that `written` is. */
type KeptRow = Omit<Row, "made"> & { readonly made?: Entry | "as written" };

/** An interaction as the file has it. */
type KeptInteraction = Omit<Interaction, "mails"> & Partial<Pick<Interaction, "mails">>;

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
const isInteraction = (value: unknown): value is KeptInteraction =>
  isStructure(value) && "version" in value;
const hasMails = (state: KeptInteraction): state is Interaction => state.mails !== undefined;
const isKeptRow = (value: unknown): value is KeptRow => isStructure(value) && "key" in value;
const isGate = (value: unknown): value is GateState => isStructure(value) && "failures" in value;
const isLines = (value: unknown): value is readonly HistoryLine[] => Array.isArray(value);

/** One that was recorded before there were mails has none. */
export function interactionIn(columns: Columns): Interaction {
  const state = stored(columns, "state", isInteraction);
  return hasMails(state) ? state : { ...state, mails: [] };
}

/** One wish is kept once. */
export function rowText(row: Row): string {
  const isOne = row.made !== undefined && row.made === row.written;
  const kept: KeptRow = isOne ? { ...row, made: "as written" } : row;
  return JSON.stringify(kept);
}

export function rowIn(columns: Columns): Row {
  const { made, ...rest } = stored(columns, "row", isKeptRow);
  if (made === undefined) return rest;
  if (made !== "as written") return { ...rest, made };
  if (rest.written === undefined) throw unexpected("row");
  return { ...rest, made: rest.written };
}

export const linesIn = (columns: Columns): readonly HistoryLine[] =>
  stored(columns, "lines", isLines);

export const gateIn = (columns: Columns): GateState => stored(columns, "state", isGate);
