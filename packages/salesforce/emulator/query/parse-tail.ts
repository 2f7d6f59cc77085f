import type { Token } from "./lex.ts";
import { queryProblem } from "./lex.ts";
import type { Reader } from "./reader.ts";
import type { Condition, Literal, NameToken, Operator, SortKey, Tail } from "./syntax.ts";

const longestText = 4000;
const ranges = new Set(["TODAY", "YESTERDAY", "TOMORROW", "LAST_N_DAYS", "NEXT_N_DAYS"]);
const signs: Readonly<Record<string, Operator>> = {
  "=": "=",
  "!=": "!=",
  "<>": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

function readRange(reader: Reader, token: NameToken): Literal {
  const name = token.text.toUpperCase();
  if (!ranges.has(name)) throw reader.unexpected(token);
  if (!name.endsWith("_N_DAYS")) return { kind: "range", name, days: 0, at: token.at };
  reader.needSign(":");
  return { kind: "range", name, days: reader.wholeNumber(), at: token.at };
}

function readLiteral(reader: Reader): Literal {
  const token = reader.take();
  if (token.kind === "string") {
    // A WHERE text is at most 4,000 characters long [D facts §2.5]; [U] the wording.
    if (token.text.length > longestText)
      throw queryProblem(reader.source, token.at, `text longer than ${longestText} characters`);
    return token;
  }
  if (token.kind === "number") return { kind: "number", value: Number(token.text), at: token.at };
  if (token.kind === "date" || token.kind === "datetime")
    return { kind: token.kind, text: token.text, at: token.at };
  if (token.kind !== "word") throw reader.unexpected(token);
  const upper = token.text.toUpperCase();
  if (upper === "TRUE" || upper === "FALSE")
    return { kind: "boolean", value: upper === "TRUE", at: token.at };
  return upper === "NULL" ? { kind: "null", at: token.at } : readRange(reader, token);
}

function readList(reader: Reader): readonly Literal[] {
  reader.needSign("(");
  if (reader.ahead.kind === "word" && reader.ahead.text.toUpperCase() === "SELECT") {
    throw reader.notEmulated(reader.ahead, "a semi-join");
  }
  const values = [readLiteral(reader)];
  while (reader.takeSign(",")) values.push(readLiteral(reader));
  reader.needSign(")");
  return values;
}

function readComparison(reader: Reader): Condition {
  const path = reader.name();
  if (reader.takeWord("LIKE"))
    return { kind: "compare", path, operator: "LIKE", values: [readLiteral(reader)] };
  if (reader.takeWord("IN"))
    return { kind: "compare", path, operator: "IN", values: readList(reader) };
  if (reader.takeWord("NOT")) {
    reader.needWord("IN");
    return { kind: "compare", path, operator: "NOT IN", values: readList(reader) };
  }
  const token: Token = reader.take();
  const operator = token.kind === "sign" ? signs[token.text] : undefined;
  if (operator === undefined) throw reader.unexpected(token);
  return { kind: "compare", path, operator, values: [readLiteral(reader)] };
}

function readOne(reader: Reader): Condition {
  if (reader.takeWord("NOT")) return { kind: "not", part: readOne(reader) };
  if (!reader.takeSign("(")) return readComparison(reader);
  const inner = readCondition(reader);
  reader.needSign(")");
  return inner;
}

/** SOQL refuses AND and OR side by side without parentheses [U wording]. */
function readCondition(reader: Reader): Condition {
  const parts = [readOne(reader)];
  const kind =
    reader.ahead.kind === "word" && reader.ahead.text.toUpperCase() === "OR" ? "or" : "and";
  while (reader.takeWord(kind.toUpperCase())) parts.push(readOne(reader));
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind, parts };
}

function readSortKey(reader: Reader): SortKey {
  const path = reader.name();
  const descending = !reader.takeWord("ASC") && reader.takeWord("DESC");
  let nullsLast = false;
  if (reader.takeWord("NULLS")) {
    nullsLast = reader.takeWord("LAST");
    if (!nullsLast) reader.needWord("FIRST");
  }
  return { path, descending, nullsLast };
}

function readOrder(reader: Reader): readonly SortKey[] {
  if (!reader.takeWord("ORDER")) return [];
  reader.needWord("BY");
  const keys = [readSortKey(reader)];
  while (reader.takeSign(",")) keys.push(readSortKey(reader));
  return keys;
}

/** Reads WHERE, ORDER BY, LIMIT and OFFSET, each if it is there. */
export function readTail(reader: Reader): Tail {
  const where = reader.takeWord("WHERE") ? readCondition(reader) : undefined;
  if (reader.ahead.kind === "word" && reader.ahead.text.toUpperCase() === "GROUP")
    throw reader.notEmulated(reader.ahead, "GROUP BY");
  const orderBy = readOrder(reader);
  const limit = reader.takeWord("LIMIT") ? reader.wholeNumber() : undefined;
  const offset = reader.takeWord("OFFSET") ? reader.wholeNumber() : 0;
  return { where, orderBy, limit, offset };
}
