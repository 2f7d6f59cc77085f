import { Refusal } from "../problem.ts";
import { tokensOf } from "./tokens.ts";

/** Tests the token lists of a row's fields. */
export type TermTest = (fields: readonly (readonly string[])[]) => boolean;

const operatorLimit = 4000;
const emptyLimit = 10_000;

/** A search that Salesforce cannot read. [U] wording. */
export function searchProblem(message: string): Refusal {
  return new Refusal({ code: "MALFORMED_SEARCH", message });
}

type Piece =
  | { readonly kind: "open" | "close" }
  | { readonly kind: "operator"; readonly text: "AND" | "OR" | "NOT" }
  | { readonly kind: "term"; readonly pattern: readonly string[] };

// Must be escaped, inside quotes too, else an error occurs [D SOSL FIND]; * and ? are wildcards, ( ) and " have their own meaning.
const reserved = new Set("&|!{}[]^~:'+-");

type Letter = { readonly letter: string; readonly wild: boolean };

function termOf(letters: readonly Letter[]): Piece {
  // Wildcards travel through the tokeniser as two digits that nobody types.
  const text = letters
    .map(({ letter, wild }) => (wild ? (letter === "*" ? "\u{1D7CE}" : "\u{1D7CF}") : letter))
    .join("");
  const pattern = tokensOf(text);
  if (/^[\u{1D7CE}\u{1D7CF}]/u.test(pattern[0] ?? "")) {
    throw searchProblem("A search term cannot start with a wildcard.");
  }
  return { kind: "term", pattern };
}

const operators: Readonly<Record<string, "AND" | "OR" | "NOT">> = {
  AND: "AND",
  OR: "OR",
  NOT: "NOT",
};

/** Words in quotes are never operators. */
function pieceOf(letters: readonly Letter[], quoted: boolean): Piece | undefined {
  const operator = operators[letters.map(({ letter }) => letter.toUpperCase()).join("")];
  if (operator !== undefined && !quoted) return { kind: "operator", text: operator };
  return letters.length > 0 ? termOf(letters) : undefined;
}

function cut(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let letters: Letter[] = [];
  let quoted = false;
  const flush = (next?: Piece): void => {
    const piece = pieceOf(letters, quoted);
    letters = [];
    if (piece !== undefined) pieces.push(piece);
    if (next !== undefined) pieces.push(next);
  };
  for (let at = 0; at < source.length; at += 1) {
    const letter = source.charAt(at);
    const isParenthesis = letter === "(" || letter === ")";
    if (letter === "\\") {
      at += 1;
      letters.push({ letter: source.charAt(at), wild: false });
    } else if (letter === '"') {
      flush();
      quoted = !quoted;
    } else if (reserved.has(letter) || (quoted && isParenthesis)) {
      throw searchProblem(`the reserved character ${letter} must be escaped`);
    } else if (isParenthesis) {
      flush({ kind: letter === "(" ? "open" : "close" });
    } else if (!quoted && /\s/.test(letter)) {
      flush();
    } else {
      letters.push({ letter, wild: letter === "*" || letter === "?" });
    }
  }
  if (quoted) throw searchProblem("a quoted phrase is not closed");
  flush();
  return pieces;
}

function tokenTest(pattern: string): (token: string) => boolean {
  if (!/[\u{1D7CE}\u{1D7CF}]/u.test(pattern)) return (token) => token === pattern;
  const expression = new RegExp(
    `^${pattern.replaceAll("\u{1D7CE}", "[^]*").replaceAll("\u{1D7CF}", "[^]")}$`,
    "u",
  );
  return (token) => expression.test(token);
}

/** A phrase is found where its tokens follow each other in one field. */
function phraseTest(pattern: readonly string[]): TermTest {
  const tests = pattern.map(tokenTest);
  if (tests.length === 0) return () => false;
  return (fields) =>
    fields.some((tokens) => {
      for (let start = 0; start + tests.length <= tokens.length; start += 1) {
        if (tests.every((test, offset) => test(tokens[start + offset] ?? ""))) return true;
      }
      return false;
    });
}

class TermParser {
  readonly #pieces: readonly Piece[];
  #place = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  parse(): TermTest {
    const test = this.#or();
    if (this.#place < this.#pieces.length) throw searchProblem("unexpected parenthesis");
    return test;
  }

  #or(): TermTest {
    const parts = [this.#and()];
    while (this.#operator("OR")) parts.push(this.#and());
    return (fields) => parts.some((part) => part(fields));
  }

  #and(): TermTest {
    const parts = [this.#one()];
    for (;;) {
      const joined = this.#operator("AND");
      const ahead = this.#pieces[this.#place];
      if (
        !joined &&
        (ahead === undefined ||
          ahead.kind === "close" ||
          (ahead.kind === "operator" && ahead.text === "OR"))
      )
        break;
      if (this.#operator("NOT")) {
        const negated = this.#one();
        parts.push((fields) => !negated(fields));
      } else parts.push(this.#one());
    }
    return (fields) => parts.every((part) => part(fields));
  }

  #one(): TermTest {
    const piece = this.#pieces[this.#place];
    this.#place += 1;
    if (piece?.kind === "term") return phraseTest(piece.pattern);
    if (piece?.kind !== "open") throw searchProblem("a search term is missing");
    const inner = this.#or();
    if (this.#pieces[this.#place]?.kind !== "close")
      throw searchProblem("a parenthesis is not closed");
    this.#place += 1;
    return inner;
  }

  #operator(text: "AND" | "OR" | "NOT"): boolean {
    const piece = this.#pieces[this.#place];
    const found = piece?.kind === "operator" && piece.text === text;
    if (found) this.#place += 1;
    return found;
  }
}

function wordsTest(source: string): TermTest {
  const parts = (source.match(/"[^"]*"|\S+/g) ?? [])
    .map((word) => tokensOf(word))
    .filter((pattern) => pattern.length > 0)
    .map(phraseTest);
  return (fields) => parts.length > 0 && parts.every((part) => part(fields));
}

/** The test of a SOSL search term. More than 4,000 characters lose their operators, more than 10,000 find nothing [D facts §2.5]. */
export function compileSosl(source: string): TermTest {
  if (source.trim().length < 2)
    throw searchProblem("No search term found. The search term must be longer than one character.");
  if (source.length > emptyLimit) return () => false;
  return source.length > operatorLimit ? wordsTest(source) : new TermParser(cut(source)).parse();
}

/** The test of parameterizedSearch's q: plain text without escapes or operators; all words must be there [D facts §2.5]. */
export function compilePlain(source: string): TermTest {
  if (source.trim().length < 2)
    throw searchProblem("No search term found. The search term must be longer than one character.");
  return source.length > emptyLimit ? () => false : wordsTest(source);
}
