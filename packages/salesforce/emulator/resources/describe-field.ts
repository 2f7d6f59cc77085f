import type { FieldDefinition } from "../schema/definition.ts";

const soapTypes: Readonly<Record<string, string>> = {
  id: "tns:ID",
  reference: "tns:ID",
  boolean: "xsd:boolean",
  int: "xsd:int",
  double: "xsd:double",
  currency: "xsd:double",
  percent: "xsd:double",
  date: "xsd:date",
  datetime: "xsd:dateTime",
  address: "urn:address",
};

function lengthOf(field: FieldDefinition): number {
  return field.type === "reference" || field.type === "id" ? 18 : (field.length ?? 0);
}

function byteLengthOf(field: FieldDefinition): number {
  const length = lengthOf(field);
  return field.bytes === true || length === 18 ? length : length * 3;
}

/** The parts of a field's description that are the same for every field here. */
const sameForAll = {
  aiPredictionField: false,
  calculated: false,
  calculatedFormula: null,
  cascadeDelete: false,
  controllerName: null,
  defaultValueFormula: null,
  dependentPicklist: false,
  deprecatedAndHidden: false,
  displayLocationInDecimal: false,
  encrypted: false,
  filteredLookupInfo: null,
  formulaTreatNullNumberAsZero: false,
  highScaleNumber: false,
  htmlFormatted: false,
  inlineHelpText: null,
  mask: null,
  maskType: null,
  queryByDistance: false,
  referenceTargetField: null,
  relationshipOrder: null,
  restrictedDelete: false,
  searchPrefilterable: false,
  writeRequiresMasterRead: false,
} as const;

/** Yes-or-no facts; those that are left out are the defaults of a field an administrator just added. */
function flagsOf(field: FieldDefinition): Readonly<Record<string, boolean>> {
  const polymorphic = (field.referenceTo ?? []).length > 1;
  const filterable = field.filterable ?? true;
  return {
    aggregatable: field.type !== "boolean" && field.type !== "address" && filterable,
    autoNumber: field.autoNumber ?? false,
    caseSensitive: field.caseSensitive ?? false,
    createable: field.createable ?? true,
    custom: field.name.endsWith("__c"),
    defaultedOnCreate: field.defaultedOnCreate ?? false,
    externalId: field.externalId ?? false,
    filterable,
    groupable: field.groupable ?? true,
    idLookup: field.idLookup ?? false,
    nameField: field.nameField ?? false,
    namePointing: polymorphic,
    nillable: field.nillable ?? true,
    permissionable: field.createable !== false && field.nillable !== false,
    polymorphicForeignKey: polymorphic,
    restrictedPicklist: field.restrictedPicklist ?? false,
    sortable: field.sortable ?? true,
    unique: field.unique ?? false,
    updateable: field.updateable ?? true,
  };
}

function picklistOf(field: FieldDefinition): readonly Readonly<Record<string, unknown>>[] {
  return (field.values ?? []).map((value) => ({
    active: true,
    defaultValue: value === field.defaultValue,
    label: value,
    validFor: null,
    value,
  }));
}

/** One entry of a describe's `fields`, with all keys of a real one [R]. */
export function describeField(field: FieldDefinition): Readonly<Record<string, unknown>> {
  return {
    ...sameForAll,
    ...flagsOf(field),
    byteLength: byteLengthOf(field),
    compoundFieldName: field.compound ?? null,
    defaultValue: field.defaultValue ?? (field.type === "boolean" ? false : null),
    digits: field.digits ?? 0,
    extraTypeInfo: field.type === "textarea" ? "plaintextarea" : null,
    label: field.label ?? field.name,
    length: lengthOf(field),
    name: field.name,
    picklistValues: picklistOf(field),
    precision: field.precision ?? 0,
    referenceTo: field.referenceTo ?? [],
    relationshipName: field.relationshipName ?? null,
    scale: field.scale ?? 0,
    soapType: soapTypes[field.type] ?? "xsd:string",
    type: field.type,
  };
}
