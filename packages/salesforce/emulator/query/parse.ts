import { queryProblem } from "./lex.ts";
import { readTail } from "./parse-tail.ts";
import { Reader } from "./reader.ts";
import type { Query, Selection } from "./syntax.ts";

const longestStatement = 100_000;

function readCount(reader: Reader): Selection {
  reader.needSign("(");
  if (reader.takeSign(")")) return { kind: "count" };
  const path = reader.name();
  reader.needSign(")");
  const named = reader.ahead.kind === "word" && reader.ahead.text.toUpperCase() !== "FROM";
  return { kind: "countField", path, alias: named ? reader.name().text : "expr0" };
}

function readSelection(reader: Reader): Selection {
  const paths = [];
  do {
    if (reader.takeSign("(")) throw reader.notEmulated(reader.ahead, "a child subquery");
    const path = reader.name();
    const isCall = reader.ahead.kind === "sign" && reader.ahead.text === "(";
    if (isCall && path.text.toUpperCase() === "COUNT" && paths.length === 0)
      return readCount(reader);
    if (isCall) throw reader.notEmulated(path, `${path.text}()`);
    paths.push(path);
  } while (reader.takeSign(","));
  return { kind: "fields", paths };
}

/** Parses the part of SOQL that the emulator knows; the rest is refused, never guessed. Statements are at most 100,000 long [D facts §2.5]. */
export function parseQuery(source: string): Query {
  if (source.length > longestStatement) {
    throw queryProblem(
      source.slice(0, 40),
      0,
      "SOQL statements cannot be longer than 100000 characters.",
      "QUERY_TOO_COMPLICATED",
    );
  }
  const reader = new Reader(source);
  reader.needWord("SELECT");
  const selection = readSelection(reader);
  reader.needWord("FROM");
  const from = reader.name();
  const tail = readTail(reader);
  if (reader.ahead.kind !== "end") throw reader.unexpected(reader.ahead);
  return { selection, from, tail };
}
