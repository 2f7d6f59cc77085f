import type { Context, CrmRecord, Draft } from "@wrapup/core";
import type { VendorType } from "./describe.ts";
import { rowsLike } from "./query.ts";
import { columnsOf, recordOf } from "./records.ts";
import type { Desk } from "./records.ts";
import { queryRows } from "./rows.ts";

/** Fields that an equal row must share; only short text can be compared in a query. */
const comparable = new Set([
  "string",
  "email",
  "phone",
  "picklist",
  "reference",
  "url",
  "combobox",
]);

const likeOf = (type: VendorType, draft: Draft): Readonly<Record<string, string>> =>
  Object.fromEntries(
    type.fields
      .flatMap((field) => {
        const value = draft.fields[field.name];
        return comparable.has(field.type) &&
          field.filterable &&
          typeof value === "string" &&
          value.trim() !== "" &&
          value.length <= 255
          ? [[field.name, value.trim()] as const]
          : [];
      })
      .slice(0, 8),
  );

/** Records that a draft may have become when its answer was lost: equal in what can be compared (R4). Throws `CrmError`. */
export const lookAlikes = async (
  desk: Desk,
  type: VendorType,
  draft: Draft,
  context: Context,
): Promise<readonly CrmRecord[]> => {
  const like = likeOf(type, draft);
  if (Object.keys(like).length === 0) return [];
  const rows = await queryRows(
    desk.client,
    rowsLike(type.name, columnsOf(type, desk.settings), like, 10),
    context,
  );
  return rows.flatMap((row) => recordOf(type, row, desk.urlOf) ?? []);
};
