import { toId18 } from "../ids.ts";
import type { Org } from "../org.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row } from "../store/table.ts";
import { valueOf } from "../store/table.ts";
import { comparison } from "./compare.ts";
import { queryProblem } from "./lex.ts";
import { readPath, resolvePath } from "./paths.ts";
import type { Condition, SortKey, Tail } from "./syntax.ts";

const offsetLimit = 2000;

/** Compiles a condition. Fields that a describe marks as not filterable are refused: Task.Description [D facts §2.3, wording I]. */
function compileCondition(
  org: Org,
  source: string,
  sobject: SObject,
  condition: Condition,
): (row: Row) => boolean {
  if (condition.kind === "not") {
    const part = compileCondition(org, source, sobject, condition.part);
    return (row) => !part(row);
  }
  if (condition.kind !== "compare") {
    const parts = condition.parts.map((part) => compileCondition(org, source, sobject, part));
    return condition.kind === "and"
      ? (row) => parts.every((part) => part(row))
      : (row) => parts.some((part) => part(row));
  }
  const path = resolvePath(org, source, sobject, condition.path);
  if (path.field.filterable === false) {
    throw queryProblem(
      source,
      condition.path.at,
      `field '${path.field.name}' can not be filtered in a query call`,
      "INVALID_FIELD",
    );
  }
  const test = comparison(source, path.field, condition.operator, condition.values, org.now());
  return (row) => test(readPath(org, row, path));
}

/** Rows that an index leads to, for a condition that needs `field = x` or `field IN (…)`; undefined when all must be read. */
function indexedRows(
  org: Org,
  sobject: SObject,
  condition: Condition | undefined,
): readonly Row[] | undefined {
  if (condition?.kind === "and") {
    for (const part of condition.parts) {
      const rows = indexedRows(org, sobject, part);
      if (rows !== undefined) return rows;
    }
    return undefined;
  }
  if (condition?.kind !== "compare" || (condition.operator !== "=" && condition.operator !== "IN"))
    return undefined;
  const field = sobject.byName.get(condition.path.text.toLowerCase());
  if (
    field === undefined ||
    !condition.values.every((value) => value.kind === "string" && value.text !== "")
  )
    return undefined;
  const table = org.store.table(sobject);
  const rows = new Set<Row>();
  for (const value of condition.values) {
    if (value.kind !== "string") return undefined;
    const byId = field.type === "id" ? org.store.row(toId18(value.text) ?? "") : undefined;
    const found =
      field.type === "id"
        ? [byId].filter((row) => row !== undefined)
        : table.lookup(field.name, value.text);
    if (found === undefined) return undefined;
    for (const row of found) rows.add(row);
  }
  return [...rows];
}

function sortValue(
  org: Org,
  source: string,
  sobject: SObject,
  key: SortKey,
): (row: Row) => unknown {
  const path = resolvePath(org, source, sobject, key.path);
  if (path.field.sortable === false) {
    throw queryProblem(
      source,
      key.path.at,
      `field '${path.field.name}' can not be sorted in a query call`,
      "INVALID_FIELD",
    );
  }
  return (row) => readPath(org, row, path);
}

function compareShown(left: unknown, right: unknown): number {
  if (typeof left === "string" && typeof right === "string") {
    const [first, second] = [left.toLowerCase(), right.toLowerCase()];
    return first < second ? -1 : Number(first > second);
  }
  return Number(left) - Number(right);
}

function sortRows(
  org: Org,
  source: string,
  sobject: SObject,
  rows: Row[],
  keys: readonly SortKey[],
): Row[] {
  if (keys.length === 0) return rows;
  const sorts = keys.map((key) => ({ key, read: sortValue(org, source, sobject, key) }));
  return rows.toSorted((left, right) => {
    for (const { key, read } of sorts) {
      const [mine, other] = [read(left), read(right)];
      if (mine === null || other === null) {
        if (mine !== other) return (mine === null) === key.nullsLast ? 1 : -1;
      } else {
        const order = compareShown(mine, other);
        if (order !== 0) return key.descending ? -order : order;
      }
    }
    return 0;
  });
}

/** The rows that a statement's tail selects. Deleted and archived rows only come with `all` (queryAll) [D facts §2.2-2.3]. */
export function selectRows(
  org: Org,
  source: string,
  sobject: SObject,
  tail: Tail,
  all: boolean,
  from?: Iterable<Row>,
): readonly Row[] {
  if (tail.offset > offsetLimit) {
    throw queryProblem(
      source,
      0,
      `SOQL offset ${tail.offset} exceeds maximum ${offsetLimit}`,
      "NUMBER_OUTSIDE_VALID_RANGE",
    );
  }
  const holds =
    tail.where === undefined ? () => true : compileCondition(org, source, sobject, tail.where);
  const candidates =
    from ??
    (all ? undefined : indexedRows(org, sobject, tail.where)) ??
    org.store.table(sobject).rows.values();
  const found: Row[] = [];
  for (const row of candidates) {
    if (!all && (row.deleted || valueOf(row, "IsArchived") === true)) continue;
    if (holds(row)) found.push(row);
  }
  const end = tail.limit === undefined ? undefined : tail.offset + tail.limit;
  return sortRows(org, source, sobject, found, tail.orderBy).slice(tail.offset, end);
}
