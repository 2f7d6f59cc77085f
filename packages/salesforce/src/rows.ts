import type { Context } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { z } from "zod";
import type { Client } from "./client.ts";
import type { VendorRow } from "./encode.ts";
import { listOf } from "./http.ts";
import { isRecordId } from "./query.ts";

/** Salesforce's own limit of a page, and of a search (facts §2.5). */
const mostRows = 2_000;

/** Far above what is asked for; copying a row of more would hold up the process (O5). */
const mostColumns = 1_000;

const rowSchema = z
  .custom<object>(
    (row) => typeof row === "object" && row !== null && Object.keys(row).length <= mostColumns,
  )
  .pipe(z.record(z.string(), z.unknown()));

const rowsSchema = listOf(rowSchema, mostRows);

const pageSchema = z.object({
  records: rowsSchema,
  done: z.boolean().default(true),
  nextRecordsUrl: z.string().optional(),
});
const foundSchema = z.object({ searchRecords: rowsSchema });

/** A next-page link of the same API only: links from outside are checked before they are followed (O5). */
const nextPath = /^\/services\/data\/v\d+\.\d\/query(?:All)?\/[\w-]+$/;

const mostPages = 10;

const strange = (what: string): CrmError =>
  new CrmError("transient", "no", `Salesforce answered a ${what} in a form that is not understood`);

/** All rows of a query, up to ten pages. `all`: deleted and archived ones too. Throws `CrmError`. */
export const queryRows = async (
  client: Client,
  soql: string,
  context: Context,
  all = false,
): Promise<readonly VendorRow[]> => {
  const rows: VendorRow[] = [];
  let path: string | undefined = `/${all ? "queryAll" : "query"}?q=${encodeURIComponent(soql)}`;
  for (let page = 0; path !== undefined && page < mostPages; page += 1) {
    const parsed = pageSchema.safeParse(await client.send({ method: "GET", path }, context));
    if (!parsed.success) throw strange("query");
    rows.push(...parsed.data.records);
    const next: string | undefined = parsed.data.done ? undefined : parsed.data.nextRecordsUrl;
    // Without its link the rest would be taken for what is not there.
    if (!parsed.data.done && (next === undefined || !nextPath.test(next))) throw strange("query");
    path = next;
  }
  return rows;
};

/** Rows of a SOSL search, in Salesforce's order. Throws `CrmError`. */
export const searchRows = async (
  client: Client,
  sosl: string,
  context: Context,
): Promise<readonly VendorRow[]> => {
  const parsed = foundSchema.safeParse(
    await client.send({ method: "GET", path: `/search?q=${encodeURIComponent(sosl)}` }, context),
  );
  if (!parsed.success) throw strange("search");
  return parsed.data.searchRecords;
};

/** A text column, or `undefined`. */
export const textAt = (row: VendorRow, field: string): string | undefined => {
  const value = row[field];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** A record's id in a column, or `undefined`: no strange text becomes a receipt, a link or part of an address (O5). */
export const idAt = (row: VendorRow, field = "Id"): string | undefined => {
  const id = textAt(row, field);
  return id !== undefined && isRecordId(id) ? id : undefined;
};

/** The row's own id. Throws `CrmError`: a row that cannot be named must not be taken for one that is not there. */
export const ownId = (row: VendorRow): string => {
  const id = idAt(row);
  if (id === undefined) throw strange("query");
  return id;
};

/** Ids compare by their first 15 characters: the last three are only a check for the case (facts §2.4). */
export const shortId = (id: string): string => id.slice(0, 15);
