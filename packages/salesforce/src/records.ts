import type { Context, CrmRecord, Fields, FieldValue, RecordId, Reads } from "@wrapup/core";
import { recordKey } from "@wrapup/core";
import type { Client } from "./client.ts";
import type { Describes, VendorType } from "./describe.ts";
import type { VendorRow } from "./encode.ts";
import { trailFields, whereaboutsOf } from "./moved.ts";
import type { Settings } from "./options.ts";
import { fitting, isRecordId, rowsById, rowsByValue } from "./query.ts";
import { idAt, queryRows, shortId, textAt } from "./rows.ts";

/** Columns that an agent's card and list show, where a type has them. Phones, emails and the name are always read. */
const usual = new Set([
  ..."Name FirstName MiddleName LastName Company Title AccountNumber Type Industry CaseNumber Subject Status Priority Origin".split(
    " ",
  ),
  ..."StageName Amount CloseDate IsClosed IsConverted AccountId ContactId OwnerId IsPersonAccount PersonContactId".split(
    " ",
  ),
  ..."MailingStreet MailingCity MailingState MailingPostalCode BillingStreet BillingCity BillingState BillingPostalCode".split(
    " ",
  ),
  ..."Street City State PostalCode CreatedDate LastModifiedDate".split(" "),
]);

/** Which columns agents' reads ask for. Pure. */
export const columnsOf = (type: VendorType, settings: Settings): readonly string[] => {
  const also = new Set(
    Object.hasOwn(settings.alsoRead, type.name) ? settings.alsoRead[type.name] : [],
  );
  return type.fields
    .filter(
      (field) =>
        usual.has(field.name) ||
        also.has(field.name) ||
        field.nameField ||
        field.type === "phone" ||
        field.type === "email",
    )
    .map((field) => field.name)
    .slice(0, 90);
};

const isValue = (value: unknown): value is FieldValue =>
  value === null ||
  typeof value === "string" ||
  typeof value === "number" ||
  typeof value === "boolean";

const parentFields: readonly (readonly [field: string, type: string])[] = [
  ["ContactId", "Contact"],
  ["AccountId", "Account"],
];

const titleOf = (type: VendorType, row: VendorRow, id: string): string => {
  const names = type.fields
    .filter((field) => field.nameField)
    .flatMap((field) => textAt(row, field.name) ?? []);
  const subject = type.name === "Case" ? textAt(row, "Subject") : undefined;
  return (
    [...names, ...(subject === undefined ? [] : [subject])].join(" · ") || `${type.label} ${id}`
  );
};

/** A row as agents see it. Pure. */
export const recordOf = (
  type: VendorType,
  row: VendorRow,
  urlOf: (id: string) => string | undefined,
): CrmRecord | undefined => {
  const id = idAt(row);
  if (id === undefined) return undefined;
  const fields: Fields = Object.fromEntries(
    Object.entries(row).filter(
      (entry): entry is [string, FieldValue] => entry[0] !== "attributes" && isValue(entry[1]),
    ),
  );
  const parents = parentFields.flatMap(([field, to]) => {
    const parent = idAt(row, field);
    return parent === undefined ? [] : [{ type: to, id: parent }];
  });
  return {
    ref: { type: type.name, id },
    title: titleOf(type, row, id),
    url: urlOf(id) ?? "",
    fields,
    ...(parents.length > 0 && { parents }),
  };
};

/** What agents' reads need. */
export type Desk = {
  readonly client: Client;
  readonly describes: Describes;
  readonly settings: Settings;
  readonly urlOf: (id: string) => string | undefined;
};

/** Rows by id in the order asked, following merges and conversions (K9). Throws `CrmError`. */
export const getRecords = async (
  desk: Desk,
  refs: readonly RecordId[],
  context: Context,
): ReturnType<Reads["get"]> => {
  const found = new Map<string, CrmRecord | { readonly movedTo: RecordId }>();
  for (const [typeName, ofType] of Map.groupBy(refs, (ref) => ref.type)) {
    const ids = [...new Set(ofType.map((ref) => ref.id))].filter(isRecordId);
    const type = ids.length === 0 ? undefined : await desk.describes.of(typeName, context);
    if (type === undefined) continue;
    const rows = new Map<string, VendorRow>();
    const columns = [...columnsOf(type, desk.settings), ...trailFields(typeName)];
    for (const group of fitting(ids))
      for (const row of await queryRows(
        desk.client,
        rowsById(typeName, columns, group),
        context,
        true,
      ))
        rows.set(shortId(idAt(row) ?? ""), row);
    for (const ref of ofType) {
      const row = rows.get(shortId(ref.id));
      const at = whereaboutsOf(typeName, row);
      const record =
        row === undefined || at.is !== "there" ? undefined : recordOf(type, row, desk.urlOf);
      if (at.is === "moved") found.set(recordKey(ref), { movedTo: at.to });
      else if (record !== undefined) found.set(recordKey(ref), record);
    }
  }
  return refs.map((ref) => found.get(recordKey(ref)));
};

/** What hangs under a record, or beside it on the same account (R2). */
const children: Readonly<
  Record<
    string,
    readonly { readonly type: string; readonly by: string; readonly from: "Id" | "AccountId" }[]
  >
> = {
  Contact: [
    { type: "Case", by: "ContactId", from: "Id" },
    { type: "Opportunity", by: "AccountId", from: "AccountId" },
    { type: "Contact", by: "AccountId", from: "AccountId" },
  ],
  Account: [
    { type: "Contact", by: "AccountId", from: "Id" },
    { type: "Case", by: "AccountId", from: "Id" },
    { type: "Opportunity", by: "AccountId", from: "Id" },
  ],
};

const mostChildren = 25;

/** Parents first, then what is newest of each kind below or beside (R2). Throws `CrmError`. */
export const relatedRecords = async (
  desk: Desk,
  ref: RecordId,
  context: Context,
): Promise<readonly CrmRecord[]> => {
  const [self] = await getRecords(desk, [ref], context);
  if (self === undefined || "movedTo" in self) return [];
  const parents = await getRecords(desk, self.parents ?? [], context);
  const below = await Promise.all(
    (children[ref.type] ?? []).map(async ({ type: name, by, from }) => {
      const id = from === "Id" ? self.ref.id : self.fields[from];
      const type =
        typeof id === "string" && id !== "" ? await desk.describes.of(name, context) : undefined;
      if (
        type === undefined ||
        typeof id !== "string" ||
        !type.fields.some((field) => field.name === by)
      )
        return [];
      const rows = await queryRows(
        desk.client,
        rowsByValue(name, columnsOf(type, desk.settings), [by], id, mostChildren),
        context,
      );
      return rows.flatMap((row) => recordOf(type, row, desk.urlOf) ?? []);
    }),
  );
  const all = [
    ...parents.flatMap((one) => (one === undefined || "movedTo" in one ? [] : [one])),
    ...below.flat(),
  ];
  return all.filter(
    (record, at) =>
      recordKey(record.ref) !== recordKey(self.ref) &&
      all.findIndex((one) => recordKey(one.ref) === recordKey(record.ref)) === at,
  );
};
