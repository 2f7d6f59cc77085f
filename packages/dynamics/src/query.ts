import type { Fields } from "@wrapup/core";

/**
 * Every OData text is made here and nowhere else, so that no customer text can change a query (O5): names are checked, values are
 * quoted, and the whole is percent-encoded.
 */

/** Below it is the Web API. v9.2 is the current version; newer abilities do not come to older ones (facts §1.1). */
export const apiPath = "/api/data/v9.2/";

/** Whether it can be the name of a table, column or relationship. */
export const isName = (name: string): boolean => /^[A-Za-z_]\w{0,99}$/.test(name);

/** Such a name. Throws `RangeError` for anything else: a broken caller, never customer text. */
export const nameOf = (name: string): string => {
  if (!isName(name)) throw new RangeError("Not a name of Dataverse");
  return name;
};

/** Whether it is a row's id. */
export const isGuid = (id: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(id);

const guidOf = (id: string): string => {
  if (!isGuid(id)) throw new RangeError("Not an id of Dataverse");
  return id.toLowerCase();
};

/** Characters that no column keeps; half of a surrogate pair cannot be sent at all. */
const unspeakable = /[\p{Cc}\u2028\u2029]/gu;

/**
 * An OData string that stands for exactly this text: for `eq`, and for keys. Not yet percent-encoded. Whether `eq` knows wildcards is
 * not documented: escaping them could miss `a_b@c`, so they stay, and callers look whether what came back holds the value (`holdsOneOf`).
 */
export const odataText = (value: string): string =>
  `'${value.toWellFormed().replaceAll(unspeakable, " ").replaceAll("'", "''")}'`;

const asPattern = (value: string): string => value.replaceAll(/[[%_]/g, (one) => `[${one}]`);

/** The same for `contains`, where `%`, `_` and `[` would be wildcards (facts §1.9). */
export const odataPattern = (value: string): string => odataText(asPattern(value));

/**
 * What to compare a column with so that a text is found whether or not an equality knows wildcards too, which is not documented
 * (facts §1.9). Whatever else is found by it must be dropped.
 */
export const spellings = (value: string): readonly string[] =>
  value.includes("[") ? [value, asPattern(value)] : [value];

/** A condition; only the functions below make one. Not yet percent-encoded. */
export type Condition = { readonly odata: string };

type Value = string | number | boolean | null;

const literal = (value: Value): string =>
  typeof value === "string" ? odataText(value) : String(value);

/** The column holds this value. */
export const equals = (column: string, value: Value): Condition => ({
  odata: `${nameOf(column)} eq ${literal(value)}`,
});

/** The column, a primary key or `_x_value`, holds this id. Throws `RangeError` for what is no id. */
export const equalsId = (column: string, id: string): Condition => ({
  odata: `${nameOf(column)} eq ${guidOf(id)}`,
});

/** The column holds this text somewhere; case is ignored. */
const holds = (column: string, text: string): Condition => ({
  odata: `contains(${nameOf(column)},${odataPattern(text)})`,
});

/** No quote or bracket: how a list of values treats them is not documented (facts §1.9). */
const listable = /^[\w+() ./-]*$/;

/** The column holds one of these: ids, numbers, phones. Throws `RangeError` for text that a list cannot hold. */
export const oneOf = (column: string, values: readonly string[]): Condition => {
  if (!values.every((value) => listable.test(value))) throw new RangeError("Not for a list");
  const list = values.map((value) => `"${value}"`).join(",");
  return {
    odata: `Microsoft.Dynamics.CRM.In(PropertyName='${nameOf(column)}',PropertyValues=[${list}])`,
  };
};

const joined = (conditions: readonly Condition[], by: "and" | "or"): Condition => {
  if (conditions.length === 0) throw new RangeError("No conditions");
  return { odata: `(${conditions.map(({ odata }) => odata).join(` ${by} `)})` };
};

/** At least one holds. Throws `RangeError` for none. */
export const anyOf = (conditions: readonly Condition[]): Condition => joined(conditions, "or");

/** All hold. Throws `RangeError` for none. */
export const allOf = (conditions: readonly Condition[]): Condition => joined(conditions, "and");

/** What names the rows of a table. */
export type Table = { readonly entitySet: string; readonly primaryId: string };

/** A collection that is read along with each row. */
export type Expand = { readonly name: string; readonly select: readonly string[] };

const whole = (limit: number): number => Math.max(1, Math.min(5000, Math.trunc(limit)));

const selected = (columns: readonly string[]): string =>
  [...new Set(columns)].map(nameOf).join(",");

const option = (name: string, value: string): string => `${name}=${encodeURIComponent(value)}`;

/** The address of a query. Lookups are selected as `_x_value`. */
export const rowsWhere = (
  table: Table,
  columns: readonly string[],
  asked: {
    readonly where?: Condition;
    readonly newest?: string;
    readonly top?: number;
    readonly expand?: readonly Expand[];
  },
): string => {
  const { where, newest, top, expand = [] } = asked;
  const options = [
    option("$select", selected([table.primaryId, ...columns])),
    ...(where === undefined ? [] : [option("$filter", where.odata)]),
    ...(newest === undefined ? [] : [option("$orderby", `${nameOf(newest)} desc`)]),
    ...(top === undefined ? [] : [option("$top", String(whole(top)))]),
    ...(expand.length === 0
      ? []
      : [
          option(
            "$expand",
            expand.map((one) => `${nameOf(one.name)}($select=${selected(one.select)})`).join(","),
          ),
        ]),
  ];
  return `${nameOf(table.entitySet)}?${options.join("&")}`;
};

/** Which columns a write or a read of one row answers. */
export const selecting = (table: Table, columns: readonly string[]): string =>
  option("$select", selected([table.primaryId, ...columns]));

/**
 * The address of the function that finds what rules hold for duplicates of a row that is not there yet (Microsoft's
 * RetrieveDuplicates; its parameters are JSON).
 */
export const duplicatesOf = (type: string, columns: Fields, among: string): string =>
  [
    "RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)?",
    option("@p1", JSON.stringify({ "@odata.type": `Microsoft.Dynamics.CRM.${type}`, ...columns })),
    `&${option("@p2", odataText(among))}`,
    `&${option("@p3", JSON.stringify({ PageNumber: 1, Count: 50 }))}`,
  ].join("");

/** The address of one user by the id that Entra has for it: a built-in alternate key (facts §1.2). Throws `RangeError` for what is no id. */
export const userByEntraId = (id: string): string =>
  `systemusers(azureactivedirectoryobjectid=${guidOf(id)})?${option("$select", "systemuserid,isdisabled")}`;

/** The address of one row. */
export const rowAt = (entitySet: string, id: string): string =>
  `${nameOf(entitySet)}(${guidOf(id)})`;

/** What a bind names: the same with a leading slash (facts §1.3). */
export const bindTo = (entitySet: string, id: string): string => `/${rowAt(entitySet, id)}`;

/** Rows by id, in groups of `fittingIds`. */
export const byIds = (
  table: Table,
  columns: readonly string[],
  ids: readonly string[],
  expand: readonly Expand[] = [],
): string =>
  rowsWhere(table, columns, {
    where: anyOf(ids.map((id) => equalsId(table.primaryId, id))),
    expand,
  });

/** Rows whose any given column equals any of the values, and for which `also` holds; newest first. */
export const byValue = (
  table: Table,
  columns: readonly string[],
  among: readonly string[],
  values: readonly string[],
  limit: number,
  also: readonly Condition[] = [],
): string =>
  rowsWhere(table, columns, {
    where: allOf([
      anyOf(among.flatMap((column) => values.map((value) => equals(column, value)))),
      ...also,
    ]),
    newest: "modifiedon",
    top: limit,
  });

/** The words of a search. Cut between characters, never through one. */
export const words = (text: string): readonly string[] =>
  text
    .normalize("NFC")
    .match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’.&-]*/gu)
    ?.slice(0, 8)
    .map((word) => Array.from(word).slice(0, 80).join("")) ?? [];

