import type { ColumnDefinition } from "../schema/definition.ts";
import type { Table } from "../schema/schema.ts";
import type { Value } from "../store/row.ts";
import { invalidArgument, payloadRefusal } from "./refusals.ts";
import { parseDay, parseTime } from "./times.ts";

const edmTypes: ReadonlyMap<string, string> = new Map([
  ["String", "Edm.String"],
  ["Memo", "Edm.String"],
  ["EntityName", "Edm.String"],
  ["Integer", "Edm.Int32"],
  ["Picklist", "Edm.Int32"],
  ["State", "Edm.Int32"],
  ["Status", "Edm.Int32"],
  ["BigInt", "Edm.Int64"],
  ["Decimal", "Edm.Decimal"],
  ["Money", "Edm.Decimal"],
  ["Double", "Edm.Double"],
  ["Boolean", "Edm.Boolean"],
]);

/** The OData type of a column, as $metadata and errors name it. */
export function edmType(column: ColumnDefinition): string {
  if (column.kind === "DateTime")
    return column.dayOnly === true ? "Edm.Date" : "Edm.DateTimeOffset";
  return edmTypes.get(column.kind) ?? "Edm.Guid";
}

/** A GUID in its written form, lower case; undefined when it is none. */
export function guidIn(source: unknown): string | undefined {
  return typeof source === "string" &&
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(source)
    ? source.toLowerCase()
    : undefined;
}

function wrongType(table: Table, column: ColumnDefinition, json: unknown): Error {
  const shown = JSON.stringify(json).slice(0, 50);
  return payloadRefusal(
    table,
    `Cannot convert the literal '${shown}' to the expected type '${edmType(column)}'.`,
  );
}

function textValue(table: Table, column: ColumnDefinition, json: unknown): Value {
  if (typeof json !== "string") throw wrongType(table, column, json);
  const most = column.length ?? (column.kind === "Memo" ? 2000 : 100);
  if (json.length > most)
    throw invalidArgument(
      `A validation error occurred.  The length of the '${column.name}' attribute of the '${table.name}' entity exceeded the maximum allowed length of '${most}'.`,
      "0x80044331",
    );
  return json;
}

function outOfRange(table: Table, column: ColumnDefinition, value: number, code: string): Error {
  const accepted = column.options?.map((option) => option.value).join(",");
  return invalidArgument(
    `A validation error occurred.  The value ${value} of '${column.name}' on record of type '${table.name}' is outside the valid range.${accepted === undefined ? "" : ` Accepted Values: ${accepted}`}`,
    code,
  );
}

function numberValue(table: Table, column: ColumnDefinition, json: unknown): Value {
  if (typeof json !== "number") throw wrongType(table, column, json);
  const fraction = column.kind === "Decimal" || column.kind === "Money" || column.kind === "Double";
  if (!fraction && !Number.isInteger(json)) throw wrongType(table, column, json);
  if (column.kind === "State" || column.kind === "Status") return json;
  if (column.options !== undefined && !column.options.some(({ value }) => value === json))
    throw outOfRange(table, column, json, "0x8004431a");
  if (json < (column.min ?? -Infinity) || json > (column.max ?? Infinity))
    throw outOfRange(table, column, json, fraction ? "0x80044330" : "0x8004432f");
  return json;
}

/** Reads one JSON value into a column that is no lookup. Throws Refusal for a wrong type, length or range. */
export function readValue(table: Table, column: ColumnDefinition, json: unknown): Value | null {
  if (json === null) return null;
  if (column.kind === "String" || column.kind === "Memo" || column.kind === "EntityName")
    // Dataverse keeps no empty text: it is null.
    return json === "" ? null : textValue(table, column, json);
  if (column.kind === "Boolean") {
    if (typeof json !== "boolean") throw wrongType(table, column, json);
    return json;
  }
  if (column.kind === "DateTime") {
    const read = column.dayOnly === true ? parseDay : parseTime;
    const time = typeof json === "string" ? read(json) : undefined;
    if (time === undefined) throw wrongType(table, column, json);
    return time;
  }
  if (column.kind === "Uniqueidentifier") {
    const id = guidIn(json);
    if (id === undefined) throw wrongType(table, column, json);
    return id;
  }
  return numberValue(table, column, json);
}
