import type {
  ColumnDefinition,
  ColumnKind,
  OptionDefinition,
  TargetDefinition,
} from "./definition.ts";

type Extra = Omit<Partial<ColumnDefinition>, "name" | "kind">;

/** A column that the system fills. */
export const readOnly = { create: false, update: false } as const;

const words: ReadonlyMap<string, string> = new Map([
  ["actualdurationminutes", "Duration"],
  ["actualend", "Actual End"],
  ["actualstart", "Actual Start"],
  ["createdon", "Created On"],
  ["directioncode", "Direction"],
  ["emailaddress1", "Email"],
  ["firstname", "First Name"],
  ["fullname", "Full Name"],
  ["lastname", "Last Name"],
  ["mobilephone", "Mobile Phone"],
  ["modifiedon", "Modified On"],
  ["notetext", "Description"],
  ["ownerid", "Owner"],
  ["phonenumber", "Phone Number"],
  ["prioritycode", "Priority"],
  ["regardingobjectid", "Regarding"],
  ["scheduledend", "Due Date"],
  ["statecode", "Status"],
  ["statuscode", "Status Reason"],
  ["telephone1", "Business Phone"],
  ["telephone2", "Home Phone"],
  ["telephone3", "Telephone 3"],
]);

/** The label where the definition has none: a known one, else the name with a capital. */
export function labelOf(column: ColumnDefinition): string {
  const known = column.label ?? words.get(column.name);
  return (
    known ?? `${column.name.charAt(0).toUpperCase()}${column.name.slice(1).replaceAll("_", " ")}`
  );
}

function column(name: string, kind: ColumnKind, extra: Extra): ColumnDefinition {
  return { name, kind, ...extra };
}

/** One line of text. */
export const text = (name: string, length: number, extra: Extra = {}): ColumnDefinition =>
  column(name, "String", { length, ...extra });

/** Several one-line texts of one length. */
export const texts = (length: number, ...names: readonly string[]): readonly ColumnDefinition[] =>
  names.map((name) => text(name, length));

/** Text of several lines. */
export const memo = (name: string, length: number, extra: Extra = {}): ColumnDefinition =>
  column(name, "Memo", { length, ...extra });

/** A whole number. */
export const whole = (name: string, extra: Extra = {}): ColumnDefinition =>
  column(name, "Integer", { min: -2_147_483_648, max: 2_147_483_647, ...extra });

/** A decimal number. */
export const decimal = (name: string, extra: Extra = {}): ColumnDefinition =>
  column(name, "Decimal", extra);

/** A sum of money. */
export const money = (name: string, extra: Extra = {}): ColumnDefinition =>
  column(name, "Money", extra);

/** A two-valued column with the labels of false and true. */
export const flag = (
  name: string,
  labels: readonly [no: string, yes: string] = ["No", "Yes"],
  extra: Extra = {},
): ColumnDefinition =>
  column(name, "Boolean", {
    options: labels.map((label, value) => ({ value, label })),
    defaultValue: false,
    ...extra,
  });

/** A date with or without time. */
export const time = (name: string, extra: Extra = {}): ColumnDefinition =>
  column(name, "DateTime", extra);

/** The logical name of a table. */
export const entityName = (name: string, extra: Extra = {}): ColumnDefinition =>
  column(name, "EntityName", { length: 64, ...extra });

/** A GUID that is no lookup. */
export const guid = (name: string, extra: Extra = {}): ColumnDefinition =>
  column(name, "Uniqueidentifier", extra);

/** "1=Phone;2=Email" as options; with "@1" behind a label the status belongs to state 1. */
function choices(source: string): readonly OptionDefinition[] {
  return source.split(";").map((part) => {
    const match = /^(\d+)=(.*?)(?:@(\d+))?$/.exec(part);
    if (match === null) throw new Error(`no choice: ${part}`);
    const [, value, label = "", state] = match;
    return { value: Number(value), label, ...(state !== undefined && { state: Number(state) }) };
  });
}

/** A choice from a list, in the notation of `choices`. */
export const pick = (name: string, source: string, extra: Extra = {}): ColumnDefinition =>
  column(name, "Picklist", { options: choices(source), ...extra });

/** statecode and statuscode; statecode is not valid for create (facts §1.4). */
export function states(state: string, status: string, open: number): readonly ColumnDefinition[] {
  return [
    column("statecode", "State", {
      options: choices(state),
      required: "SystemRequired",
      create: false,
      defaultValue: 0,
    }),
    column("statuscode", "Status", { options: choices(status), defaultValue: open }),
  ];
}

/** A lookup to one table whose navigation is named otherwise than its column only if `navigation` says so. */
export const lookup = (
  name: string,
  table: string,
  extra: Extra = {},
  navigation: string = name,
): ColumnDefinition => column(name, "Lookup", { targets: [{ table, navigation }], ...extra });

/** A lookup to rows of several tables, with a navigation for each. */
export const lookups = (
  name: string,
  kind: "Lookup" | "Customer" | "Owner",
  targets: readonly TargetDefinition[],
  extra: Extra = {},
): ColumnDefinition => column(name, kind, { targets, ...extra });

/** The parties of one mask, as metadata tells them; they are written through `…_activity_parties` only. */
export const parties = (name: string, mask: number, extra: Extra = {}): ColumnDefinition =>
  column(name, "PartyList", { mask, ...extra });

/** What every row has: who made and changed it, and when. */
export const tracked: readonly ColumnDefinition[] = [
  time("createdon", readOnly),
  lookup("createdby", "systemuser", readOnly),
  time("modifiedon", readOnly),
  lookup("modifiedby", "systemuser", readOnly),
  column("versionnumber", "BigInt", readOnly),
];

/** What every row of a table with owners has besides: ownerid → systemuser or team under one name (facts §1.3). */
export const owned: readonly ColumnDefinition[] = [
  ...tracked,
  column("ownerid", "Owner", {
    required: "SystemRequired",
    targets: [
      { table: "systemuser", navigation: "ownerid" },
      { table: "team", navigation: "ownerid" },
    ],
  }),
  lookup("owninguser", "systemuser", readOnly),
  lookup("owningteam", "team", readOnly),
  lookup("owningbusinessunit", "businessunit", readOnly),
  time("overriddencreatedon", { update: false }),
  whole("importsequencenumber", { update: false }),
];
