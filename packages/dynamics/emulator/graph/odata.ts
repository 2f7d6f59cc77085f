import { problem, Refusal } from "../problem.ts";

const bad = (message: string, code = "BadRequest"): Refusal =>
  new Refusal(problem(400, code, message));

/** Query options by name; throws for one that is not among `known`, or that stands there twice. */
export function readOptions(query: string, known: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const part of query.split("&").filter((text) => text !== "")) {
    const mark = part.indexOf("=");
    const [name, raw] = mark === -1 ? [part, ""] : [part.slice(0, mark), part.slice(mark + 1)];
    const key = decode(name);
    if (!known.includes(key)) throw bad(`The query parameter '${key}' is not supported.`);
    if (options.has(key)) throw bad(`Query parameter '${key}' is specified multiple times.`);
    options.set(key, decode(raw));
  }
  return options;
}

/** A part of an address. A plus sign stands for a space in a query, as the service reads it [?]. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw bad("The address is not encoded as it must be.");
  }
}

const quoted = "'((?:[^']|'')*)'";
const unquoted = (text: string): string => text.replaceAll("''", "'");

/** One comparison of a users filter. */
export type UserClause = {
  readonly property: "id" | "mail" | "userPrincipalName" | "proxyAddresses";
  readonly value: string;
};

const clause = new RegExp(
  `^(?:(id|mail|userPrincipalName) eq ${quoted}|proxyAddresses/any\\(([a-z]+):\\3 eq ${quoted}\\))`,
);

/** Most comparisons in one filter [known issues: 15 expressions], and most characters of one value [120]. */
const [mostClauses, mostValue] = [15, 120];

const propertyNamed = (name: string | undefined): UserClause["property"] =>
  name === "id" || name === "mail" || name === "userPrincipalName" ? name : "proxyAddresses";

/** Reads `a eq 'x' or b eq 'y' …`, which is all that is offered here; throws for anything else. */
export function readUsersFilter(filter: string): readonly UserClause[] {
  const clauses: UserClause[] = [];
  let rest = filter;
  for (;;) {
    const found = clause.exec(rest);
    if (found === null) throw bad("Invalid filter clause", "Request_UnsupportedQuery");
    const value = unquoted(found[2] ?? found[4] ?? "");
    if (value.length > mostValue)
      throw bad("Invalid filter clause: the value is too long", "Request_UnsupportedQuery");
    clauses.push({ property: propertyNamed(found[1]), value });
    rest = rest.slice(found[0].length);
    if (rest === "") break;
    if (!rest.startsWith(" or ")) throw bad("Invalid filter clause", "Request_UnsupportedQuery");
    rest = rest.slice(4);
  }
  if (clauses.length > mostClauses)
    throw bad(
      `Too many child clauses specified in search filter expression containing 'OR' operators: ${clauses.length}. Max allowed: ${mostClauses}.`,
      "Request_UnsupportedQuery",
    );
  return clauses;
}

/** The documented way to find messages by an extended property [singlevaluelegacyextendedproperty-get]. */
const markFilter = new RegExp(
  `^singleValueExtendedProperties/Any\\(([a-z]+): \\1/id eq ${quoted} and \\1/value eq ${quoted}\\)$`,
  "i",
);

/** The property and the value that a messages filter asks for. */
export function readMarkFilter(filter: string): { readonly id: string; readonly value: string } {
  const found = markFilter.exec(filter);
  if (found === null) throw bad("The filter is not supported here.", "ErrorInvalidUrlQueryFilter");
  return { id: unquoted(found[2] ?? ""), value: unquoted(found[3] ?? "") };
}

const markExpand = new RegExp(
  `^singleValueExtendedProperties\\(\\$filter=id eq ${quoted}\\)$`,
  "i",
);

/** The id of the property that is to be shown with each message. */
export function readMarkExpand(expand: string): string {
  const found = markExpand.exec(expand);
  if (found === null) throw bad("The expansion is not supported here.");
  return unquoted(found[1] ?? "");
}

/** Names asked for, checked; `undefined` for all. */
export function readSelect(
  select: string | undefined,
  known: readonly string[],
  type: string,
): readonly string[] | undefined {
  if (select === undefined) return undefined;
  const names = select.split(",").map((name) => name.trim());
  for (const name of names)
    if (!known.includes(name))
      throw bad(
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`,
      );
  return names;
}

/** How many are wanted; `undefined` for the usual. */
export function readTop(top: string | undefined, most: number): number | undefined {
  if (top === undefined) return undefined;
  const number = Number(top);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw bad("Invalid page size specified.");
  return number;
}
