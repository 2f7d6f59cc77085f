import { problem, Refusal } from "../problem.ts";

/** One segment of a resource path: `phonecalls(guid)`, `Attributes`, `WhoAmI()`. */
export type Segment = {
  readonly name: string;
  /** What stands between the brackets, decoded; undefined without brackets. */
  readonly key: string | undefined;
};

/** What the service answers to an address that it cannot read (facts §1.3: permanent). */
export function syntaxRefusal(message: string): Refusal {
  return new Refusal(problem(400, "0x80060888", message));
}

function decoded(source: string): string {
  try {
    return decodeURIComponent(source);
  } catch {
    throw syntaxRefusal("Bad Request - Error in query syntax.");
  }
}

/** Splits a path at the slashes that stand outside brackets and quotes. */
function split(path: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < path.length; at += 1) {
    const letter = path[at];
    if (letter === "'") quoted = !quoted;
    else if (!quoted && letter === "(") depth += 1;
    else if (!quoted && letter === ")") depth -= 1;
    else if (!quoted && depth === 0 && letter === "/") {
      parts.push(path.slice(start, at));
      start = at + 1;
    }
  }
  if (quoted || depth !== 0) throw syntaxRefusal("Bad Request - Error in query syntax.");
  parts.push(path.slice(start));
  return parts;
}

/** Reads a resource path below `/api/data/v9.2/`, still percent-encoded. Throws Refusal for a broken one. */
export function parsePath(path: string): readonly Segment[] {
  return split(decoded(path)).map((part) => {
    const open = part.indexOf("(");
    if (open < 0) return { name: part, key: undefined };
    if (!part.endsWith(")")) throw syntaxRefusal("Bad Request - Error in query syntax.");
    return { name: part.slice(0, open), key: part.slice(open + 1, -1) };
  });
}

/** `LogicalName='x'` or `a='x',b='y'` as pairs; undefined when the key is no list of pairs. */
export function namedKeys(key: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>();
  const pattern = /\s*([A-Za-z_][\w]*)\s*=\s*('(?:[^']|'')*'|[^,']*)\s*(,|$)/gy;
  while (pattern.lastIndex < key.length) {
    const match = pattern.exec(key);
    if (match === null) return undefined;
    pairs.set(match[1] ?? "", match[2] ?? "");
  }
  return pairs.size === 0 ? undefined : pairs;
}

/** The text in single quotes, with doubled ones made one; the source itself when it has none. */
export function unquoted(source: string): string {
  return source.startsWith("'") ? source.slice(1, -1).replaceAll("''", "'") : source;
}
