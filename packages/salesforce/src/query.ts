/**
 * Every SOQL and SOSL text is made here and nowhere else, so that no customer text can change a query (O5):
 * names are checked, values are escaped, and SOSL words are letters and digits only.
 */

/** Whether it can be the name of a type or field. */
export const isApiName = (name: string): boolean => /^[A-Za-z]\w{0,79}$/.test(name);

/** An API name of a type or field. Throws `RangeError` for anything else: a broken caller, never customer text. */
export const apiName = (name: string): string => {
  if (!isApiName(name)) throw new RangeError("Not an API name of Salesforce");
  return name;
};

const checkLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/** The last three characters of an 18-character id: each says which of five before it are upper case (facts §2.4). */
const checkOf = (id: string): string =>
  [0, 5, 10]
    .map((at) => {
      const bits = [0, 1, 2, 3, 4].map((bit) => (/[A-Z]/.test(id.charAt(at + bit)) ? 2 ** bit : 0));
      return checkLetters.charAt(bits.reduce((sum, bit) => sum + bit, 0));
    })
    .join("");

/** Whether it is a record's id: 15 characters, or 18 with the right check. One that is not makes Salesforce refuse a whole query. */
export const isRecordId = (id: string): boolean =>
  /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id) &&
  (id.length === 15 || id.slice(15).toUpperCase() === checkOf(id));

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

/** Characters that SOQL has no escape for and no field keeps; half of a surrogate pair cannot be sent at all. */
const unspeakable = /[\p{Cc}\u2028\u2029]/gu;

/** A SOQL string (facts §2.5). */
export const soqlText = (value: string): string =>
  `'${value
    .toWellFormed()
    .replaceAll(/[\\'"\n\r\t\b\f]/g, (one) => escapes[one] ?? one)
    .replaceAll(unspeakable, " ")}'`;

/** No email that can be delivered is longer (RFC 5321), and no field keeps more. A longer one finds nobody, and would not fit an address. */
export const mostOfEmail = 254;

const inList = (field: string, values: readonly string[]): string =>
  `${apiName(field)} IN (${values.map(soqlText).join(", ")})`;

const select = (fields: readonly string[], type: string): string =>
  `SELECT ${[...new Set(fields)].map(apiName).join(", ")} FROM ${apiName(type)}`;

/** Addresses beyond about 16 kB are refused (facts §2.5); some room is left for the rest. */
const addressBudget = 12_000;

/** Values in groups whose list still fits an address. `times`: how often a query repeats the list. */
export const fitting = (values: readonly string[], times = 1): readonly (readonly string[])[] => {
  const groups: string[][] = [];
  let room = 0;
  for (const value of values) {
    const cost = (encodeURIComponent(soqlText(value)).length + 6) * times;
    if (groups.length === 0 || room < cost) {
      groups.push([]);
      room = addressBudget;
    }
    groups.at(-1)?.push(value);
    room -= cost;
  }
  return groups;
};

/** Which rows hold one of these keys, oldest first, in any of the fields that may keep it (W2: "both ways"). */
export const rowsByKey = (
  type: string,
  keyFields: readonly string[],
  keys: readonly string[],
  fields: readonly string[] = [],
): string =>
  `${select(["Id", ...keyFields, ...fields], type)} WHERE ${keyFields.map((field) => inList(field, keys)).join(" OR ")} ORDER BY CreatedDate, Id`;

/** Rows by id. */
export const rowsById = (type: string, fields: readonly string[], ids: readonly string[]): string =>
  `${select(["Id", ...fields], type)} WHERE ${inList("Id", ids)}`;

/** Rows whose any given field equals the value; newest first. */
export const rowsByValue = (
  type: string,
  fields: readonly string[],
  among: readonly string[],
  value: string,
  limit: number,
): string =>
  `${select(["Id", ...fields], type)} WHERE ${among.map((field) => `${apiName(field)} = ${soqlText(value)}`).join(" OR ")} ORDER BY LastModifiedDate DESC LIMIT ${whole(limit)}`;

/** Rows that agree with every given field; what a lost create may have made. */
export const rowsLike = (
  type: string,
  fields: readonly string[],
  like: Readonly<Record<string, string | number | boolean>>,
  limit: number,
): string => {
  const conditions = Object.entries(like).map(
    ([field, value]) =>
      `${apiName(field)} = ${typeof value === "string" ? soqlText(value) : String(value)}`,
  );
  return `${select(["Id", ...fields], type)} WHERE ${conditions.join(" AND ")} ORDER BY CreatedDate DESC LIMIT ${whole(limit)}`;
};

/** Active users by email or id. */
export const activeUsers = (by: "Email" | "Id", values: readonly string[]): string =>
  `${select(["Id", "Email"], "User")} WHERE IsActive = true AND ${inList(by, values)}`;

const whole = (limit: number): number => Math.max(1, Math.min(2000, Math.trunc(limit)));

/** One type that a search may answer. */
export type Wanted = { readonly type: string; readonly fields: readonly string[] };

const returning = (wanted: readonly Wanted[], limit: number): string =>
  wanted
    .map(
      ({ type, fields }) =>
        `${apiName(type)}(${[...new Set(["Id", ...fields])].map(apiName).join(", ")} LIMIT ${whole(limit)})`,
    )
    .join(", ");

/** Each begins with a letter or digit: accents without one are no word. Cut between characters, never through one. */
const words = (text: string): readonly string[] =>
  text
    .normalize("NFC")
    .match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu)
    ?.slice(0, 12)
    .map((word) => Array.from(word).slice(0, 80).join("")) ?? [];

/**
 * A SOSL search for words. The index splits text at everything else than letters and digits (facts §2.5), so nothing is lost by
 * leaving it out, and nothing is left that could end the braces. `undefined` when there is too little to look for.
 */
export const searchWords = (
  text: string,
  scope: "NAME" | "ALL",
  wanted: readonly Wanted[],
  limit: number,
): string | undefined => {
  const found = words(text);
  if (wanted.length === 0 || Array.from(found.join("")).length < 2) return undefined;
  const terms = found.map((word, at) =>
    /^(and|or|not)$/i.test(word)
      ? `"${word}"`
      : `${word}${at === found.length - 1 && word.length > 2 ? "*" : ""}`,
  );
  return `FIND {${terms.join(" AND ")}} IN ${scope} FIELDS RETURNING ${returning(wanted, limit)}`;
};

/** No phone field keeps more than 40 characters. */
const mostOfPhone = 40;

/** One SOSL search for a phone number in the forms in which people store it. */
export const searchPhones = (
  forms: readonly string[],
  wanted: readonly Wanted[],
  limit: number,
): string | undefined => {
  const safe = [...new Set(forms.map((form) => form.replaceAll(/[^\d+() .-]/g, "").trim()))].filter(
    (form) => /\d{2}/.test(form) && form.length <= mostOfPhone,
  );
  if (safe.length === 0 || wanted.length === 0) return undefined;
  const quoted = safe.map((form) => `"${form.replaceAll(/[+()-]/g, (one) => `\\${one}`)}"`);
  return `FIND {${quoted.join(" OR ")}} IN PHONE FIELDS RETURNING ${returning(wanted, limit)}`;
};
