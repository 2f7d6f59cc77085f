import type { Table } from "../schema/schema.ts";

/** What a lookup holds. */
export type Reference = { readonly table: string; readonly id: string };

/** What a stored column holds. Times as ISO text in UTC without milliseconds. Nulls are not stored. */
export type Value = string | number | boolean | Reference;

/** One party of an activity. */
export type Party = {
  readonly id: string;
  readonly mask: number;
  readonly table: string;
  readonly partyId: string;
  readonly addressUsed?: string;
};

/** One row. `values` and `parties` are replaced as a whole, never changed in place, so that undo only keeps the old ones. */
export type Row = {
  readonly id: string;
  readonly table: Table;
  values: ReadonlyMap<string, Value>;
  parties: readonly Party[];
  readonly createdAt: number;
  modifiedAt: number;
  /** systemuserids. */
  readonly createdBy: string;
  modifiedBy: string;
  modifications: number;
  /** versionnumber, which is also the etag. */
  version: number;
  deleted: boolean;
};

/** True for what a lookup holds. */
export function isReference(value: unknown): value is Reference {
  return typeof value === "object" && value !== null && "table" in value && "id" in value;
}
