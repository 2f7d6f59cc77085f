/** How metadata names the kind of a column (AttributeType; facts §1.10). */
export type ColumnKind =
  | "String"
  | "Memo"
  | "Integer"
  | "BigInt"
  | "Decimal"
  | "Money"
  | "Double"
  | "Boolean"
  | "Picklist"
  | "State"
  | "Status"
  | "DateTime"
  | "Uniqueidentifier"
  | "Lookup"
  | "Customer"
  | "Owner"
  | "PartyList"
  | "EntityName";

/** RequiredLevel.Value; only SystemRequired is enforced by the API (facts §1.4). */
type RequiredLevel = "None" | "Recommended" | "ApplicationRequired" | "SystemRequired";

/** One choice of a picklist, state or status. `state`: the statecode that a status belongs to. */
export type OptionDefinition = {
  readonly value: number;
  readonly label: string;
  readonly state?: number;
};

/** A table that a lookup may point at, and the case-sensitive name that `@odata.bind` and `$expand` use for it. */
export type TargetDefinition = { readonly table: string; readonly navigation: string };

/**
 * One column of a table. What is left out is as for a column that an administrator just added:
 * optional, valid for create and update. Lengths are UTF-16 units.
 */
export type ColumnDefinition = {
  /** Logical name, such as "subject" or "new_callid". */
  readonly name: string;
  readonly kind: ColumnKind;
  readonly label?: string;
  /** Most characters of a String (default 100) or Memo (default 2,000). */
  readonly length?: number;
  readonly required?: RequiredLevel;
  readonly create?: boolean;
  readonly update?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** Choices of a Picklist, State or Status; of a Boolean: the labels of 0 and 1. */
  readonly options?: readonly OptionDefinition[];
  readonly defaultValue?: number | boolean | string;
  /** A DateTime that takes and answers days only (Edm.Date). */
  readonly dayOnly?: boolean;
  /** Lookups only. */
  readonly targets?: readonly TargetDefinition[];
  /** PartyList only: the participationtypemask that it stands for. */
  readonly mask?: number;
};

/** One table, with its columns in the order in which metadata tells them. */
export type TableDefinition = {
  readonly name: string;
  readonly entitySet: string;
  readonly label: string;
  readonly primaryId: string;
  readonly primaryName?: string;
  readonly activity?: boolean;
  readonly hasActivities?: boolean;
  /** Annotations may hang on it. */
  readonly hasNotes?: boolean;
  /** Alternate keys: the columns of each. */
  readonly alternateKeys?: readonly (readonly string[])[];
  /** No operation but reading is known on it. */
  readonly readOnly?: boolean;
  readonly columns: readonly ColumnDefinition[];
};