/**
 * Rows in which every word of a text stands somewhere in one of the columns, and for which `also` holds; newest first. `undefined`
 * when there is too little to look for.
 */
export const byWords = (
  table: Table,
  columns: readonly string[],
  among: readonly string[],
  text: string,
  limit: number,
  also: readonly Condition[] = [],
): string | undefined => {
  const found = words(text);
  if (among.length === 0 || Array.from(found.join("")).length < 2) return undefined;
  return rowsWhere(table, columns, {
    where: allOf([
      ...found.map((word) => anyOf(among.map((column) => holds(column, word)))),
      ...also,
    ]),
    newest: "modifiedon",
    top: limit,
  });
};

/** Addresses beyond 32,768 characters are refused (facts §1.1); some room is left for the rest. */
const addressBudget = 24_000;

/** Values in groups whose conditions still fit an address. `times`: how often a query repeats each; `column`: the longest column's name. */
export const fitting = (
  values: readonly string[],
  times = 1,
  column = 40,
): readonly (readonly string[])[] => {
  const groups: string[][] = [];
  let room = 0;
  for (const value of values) {
    const cost = (encodeURIComponent(odataText(value)).length + column + 16) * times;
    if (groups.length === 0 || room < cost) {
      groups.push([]);
      room = addressBudget;
    }
    groups.at(-1)?.push(value);
    room -= cost;
  }
  return groups;
};
