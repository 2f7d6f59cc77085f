import { CrmError } from "@wrapup/core";
import { z } from "zod";
import { listOf } from "../http.ts";
import { isName, nameOf } from "../query.ts";
import { completionsOf } from "./table.ts";
import type { VendorColumn, VendorOption, VendorType } from "./table.ts";

const label = z
  .object({ UserLocalizedLabel: z.object({ Label: z.string() }).nullish() })
  .nullish()
  .transform((found) => found?.UserLocalizedLabel?.Label);

const logicalName = z.string().refine(isName);

/** Far above any table's columns, relationships, choices and privileges. */
const most = { columns: 5_000, relationships: 5_000, options: 10_000, names: 1_000 } as const;

const definitionSchema = z.object({
  LogicalName: logicalName,
  EntitySetName: logicalName,
  PrimaryIdAttribute: logicalName,
  PrimaryNameAttribute: logicalName.nullish(),
  DisplayName: label,
  IsActivity: z.boolean().default(false),
  HasActivities: z.boolean().nullish(),
  Privileges: listOf(
    z.object({ Name: z.string(), PrivilegeId: z.string(), PrivilegeType: z.string() }),
    most.names,
  ).nullish(),
  Attributes: listOf(
    z.object({
      LogicalName: logicalName,
      AttributeType: z.string(),
      AttributeOf: z.string().nullish(),
      DisplayName: label,
      RequiredLevel: z.object({ Value: z.string() }).nullish(),
      IsValidForCreate: z.boolean().default(false),
      IsValidForUpdate: z.boolean().default(false),
      IsValidForRead: z.boolean().default(true),
    }),
    most.columns,
  ),
});

const optionSetSchema = z
  .object({
    Options: listOf(
      z.object({ Value: z.number(), Label: label, State: z.number().nullish() }),
      most.options,
    ).nullish(),
    TrueOption: z.object({ Value: z.number(), Label: label }).nullish(),
    FalseOption: z.object({ Value: z.number(), Label: label }).nullish(),
  })
  .nullish();

const detailSchema = z.object({
  value: listOf(
    z.object({
      LogicalName: logicalName,
      MaxLength: z.number().nullish(),
      Targets: listOf(z.string(), most.names).nullish(),
      DateTimeBehavior: z.object({ Value: z.string() }).nullish(),
      OptionSet: optionSetSchema,
      GlobalOptionSet: optionSetSchema,
    }),
    most.columns,
  ),
});

const relationshipSchema = z.object({
  value: listOf(
    z.object({
      ReferencingAttribute: logicalName,
      ReferencedEntity: logicalName,
      ReferencingEntityNavigationPropertyName: logicalName.nullish(),
    }),
    most.relationships,
  ),
});

type Definition = z.infer<typeof definitionSchema>;
type Detail = z.infer<typeof detailSchema>["value"][number];

const select = (...columns: readonly string[]): string => `$select=${columns.join(",")}`;

/** What only a cast tells (facts §1.10). */
const details = [
  `StringAttributeMetadata?${select("LogicalName", "MaxLength")}`,
  `MemoAttributeMetadata?${select("LogicalName", "MaxLength")}`,
  `LookupAttributeMetadata?${select("LogicalName", "Targets")}`,
  `DateTimeAttributeMetadata?${select("LogicalName", "DateTimeBehavior")}`,
  ...["Picklist", "State", "Status", "Boolean"].map(
    (kind) =>
      `${kind}AttributeMetadata?${select("LogicalName")}&$expand=OptionSet${kind === "Picklist" ? ",GlobalOptionSet" : ""}`,
  ),
];

const definitionQuery = `?${select(
  "LogicalName",
  "EntitySetName",
  "PrimaryIdAttribute",
  "PrimaryNameAttribute",
  "DisplayName",
  "IsActivity",
  "HasActivities",
  "Privileges",
)}&$expand=Attributes(${select(
  "LogicalName",
  "AttributeType",
  "AttributeOf",
  "DisplayName",
  "RequiredLevel",
  "IsValidForCreate",
  "IsValidForUpdate",
  "IsValidForRead",
)})`;

const relationshipQuery = `/ManyToOneRelationships?${select(
  "ReferencingAttribute",
  "ReferencedEntity",
  "ReferencingEntityNavigationPropertyName",
)}`;

