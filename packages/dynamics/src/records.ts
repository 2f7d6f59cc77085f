import type { Context, CrmRecord, Fields, FieldValue, RecordId, Reads } from "@wrapup/core";
import { recordKey } from "@wrapup/core";
import type { Client } from "./client.ts";
import { readName } from "./odata/table.ts";
import type { Describes } from "./describe.ts";
import type { VendorType } from "./odata/table.ts";
import { cannotBeAsked, trailOf, whereNow, whereaboutsOf } from "./moved.ts";
import type { Whereabouts } from "./moved.ts";
import type { Settings } from "./options.ts";
import { anyOf, byIds, equalsId, fitting, isGuid, rowsWhere } from "./query.ts";
import { idAt, queryRows, targetAt, textAt } from "./rows.ts";
import type { VendorRow } from "./rows.ts";

/** Columns that an agent's card and list show, where a table has them. Phones, emails and the name are always read. */
const usual = new Set([
  ..."firstname middlename lastname fullname companyname jobtitle name accountnumber creditonhold".split(
    " ",
  ),
  ..."subject title ticketnumber casetypecode caseorigincode prioritycode statecode statuscode".split(
    " ",
  ),
  ..."stepname estimatedvalue estimatedclosedate merged createdon modifiedon ownerid".split(" "),
  ..."parentcustomerid customerid primarycontactid parentaccountid parentcontactid".split(" "),
  ..."address1_line1 address1_city address1_stateorprovince address1_postalcode address1_country".split(
    " ",
  ),
]);

/** Columns that hold phone numbers, as Dataverse comes. `company` is a contact's company phone. */
const phoneNames = new Set(
  "telephone1 telephone2 telephone3 mobilephone home2 business2 homephone".split(" "),
);

/** An administrator's own column for a phone: its name begins with the publisher's prefix. */
const ownPhone = /^(?!address\d)[a-z][a-z0-9]{1,7}_\w*(?:phone|mobile)/;

/** Columns in which a customer's phone number may be. Pure. */
export const phoneColumns = (type: VendorType): readonly string[] =>
  type.columns
    .filter(
      ({ name, kind }) =>
        kind === "String" &&
        (phoneNames.has(name) ||
          ownPhone.test(name) ||
          (name === "company" && type.name === "contact")),
    )
    .map(({ name }) => name);

/** Columns in which a customer's email address may be. Pure. */
export const emailColumns = (type: VendorType): readonly string[] =>
  type.columns
    .filter(
      ({ name, kind }) => kind === "String" && /^(?:\w+_)?email(?:address)?[123]?$/.test(name),
    )
    .map(({ name }) => name);

/** Read in other ways than as a column. */
const unreadable = new Set(["PartyList", "EntityName"]);

/** Which columns agents' reads ask for. Pure. */
export const columnsOf = (type: VendorType, settings: Settings): readonly string[] => {
  const wanted = new Set([
    ...(Object.hasOwn(settings.alsoRead, type.name) ? (settings.alsoRead[type.name] ?? []) : []),
    ...phoneColumns(type),
    ...emailColumns(type),
    ...(type.primaryName === undefined ? [] : [type.primaryName]),
  ]);
  return type.columns
    .filter(({ name, kind }) => !unreadable.has(kind) && (usual.has(name) || wanted.has(name)))
    .map(readName);
};

const isValue = (value: unknown): value is FieldValue =>
  value === null ||
  typeof value === "string" ||
  typeof value === "number" ||
  typeof value === "boolean";

/** What a row hangs under: the person first, then the company. An account's own parent is another customer. */
const parentColumns: Readonly<Record<string, readonly string[]>> = {
  contact: ["parentcustomerid"],
  lead: ["parentcontactid", "parentaccountid"],
  incident: ["primarycontactid", "customerid"],
  opportunity: ["parentcontactid", "parentaccountid"],
};

const parentsOf = (type: VendorType, row: VendorRow): readonly RecordId[] => {
  const names = Object.hasOwn(parentColumns, type.name) ? (parentColumns[type.name] ?? []) : [];
  const found = names.flatMap((name) => {
    const id = idAt(row, `_${name}_value`);
    const targets = type.columns.find((column) => column.name === name)?.targets ?? [];
    const to = targetAt(row, `_${name}_value`) ?? (targets.length === 1 ? targets[0] : undefined);
    return id === undefined || to === undefined ? [] : [{ type: to, id }];
  });
  return found.filter(
    (one, at) => found.findIndex((other) => recordKey(other) === recordKey(one)) === at,
  );
};

const titleOf = (type: VendorType, row: VendorRow, id: string): string => {
  const name = type.primaryName === undefined ? undefined : textAt(row, type.primaryName);
  const number = type.name === "incident" ? textAt(row, "ticketnumber") : undefined;
  return [number, name].filter((part) => part !== undefined).join(" · ") || `${type.label} ${id}`;
};

const fieldsOf = (row: VendorRow): Fields =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      name.includes("@") || !isValue(value)
        ? []
        : [[/^_(\w+)_value$/.exec(name)?.[1] ?? name, value] as const],
    ),
  );

/** A row as agents see it: lookups by their column's own name, as the id that they hold. Pure. */
export const recordOf = (
  type: VendorType,
  row: VendorRow,
  urlOf: Desk["urlOf"],
): CrmRecord | undefined => {
  const id = idAt(row, type.primaryId);
  if (id === undefined) return undefined;
  const parents = parentsOf(type, row);
  return {
    ref: { type: type.name, id },
    title: titleOf(type, row, id),
    url: urlOf(type.name, id) ?? "",
    fields: fieldsOf(row),
    ...(parents.length > 0 && { parents }),
  };
};

