import type { EmulatorOptions } from "../options.ts";
import { accountObject } from "./account.ts";
import { caseObject } from "./case.ts";
import { contactObject } from "./contact.ts";
import type { FieldDefinition, ObjectDefinition } from "./definition.ts";
import { labelOf } from "./definition.ts";
import { eventObject } from "./event.ts";
import { leadObject } from "./lead.ts";
import { opportunityObject } from "./opportunity.ts";
import { campaignObject, invoiceObject, recordTypeObject } from "./other.ts";
import { caseCommentObject, emailMessageObject, taskRelationObject } from "./service.ts";
import { taskObject } from "./task.ts";
import { groupObject, userObject } from "./user.ts";

/** An object ready for use: fields by lower-case name, because Salesforce ignores their case. */
export type SObject = {
  readonly definition: ObjectDefinition;
  readonly name: string;
  readonly keyPrefix: string;
  readonly fields: readonly FieldDefinition[];
  readonly byName: ReadonlyMap<string, FieldDefinition>;
  /** Parents by relationship name in lower case: "account" → AccountId. */
  readonly byRelationship: ReadonlyMap<string, FieldDefinition>;
  readonly required: readonly FieldDefinition[];
  readonly defaults: readonly (readonly [name: string, value: string | number | boolean])[];
  readonly can: (ability: string) => boolean;
};

/** Every object of the org. */
export type Schema = {
  readonly objects: readonly SObject[];
  /** By name, ignoring case. */
  readonly find: (name: string) => SObject | undefined;
  /** By the first three characters of an id. */
  readonly byPrefix: (id: string) => SObject | undefined;
};

/** Wrapup's own fields on Activity, as an administrator installs them [C facts §2.3: External ID and Unique are allowed there]. */
const keyFields: readonly FieldDefinition[] = [
  {
    name: "Wrapup_Key__c",
    type: "string",
    length: 255,
    label: "Wrapup Key",
    externalId: true,
    unique: true,
    idLookup: true,
    caseSensitive: true,
  },
  {
    name: "Wrapup_Interaction__c",
    type: "string",
    length: 255,
    label: "Wrapup Interaction",
    indexed: true,
  },
];

function withDefaults(field: FieldDefinition): FieldDefinition {
  const long = field.type === "textarea" && (field.length ?? 0) > 255;
  return {
    label: labelOf(field.name),
    createable: true,
    updateable: true,
    nillable: true,
    filterable: !long,
    sortable: !long,
    groupable: !long,
    // A custom external id is an idLookup as well: upsert accepts it [D dome-upsert].
    idLookup: field.externalId === true,
    ...field,
  };
}

function isRequired(field: FieldDefinition): boolean {
  // The rule of every describe client: not nillable, not defaulted, createable; a boolean is never missing [R facts §2.2 describe].
  return (
    field.createable === true &&
    field.nillable === false &&
    field.defaultedOnCreate !== true &&
    field.type !== "boolean"
  );
}

function defaultOf(field: FieldDefinition): readonly [string, string | number | boolean][] {
  if (field.defaultValue !== undefined) return [[field.name, field.defaultValue]];
  return field.type === "boolean" ? [[field.name, false]] : [];
}

function compile(definition: ObjectDefinition, added: readonly FieldDefinition[]): SObject {
  const fields = [...definition.fields, ...added.map(withDefaults)];
  const relations = fields.filter((field) => field.relationshipName !== undefined);
  const unable = new Set(definition.without);
  return {
    definition,
    name: definition.name,
    keyPrefix: definition.keyPrefix,
    fields,
    byName: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
    byRelationship: new Map(
      relations.map((field) => [(field.relationshipName ?? "").toLowerCase(), field]),
    ),
    required: fields.filter(isRequired),
    defaults: fields.flatMap(defaultOf),
    can: (ability) => !unable.has(ability),
  };
}

function standardObjects(options: EmulatorOptions): readonly ObjectDefinition[] {
  return [
    accountObject,
    contactObject,
    leadObject,
    caseObject,
    opportunityObject,
    taskObject,
    eventObject,
    userObject,
    groupObject,
    caseCommentObject,
    campaignObject,
    emailMessageObject,
    invoiceObject,
    recordTypeObject,
    ...(options.sharedActivities === true ? [taskRelationObject] : []),
  ];
}

/** Builds the org's schema from the standard objects and what the options add. Throws when an option names an object that is not there. */
export function buildSchema(options: EmulatorOptions): Schema {
  const installed =
    options.keyField === false ? [] : keyFields.map((field) => ({ sobject: "Task", field }));
  const added = [...installed, ...(options.customFields ?? [])];
  const definitions = standardObjects(options);
  for (const { sobject, field } of added) {
    if (!definitions.some((one) => one.name === sobject)) {
      throw new Error(
        `customFields: field ${field.name} is for ${sobject}, which the emulator does not have`,
      );
    }
  }
  const objects = definitions.map((one) =>
    compile(
      one,
      added.filter((custom) => custom.sobject === one.name).map((custom) => custom.field),
    ),
  );
  const byName = new Map(objects.map((one) => [one.name.toLowerCase(), one]));
  const byPrefix = new Map(objects.map((one) => [one.keyPrefix, one]));
  return {
    objects,
    find: (name) => byName.get(name.toLowerCase()),
    byPrefix: (id) => byPrefix.get(id.slice(0, 3)),
  };
}
