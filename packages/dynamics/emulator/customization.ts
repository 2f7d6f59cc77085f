import type { ColumnDefinition } from "./schema/definition.ts";

/** A published rule that finds records which look the same: all `columns` are filled and equal, ignoring case. */
export type DuplicateRule = {
  readonly table: "account" | "contact" | "lead";
  readonly columns: readonly string[];
};

/** A column that the administrator added to a table. */
export type CustomColumn = { readonly table: string; readonly column: ColumnDefinition };

/** A custom table. `activity`: it is an activity, with parties of every kind; else `hasActivities` says whether activities may regard it. */
export type CustomTable = {
  /** Logical name with its publisher's prefix, such as "new_chat". */
  readonly name: string;
  readonly entitySet: string;
  readonly activity?: boolean;
  readonly hasActivities?: boolean;
  readonly columns?: readonly ColumnDefinition[];
};

/** The organisation's own logic: a row whose column holds the value is refused with 0x80040265 and the message (facts §1.8). */
export type PlugIn = {
  readonly table: string;
  readonly when: { readonly column: string; readonly equals: string | number | boolean };
  readonly message: string;
};
