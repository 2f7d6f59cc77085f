import { labelOf } from "../schema/columns.ts";
import type { ColumnDefinition, OptionDefinition } from "../schema/definition.ts";
import type { Table } from "../schema/schema.ts";
import { isLookup } from "../schema/schema.ts";

type Json = Readonly<Record<string, unknown>>;

const english = 1033;

/** A label as metadata tells it (facts §1.10: UserLocalizedLabel.Label). */
export function label(words: string): Json {
  const one = {
    Label: words,
    LanguageCode: english,
    IsManaged: true,
    MetadataId: null,
    HasChanged: null,
  };
  return { LocalizedLabels: [one], UserLocalizedLabel: one };
}

/** An id that is the same in every run: metadata is not seeded. */
export function metadataId(name: string): string {
  let hash = 2_166_136_261;
  for (const letter of name)
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  const hex = hash.toString(16).padStart(8, "0");
  return `${hex}-0000-4000-8000-${hex}${name.length.toString(16).padStart(4, "0")}`;
}

function option(one: OptionDefinition): Json {
  return { Value: one.value, Label: label(one.label), Color: null, IsManaged: true };
}

function optionSet(table: Table, column: ColumnDefinition): Json {
  const name = `${table.name}_${column.name}`;
  const base = { MetadataId: metadataId(name), Name: name, IsGlobal: false };
  const options = column.options ?? [];
  if (column.kind === "Boolean") {
    const [no, yes] = options;
    return {
      ...base,
      OptionSetType: "Boolean",
      ...(no !== undefined && { FalseOption: option(no) }),
      ...(yes !== undefined && { TrueOption: option(yes) }),
    };
  }
  const told = options.map((one) => {
    if (column.kind === "Status")
      return {
        "@odata.type": "#Microsoft.Dynamics.CRM.StatusOptionMetadata",
        ...option(one),
        State: one.state ?? 0,
        TransitionData: null,
      };
    if (column.kind === "State")
      return {
        "@odata.type": "#Microsoft.Dynamics.CRM.StateOptionMetadata",
        ...option(one),
        DefaultStatus: firstStatus(table, one.value),
        InvariantName: one.label,
      };
    return option(one);
  });
  return { ...base, OptionSetType: column.kind, Options: told };
}

function firstStatus(table: Table, state: number): number | null {
  return table.byName.get("statuscode")?.options?.find((one) => one.state === state)?.value ?? null;
}

const typeNames: ReadonlyMap<string, string> = new Map([
  ["PartyList", "Lookup"],
  ["Customer", "Lookup"],
  ["Owner", "Lookup"],
  ["Uniqueidentifier", "UniqueIdentifier"],
  ["BigInt", "BigInt"],
]);

/** The metadata type that a column is cast to, such as "StringAttributeMetadata". */
export function castOf(column: ColumnDefinition): string {
  return `${typeNames.get(column.kind) ?? column.kind}AttributeMetadata`;
}

/** What only the cast type has; these properties do not exist on AttributeMetadata (facts §1.10). */
function ownProperties(table: Table, column: ColumnDefinition): Json {
  const { kind } = column;
  if (kind === "String")
    return {
      MaxLength: column.length ?? 100,
      Format: "Text",
      DatabaseLength: (column.length ?? 100) * 2,
    };
  if (kind === "Memo") return { MaxLength: column.length ?? 2000, Format: "TextArea" };
  if (kind === "Integer")
    return {
      MinValue: column.min ?? -2_147_483_648,
      MaxValue: column.max ?? 2_147_483_647,
      Format: "None",
    };
  if (kind === "Decimal" || kind === "Money" || kind === "Double")
    return {
      MinValue: column.min ?? -100_000_000_000,
      MaxValue: column.max ?? 100_000_000_000,
      Precision: 2,
    };
  if (kind === "DateTime")
    return {
      Format: column.dayOnly === true ? "DateOnly" : "DateAndTime",
      DateTimeBehavior: { Value: column.dayOnly === true ? "DateOnly" : "UserLocal" },
    };
  if (kind === "Boolean") return { DefaultValue: column.defaultValue ?? false };
  if (kind === "Picklist" || kind === "Status" || kind === "State")
    return { DefaultFormValue: typeof column.defaultValue === "number" ? column.defaultValue : -1 };
  if (kind === "PartyList") {
    const targets =
      table.masks.size > 0 ? ["account", "contact", "lead", "queue", "systemuser"] : [];
    return { Targets: targets };
  }
  if (isLookup(column)) return { Targets: (column.targets ?? []).map((target) => target.table) };
  return {};
}

/** What a cast type has to expand. */
export function expandables(table: Table, column: ColumnDefinition): ReadonlyMap<string, unknown> {
  return column.options === undefined
    ? new Map()
    : new Map<string, unknown>([
        ["OptionSet", optionSet(table, column)],
        ["GlobalOptionSet", null],
      ]);
}

/** One column as AttributeMetadata tells it; `cast`: with what its own type adds. */
export function describeColumn(table: Table, column: ColumnDefinition, cast: boolean): Json {
  const required = column.required ?? "None";
  const kind = column.kind;
  return {
    MetadataId: metadataId(`${table.name}.${column.name}`),
    LogicalName: column.name,
    SchemaName: column.name,
    EntityLogicalName: table.name,
    AttributeType: kind,
    AttributeTypeName: { Value: `${kind === "BigInt" ? "BigInt" : kind}Type` },
    AttributeOf: null,
    ColumnNumber: table.columns.indexOf(column) + 1,
    DisplayName: label(labelOf(column)),
    Description: label(""),
    RequiredLevel: {
      Value: required,
      CanBeChanged: required !== "SystemRequired",
      ManagedPropertyLogicalName: "canmodifyrequirementlevelsettings",
    },
    IsValidForCreate: column.create !== false,
    IsValidForUpdate: column.update !== false,
    IsValidForRead: true,
    IsPrimaryId: column.name === table.primaryId,
    IsPrimaryName: column.name === table.primaryName,
    IsCustomAttribute: column.name.includes("_") && !column.name.startsWith("address"),
    IsLogical: false,
    ...(cast && ownProperties(table, column)),
  };
}
