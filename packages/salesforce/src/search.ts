import type { Context, CrmRecord, SearchQuery } from "@wrapup/core";
import { CrmError, samePhone, WrapupError } from "@wrapup/core";
import type { VendorType } from "./describe.ts";
import type { VendorRow } from "./encode.ts";
import { phoneForms } from "./phone-forms.ts";
import { isApiName, mostOfEmail, rowsByValue, searchPhones, searchWords } from "./query.ts";
import { columnsOf, recordOf } from "./records.ts";
import type { Desk } from "./records.ts";
import { queryRows, searchRows } from "./rows.ts";

const describedTypes = async (
  desk: Desk,
  names: readonly string[],
  context: Context,
): Promise<readonly VendorType[]> => {
  if (!names.every(isApiName))
    throw new WrapupError("invalid_input", "A record type is no API name of Salesforce", {
      place: "search types",
      mend: 'Give API names such as "Contact" or "Invoice__c".',
    });
  const types = await Promise.all(
    [...new Set(names)].map((name) => desk.describes.of(name, context)),
  );
  return types.filter((type) => type !== undefined);
};

/** A converted lead lives on as its contact. */
const alive = (row: VendorRow): boolean => row["IsConverted"] !== true;

const typeIn = (row: VendorRow): unknown => {
  const attributes = row["attributes"];
  return typeof attributes === "object" && attributes !== null && "type" in attributes
    ? attributes.type
    : undefined;
};

/** One SOSL call over all types; then the first type that has a hit (R1). */
const bySosl = async (
  desk: Desk,
  types: readonly VendorType[],
  sosl: string | undefined,
  limit: number,
  fits: (type: VendorType, row: VendorRow) => boolean,
  context: Context,
): Promise<readonly CrmRecord[]> => {
  if (sosl === undefined) return [];
  const rows = await searchRows(desk.client, sosl, context);
  for (const type of types) {
    const hits = rows
      .filter((row) => typeIn(row) === type.name && alive(row) && fits(type, row))
      .flatMap((row) => recordOf(type, row, desk.urlOf) ?? []);
    if (hits.length > 0) return hits.slice(0, limit);
  }
  return [];
};

/** One SOQL query per type, until one has a hit (R1). */
const byValue = async (
  desk: Desk,
  types: readonly VendorType[],
  fieldsOf: (type: VendorType) => readonly string[],
  value: string,
  limit: number,
  context: Context,
): Promise<readonly CrmRecord[]> => {
  for (const type of types) {
    const among = fieldsOf(type);
    if (among.length === 0) continue;
    const rows = await queryRows(
      desk.client,
      rowsByValue(type.name, columnsOf(type, desk.settings), among, value, limit),
      context,
    );
    const hits = rows.filter(alive).flatMap((row) => recordOf(type, row, desk.urlOf) ?? []);
    if (hits.length > 0) return hits;
  }
  return [];
};

const fieldsOfKind = (type: VendorType, kind: string): readonly string[] =>
  type.fields.filter((field) => field.type === kind && field.filterable).map((field) => field.name);

const wanted = (desk: Desk, types: readonly VendorType[]) =>
  types.map((type) => ({ type: type.name, fields: columnsOf(type, desk.settings) }));

/** A search looks at this many more rows than asked, as some are dropped after the digits are compared. */
const spare = 20;

/** What a text field keeps, which is where customer numbers are. */
const mostOfText = 255;

/** Records of the first type that has any (R1). SOSL runs some seconds behind what was just created (facts §2.5). Throws `CrmError`. */
export const searchRecords = async (
  desk: Desk,
  query: SearchQuery,
  context: Context,
): Promise<readonly CrmRecord[]> => {
  const types = await describedTypes(desk, query.types, context);
  if ("phone" in query) {
    const phoned = types.filter((type) => fieldsOfKind(type, "phone").length > 0);
    const fits = (type: VendorType, row: VendorRow): boolean =>
      fieldsOfKind(type, "phone").some(
        (field) => typeof row[field] === "string" && samePhone(row[field], query.phone),
      );
    return bySosl(
      desk,
      phoned,
      searchPhones(phoneForms(query.phone), wanted(desk, phoned), query.limit + spare),
      query.limit,
      fits,
      context,
    );
  }
  if ("email" in query) {
    const email = query.email.trim();
    if (email === "" || email.length > mostOfEmail) return [];
    return byValue(desk, types, (type) => fieldsOfKind(type, "email"), email, query.limit, context);
  }
  if ("customerNumber" in query) {
    const having = types.filter((type) =>
      type.fields.some((field) => field.name === query.field && field.filterable),
    );
    if (having.length === 0)
      throw new CrmError(
        "schema",
        "no",
        `None of the searched types has a field ${query.field.replaceAll(/\W/g, "")} that can be searched`,
      );
    return query.customerNumber === "" || query.customerNumber.length > mostOfText
      ? []
      : byValue(desk, having, () => [query.field], query.customerNumber, query.limit, context);
  }
  const sosl =
    "name" in query
      ? searchWords(query.name, "NAME", wanted(desk, types), query.limit)
      : searchWords(query.text, "ALL", wanted(desk, types), query.limit);
  return bySosl(desk, types, sosl, query.limit, () => true, context);
};
