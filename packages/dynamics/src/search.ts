import type { Context, CrmRecord, SearchQuery } from "@wrapup/core";
import { CrmError, samePhone, WrapupError } from "@wrapup/core";
import type { VendorType } from "./odata/table.ts";
import { phoneForms } from "./phone-forms.ts";
import type { Phone } from "./phone-forms.ts";
import {
  allOf,
  anyOf,
  byValue,
  byWords,
  equals,
  isName,
  oneOf,
  rowsWhere,
  spellings,
} from "./query.ts";
import type { Condition } from "./query.ts";
import { columnsOf, emailColumns, inUse, phoneColumns, recordOf, staysClosed } from "./records.ts";
import type { Desk } from "./records.ts";
import { queryRows, textAt } from "./rows.ts";
import type { VendorRow } from "./rows.ts";

const describedTypes = async (
  desk: Desk,
  names: readonly string[],
  context: Context,
): Promise<readonly VendorType[]> => {
  if (!names.every(isTable))
    throw new WrapupError("invalid_input", "A record type is no table name of Dataverse", {
      place: "search types",
      mend: 'Give logical names such as "contact" or "new_invoice".',
    });
  const types = await Promise.all(
    [...new Set(names)].map((name) => desk.describes.of(name, context)),
  );
  return types.filter((type) => type !== undefined);
};

/** `__proto__` and its like could be names, and are none. */
const isTable = (name: string): boolean => isName(name) && !name.startsWith("_");

/** How to look among one type's rows: the address, and which of the rows that come back are hits. */
type Look = {
  readonly path: string | undefined;
  readonly fits: (row: VendorRow) => boolean;
};

/**
 * One request for each type, until one has a hit (R1). A type that the application user may not read is passed over, as one that is
 * not there would be; where that is every type, it is said.
 */
const firstHit = async (
  desk: Desk,
  types: readonly VendorType[],
  limit: number,
  lookOf: (type: VendorType, active: readonly Condition[]) => Look,
  context: Context,
): Promise<readonly CrmRecord[]> => {
  const refusals: unknown[] = [];
  for (const type of types) {
    const { path, fits } = lookOf(type, activeOnly(type));
    if (path === undefined) continue;
    const rows = await queryRows(desk.client, path, context).catch((error: unknown) => {
      if (!(error instanceof CrmError) || error.why !== "refused") throw error;
      refusals.push(error);
      return [];
    });
    const hits = rows
      .filter((row) => inUse(type, row) && fits(row))
      .flatMap((row) => recordOf(type, row, desk.urlOf) ?? []);
    if (hits.length > 0) return hits.slice(0, limit);
  }
  if (refusals.length > 0 && refusals.length === types.length) throw refusals[0];
  return [];
};

/** Who is no longer in use does not take the place of who is. */
const activeOnly = (type: VendorType): readonly Condition[] =>
  staysClosed(type) || !type.columns.some(({ name }) => name === "statecode")
    ? []
    : [equals("statecode", 0)];

const same = (row: VendorRow, columns: readonly string[], value: string): boolean =>
  columns.some((column) => textAt(row, column)?.trim().toLowerCase() === value.toLowerCase());

const newestFirst = "modifiedon";

/** A search looks at this many more rows than asked, as some are dropped when they are compared on our side. */
const spare = 20;

/** No email that can be delivered is longer (RFC 5321), and no column keeps more. */
const mostOfEmail = 254;
/** What a column keeps that is searched for a number or a name. */
const mostOfText = 255;
const mostOfWords = 1000;

const byPhone = (desk: Desk, phone: Phone, limit: number) => {
  const forms = phoneForms(phone);
  return (type: VendorType, active: readonly Condition[]): Look => {
    const columns = phoneColumns(type);
    const path =
      forms.length === 0 || columns.length === 0
        ? undefined
        : rowsWhere(type, columnsOf(type, desk.settings), {
            where: allOf([anyOf(columns.map((column) => oneOf(column, forms))), ...active]),
            newest: newestFirst,
            top: limit + spare,
          });
    return {
      path,
      fits: (row) => columns.some((column) => samePhone(textAt(row, column) ?? "", phone)),
    };
  };
};

const byExact =
  (
    desk: Desk,
    value: string,
    most: number,
    columnsIn: (type: VendorType) => readonly string[],
    limit: number,
  ) =>
  (type: VendorType, active: readonly Condition[]): Look => {
    const among = columnsIn(type);
    const asked = value !== "" && value.length <= most && among.length > 0;
    const columns = [...columnsOf(type, desk.settings), ...among];
    return {
      path: asked
        ? byValue(type, columns, among, spellings(value), limit + spare, active)
        : undefined,
      // Whether `%` and `_` stand for others in an equality is not documented (facts §1.9): here they do not.
      fits: (row) => same(row, among, value),
    };
  };

const byText =
  (desk: Desk, text: string, columnsIn: (type: VendorType) => readonly string[], limit: number) =>
  (type: VendorType, active: readonly Condition[]): Look => ({
    path:
      text.length > mostOfWords
        ? undefined
        : byWords(type, columnsOf(type, desk.settings), columnsIn(type), text, limit, active),
    fits: () => true,
  });

const textColumns = (type: VendorType, names: readonly string[]): readonly string[] =>
  type.columns
    .filter(({ name, kind }) => kind === "String" && names.includes(name))
    .map(({ name }) => name);

const nameColumns = (type: VendorType): readonly string[] =>
  type.primaryName === undefined ? [] : textColumns(type, [type.primaryName]);

const wordColumns = (type: VendorType): readonly string[] => [
  ...new Set([
    ...nameColumns(type),
    ...textColumns(type, ["subject", "companyname", "accountnumber", "ticketnumber"]),
    ...emailColumns(type).slice(0, 1),
  ]),
];

/** A column that no table has cannot be searched: the setting names a wrong one. */
const having = (types: readonly VendorType[], column: string): readonly VendorType[] => {
  const found = types.filter((type) => textColumns(type, [column]).length > 0);
  if (found.length === 0)
    throw new CrmError(
      "schema",
      "no",
      `None of the searched types has a text column ${column.replaceAll(/\W/g, "").slice(0, 100)}`,
    );
  return found;
};

/** Records of the first type that has any (R1). Throws `CrmError`. */
export const searchRecords = async (
  desk: Desk,
  query: SearchQuery,
  context: Context,
): Promise<readonly CrmRecord[]> => {
  const types = await describedTypes(desk, query.types, context);
  const { limit } = query;
  if ("phone" in query)
    return firstHit(desk, types, limit, byPhone(desk, query.phone, limit), context);
  if ("email" in query) {
    const look = byExact(desk, query.email.trim(), mostOfEmail, emailColumns, limit);
    return firstHit(desk, types, limit, look, context);
  }
  if ("customerNumber" in query) {
    const { customerNumber, field } = query;
    const look = byExact(desk, customerNumber.trim(), mostOfText, () => [field], limit);
    return firstHit(desk, having(types, field), limit, look, context);
  }
  const look =
    "name" in query
      ? byText(desk, query.name, nameColumns, limit)
      : byText(desk, query.text, wordColumns, limit);
  return firstHit(desk, types, limit, look, context);
};