/** What agents' reads need. */
export type Desk = {
  readonly client: Client;
  readonly describes: Describes;
  readonly settings: Settings;
  readonly urlOf: (type: string, id: string) => string | undefined;
};

/** Where a row is now; a qualified lead that does not name its contact is looked for (K9). Throws `CrmError`. */
const whereaboutsIn = async (
  desk: Desk,
  type: VendorType,
  row: VendorRow,
  context: Context,
): Promise<Whereabouts> => {
  const at = whereaboutsOf(type, row);
  const id = idAt(row, type.primaryId);
  if (type.name !== "lead" || row["statecode"] !== 1 || at.is !== "there" || id === undefined)
    return at;
  const ref = { type: type.name, id };
  return (await whereNow(desk, [ref], context)).get(recordKey(ref)) ?? at;
};

/** Rows by id in the order asked, following merges and qualified leads (K9). Throws `CrmError`. */
export const getRecords = async (
  desk: Desk,
  refs: readonly RecordId[],
  context: Context,
): ReturnType<Reads["get"]> => {
  const found = new Map<string, CrmRecord | { readonly movedTo: RecordId }>();
  for (const [typeName, ofType] of Map.groupBy(refs, (ref) => ref.type)) {
    const ids = [...new Set(ofType.map(({ id }) => id.toLowerCase()))].filter(isGuid);
    const type = ids.length === 0 ? undefined : await desk.describes.of(typeName, context);
    if (type === undefined) continue;
    const columns = [...columnsOf(type, desk.settings), ...trailOf(type)];
    for (const group of fitting(ids))
      for (const row of await queryRows(desk.client, byIds(type, columns, group), context)) {
        const record = recordOf(type, row, desk.urlOf);
        if (record === undefined) continue;
        const at = await whereaboutsIn(desk, type, row, context);
        if (at.is !== "gone")
          found.set(recordKey(record.ref), at.is === "moved" ? { movedTo: at.to } : record);
      }
  }
  return refs.map(({ type, id }) => found.get(recordKey({ type, id: id.toLowerCase() })));
};

/** `by`: which lookup of theirs holds which id of ours. */
type Children = {
  readonly type: string;
  readonly by: readonly (readonly [column: string, from: string])[];
};

/** What hangs under a record, or beside it on the same account (R2). */
const children: Readonly<Record<string, readonly Children[]>> = {
  contact: [
    {
      type: "incident",
      by: [
        ["customerid", "contactid"],
        ["primarycontactid", "contactid"],
      ],
    },
    {
      type: "opportunity",
      by: [
        ["parentcontactid", "contactid"],
        ["parentaccountid", "parentcustomerid"],
      ],
    },
    { type: "contact", by: [["parentcustomerid", "parentcustomerid"]] },
  ],
  account: [
    { type: "contact", by: [["parentcustomerid", "accountid"]] },
    { type: "incident", by: [["customerid", "accountid"]] },
    { type: "opportunity", by: [["parentaccountid", "accountid"]] },
  ],
};

const mostChildren = 25;

/** Closed cases, deals and activities are still what they were; a closed customer was deactivated, merged away or qualified. */
export const staysClosed = (type: VendorType): boolean =>
  type.isActivity || type.name === "incident" || type.name === "opportunity";

/** Whether a row is in use: what was deactivated or merged away is not shown. */
export const inUse = (type: VendorType, row: VendorRow): boolean =>
  row["merged"] !== true && (staysClosed(type) || (row["statecode"] ?? 0) === 0);

const below = async (
  desk: Desk,
  self: CrmRecord,
  { type: name, by }: Children,
  context: Context,
): Promise<readonly CrmRecord[]> => {
  const type = await desk.describes.of(name, context);
  const conditions = by.flatMap(([column, from]) => {
    const id = self.fields[from];
    const has = type?.columns.some((one) => one.name === column) === true;
    return has && typeof id === "string" && isGuid(id) ? [equalsId(`_${column}_value`, id)] : [];
  });
  if (type === undefined || conditions.length === 0) return [];
  const path = rowsWhere(type, columnsOf(type, desk.settings), {
    where: anyOf(conditions),
    newest: "modifiedon",
    top: mostChildren,
  });
  const rows = await queryRows(desk.client, path, context).catch((error: unknown) => {
    // What the application user may not read hides nothing of what it may.
    if (cannotBeAsked(error)) return [];
    throw error;
  });
  return rows
    .filter((row) => inUse(type, row))
    .flatMap((row) => recordOf(type, row, desk.urlOf) ?? []);
};

/** Parents first, then what is newest of each kind below or beside (R2). Throws `CrmError`. */
export const relatedRecords = async (
  desk: Desk,
  ref: RecordId,
  context: Context,
): Promise<readonly CrmRecord[]> => {
  const [self] = await getRecords(desk, [ref], context);
  if (self === undefined || "movedTo" in self) return [];
  const parents = await getRecords(desk, self.parents ?? [], context);
  const kinds = Object.hasOwn(children, ref.type) ? (children[ref.type] ?? []) : [];
  const found = await Promise.all(kinds.map((kind) => below(desk, self, kind, context)));
  const all = [
    ...parents.flatMap((one) => (one === undefined || "movedTo" in one ? [] : [one])),
    ...found.flat(),
  ];
  return all.filter(
    (record, at) =>
      recordKey(record.ref) !== recordKey(self.ref) &&
      all.findIndex((one) => recordKey(one.ref) === recordKey(record.ref)) === at,
  );
};
