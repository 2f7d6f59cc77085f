import type { Org } from "../org.ts";
import type { Navigation, Table } from "../schema/schema.ts";
import { isLookup } from "../schema/schema.ts";
import type { Party, Value } from "../store/row.ts";
import { boundRow } from "./bind.ts";
import { isObject, readParties } from "./parties.ts";
import {
  invalidArgument,
  invalidProperty,
  payloadRefusal,
  undeclaredProperty,
} from "./refusals.ts";
import type { Changes } from "./save.ts";
import { guidIn, readValue } from "./values.ts";

/** What a body says, and the primary key if it names one. */
export type ReadBody = Changes & { readonly id: string | undefined };

type Reading = {
  readonly org: Org;
  readonly table: Table;
  readonly operation: "create" | "update";
  readonly references: ReadonlyMap<string, string>;
  readonly values: Map<string, Value | null>;
  id?: string;
  parties?: readonly Party[];
};

function navigationOf(reading: Reading, name: string): readonly Navigation[] {
  const found = reading.table.navigation.get(name);
  if (found === undefined) throw undeclaredProperty(reading.table, name);
  return found;
}

/** What is filled by the system is refused. [U] Dataverse may ignore some of it; a client must not send it in either case. */
function checkWritable(reading: Reading, name: string): boolean {
  const column = reading.table.byName.get(name);
  if (column === undefined || column.name === reading.table.primaryId) return true;
  const allowed = reading.operation === "create" ? column.create : column.update;
  if (allowed !== false) return true;
  // [S6 facts §1.4] 8.2 ignored it, others report a refusal.
  if (name === "statecode" && reading.org.options.stateOnCreate !== "refused") return false;
  const code = reading.operation === "create" ? "0x80041a01" : "0x80041a02";
  throw invalidArgument(
    `The property '${name}' of entity '${reading.table.name}' is not valid for ${reading.operation}.`,
    code,
  );
}

function bind(reading: Reading, name: string, address: unknown): void {
  const navigations = navigationOf(reading, name);
  const column = navigations[0]?.column;
  if (column === undefined || !checkWritable(reading, column.name)) return;
  if (reading.values.has(column.name))
    throw payloadRefusal(reading.table, `The lookup '${column.name}' is set more than once.`);
  const targets = navigations.map(({ target }) => target);
  const value =
    address === null ? null : boundRow(reading.org, address, targets, reading.references);
  reading.values.set(column.name, value);
}

function property(reading: Reading, name: string, json: unknown): void {
  const { table } = reading;
  if (name === table.partiesName) {
    reading.parties = readParties(reading.org, table, json, reading.references);
    return;
  }
  if (table.navigation.has(name)) {
    if (json !== null)
      throw payloadRefusal(
        table,
        `The navigation '${name}' takes null or ${name}@odata.bind; deep insert of it is not emulated.`,
      );
    bind(reading, name, null);
    return;
  }
  const column = table.byProperty.get(name);
  if (column === undefined) throw invalidProperty(table, name);
  if (isLookup(column))
    throw payloadRefusal(
      table,
      "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.",
    );
  if (name === table.primaryId) {
    const id = guidIn(json);
    if (id === undefined)
      throw payloadRefusal(table, "Cannot convert the literal to the expected type 'Edm.Guid'.");
    reading.id = id;
    return;
  }
  const value = readValue(table, column, json);
  if (checkWritable(reading, name)) reading.values.set(name, value);
}

/** Reads the JSON body of a create or an update against the schema. Throws Refusal. */
export function readBody(
  org: Org,
  table: Table,
  json: unknown,
  operation: "create" | "update",
  references: ReadonlyMap<string, string>,
): ReadBody {
  if (!isObject(json)) throw payloadRefusal(table, "A non-empty JSON object was expected.");
  const reading: Reading = { org, table, operation, references, values: new Map() };
  for (const [name, value] of Object.entries(json)) {
    if (name.endsWith("@odata.bind")) bind(reading, name.slice(0, -"@odata.bind".length), value);
    // Other annotations (@odata.type, @odata.etag) are for readers.
    else if (!name.includes("@")) property(reading, name, value);
  }
  return {
    values: reading.values,
    id: reading.id,
    ...(reading.parties !== undefined && { parties: reading.parties }),
  };
}
