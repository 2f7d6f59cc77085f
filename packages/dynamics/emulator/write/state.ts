import type { ColumnDefinition } from "../schema/definition.ts";
import type { Table } from "../schema/schema.ts";
import type { Row, Value } from "../store/row.ts";
import { frozen, invalidArgument } from "./refusals.ts";

const stateColumns: ReadonlySet<string> = new Set(["statecode", "statuscode"]);

function invalidState(table: Table, status: unknown, state: unknown, id: string): Error {
  const label = table.byName.get("statecode")?.options?.find(({ value }) => value === state)?.label;
  return invalidArgument(
    `${String(status)} is not a valid status code for state code ${table.label.replaceAll(" ", "")}State.${label ?? String(state)} on ${table.name} with Id ${id}.`,
    "0x80048408",
  );
}

function stateOf(
  column: ColumnDefinition | undefined,
  status: Value | undefined,
): number | undefined {
  return column?.options?.find(({ value }) => value === status)?.state;
}

/** The status that a state starts with: the default one, else its first. */
function firstStatus(table: Table, state: number): number | undefined {
  const column = table.byName.get("statuscode");
  if (column === undefined) return undefined;
  const fallback = column.options?.find((option) => option.state === state)?.value;
  const given = column.defaultValue;
  return typeof given === "number" && stateOf(column, given) === state ? given : fallback;
}

/** Makes state and status fit each other, or refuses them with 0x80048408 (facts §1.4). `after` is what the row will hold. */
export function settleState(
  table: Table,
  id: string,
  changed: ReadonlyMap<string, Value | null>,
  after: Map<string, Value>,
): void {
  const column = table.byName.get("statuscode");
  if (column === undefined || !(changed.has("statecode") || changed.has("statuscode"))) return;
  const state = after.get("statecode");
  const known = table.byName.get("statecode")?.options?.some(({ value }) => value === state);
  if (typeof state !== "number" || known !== true)
    throw invalidState(table, after.get("statuscode"), state, id);
  const status = changed.get("statuscode");
  if (status === undefined || status === null) {
    const first = firstStatus(table, state);
    if (first !== undefined) after.set("statuscode", first);
    return;
  }
  if (stateOf(column, status) !== state) throw invalidState(table, status, state, id);
}

/** Whether an activity is completed or cancelled; a scheduled appointment is not. */
export function isClosed(row: Row): boolean {
  const state = row.values.get("statecode");
  return row.table.activity === true && (state === 1 || state === 2);
}

/** [D10 facts §1.4] a closed activity takes a change of its state and nothing else, not even together with it. */
export function checkOpen(
  row: Row,
  changed: ReadonlyMap<string, Value | null>,
  hasParties: boolean,
): void {
  if (!isClosed(row)) return;
  const states = [...changed.keys()].every((name) => stateColumns.has(name));
  if (hasParties || !states || changed.size === 0) throw frozen();
}

/** [T facts §1.4] a case is resolved by CloseIncident only. */
export function checkIncident(row: Row, changed: ReadonlyMap<string, Value | null>): void {
  if (row.table.name === "incident" && changed.get("statecode") === 1)
    throw invalidArgument(
      "This message can not be used to set the state of incident to Resolved. In order to set state of incident to Resolved, use the CloseIncidentRequest message instead.",
    );
}
