import type { Token } from "./lex.ts";

/** A value in a condition. */
export type Literal =
  | {
      readonly kind: "string";
      readonly text: string;
      readonly pattern: string;
      readonly at: number;
    }
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: number }
  | { readonly kind: "null"; readonly at: number }
  | { readonly kind: "date" | "datetime"; readonly text: string; readonly at: number }
  | { readonly kind: "range"; readonly name: string; readonly days: number; readonly at: number };

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE" | "IN" | "NOT IN";

/** A WHERE condition. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly part: Condition }
  | {
      readonly kind: "compare";
      readonly path: NameToken;
      readonly operator: Operator;
      readonly values: readonly Literal[];
    };

export type NameToken = Token & { readonly kind: "word" };

export type SortKey = {
  readonly path: NameToken;
  readonly descending: boolean;
  readonly nullsLast: boolean;
};

/** WHERE, ORDER BY, LIMIT and OFFSET: the same in a query and in a RETURNING clause. */
export type Tail = {
  readonly where: Condition | undefined;
  readonly orderBy: readonly SortKey[];
  readonly limit: number | undefined;
  readonly offset: number;
};

/** What is selected: fields, a bare COUNT(), or COUNT(field). */
export type Selection =
  | { readonly kind: "fields"; readonly paths: readonly NameToken[] }
  | { readonly kind: "count" }
  | { readonly kind: "countField"; readonly path: NameToken; readonly alias: string };

/** A whole SOQL statement. */
export type Query = {
  readonly selection: Selection;
  readonly from: NameToken;
  readonly tail: Tail;
};
