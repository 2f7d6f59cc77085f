import type { Token } from "./lex.ts";
import { lex, syntaxError } from "./lex.ts";
import type { Comparison, Filter, Literal } from "./syntax.ts";

const comparisons: readonly Comparison[] = ["eq", "ne", "gt", "ge", "lt", "le"];
const textFunctions = ["contains", "startswith", "endswith"] as const;
const lists: ReadonlyMap<string, boolean> = new Map([
  ["Microsoft.Dynamics.CRM.In", false],
  ["Microsoft.Dynamics.CRM.NotIn", true],
]);
const deepest = 200;

class Reader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = lex(source);
  }

  whole(): Filter {
    const filter = this.#or();
    if (this.#peek() !== undefined) throw this.#error();
    return filter;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #error(why?: string): Error {
    return syntaxError(this.#source, this.#peek()?.at ?? this.#source.length, why);
  }

  #is(text: string, kind: Token["kind"] = "mark"): boolean {
    const token = this.#peek();
    return token?.kind === kind && token.text === text;
  }

  #take(text: string, kind: Token["kind"] = "mark"): boolean {
    if (!this.#is(text, kind)) return false;
    this.#next += 1;
    return true;
  }

  #expect(text: string, kind: Token["kind"] = "mark"): void {
    if (!this.#take(text, kind)) throw this.#error();
  }

  #token(kind: Token["kind"]): string {
    const token = this.#peek();
    if (token?.kind !== kind) throw this.#error();
    this.#next += 1;
    return token.text;
  }

  #or(): Filter {
    let left = this.#and();
    while (this.#take("or", "word")) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Filter {
    let left = this.#not();
    while (this.#take("and", "word")) left = { kind: "and", left, right: this.#not() };
    return left;
  }

  #not(): Filter {
    if (!this.#take("not", "word")) return this.#primary();
    return { kind: "not", inner: this.#not() };
  }

  #primary(): Filter {
    if (this.#take("(")) {
      this.#depth += 1;
      if (this.#depth > deepest) throw this.#error("The node count limit was exceeded");
      const inner = this.#or();
      this.#expect(")");
      this.#depth -= 1;
      return inner;
    }
    const name = this.#token("word");
    const call = textFunctions.find((one) => one === name);
    if (call !== undefined) return this.#text(call);
    const negated = lists.get(name);
    if (negated !== undefined) return this.#in(negated);
    const path = this.#path(name);
    if (path.at(-1) === "any") return this.#any(path.slice(0, -1));
    const word = this.#token("word");
    const operator = comparisons.find((one) => one === word);
    if (operator === undefined) throw this.#error();
    return { kind: "compare", path, operator, literal: this.#literal() };
  }

  #path(first: string): readonly string[] {
    const path = [first];
    while (this.#take("/")) path.push(this.#token("word"));
    return path;
  }

  #text(name: (typeof textFunctions)[number]): Filter {
    this.#expect("(");
    const path = this.#path(this.#token("word"));
    this.#expect(",");
    const value = this.#token("quoted");
    this.#expect(")");
    return { kind: "text", name, path, value };
  }

  #in(negated: boolean): Filter {
    this.#expect("(");
    this.#expect("PropertyName", "word");
    this.#expect("=");
    const property = this.#token("quoted");
    this.#expect(",");
    this.#expect("PropertyValues", "word");
    this.#expect("=");
    this.#expect("[");
    const values: string[] = [];
    if (!this.#is("]")) {
      // [D20 facts §1.9] values stand in double quotes.
      do values.push(this.#token("listed"));
      while (this.#take(","));
    }
    this.#expect("]");
    this.#expect(")");
    return { kind: "in", path: property.split("/"), values, negated };
  }

  #any(path: readonly string[]): Filter {
    this.#expect("(");
    const variable = this.#token("word");
    this.#expect(":");
    const inner = this.#or();
    this.#expect(")");
    return { kind: "any", path, variable, inner };
  }

  #literal(): Literal {
    const token = this.#peek();
    if (token === undefined) throw this.#error();
    this.#next += 1;
    if (token.kind === "quoted") return { kind: "string", value: token.text };
    if (token.kind === "number") return { kind: "number", value: Number(token.text) };
    if (token.kind === "guid") return { kind: "guid", value: token.text.toLowerCase() };
    if (token.kind === "time") return { kind: "time", value: token.text };
    if (token.kind !== "word") throw this.#error();
    if (token.text === "null") return { kind: "null" };
    if (token.text === "true" || token.text === "false")
      return { kind: "boolean", value: token.text === "true" };
    if (this.#peek()?.kind === "quoted") return { kind: "enum", value: this.#token("quoted") };
    throw this.#error();
  }
}

/** Reads a `$filter`. Throws Refusal (400) for one that is not well formed. */
export function parseFilter(source: string): Filter {
  return new Reader(source).whole();
}
