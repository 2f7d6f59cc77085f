import type { Context } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { z } from "zod";
import type { Client } from "./client.ts";
import { listOf } from "./http.ts";
import { apiPath, byIds, fitting, isGuid } from "./query.ts";
import type { Expand, Table } from "./query.ts";

/** A row as Dataverse reads it back: lookups as `_x_value`, annotations beside them. */
export type VendorRow = Readonly<Record<string, unknown>>;

/** Dataverse's own limit of a page (facts §1.1). */
export const mostRows = 5_000;

/** Far above what is asked for; copying a row of more would hold up the process (O5). */
const mostColumns = 1_000;

/** A row, if it is not wider than any can be. */
export const rowSchema = z
  .custom<object>(
    (row) => typeof row === "object" && row !== null && Object.keys(row).length <= mostColumns,
  )
  .pipe(z.record(z.string(), z.unknown()));

const pageSchema = z.object({
  value: listOf(rowSchema, mostRows),
  "@odata.nextLink": z.string().optional(),
});

const mostPages = 10;

const strange = (what: string): CrmError =>
  new CrmError(
    "transient",
    "no",
    `Dynamics 365 answered a ${what} in a form that is not understood`,
  );

/** A next-page link of the same origin and API only: links from outside are checked before they are followed (O5). */
export const nextPathOf = (link: string, environment: string): string | undefined => {
  if (!URL.canParse(link)) return undefined;
  const url = new URL(link);
  const own =
    url.origin === environment &&
    url.username === "" &&
    url.password === "" &&
    url.hash === "" &&
    url.pathname.startsWith(apiPath);
  return own ? `${url.pathname.slice(apiPath.length)}${url.search}` : undefined;
};

/** Says of which table a lookup's row is (facts §1.3). */
const withTables = {
  Prefer: 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"',
} as const;

/** All rows of a query, up to ten pages. Throws `CrmError`. */
export const queryRows = async (
  client: Client,
  path: string,
  context: Context,
): Promise<readonly VendorRow[]> => {
  const rows: VendorRow[] = [];
  let next: string | undefined = path;
  for (let page = 0; next !== undefined && page < mostPages; page += 1) {
    const request = { method: "GET", path: next, headers: withTables } as const;
    const parsed = pageSchema.safeParse(await client.send(request, context));
    if (!parsed.success) throw strange("query");
    rows.push(...parsed.data.value);
    const link = parsed.data["@odata.nextLink"];
    next = link === undefined ? undefined : nextPathOf(link, client.environment);
    // Without its link the rest would be taken for what is not there.
    if (link !== undefined && next === undefined) throw strange("query");
  }
  return rows;
};

/** A text column, or `undefined`. */
export const textAt = (row: VendorRow, column: string): string | undefined => {
  const value = row[column];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** A record's id in a column (`_x_value` for a lookup), or `undefined`: no strange text becomes a receipt, a link or part of an address (O5). */
export const idAt = (row: VendorRow, column: string): string | undefined => {
  const id = textAt(row, column);
  return id !== undefined && isGuid(id) ? id.toLowerCase() : undefined;
};

/** The row's own id. Throws `CrmError`: a row that cannot be named must not be taken for one that is not there. */
export const ownId = (row: VendorRow, primaryId: string): string => {
  const id = idAt(row, primaryId);
  if (id === undefined) throw strange("query");
  return id;
};

/** The table that a lookup's value is in, where Dataverse says so (annotations are asked for with every read). */
export const targetAt = (row: VendorRow, column: string): string | undefined =>
  textAt(row, `${column}@Microsoft.Dynamics.CRM.lookuplogicalname`);

/** The row's version, for `If-Match`; `undefined` where it can be none. */
export const etagOf = (row: VendorRow): string | undefined => {
  const etag = textAt(row, "@odata.etag");
  return etag !== undefined && /^W\/"[\w-]{1,40}"$/.test(etag) ? etag : undefined;
};

/** Whether any of the columns holds one of these texts, as Dataverse compares: whatever the case. For what was asked for with `eq`. */
export const holdsOneOf = (
  row: VendorRow,
  columns: readonly string[],
  values: readonly string[],
): boolean => {
  const wanted = new Set(values.map((value) => value.trim().toLowerCase()));
  return columns.some((column) => wanted.has((textAt(row, column) ?? "").trim().toLowerCase()));
};

/** Rows of a table by id; what is no id is not looked for. Throws `CrmError`. */
export const findByIds = async (
  client: Client,
  table: Table,
  ids: readonly string[],
  context: Context,
  columns: readonly string[] = [],
  expand: readonly Expand[] = [],
): Promise<ReadonlyMap<string, VendorRow>> => {
  const found = new Map<string, VendorRow>();
  const wanted = [...new Set(ids.map((id) => id.toLowerCase()))].filter(isGuid);
  for (const group of fitting(wanted))
    for (const row of await queryRows(client, byIds(table, columns, group, expand), context))
      found.set(ownId(row, table.primaryId), row);
  return found;
};
