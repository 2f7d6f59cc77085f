import type { Problem } from "../problem.ts";
import { Refusal } from "../problem.ts";

/** One token of SOQL. Texts carry the value, and the pattern that LIKE makes of it. */
export type Token =
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  | { readonly kind: "sign"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly text: string; readonly at: number }
  | { readonly kind: "date" | "datetime"; readonly text: string; readonly at: number }
  | {
      readonly kind: "string";
      readonly text: string;
      readonly pattern: string;
      readonly at: number;
    }
  | { readonly kind: "end"; readonly text: ""; readonly at: number };

const space = /\s+/y;
const dateTime = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})/y;
const date = /\d{4}-\d{2}-\d{2}/y;
const number = /[+-]?\d+(?:\.\d+)?/y;
const word = /[A-Za-z][\w]*(?:\.[A-Za-z][\w]*)*/y;
const sign = /!=|<>|<=|>=|[(),=<>:]/y;

// The escapes of SOQL texts [D facts §2.5]; \% and \_ mean themselves in LIKE.
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  N: "\n",
  r: "\r",
  R: "\r",
  t: "\t",
  T: "\t",
  b: "\b",
  B: "\b",
  f: "\f",
  F: "\f",
  '"': '"',
  "'": "'",
  "\\": "\\",
  "%": "%",
  _: "_",
};

/** A query that Salesforce cannot read, with the place in its usual form. */
export function queryProblem(
  source: string,
  at: number,
  text: string,
  code = "MALFORMED_QUERY",
): Refusal {
  const before = source.slice(0, at);
  const row = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  const shown = source.slice(Math.max(0, at - 30), at + 30).replaceAll(/\s/g, " ");
  const mark = " ".repeat(Math.min(at, 30));
  const problem: Problem = {
    code,
    message: `\n${shown}\n${mark}^\nERROR at Row:${row}:Column:${column}\n${text}`,
  };
  return new Refusal(problem);
}

function quoteForPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, (letter) => `\\${letter}`);
}

function readText(source: string, start: number): { readonly token: Token; readonly end: number } {
  let text = "";
  let pattern = "";
  for (let at = start + 1; at < source.length; at += 1) {
    const letter = source.charAt(at);
    if (letter === "'") return { token: { kind: "string", text, pattern, at: start }, end: at + 1 };
    if (letter === "\\") {
      at += 1;
      const plain = escapes[source.charAt(at)];
      if (plain === undefined)
        throw queryProblem(source, at, `Illegal escape sequence in text: \\${source.charAt(at)}`);
      text += plain;
      pattern += quoteForPattern(plain);
    } else {
      text += letter;
      if (letter === "%") pattern += "[^]*";
      else pattern += letter === "_" ? "[^]" : quoteForPattern(letter);
    }
  }
  throw queryProblem(source, start, "line 1:1 mismatched character '<EOF>' expecting '''");
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

const plainTokens = [
  ["datetime", dateTime],
  ["date", date],
  ["number", number],
  ["word", word],
  ["sign", sign],
] as const;

function readPlain(source: string, at: number): Token {
  for (const [kind, pattern] of plainTokens) {
    const text = matchAt(pattern, source, at);
    if (text !== undefined) return { kind, text, at };
  }
  throw queryProblem(source, at, `unexpected token: '${source.charAt(at)}'`);
}

/** Cuts a SOQL statement, or the RETURNING part of a SOSL one, into tokens. */
export function lex(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const blank = matchAt(space, source, at);
    if (blank !== undefined) {
      at += blank.length;
    } else if (source.charAt(at) === "'") {
      const { token, end } = readText(source, at);
      tokens.push(token);
      at = end;
    } else {
      const token = readPlain(source, at);
      tokens.push(token);
      at += token.text.length;
    }
  }
  tokens.push({ kind: "end", text: "", at: source.length });
  return tokens;
}
