/** Field types as a describe names them [R]. */
export type FieldType =
  | "id"
  | "string"
  | "textarea"
  | "picklist"
  | "combobox"
  | "reference"
  | "boolean"
  | "int"
  | "double"
  | "currency"
  | "percent"
  | "date"
  | "datetime"
  | "email"
  | "phone"
  | "url"
  | "address";

/**
 * One field of an object, with the flags that a describe shows. Lengths are UTF-16 units, or UTF-8 bytes where `bytes` is set.
 * Flags that are left out are those of a custom field an administrator just added: createable, updateable, nillable, filterable, sortable.
 */
export type FieldDefinition = {
  readonly name: string;
  readonly type: FieldType;
  readonly label?: string;
  readonly length?: number;
  /** The length counts UTF-8 bytes (CaseComment.CommentBody). */
  readonly bytes?: boolean;
  /** Most digits of an int. */
  readonly digits?: number;
  readonly precision?: number;
  readonly scale?: number;
  readonly createable?: boolean;
  readonly updateable?: boolean;
  readonly nillable?: boolean;
  readonly defaultedOnCreate?: boolean;
  readonly filterable?: boolean;
  readonly sortable?: boolean;
  readonly groupable?: boolean;
  readonly idLookup?: boolean;
  readonly externalId?: boolean;
  readonly unique?: boolean;
  readonly caseSensitive?: boolean;
  readonly nameField?: boolean;
  readonly autoNumber?: boolean;
  readonly restrictedPicklist?: boolean;
  readonly values?: readonly string[];
  readonly defaultValue?: string | number | boolean;
  readonly referenceTo?: readonly string[];
  readonly relationshipName?: string;
  /** The compound field (Name, MailingAddress) that this one is a part of. */
  readonly compound?: string;
  /** The emulator keeps an equality index on it; no meaning for Salesforce. */
  readonly indexed?: boolean;
};

/** What a describe says about an object as a whole, and its fields in describe order. */
export type ObjectDefinition = {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string;
  /** Describe abilities that are false; the others are true. */
  readonly without: readonly string[];
  readonly fields: readonly FieldDefinition[];
};

type Extra = Omit<Partial<FieldDefinition>, "name" | "type">;

/**
 * Writes one field of a standard object down. Flags: C createable, U updateable, N nillable, D defaultedOnCreate, L idLookup,
 * X externalId, Q unique, K caseSensitive, M nameField, R restrictedPicklist, A autoNumber, B byte length;
 * f, s, g: NOT filterable, sortable, groupable.
 */
export function field(
  name: string,
  type: FieldType,
  flags: string,
  extra: Extra = {},
): FieldDefinition {
  const has = (letter: string): boolean => flags.includes(letter);
  return {
    name,
    type,
    label: labelOf(name),
    createable: has("C"),
    updateable: has("U"),
    nillable: has("N"),
    defaultedOnCreate: has("D"),
    idLookup: has("L"),
    externalId: has("X"),
    unique: has("Q"),
    caseSensitive: has("K"),
    nameField: has("M"),
    restrictedPicklist: has("R"),
    autoNumber: has("A"),
    filterable: !has("f"),
    sortable: !has("s"),
    groupable: !has("g"),
    ...extra,
  };
}

/** The seven fields that every object carries, none of them writable [R]. */
export function systemFields(idLabel: string): readonly FieldDefinition[] {
  const user = { referenceTo: ["User"] };
  return [
    field("Id", "id", "DL", { label: idLabel, length: 18 }),
    field("IsDeleted", "boolean", "D", { label: "Deleted" }),
    field("CreatedDate", "datetime", "Dg"),
    field("CreatedById", "reference", "D", {
      label: "Created By ID",
      relationshipName: "CreatedBy",
      ...user,
    }),
    field("LastModifiedDate", "datetime", "Dg"),
    field("LastModifiedById", "reference", "D", {
      label: "Last Modified By ID",
      relationshipName: "LastModifiedBy",
      ...user,
    }),
    field("SystemModstamp", "datetime", "Dg", { label: "System Modstamp" }),
  ];
}

/** "CallDurationInSeconds" → "Call Duration In Seconds": the label where the describe has nothing better. */
export function labelOf(name: string): string {
  const words = name.replace(/__c$/, "").replaceAll("_", " ").replace(/Id$/, " ID");
  return words.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll("  ", " ");
}
