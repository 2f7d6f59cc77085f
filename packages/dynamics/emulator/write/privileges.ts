import type { EmulatorOptions } from "../options.ts";
import type { Org } from "../org.ts";
import { problem, Refusal } from "../problem.ts";

/** What a role may allow on a table, as metadata names it. */
const rights = ["Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign"] as const;

/** The names of a table's privileges, by what they allow. Real activities share theirs; here each table has its own. */
export function privilegesOf(
  table: string,
): readonly { readonly right: string; readonly name: string }[] {
  return rights.map((right) => ({ right, name: `prv${right}${table}` }));
}

/** Whether the application user's roles allow it. */
export function isHeld(org: Org, table: string, right: string): boolean {
  return (
    org.options.missingPrivileges?.some(
      (one) =>
        one.table === table && one.privilege === right.charAt(0).toLowerCase() + right.slice(1),
    ) !== true
  );
}

type Privilege = NonNullable<EmulatorOptions["missingPrivileges"]>[number]["privilege"];

/** Refuses what the application user's roles do not allow (403 0x80040220, facts §1.8). */
export function checkPrivilege(
  org: Org,
  userId: string,
  table: string,
  privilege: Privilege,
): void {
  const missing = org.options.missingPrivileges?.some(
    (one) => one.table === table && one.privilege === privilege,
  );
  if (missing !== true) return;
  const name = `prv${privilege.charAt(0).toUpperCase()}${privilege.slice(1)}${table}`;
  throw new Refusal(
    problem(
      403,
      "0x80040220",
      `Principal user (Id=${userId}, type=8, roleCount=1, privilegeCount=100, accessMode=4) is missing ${name} privilege on entity '${table}'.`,
    ),
  );
}
