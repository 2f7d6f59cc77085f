import type { Answer, ApiCall } from "../http/call.ts";
import { dataPath } from "../http/call.ts";
import type { SObject } from "../schema/schema.ts";
import { describeField } from "./describe-field.ts";
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

/** Parts of an object's description that are the same for every object here. */
const sameForAll = {
  actionOverrides: [],
  compactLayoutable: true,
  defaultImplementation: null,
  extendedBy: null,
  extendsInterfaces: null,
  implementedBy: null,
  implementsInterfaces: null,
  listviewable: null,
  lookupLayoutable: null,
  namedLayoutInfos: [],
  networkScopeFieldName: null,
  searchLayoutable: true,
  sobjectDescribeOption: "FULL",
  supportedScopes: [{ label: "Everything", name: "everything" }],
} as const;

const masterRecordType = "012000000000000AAA";

function recordTypeInfos(call: ApiCall, sobject: SObject): readonly unknown[] {
  const layout = dataPath(call, `sobjects/${sobject.name}/describe/layouts/${masterRecordType}`);
  const names = { developerName: "Master", name: "Master", recordTypeId: masterRecordType };
  const flags = { active: true, available: true, defaultRecordTypeMapping: true, master: true };
  return [{ ...flags, ...names, urls: { layout } }];
}

function describeObject(call: ApiCall, sobject: SObject): Readonly<Record<string, unknown>> {
  const { url } = call.org;
  return {
    ...describeSummary(call, sobject),
    ...sameForAll,
    childRelationships: childRelationships(call, sobject),
    fields: sobject.fields.map(describeField),
    recordTypeInfos: recordTypeInfos(call, sobject),
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