/** What is asked about a table: the table itself first, then its lookups, then what only casts tell. Addresses below the Web API's. Pure. */
export const metadataPaths = (type: string): readonly string[] => {
  const path = `EntityDefinitions(LogicalName='${nameOf(type)}')`;
  return [
    `${path}${definitionQuery}`,
    `${path}${relationshipQuery}`,
    ...details.map((detail) => `${path}/Attributes/Microsoft.Dynamics.CRM.${detail}`),
  ];
};

const optionsOf = (detail: Detail | undefined): readonly VendorOption[] | undefined => {
  const set = detail?.OptionSet ?? detail?.GlobalOptionSet;
  if (set === null || set === undefined) return undefined;
  const both = [set.FalseOption, set.TrueOption].flatMap((one) => one ?? []);
  const listed = set.Options ?? both.map((one) => ({ ...one, State: undefined }));
  return listed.map(({ Value, Label, State }) => ({
    value: Value,
    label: Label ?? String(Value),
    ...(typeof State === "number" && { state: State }),
  }));
};

/** Kinds that a person fills. Owner, states and ids come by themselves, parties from links. */
const fillable = new Set(
  "String Memo Integer BigInt Decimal Double Money DateTime Picklist Lookup Customer".split(" "),
);

/** Kinds that are no column of their own in an answer. */
const unreadable = new Set(["Virtual", "ManagedProperty", "CalendarRules"]);

const columnOf = (
  one: Definition["Attributes"][number],
  detail: Detail | undefined,
): VendorColumn => {
  const options = optionsOf(detail);
  const level = one.RequiredLevel?.Value;
  return {
    name: one.LogicalName,
    label: one.DisplayName ?? one.LogicalName,
    kind: one.AttributeType,
    ...(typeof detail?.MaxLength === "number" && { length: detail.MaxLength }),
    required:
      (level === "ApplicationRequired" || level === "SystemRequired") &&
      one.IsValidForCreate &&
      fillable.has(one.AttributeType),
    createable: one.IsValidForCreate,
    updateable: one.IsValidForUpdate,
    ...(detail?.DateTimeBehavior?.Value === "DateOnly" && { dayOnly: true }),
    ...(options !== undefined && { options }),
    ...(Array.isArray(detail?.Targets) && { targets: detail.Targets.filter(isName) }),
  };
};

const vendorTypeOf = (
  definition: Definition,
  found: readonly Detail[],
  relationships: z.infer<typeof relationshipSchema>["value"],
): VendorType => {
  const byName = new Map(found.map((one) => [one.LogicalName, one]));
  const columns = definition.Attributes.filter(
    (one) =>
      one.IsValidForRead && (one.AttributeOf ?? "") === "" && !unreadable.has(one.AttributeType),
  ).map((one) => columnOf(one, byName.get(one.LogicalName)));
  return {
    name: definition.LogicalName,
    label: definition.DisplayName ?? definition.LogicalName,
    entitySet: definition.EntitySetName,
    primaryId: definition.PrimaryIdAttribute,
    primaryName: definition.PrimaryNameAttribute ?? undefined,
    isActivity: definition.IsActivity,
    hasActivities: definition.HasActivities ?? false,
    columns,
    navigation: relationships.flatMap((one) => {
      const name = one.ReferencingEntityNavigationPropertyName ?? "";
      return name === ""
        ? []
        : [{ column: one.ReferencingAttribute, target: one.ReferencedEntity, name }];
    }),
    parties: new Set(columns.filter(({ kind }) => kind === "PartyList").map(({ name }) => name)),
    privileges: (definition.Privileges ?? []).map(({ Name, PrivilegeId, PrivilegeType }) => ({
      right: PrivilegeType,
      name: Name,
      id: PrivilegeId.toLowerCase(),
    })),
    completed: completionsOf(definition.LogicalName),
  };
};

const strange = (type: string): CrmError =>
  new CrmError(
    "transient",
    "no",
    `Dynamics 365 described ${type} in a form that is not understood`,
  );

const parsed = <T>(schema: z.ZodType<T>, body: unknown, type: string): T => {
  const found = schema.safeParse(body);
  if (!found.success) throw strange(type);
  return found.data;
};

/** Reads the answers to `metadataPaths`, in their order. Throws `CrmError` for what is not understood. */
export const typeIn = (type: string, answers: readonly unknown[]): VendorType => {
  const [definition, relationships, ...found] = answers;
  return vendorTypeOf(
    parsed(definitionSchema, definition, type),
    found.flatMap((body) => parsed(detailSchema, body, type).value),
    parsed(relationshipSchema, relationships, type).value,
  );
};
