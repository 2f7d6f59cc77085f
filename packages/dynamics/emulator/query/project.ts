import { syntaxRefusal } from "../http/path.ts";
import type { Org } from "../org.ts";
import type { ColumnDefinition } from "../schema/definition.ts";
import type { Table } from "../schema/schema.ts";
import { propertyOf } from "../schema/schema.ts";
import type { Row, Value } from "../store/row.ts";
import { isReference } from "../store/row.ts";
import { columnOf, compileFilter, noProperty } from "./filter.ts";
import { annotate } from "./format.ts";
import type { Expand, QueryOptions } from "./options.ts";
import { partyRows } from "./sources.ts";

/** A row as JSON. */
export type Shown = Record<string, unknown>;

/** Shows rows of one table under the query options of one request. */
export type Projector = (row: Row) => Shown;

/** `ofSet`: the rows answer a query for many. */
type Projecting = {
  readonly org: Org;
  readonly annotated: (name: string) => boolean;
  readonly ofSet: boolean;
};

/** The etag of a row: its version (facts §1.2). */
export function etagOf(row: Row): string {
  return `W/"${row.version}"`;
}

function jsonOf(column: ColumnDefinition, row: Row): unknown {
  if (column.kind === "BigInt") return row.version;
  const value = row.values.get(column.name);
  if (value === undefined) return null;
  return isReference(value) ? value.id : value;
}

function columnsOf(
  table: Table,
  select: readonly string[] | undefined,
): readonly ColumnDefinition[] {
  if (select === undefined) return [...table.byProperty.values()];
  const columns = select.map((name) => columnOf(table, name));
  const key = table.byName.get(table.primaryId);
  // The primary key comes along whether asked for or not.
  return key === undefined || columns.includes(key) ? columns : [...columns, key];
}

type Part = {
  readonly name: string;
  readonly show: (row: Row) => unknown;
  /** Where the same rows can be asked for by themselves. */
  readonly link?: (row: Row) => string;
};

/** [D join-tables] in a query for many rows a link stands beside each expanded collection, although all of it is there. */
function partiesLink(org: Org, table: Table, expand: Expand): (row: Row) => string {
  const { select } = expand.options;
  const query = select === undefined ? "" : `?$select=${select.join(",")}`;
  return (row) => `${org.url}/api/data/v9.2/${table.entitySet}(${row.id})/${expand.name}${query}`;
}

function partyExpand(projecting: Projecting, table: Table, expand: Expand): Part {
  const { org } = projecting;
  const parties = org.schema.find("activityparty");
  if (parties === undefined) throw new Error("no table activityparty");
  const project = projector(projecting, parties, expand.options);
  const test =
    expand.options.filter === undefined
      ? undefined
      : compileFilter(org, parties, expand.options.filter);
  return {
    name: expand.name,
    show: (row) => {
      const rows = partyRows(org, row);
      return (test === undefined ? rows : rows.filter(test)).map(project);
    },
    ...(projecting.ofSet && { link: partiesLink(org, table, expand) }),
  };
}

function expandPart(projecting: Projecting, table: Table, expand: Expand): Part {
  if (expand.name === table.partiesName) return partyExpand(projecting, table, expand);
  const navigations = table.navigation.get(expand.name);
  if (navigations === undefined) throw noProperty(table, expand.name);
  const { org } = projecting;
  const projectors = new Map<string, Projector>();
  for (const { target } of navigations) {
    const to = org.schema.find(target);
    if (to !== undefined && navigations.length === 1)
      projectors.set(target, projector(projecting, to, expand.options));
  }
  const column = navigations[0]?.column.name ?? "";
  return {
    name: expand.name,
    show: (row) => {
      const link = row.values.get(column);
      if (!isReference(link)) return null;
      // A navigation of several targets (ownerid) leads to a principal, which has an id only.
      if (navigations.length > 1) return { [column]: link.id };
      const target = org.store.row(link.table, link.id);
      const project = projectors.get(link.table);
      return target === undefined || project === undefined ? null : project(target);
    },
  };
}

function projector(projecting: Projecting, table: Table, options: QueryOptions): Projector {
  const { org, annotated } = projecting;
  const columns = columnsOf(table, options.select).map((column) => ({
    column,
    property: propertyOf(column),
  }));
  const parts = options.expands.map((expand) => expandPart(projecting, table, expand));
  return (row) => {
    const shown: Shown = { "@odata.etag": etagOf(row) };
    for (const { column, property } of columns) {
      shown[property] = jsonOf(column, row);
      const value: Value | undefined = row.values.get(column.name);
      if (value !== undefined) annotate(org, column, value, annotated, shown);
    }
    for (const { name, show, link } of parts) {
      shown[name] = show(row);
      if (link !== undefined) shown[`${name}@odata.nextLink`] = link(row);
    }
    return shown;
  };
}

/** Builds what shows the rows of a table. Throws Refusal for unknown columns and navigations. */
export function buildProjector(
  org: Org,
  table: Table,
  options: QueryOptions,
  annotated: (name: string) => boolean,
  ofSet = false,
): Projector {
  if (options.expands.length > 15)
    throw syntaxRefusal("The number of $expand options exceeds the maximum of 15.");
  return projector({ org, annotated, ofSet }, table, options);
}
