import { Refusal } from "../problem.ts";
import { Reader } from "../query/reader.ts";
import { readTail } from "../query/parse-tail.ts";
import type { NameToken, Tail } from "../query/syntax.ts";
import { searchProblem } from "./terms.ts";
import type { Scope } from "./tokens.ts";

/** One object of a RETURNING clause. `source` is the text that its tokens belong to. */
export type Returning = {
  readonly sobject: string;
  readonly fields: readonly NameToken[];
  readonly tail: Tail;
  readonly source: string;
};

/** A parsed SOSL statement. */
export type Sosl = {
  readonly term: string;
  readonly scope: Scope;
  readonly returning: readonly Returning[] | undefined;
  readonly limit: number;
};

/** At most 2,000 rows come back [D facts §2.5]. */
export const searchLimit = 2000;

/** Nothing filtered, nothing sorted. */
export const emptyTail: Tail = { where: undefined, orderBy: [], limit: undefined, offset: 0 };

const scopes: Readonly<Record<string, Scope>> = {
  ALL: "ALL",
  NAME: "NAME",
  EMAIL: "EMAIL",
  PHONE: "PHONE",
  SIDEBAR: "SIDEBAR",
};

/** Reads a scope word; undefined when Salesforce has no such scope. */
export function scopeOf(word: string): Scope | undefined {
  return scopes[word.toUpperCase()];
}

function splitFind(source: string): { readonly term: string; readonly rest: string } {
  const start = /^\s*FIND\s*\{/i.exec(source)?.[0];
  if (start === undefined) throw searchProblem("a search starts with FIND {term}");
  for (let at = start.length; at < source.length; at += 1) {
    if (source.charAt(at) === "\\") at += 1;
    else if (source.charAt(at) === "}")
      return { term: source.slice(start.length, at), rest: source.slice(at + 1) };
  }
  throw searchProblem("the search term is not closed");
}

function readScope(reader: Reader): Scope {
  if (!reader.takeWord("IN")) return "ALL";
  const scope = scopeOf(reader.name().text);
  if (scope === undefined) throw searchProblem("unknown search group");
  reader.needWord("FIELDS");
  return scope;
}

function readReturning(reader: Reader): Returning {
  const sobject = reader.name().text;
  const { source } = reader;
  if (!reader.takeSign("(")) return { sobject, fields: [], tail: emptyTail, source };
  const fields = [reader.name()];
  while (reader.takeSign(",")) fields.push(reader.name());
  const tail = readTail(reader);
  reader.needSign(")");
  return { sobject, fields, tail, source };
}

function readRest(rest: string): Omit<Sosl, "term"> {
  const reader = new Reader(rest);
  const scope = readScope(reader);
  let returning: Returning[] | undefined;
  if (reader.takeWord("RETURNING")) {
    returning = [readReturning(reader)];
    while (reader.takeSign(",")) returning.push(readReturning(reader));
  }
  const limit = reader.takeWord("LIMIT") ? reader.wholeNumber() : searchLimit;
  if (reader.ahead.kind !== "end") throw reader.unexpected(reader.ahead);
  return { scope, returning, limit: Math.min(limit, searchLimit) };
}

/** Parses a SOSL statement; whatever cannot be read is MALFORMED_SEARCH. */
export function parseSosl(source: string): Sosl {
  const { term, rest } = splitFind(source);
  try {
    return { term, ...readRest(rest) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw searchProblem(error.problems[0]?.message ?? "malformed search");
  }
}
