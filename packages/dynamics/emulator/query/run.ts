import type { Org } from "../org.ts";
import type { Table } from "../schema/schema.ts";
import type { Row } from "../store/row.ts";
import { plain } from "./compare.ts";
import { columnOf, compileFilter } from "./filter.ts";
import type { Order, QueryOptions } from "./options.ts";
import { sourceRows } from "./sources.ts";

type Compare = (left: Row, right: Row) => number;

function compareBy(table: Table, order: Order): Compare {
  const { name } = columnOf(table, order.name);
  const sign = order.descending ? -1 : 1;
  return (left, right) => {
    const [a, b] = [plain(left.values.get(name)), plain(right.values.get(name))];
    if (a === b) return 0;
    // SQL Server: nulls first when ascending.
    if (a === undefined) return -sign;
    if (b === undefined) return sign;
    return a < b ? -sign : sign;
  };
}

/** Every row of a table that the filter lets through, in the order asked for. Throws Refusal for a filter that does not fit. */
export function matchingRows(org: Org, table: Table, options: QueryOptions): readonly Row[] {
  const { filter, orders } = options;
  const test = filter === undefined ? undefined : compileFilter(org, table, filter);
  const source = sourceRows(org, table, filter);
  const found = test === undefined ? [...source] : source.filter(test);
  if (orders.length === 0) return found;
  const compares = orders.map((order) => compareBy(table, order));
  return found.toSorted((left, right) => {
    for (const compare of compares) {
      const result = compare(left, right);
      if (result !== 0) return result;
    }
    return 0;
  });
}
