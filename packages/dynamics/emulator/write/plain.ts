import type { StoredRow } from "../options.ts";
import { problem, Refusal } from "../problem.ts";
import type { ColumnDefinition } from "../schema/definition.ts";
import type { Table } from "../schema/schema.ts";
import { isLookup } from "../schema/schema.ts";
import type { Party, Reference, Row, Value } from "../store/row.ts";
import { isReference } from "../store/row.ts";
import { checkParties } from "./parties.ts";
import { doesNotExist, invalidProperty, payloadRefusal } from "./refusals.ts";
import type { Changes, WriteContext } from "./save.ts";
import { insertRow, updateRow } from "./save.ts";
import { guidIn, readValue } from "./values.ts";

function referenceIn(
  context: WriteContext,
  table: Table,
  column: ColumnDefinition,
  json: unknown,
  targets: readonly string[],
): Reference {
  const id = isReference(json) ? guidIn(json.id) : undefined;
  if (!isReference(json) || id === undefined || !targets.includes(json.table))
    throw payloadRefusal(
      table,
      `'${column.name}' must be { table, id } of ${targets.join(" or ")}.`,
    );
  if (context.org.store.row(json.table, id) === undefined) throw doesNotExist(json.table, id);
  return { table: json.table, id };
}

function partiesIn(
  context: WriteContext,
  table: Table,
  column: ColumnDefinition,
  json: unknown,
): readonly Party[] {
  if (!Array.isArray(json)) throw payloadRefusal(table, `'${column.name}' must be an array.`);
  const people = context.org.schema.find("activityparty")?.byName.get("partyid")?.targets ?? [];
  return json.map((one: unknown): Party => {
    const targets = people.map((target) => target.table);
    const party = referenceIn(context, table, column, one, targets);
    return {
      id: context.org.nextId(),
      mask: column.mask ?? 0,
      table: party.table,
      partyId: party.id,
    };
  });
}

/**
 * Reads columns by logical name as tests write them: a lookup is `{ table, id }` or null, a party list (`to: [{ table, id }]`) an array.
 * Read-only columns are allowed, unknown ones and wrong types are not. Throws Refusal.
 */
function plainChanges(
  context: WriteContext,
  table: Table,
  columns: Readonly<Record<string, unknown>>,
): Changes & { readonly id: string | undefined } {
  const values = new Map<string, Value | null>();
  let parties: readonly Party[] | undefined;
  let id: string | undefined;
  for (const [name, json] of Object.entries(columns)) {
    const column = table.byName.get(name);
    if (column === undefined) throw invalidProperty(table, name);
    if (name === table.primaryId) {
      id = guidIn(json);
      if (id === undefined) throw payloadRefusal(table, `'${name}' must be a GUID.`);
    } else if (column.kind === "PartyList") {
      parties = [...(parties ?? []), ...partiesIn(context, table, column, json)];
    } else if (isLookup(column)) {
      const targets = (column.targets ?? []).map((target) => target.table);
      values.set(name, json === null ? null : referenceIn(context, table, column, json, targets));
    } else values.set(name, readValue(table, column, json));
  }
  if (parties !== undefined) checkParties(table, parties);
  return { id, values, ...(parties !== undefined && { parties }) };
}

function tableNamed(context: WriteContext, name: string): Table {
  const table = context.org.schema.find(name);
  if (table === undefined)
    throw new Refusal(problem(404, "0x8006088a", `There is no table ${name}.`));
  return table;
}

/** Seeds one row and answers its id: `insertRow` with `writer: "seed"`. Throws Refusal for unknown tables, columns and wrong types. */
export function seedRow(
  context: WriteContext,
  tableName: string,
  columns: Readonly<Record<string, unknown>>,
): string {
  const table = tableNamed(context, tableName);
  const { id, ...changes } = plainChanges(context, table, columns);
  return insertRow({ ...context, writer: "seed" }, table, id, changes).id;
}

/** A person edits a row; what is completed stays so (they reopen, edit and complete again). Parties that are named replace those of their kind. Throws Refusal. */
export function editRow(
  context: WriteContext,
  tableName: string,
  id: string,
  columns: Readonly<Record<string, unknown>>,
): void {
  const table = tableNamed(context, tableName);
  const row = context.org.store.row(tableName, id.toLowerCase());
  if (row === undefined) throw doesNotExist(tableName, id);
  const changes = plainChanges(context, table, columns);
  const named = new Set(Object.keys(columns).map((name) => table.byName.get(name)?.mask));
  const kept = row.parties.filter(({ mask }) => !named.has(mask));
  updateRow({ ...context, writer: "person" }, row, {
    values: changes.values,
    ...(changes.parties !== undefined && { parties: [...kept, ...changes.parties] }),
  });
}

/** A row as tests look at it. */
export function storedRow(row: Row): StoredRow {
  return {
    table: row.table.name,
    id: row.id,
    columns: Object.fromEntries(row.values),
    parties: row.parties.map(({ mask, table, partyId, addressUsed }) => ({
      mask,
      table,
      id: partyId,
      ...(addressUsed !== undefined && { addressUsed }),
    })),
    createdAt: row.createdAt,
    modifiedAt: row.modifiedAt,
    createdBy: row.createdBy,
    modifiedBy: row.modifiedBy,
    modifications: row.modifications,
    deleted: row.deleted,
  };
}
