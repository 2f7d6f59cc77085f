import type { Org } from "../org.ts";
import { problem, Refusal } from "../problem.ts";
import type { Value } from "../store/row.ts";

/** Asks the organisation's own logic; what it throws ends the transaction (facts §1.8: 0x80040265). Throws Refusal. */
export function checkPlugIns(org: Org, table: string, values: ReadonlyMap<string, Value>): void {
  for (const { table: own, when, message } of org.options.plugIns ?? [])
    if (own === table && values.get(when.column) === when.equals)
      throw new Refusal(problem(400, "0x80040265", message));
}
