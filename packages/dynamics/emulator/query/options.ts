import { syntaxRefusal } from "../http/path.ts";
import { parseFilter } from "./parse.ts";
import type { Filter } from "./syntax.ts";

/** One column of `$orderby`. */
export type Order = { readonly name: string; readonly descending: boolean };

/** One `$expand`, with the options in its brackets. */
export type Expand = { readonly name: string; readonly options: QueryOptions };

/** The system query options of one request or of one expand. */
export type QueryOptions = {
  readonly select: readonly string[] | undefined;
  readonly filter: Filter | undefined;
  readonly orders: readonly Order[];
  readonly top: number | undefined;
  readonly count: boolean;
  readonly expands: readonly Expand[];
  readonly skip: number;
  /** `@p1` and so on, for functions. */
  readonly aliases: ReadonlyMap<string, string>;
};

function decoded(source: string): string {
  try {
    // A plus is a space in a query (facts §1.9: "Encode + as %2B").
    return decodeURIComponent(source.replaceAll("+", " "));
  } catch {
    throw syntaxRefusal("Bad Request - Error in query syntax.");
  }
}

/** Cuts at a letter that stands outside brackets and quotes. */
function cut(source: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < source.length; at += 1) {
    const letter = source[at];
    if (letter === "'") quoted = !quoted;
    else if (!quoted && letter === "(") depth += 1;
    else if (!quoted && letter === ")") depth -= 1;
    else if (!quoted && depth === 0 && letter === separator) {
      parts.push(source.slice(start, at));
      start = at + 1;
    }
  }
  if (quoted || depth !== 0) throw syntaxRefusal("Bad Request - Error in query syntax.");
  parts.push(source.slice(start));
  return parts;
}

function names(source: string): readonly string[] {
  return source.split(",").map((name) => {
    const trimmed = name.trim();
    if (!/^[\w./]+$/.test(trimmed))
      throw syntaxRefusal(`Syntax error in $select at '${trimmed.slice(0, 40)}'.`);
    return trimmed;
  });
}

function orders(source: string): readonly Order[] {
  return source.split(",").map((part) => {
    const [name = "", direction = "asc", ...rest] = part.trim().split(/ +/);
    if (rest.length > 0 || !["asc", "desc"].includes(direction) || name === "")
      throw syntaxRefusal(`Syntax error in $orderby at '${part.slice(0, 40)}'.`);
    return { name, descending: direction === "desc" };
  });
}

function expands(source: string): readonly Expand[] {
  return cut(source, ",").map((part) => {
    const match = /^\s*([\w.]+)\s*(?:\(([^]*)\))?\s*$/.exec(part);
    const [, name, inner] = match ?? [];
    if (name === undefined)
      throw syntaxRefusal(`Syntax error in $expand at '${part.slice(0, 40)}'.`);
    const pairs = inner === undefined ? [] : cut(inner, ";").map(pairOf);
    return { name, options: optionsOf(new Map(pairs), true) };
  });
}

function whole(name: string, source: string): number {
  if (!/^\d+$/.test(source))
    throw syntaxRefusal(`Invalid value '${source}' for ${name} query option found.`);
  return Number(source);
}

function pairOf(source: string): readonly [string, string] {
  const at = source.indexOf("=");
  if (at < 0) throw syntaxRefusal("Bad Request - Error in query syntax.");
  return [source.slice(0, at).trim(), source.slice(at + 1)];
}

const known: ReadonlySet<string> = new Set([
  "$select",
  "$filter",
  "$orderby",
  "$top",
  "$count",
  "$expand",
  "$skiptoken",
]);

function optionsOf(all: ReadonlyMap<string, string>, inner: boolean): QueryOptions {
  for (const name of all.keys()) {
    if (name === "$skip") throw syntaxRefusal("Skip Clause is not supported in CRM");
    if (name.startsWith("$") && !known.has(name))
      throw syntaxRefusal(`The query parameter ${name} is not supported`);
    if (inner && !name.startsWith("$"))
      throw syntaxRefusal(`Syntax error in $expand at '${name.slice(0, 40)}'.`);
  }
  const given = <T>(name: string, read: (source: string) => T): T | undefined => {
    const source = all.get(name);
    return source === undefined ? undefined : read(source);
  };
  const cookie = given(
    "$skiptoken",
    (source) => /^pagenumber=\d+&from=(\d+)$/.exec(source)?.[1] ?? "x",
  );
  return {
    select: given("$select", names),
    filter: given("$filter", parseFilter),
    orders: given("$orderby", orders) ?? [],
    top: given("$top", (source) => whole("$top", source)),
    count: given("$count", (source) => source === "true") ?? false,
    expands: given("$expand", expands) ?? [],
    skip: cookie === undefined ? 0 : whole("$skiptoken", cookie),
    aliases: new Map([...all].filter(([name]) => name.startsWith("@"))),
  };
}

/** Reads a query string, still percent-encoded. Throws Refusal (400) for what Dataverse does not know. */
export function parseQuery(query: string): QueryOptions {
  const all = new Map<string, string>();
  for (const part of query.split("&")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    const name = decoded(at < 0 ? part : part.slice(0, at));
    if (all.has(name)) throw syntaxRefusal(`Query option '${name}' was specified more than once.`);
    all.set(name, decoded(at < 0 ? "" : part.slice(at + 1)));
  }
  return optionsOf(all, false);
}
