import type { Org } from "../org.ts";
import type { Table } from "../schema/schema.ts";
import { isLookup } from "../schema/schema.ts";
import type { Party, Reference, Row, Value } from "../store/row.ts";
import { isReference } from "../store/row.ts";
import { notIndexed } from "../store/store.ts";
import type { Filter } from "./syntax.ts";

/** The table of parties; every organisation has it. */
function partyTable(org: Org): Table {
  const table = org.schema.find("activityparty");
  if (table === undefined) throw new Error("no table activityparty");
  return table;
}

/** An id that is the same whenever the party of this kind is shown. */
function shownId(activity: Row, mask: number): string {
  return `${String(mask).padStart(8, "0")}${activity.id.slice(8)}`;
}

/** Dataverse shows the owner and what an activity regards as parties too (masks 9 and 8). [?] not confirmed on a live organisation. */
function impliedParties(activity: Row): readonly Party[] {
  const implied = [
    [8, activity.values.get("regardingobjectid")],
    [9, activity.values.get("ownerid")],
  ] as const;
  return implied.flatMap(([mask, value]) =>
    isReference(value)
      ? [{ id: shownId(activity, mask), mask, table: value.table, partyId: value.id }]
      : [],
  );
}

function partyRow(org: Org, activity: Row, party: Party): Row {
  const link: Reference = { table: party.table, id: party.partyId };
  const values = new Map<string, Value>([
    ["activitypartyid", party.id],
    ["participationtypemask", party.mask],
    ["partyid", link],
    ["activityid", { table: activity.table.name, id: activity.id }],
  ]);
  if (party.addressUsed !== undefined) values.set("addressused", party.addressUsed);
  const owner = activity.values.get("ownerid");
  if (owner !== undefined) values.set("ownerid", owner);
  return { ...activity, id: party.id, table: partyTable(org), values, parties: [] };
}

/** The parties of an activity as rows. */
export function partyRows(org: Org, activity: Row): readonly Row[] {
  return [...activity.parties, ...impliedParties(activity)].map((party) =>
    partyRow(org, activity, party),
  );
}

function activities(org: Org): readonly Row[] {
  return org.schema.tables
    .filter((table) => table.activity === true)
    .flatMap((table) => [...org.store.live(table.name).values()]);
}

function asPointer(table: Table, row: Row): Row {
  return { ...row, table };
}

/** Rows that `column eq id` can find, by index. Owners and users have none. */
function byReference(org: Org, table: Table, name: string, id: string): readonly Row[] | undefined {
  if (table.name === "activityparty" && name === "activityid") {
    const found = org.schema.tables.flatMap((one) => {
      const row = one.activity === true ? org.store.row(one.name, id) : undefined;
      return row === undefined ? [] : [row];
    });
    return found.flatMap((row) => partyRows(org, row));
  }
  if (notIndexed.has(name)) return undefined;
  if (table.name === "activityparty") {
    if (name !== "partyid" || org.store.row("systemuser", id) !== undefined) return undefined;
    return org.store
      .referrers(id)
      .filter((row) => row.table.activity === true)
      .flatMap((row) => partyRows(org, row));
  }
  const referrers = org.store.referrers(id);
  if (table.name !== "activitypointer") return referrers.filter((row) => row.table === table);
  return referrers.filter((row) => row.table.activity === true).map((row) => asPointer(table, row));
}

function byId(org: Org, table: Table, id: string): readonly Row[] {
  if (table.name === "activitypointer")
    return org.schema.tables.flatMap((one) => {
      const row = one.activity === true ? org.store.row(one.name, id) : undefined;
      return row === undefined ? [] : [asPointer(table, row)];
    });
  const row = org.store.row(table.name, id);
  return row === undefined ? [] : [row];
}

function indexed(
  org: Org,
  table: Table,
  name: string,
  ids: readonly string[],
): readonly Row[] | undefined {
  const column = table.byProperty.get(name);
  if (column === undefined) return undefined;
  const isKey = name === table.primaryId && table.name !== "activityparty";
  if (!isKey && !isLookup(column)) return undefined;
  const found = new Map<string, Row>();
  for (const id of ids) {
    const rows = isKey ? byId(org, table, id) : byReference(org, table, column.name, id);
    if (rows === undefined) return undefined;
    for (const row of rows) found.set(row.id, row);
  }
  return [...found.values()];
}

/** Rows among which every match of the filter is; undefined when only a look at all of them can tell. */
function candidates(org: Org, table: Table, filter: Filter): readonly Row[] | undefined {
  if (filter.kind === "and")
    return candidates(org, table, filter.left) ?? candidates(org, table, filter.right);
  if (filter.kind === "or") {
    const left = candidates(org, table, filter.left);
    const right = left === undefined ? undefined : candidates(org, table, filter.right);
    if (left === undefined || right === undefined) return undefined;
    return [...new Map([...left, ...right].map((row) => [row.id, row])).values()];
  }
  const [name, more] = "path" in filter ? filter.path : [];
  if (name === undefined || more !== undefined) return undefined;
  if (filter.kind === "compare" && filter.operator === "eq" && filter.literal.kind === "guid")
    return indexed(org, table, name, [filter.literal.value]);
  if (filter.kind === "in" && !filter.negated)
    return indexed(
      org,
      table,
      name,
      filter.values.map((value) => value.toLowerCase()),
    );
  return undefined;
}

/** The living rows of a table among which a filter's matches are. Parties and activity pointers are made for the occasion. */
export function sourceRows(org: Org, table: Table, filter: Filter | undefined): readonly Row[] {
  const found = filter === undefined ? undefined : candidates(org, table, filter);
  if (found !== undefined) return found;
  if (table.name === "activitypointer") return activities(org).map((row) => asPointer(table, row));
  if (table.name === "activityparty") return activities(org).flatMap((row) => partyRows(org, row));
  return [...org.store.live(table.name).values()];
}
