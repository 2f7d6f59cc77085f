import type { Org } from "../org.ts";
import type { Table } from "../schema/schema.ts";
import type { Row, Value } from "../store/row.ts";
import { isReference } from "../store/row.ts";
import { formatTime } from "./times.ts";

const named: ReadonlySet<string> = new Set(["contact", "lead", "systemuser"]);

function set(values: Map<string, Value>, name: string, value: Value | undefined): void {
  if (value === undefined || value === "") values.delete(name);
  else values.set(name, value);
}

function ownerColumns(org: Org, values: Map<string, Value>): void {
  const owner = values.get("ownerid");
  const user = isReference(owner) && owner.table === "systemuser" ? owner : undefined;
  set(values, "owninguser", user);
  set(values, "owningteam", isReference(owner) && owner.table === "team" ? owner : undefined);
  const unit = isReference(owner)
    ? org.store.row(owner.table, owner.id)?.values.get("businessunitid")
    : undefined;
  set(values, "owningbusinessunit", unit);
}

/** Fills the columns that the platform computes. `before`: undefined for a new row. */
export function derive(
  org: Org,
  table: Table,
  before: Row | undefined,
  values: Map<string, Value>,
): void {
  if (named.has(table.name)) {
    const parts = ["firstname", "middlename", "lastname"].flatMap((name) => {
      const part = values.get(name);
      return typeof part === "string" ? [part] : [];
    });
    set(values, "fullname", parts.join(" "));
  }
  if (table.byName.has("owninguser")) ownerColumns(org, values);
  if (table.name === "annotation") values.set("isdocument", values.has("filename"));
  if (table.name === "incident" && !values.has("ticketnumber"))
    values.set("ticketnumber", `CAS-${String(org.store.nextVersion()).padStart(8, "0")}`);
  if (table.activity !== true) return;
  values.set("activitytypecode", table.name);
  const closing = values.get("statecode") !== 0 && before?.values.get("statecode") === 0;
  // [?] forms show it so: who closes without an end is given the time of closing.
  if (closing && !values.has("actualend")) values.set("actualend", formatTime(org.now()));
}
