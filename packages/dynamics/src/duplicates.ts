import type { Context, Fields, RecordId } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import type { VendorType } from "./odata/table.ts";
import { duplicatesOf } from "./query.ts";
import type { Desk } from "./records.ts";
import { idAt, queryRows } from "./rows.ts";

/** Tables that Dataverse comes with published rules for, which may also look across (facts §1.5). */
const ruled = ["contact", "account", "lead"];

/** Longer text would not fit an address, and no rule compares it whole. */
const mostOfText = 250;
const mostColumns = 30;

/** What rules compare: columns with short values. What a lookup is bound by is no column. Pure. */
const comparable = (type: VendorType, body: Fields): Fields =>
  Object.fromEntries(
    Object.entries(body)
      .filter(([name, value]) => {
        const kind = type.columns.find((column) => column.name === name)?.kind ?? "Memo";
        return kind !== "Memo" && (typeof value !== "string" || value.length <= mostOfText);
      })
      .slice(0, mostColumns),
  );

const refsIn = async (
  desk: Desk,
  path: string,
  among: VendorType,
  context: Context,
): Promise<readonly RecordId[]> => {
  try {
    return (await queryRows(desk.client, path, context)).flatMap((row) => {
      const id = idAt(row, among.primaryId);
      return id === undefined ? [] : [{ type: among.name, id }];
    });
  } catch (error) {
    // The rule has spoken: who may not look at what it found can still create anyway.
    if (error instanceof CrmError && (error.why === "refused" || error.why === "schema")) return [];
    throw error;
  }
};

/**
 * The records that the organisation's rules find alike to a draft (RetrieveDuplicates): those of its own table, else of the tables
 * that rules may look across. Throws `CrmError` when Dataverse did not answer.
 */
export const duplicateRefs = async (
  desk: Desk,
  type: VendorType,
  body: Fields,
  context: Context,
): Promise<readonly RecordId[]> => {
  const like = comparable(type, body);
  for (const name of [type.name, ...ruled.filter((other) => other !== type.name)]) {
    const among = name === type.name ? type : await desk.describes.of(name, context);
    if (among === undefined) continue;
    const refs = await refsIn(desk, duplicatesOf(type.name, like, name), among, context);
    if (refs.length > 0) return refs;
  }
  return [];
};
