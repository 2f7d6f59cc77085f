import type { Answer, ApiCall } from "../http/call.ts";
import { dataPath } from "../http/call.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import type { SObject } from "../schema/schema.ts";
import { methodNotAllowed, objectOf } from "./targets.ts";

const abilities = [
  "activateable",
  "createable",
  "deletable",
  "feedEnabled",
  "layoutable",
  "mergeable",
  "mruEnabled",
  "queryable",
  "replicateable",
  "retrieveable",
  "searchable",
  "triggerable",
  "undeletable",
  "updateable",
] as const;

function urls(call: ApiCall, sobject: SObject): Readonly<Record<string, string>> {
  const base = dataPath(call, `sobjects/${sobject.name}`);
  return {
    compactLayouts: `${base}/describe/compactLayouts`,
    rowTemplate: `${base}/{ID}`,
    approvalLayouts: `${base}/describe/approvalLayouts`,
    listviews: `${base}/listviews`,
    describe: `${base}/describe`,
    quickActions: `${base}/quickActions`,
    layouts: `${base}/describe/layouts`,
    sobject: base,
  };
}

/** The facts that `sobjects` and `sobjects/T` give about an object [R get-sobject-basic-info]. */
export function describeSummary(call: ApiCall, sobject: SObject): Record<string, unknown> {
  const { definition } = sobject;
  const custom = sobject.name.endsWith("__c");
  const summary: Record<string, unknown> = {
    associateEntityType: null,
    associateParentEntity: null,
    custom,
    customSetting: false,
    deepCloneable: false,
    deprecatedAndHidden: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: sobject.keyPrefix,
    label: definition.label,
    labelPlural: definition.labelPlural,
    name: sobject.name,
  };
  for (const ability of abilities) summary[ability] = sobject.can(ability);
  return { ...summary, urls: urls(call, sobject) };
}

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

function describeField(field: FieldDefinition): Readonly<Record<string, unknown>> {
  const references = field.referenceTo ?? [];
  const values = (field.values ?? []).map((value) => ({
    active: true,
    defaultValue: value === field.defaultValue,
    label: value,
    validFor: null,
    value,
  }));
  return {
    ...sameForAll,
    aggregatable:
      field.type !== "boolean" && field.type !== "address" && field.filterable !== false,
    autoNumber: field.autoNumber ?? false,
    byteLength: byteLengthOf(field),
    caseSensitive: field.caseSensitive ?? false,
    compoundFieldName: field.compound ?? null,
    createable: field.createable ?? true,
    custom: field.name.endsWith("__c"),
    defaultValue:
      field.type === "boolean" ? (field.defaultValue ?? false) : (field.defaultValue ?? null),
    defaultedOnCreate: field.defaultedOnCreate ?? false,
    digits: field.digits ?? 0,
    externalId: field.externalId ?? false,
    extraTypeInfo: field.type === "textarea" ? "plaintextarea" : null,
    filterable: field.filterable ?? true,
    groupable: field.groupable ?? true,
    idLookup: field.idLookup ?? false,
    label: field.label ?? field.name,
    length: lengthOf(field),
    name: field.name,
    nameField: field.nameField ?? false,
    namePointing: references.length > 1,
    nillable: field.nillable ?? true,
    permissionable: field.createable !== false && field.nillable !== false,
    picklistValues: values,
    polymorphicForeignKey: references.length > 1,
    precision: field.precision ?? 0,
    referenceTo: references,
    relationshipName: field.relationshipName ?? null,
    restrictedPicklist: field.restrictedPicklist ?? false,
    scale: field.scale ?? 0,
    soapType: soapTypes[field.type] ?? "xsd:string",
    sortable: field.sortable ?? true,
    type: field.type,
    unique: field.unique ?? false,
    updateable: field.updateable ?? true,
  };
}

function describeObject(call: ApiCall, sobject: SObject): Readonly<Record<string, unknown>> {
  const { url } = call.org;
  const recordType = dataPath(call, `sobjects/${sobject.name}/describe/layouts/012000000000000AAA`);
  return {
    ...describeSummary(call, sobject),
    actionOverrides: [],
    childRelationships: childRelationships(call, sobject),
    compactLayoutable: true,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: sobject.fields.map(describeField),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: [
      {
        active: true,
        available: true,
        defaultRecordTypeMapping: true,
        developerName: "Master",
        master: true,
        name: "Master",
        recordTypeId: "012000000000000AAA",
        urls: { layout: recordType },
      },
    ],
    searchLayoutable: true,
    sobjectDescribeOption: "FULL",
    supportedScopes: [{ label: "Everything", name: "everything" }],
    urls: {
      ...urls(call, sobject),
      uiDetailTemplate: `${url}/{ID}`,
      uiEditTemplate: `${url}/{ID}/e`,
      uiNewRecord: `${url}/${sobject.keyPrefix}/e`,
    },
  };
}

function childRelationships(
  call: ApiCall,
  sobject: SObject,
): readonly Readonly<Record<string, unknown>>[] {
  return call.org.schema.objects.flatMap((child) =>
    child.fields
      .filter((field) => (field.referenceTo ?? []).includes(sobject.name))
      .map((field) => ({
        cascadeDelete: false,
        childSObject: child.name,
        deprecatedAndHidden: false,
        field: field.name,
        junctionIdListNames: [],
        junctionReferenceTo: [],
        relationshipName: null,
        restrictedDelete: false,
      })),
  );
}

/** GET sobjects/T/describe; If-Modified-Since answers 304 while the schema stands [D facts §2.2]. */
export function describeResource(call: ApiCall): Answer {
  if (call.method !== "GET") throw methodNotAllowed(call, "HEAD,GET");
  const sobject = objectOf(call, call.segments[1]);
  const changedAt = Math.floor(call.org.startedAt / 1000) * 1000;
  const headers = { "Last-Modified": new Date(changedAt).toUTCString() };
  const since = Date.parse(call.headers["if-modified-since"] ?? "");
  return since >= changedAt
    ? { status: 304, headers }
    : { status: 200, body: describeObject(call, sobject), headers };
}

/** GET sobjects: every object of the org. */
export function globalDescribeResource(call: ApiCall): Answer {
  if (call.method !== "GET") throw methodNotAllowed(call, "HEAD,GET");
  const sobjects = call.org.schema.objects.map((sobject) => describeSummary(call, sobject));
  return { status: 200, body: { encoding: "UTF-8", maxBatchSize: 200, sobjects } };
}
