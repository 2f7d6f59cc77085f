import type { Token } from "./lex.ts";
import { lex, queryProblem } from "./lex.ts";

/** Walks over the tokens of a statement. */
export class Reader {
  readonly source: string;
  readonly #tokens: readonly Token[];
  #place = 0;

  constructor(source: string) {
    this.source = source;
    this.#tokens = lex(source);
  }

  /** The token ahead. */
  get ahead(): Token {
    return this.#tokens[this.#place] ?? { kind: "end", text: "", at: this.source.length };
  }

  /** Takes the token ahead. */
  take(): Token {
    const token = this.ahead;
    this.#place += 1;
    return token;
  }

  /** Takes the keyword if it is ahead, ignoring case. */
  takeWord(keyword: string): boolean {
    const found = this.ahead.kind === "word" && this.ahead.text.toUpperCase() === keyword;
    if (found) this.#place += 1;
    return found;
  }

  /** Takes the sign if it is ahead. */
  takeSign(sign: string): boolean {
    const found = this.ahead.kind === "sign" && this.ahead.text === sign;
    if (found) this.#place += 1;
    return found;
  }

  /** Takes a name. */
  name(): Token & { readonly kind: "word" } {
    const token = this.take();
    if (token.kind !== "word") throw this.unexpected(token);
    return token;
  }

  /** Takes a whole number. */
  wholeNumber(): number {
    const token = this.take();
    if (token.kind !== "number" || !/^\d+$/.test(token.text)) throw this.unexpected(token);
    return Number(token.text);
  }

  /** Takes a keyword that must be there. */
  needWord(keyword: string): void {
    if (!this.takeWord(keyword)) throw this.unexpected(this.ahead);
  }

  /** Takes a sign that must be there. */
  needSign(sign: string): void {
    if (!this.takeSign(sign)) throw this.unexpected(this.ahead);
  }

  /** The complaint about a token that does not fit. */
  unexpected(token: Token): Error {
    return queryProblem(
      this.source,
      token.at,
      token.kind === "end" ? "unexpected token: '<EOF>'" : `unexpected token: '${token.text}'`,
    );
  }

  /** The complaint about something that Salesforce has and the emulator does not. */
  notEmulated(token: Token, what: string): Error {
    return queryProblem(this.source, token.at, `emulator: ${what} is not emulated`);
  }
}
