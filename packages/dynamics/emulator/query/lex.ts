import { syntaxRefusal } from "../http/path.ts";

/** A piece of a filter. `word`: a name or operator; `quoted`: single quotes; `listed`: double quotes. */
export type Token = {
  readonly kind: "word" | "quoted" | "listed" | "number" | "guid" | "time" | "mark";
  readonly text: string;
  readonly at: number;
};

const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["guid", /[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![\w-])/y],
  [
    "time",
    /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?(?![\w-])/y,
  ],
  ["number", /-?\d+(?:\.\d+)?(?![\w.])/y],
  ["quoted", /'(?:[^']|'')*'/y],
  ["listed", /"(?:[^"\\]|\\.)*"/y],
  ["word", /[A-Za-z_@$][\w.]*/y],
  ["mark", /[()[\],=/:]/y],
];

/** What the service says about a filter that it cannot read: 400. */
export function syntaxError(source: string, at: number, why = "Syntax error"): Error {
  return syntaxRefusal(`${why} at position ${at} in '${source.slice(0, 80)}'.`);
}

function textOf(kind: Token["kind"], raw: string): string {
  if (kind === "quoted") return raw.slice(1, -1).replaceAll("''", "'");
  if (kind !== "listed") return raw;
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw.slice(1, -1);
  }
}

/** Cuts a filter into pieces. Throws Refusal at the first that is none. */
export function lex(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    if (source[at] === " ") {
      at += 1;
      continue;
    }
    let token: Token | undefined;
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(source);
      if (match === null) continue;
      token = { kind, text: textOf(kind, match[0]), at };
      at += match[0].length;
      break;
    }
    if (token === undefined) throw syntaxError(source, at);
    tokens.push(token);
  }
  return tokens;
}
