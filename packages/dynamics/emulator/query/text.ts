/** Whether a literal has wildcards in force (facts §1.9 [?]: `%`, `_`, `[…]` act inside literals). */
function hasWildcard(literal: string): boolean {
  return /[%_[]/.test(literal);
}

const special = /[\\^$.*+?()[\]{}|/-]/g;

/** The SQL LIKE pattern as a regular expression: `%` many, `_` one, `[ab]` one of, `[^ab]` none of. */
function pattern(literal: string): string {
  let source = "";
  let at = 0;
  while (at < literal.length) {
    const letter = literal[at] ?? "";
    const end = letter === "[" ? literal.indexOf("]", at + 2) : -1;
    if (end > 0) {
      const inside = literal.slice(at + 1, end);
      const negated = inside.startsWith("^") && inside.length > 1;
      const letters = (negated ? inside.slice(1) : inside).replaceAll(/[\\\]^[]/g, String.raw`\$&`);
      const set = `[${negated ? "^" : ""}${letters}]`;
      // A range from a later letter to an earlier one holds none.
      source += isSet(set) ? set : "(?!)";
      at = end + 1;
      continue;
    }
    // Several in a row are one; as many stars would take for ever.
    if (letter === "%") source += literal[at - 1] === "%" ? "" : "[^]*";
    else if (letter === "_") source += "[^]";
    else source += letter.replaceAll(special, String.raw`\$&`);
    at += 1;
  }
  return source;
}

function isSet(source: string): boolean {
  try {
    return new RegExp(source, "i").source !== "";
  } catch {
    return false;
  }
}

/** How a text is to match: as a whole, or where the literal stands. */
export type Where = "whole" | "contains" | "startswith" | "endswith";

/** A test of a text against a literal, ignoring case (facts §1.9). */
export function textTest(literal: string, where: Where): (value: string) => boolean {
  if (!hasWildcard(literal)) {
    const wanted = literal.toLowerCase();
    if (where === "whole") return (value) => value.toLowerCase() === wanted;
    if (where === "contains") return (value) => value.toLowerCase().includes(wanted);
    if (where === "startswith") return (value) => value.toLowerCase().startsWith(wanted);
    return (value) => value.toLowerCase().endsWith(wanted);
  }
  const start = where === "whole" || where === "startswith" ? "^" : "";
  const end = where === "whole" || where === "endswith" ? "$" : "";
  const regex = new RegExp(`${start}${pattern(literal)}${end}`, "i");
  return (value) => regex.test(value);
}
