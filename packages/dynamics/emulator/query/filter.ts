import { problem, Refusal } from "../problem.ts";
import { syntaxRefusal } from "../http/path.ts";
import type { Org } from "../org.ts";
import type { ColumnDefinition } from "../schema/definition.ts";
import type { Table } from "../schema/schema.ts";
import type { Row } from "../store/row.ts";
import { isReference } from "../store/row.ts";
import { comparison, isText, plain } from "./compare.ts";
import type { Test } from "./compare.ts";
import { partyRows } from "./sources.ts";
import type { Filter } from "./syntax.ts";
import { textTest } from "./text.ts";

/** Whether a row passes a filter. */
export type Predicate = (row: Row) => boolean;

/** [D9] What the service says about a property that a type does not have. */
export function noProperty(table: Table, name: string): Error {
  return new Refusal(
    problem(
      400,
      "0x0",
      `Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.${table.name}'.`,
    ),
  );
}

/** A column by the name that queries use. Throws Refusal when the table has none such. */
export function columnOf(table: Table, name: string): ColumnDefinition {
  const column = table.byProperty.get(name);
  if (column === undefined) throw noProperty(table, name);
  return column;
}

/** Tests a property of the row, or of the row behind a single-valued navigation. */
function onPath(
  org: Org,
  table: Table,
  path: readonly string[],
  build: (column: ColumnDefinition) => Test,
): Predicate {
  const [first = "", second, ...rest] = path;
  if (second === undefined) {
    const column = columnOf(table, first);
    const test = build(column);
    const { name } = column;
    return (row) => test(row.values.get(name));
  }
  const navigation = table.navigation.get(first)?.[0];
  const target = navigation === undefined ? undefined : org.schema.find(navigation.target);
  if (navigation === undefined || target === undefined || rest.length > 0)
    throw noProperty(table, first);
  const column = columnOf(target, second);
  const test = build(column);
  return (row) => {
    const link = row.values.get(navigation.column.name);
    if (!isReference(link) || link.table !== target.name) return test(undefined);
    return test(org.store.row(link.table, link.id)?.values.get(column.name));
  };
}

function inTest(values: readonly string[], negated: boolean): Test {
  const wanted = new Set(values.map((value) => value.toLowerCase()));
  return (value) => {
    const held = plain(value);
    return (held !== undefined && wanted.has(String(held))) !== negated;
  };
}

function textFunction(column: ColumnDefinition, filter: Filter & { readonly kind: "text" }): Test {
  if (!isText(column))
    throw syntaxRefusal(
      `No function signature for the function with name '${filter.name}' matches the specified arguments.`,
    );
  const test = textTest(filter.value, filter.name);
  return (value) => typeof value === "string" && test(value);
}

/** Takes the variable of an `any` off the paths inside it. */
function unbound(filter: Filter, variable: string): Filter {
  if (filter.kind === "and" || filter.kind === "or")
    return {
      kind: filter.kind,
      left: unbound(filter.left, variable),
      right: unbound(filter.right, variable),
    };
  if (filter.kind === "not") return { ...filter, inner: unbound(filter.inner, variable) };
  const [first, ...rest] = filter.path;
  return first === variable ? { ...filter, path: rest } : filter;
}

function anyParty(org: Org, table: Table, filter: Filter & { readonly kind: "any" }): Predicate {
  const parties = org.schema.find("activityparty");
  if (filter.path.length !== 1 || filter.path[0] !== table.partiesName || parties === undefined)
    throw noProperty(table, filter.path.join("/"));
  const inner = compileFilter(org, parties, unbound(filter.inner, filter.variable));
  return (row) => partyRows(org, row).some(inner);
}

/** Builds the test of a whole filter. Throws Refusal for unknown properties and types that do not fit. */
export function compileFilter(org: Org, table: Table, filter: Filter): Predicate {
  if (filter.kind === "and" || filter.kind === "or") {
    const left = compileFilter(org, table, filter.left);
    const right = compileFilter(org, table, filter.right);
    return filter.kind === "and"
      ? (row) => left(row) && right(row)
      : (row) => left(row) || right(row);
  }
  if (filter.kind === "not") {
    const inner = compileFilter(org, table, filter.inner);
    return (row) => !inner(row);
  }
  if (filter.kind === "any") return anyParty(org, table, filter);
  return onPath(org, table, filter.path, (column) => {
    if (filter.kind === "compare") return comparison(column, filter.operator, filter.literal);
    if (filter.kind === "in") return inTest(filter.values, filter.negated);
    return textFunction(column, filter);
  });
}
