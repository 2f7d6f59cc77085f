import type { Org } from "../org.ts";
import type { DuplicateRule } from "../customization.ts";
import { problem, Refusal } from "../problem.ts";
import type { Row, Value } from "../store/row.ts";

function keyOf(rule: DuplicateRule, values: ReadonlyMap<string, Value>): string | undefined {
  const parts = rule.columns.map((column) => values.get(column));
  if (parts.some((part) => part === undefined)) return undefined;
  return JSON.stringify(parts).toLowerCase();
}

/** Rows of a table that the published rules take for the same as `values`; inactive ones are left out. */
export function duplicatesOf(
  org: Org,
  table: string,
  values: ReadonlyMap<string, Value>,
  ownId?: string,
): readonly Row[] {
  const found = new Set<Row>();
  for (const rule of org.options.duplicateRules ?? []) {
    const key = rule.table === table ? keyOf(rule, values) : undefined;
    if (key === undefined) continue;
    for (const row of org.store.live(table).values()) {
      const other = row.id !== ownId && row.values.get("statecode") !== 1;
      if (other && keyOf(rule, row.values) === key) found.add(row);
    }
  }
  return [...found];
}

/** [D14 facts §1.5] refuses a duplicate, with the status that the options choose: the sources do not agree. */
export function checkDuplicates(
  org: Org,
  table: string,
  values: ReadonlyMap<string, Value>,
  ownId?: string,
): void {
  if (duplicatesOf(org, table, values, ownId).length === 0) return;
  throw new Refusal(
    problem(
      org.options.duplicateStatus ?? 412,
      "0x80040333",
      "A record was not created or updated because a duplicate of the current record already exists.",
    ),
  );
}
