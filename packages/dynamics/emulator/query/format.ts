import type { Org } from "../org.ts";
import type { ColumnDefinition } from "../schema/definition.ts";
import { propertyOf } from "../schema/schema.ts";
import type { Value } from "../store/row.ts";
import { isReference } from "../store/row.ts";

/** The annotation that shows a value as people read it. */
const formattedValue = "OData.Community.Display.V1.FormattedValue";
const lookupName = "Microsoft.Dynamics.CRM.lookuplogicalname";
const navigationName = "Microsoft.Dynamics.CRM.associatednavigationproperty";

/** The primary name of the row that a lookup points at. */
function nameOf(org: Org, table: string, id: string): string | undefined {
  const row = org.store.row(table, id);
  const name = row?.values.get(row.table.primaryName ?? "");
  return typeof name === "string" ? name : undefined;
}

function formatted(org: Org, column: ColumnDefinition, value: Value): string | undefined {
  if (isReference(value)) return nameOf(org, value.table, value.id);
  if (column.options !== undefined)
    return column.options.find((option) => option.value === Number(value))?.label;
  // [?] the format of the user: en-US is the default.
  if (column.kind === "DateTime" && typeof value === "string") {
    const date = new Date(value);
    return date.toLocaleString("en-US", { timeZone: "UTC" });
  }
  if (typeof value === "number") return value.toLocaleString("en-US");
  return undefined;
}

/** Adds the annotations that the request prefers to one shown column (facts §1.1, §1.3). */
export function annotate(
  org: Org,
  column: ColumnDefinition,
  value: Value,
  annotated: (name: string) => boolean,
  shown: Record<string, unknown>,
): void {
  const property = propertyOf(column);
  if (annotated(formattedValue)) {
    const words = formatted(org, column, value);
    if (words !== undefined) shown[`${property}@${formattedValue}`] = words;
  }
  if (!isReference(value)) return;
  if (annotated(lookupName)) shown[`${property}@${lookupName}`] = value.table;
  const navigation = column.targets?.find(({ table }) => table === value.table)?.navigation;
  if (annotated(navigationName) && navigation !== undefined)
    shown[`${property}@${navigationName}`] = navigation;
}
