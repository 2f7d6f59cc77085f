import { namedKeys, parsePath, unquoted } from "../http/path.ts";
import type { Org } from "../org.ts";
import { problem, Refusal } from "../problem.ts";
import type { Table } from "../schema/schema.ts";
import type { Reference, Row } from "../store/row.ts";
import { invalidArgument, doesNotExist } from "./refusals.ts";
import { guidIn } from "./values.ts";

/** Finds a row by what stands in the brackets: a GUID, or an alternate key (facts §1.2). Throws Refusal when it is not there. */
export function rowByKey(org: Org, table: Table, key: string): Row {
  const id = guidIn(key);
  if (id !== undefined) {
    const row = org.store.row(table.name, id);
    if (row === undefined) throw doesNotExist(table.name, id);
    return row;
  }
  const pairs = namedKeys(key);
  const names = [...(pairs?.keys() ?? [])];
  const known = table.alternateKeys?.some(
    (columns) => columns.length === names.length && columns.every((name) => names.includes(name)),
  );
  if (pairs === undefined || known !== true)
    throw invalidArgument(
      `The specified key properties '${names.join(",") || key}' are not valid for entity ${table.name}.`,
      "0x80060888",
    );
  for (const row of org.store.live(table.name).values()) {
    const same = names.every((name) => {
      const wanted = unquoted(pairs.get(name) ?? "").toLowerCase();
      const held = row.values.get(name);
      return typeof held === "string" && held.toLowerCase() === wanted;
    });
    if (same) return row;
  }
  throw new Refusal(
    problem(
      404,
      "0x80060891",
      `A record with the specified key values does not exist in ${table.name} entity`,
    ),
  );
}

/** The part below `/api/data/v9.2/` of a bound address: relative with or without slash, or absolute of the organisation's own origin (facts §1.3). */
function relativePath(org: Org, address: string): string {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(address)) return address.replace(/^\//, "");
  const below = /^(https?:\/\/[^/]+)\/api\/data\/v9\.\d\/(.*)$/i.exec(address);
  if (below === null || below[1]?.toLowerCase() !== org.url.toLowerCase())
    throw invalidArgument(
      `Invalid URI: ${address.slice(0, 60)} is not of this service.`,
      "0x80048d19",
    );
  return below[2] ?? "";
}

/** What an `@odata.bind` names. Throws Refusal for a wrong address, a wrong table and a missing row (404, facts §1.8). */
export function boundRow(
  org: Org,
  address: unknown,
  targets: readonly string[],
  references: ReadonlyMap<string, string>,
): Reference {
  if (typeof address !== "string" || address === "")
    throw invalidArgument(
      "The value of an odata.bind annotation must be an address.",
      "0x80048d19",
    );
  const known = references.get(address);
  if (known === undefined && address.startsWith("$"))
    throw invalidArgument(
      `Content-ID Reference: '${address}' does not exist in the batch context.`,
      "0x80060888",
    );
  const [segment, ...rest] = parsePath(relativePath(org, known ?? address));
  const table = segment === undefined ? undefined : org.schema.bySet(segment.name);
  if (table === undefined || segment?.key === undefined || rest.length > 0)
    throw invalidArgument(
      `Resource not found for the segment '${segment?.name ?? ""}'.`,
      "0x80048d19",
    );
  if (!targets.includes(table.name))
    throw invalidArgument(
      `A node of type 'Microsoft.Dynamics.CRM.${table.name}' cannot be bound here: expected ${targets.join(" or ")}.`,
      "0x80048d19",
    );
  return { table: table.name, id: rowByKey(org, table, segment.key).id };
}
