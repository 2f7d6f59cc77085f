/** A value as CRMs hold it in one column. Dates and times are ISO 8601 text. */
export type FieldValue = string | number | boolean | null;

/** Columns by their name in the CRM. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** A row in one CRM, by its type's and its own name there. Adapters see this form: which org and tenant they serve is core's business. */
export type RecordId = { readonly type: string; readonly id: string };

/** A row in one of the app's configured CRM orgs. It names the connection, never the vendor: an app may have two orgs of one vendor. */
export type RecordRef = RecordId & { readonly connection: string };

/** One text for a record id, for sets and maps. Types never hold a slash. */
export const recordKey = (record: RecordId): string => `${record.type}/${record.id}`;

/** Whether two ids name the same row of the same org. */
export const sameRecord = (a: RecordId, b: RecordId): boolean => a.type === b.type && a.id === b.id;
