import { toId18 } from "../ids.ts";
import type { Value } from "../store/table.ts";
import { comparable } from "../store/table.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import { formatDateTime, parseDateTime } from "../write/dates.ts";
import { queryProblem } from "./lex.ts";
import type { Literal, Operator } from "./syntax.ts";

/** Tests one shown value of a field. */
export type Test = (value: unknown) => boolean;

const dayMs = 86_400_000;
const numeric = new Set(["int", "double", "currency", "percent"]);

function criterion(source: string, literal: Literal, field: FieldDefinition, rest: string): Error {
  return queryProblem(
    source,
    literal.at,
    `value of filter criterion for field '${field.name}' must be ${rest}`,
    "INVALID_FIELD",
  );
}

function textValue(source: string, field: FieldDefinition, literal: Literal): Value {
  if (literal.kind !== "string")
    throw criterion(source, literal, field, "of type string and should be enclosed in quotes");
  if (field.type !== "reference" && field.type !== "id")
    return literal.text === "" ? null : comparable(field, literal.text);
  const id = toId18(literal.text);
  if (id === undefined && literal.text !== "")
    throw queryProblem(
      source,
      literal.at,
      `invalid ID field: ${literal.text}`,
      "INVALID_QUERY_FILTER_OPERATOR",
    );
  return id ?? null;
}

/** A literal in the form in which stored values of the field are compared; a literal of the wrong type is refused [U wording, known in public]. */
function comparableLiteral(source: string, field: FieldDefinition, literal: Literal): Value {
  if (literal.kind === "null") return null;
  if (numeric.has(field.type)) {
    if (literal.kind === "number") return literal.value;
    throw criterion(
      source,
      literal,
      field,
      `of type ${field.type} and should not be enclosed in quotes`,
    );
  }
  if (field.type === "boolean") {
    if (literal.kind === "boolean") return literal.value;
    throw criterion(source, literal, field, "of type boolean and should not be enclosed in quotes");
  }
  if (field.type === "date" || field.type === "datetime") {
    const epoch = literal.kind === "datetime" ? parseDateTime(literal.text) : undefined;
    if (field.type === "datetime" && epoch !== undefined) return formatDateTime(epoch);
    if (field.type === "date" && literal.kind === "date") return literal.text;
    const type = field.type === "date" ? "date" : "dateTime";
    throw criterion(source, literal, field, `of type ${type} and should not be enclosed in quotes`);
  }
  return textValue(source, field, literal);
}

function dayRange(
  literal: Literal & { readonly kind: "range" },
  now: number,
): readonly [from: number, to: number] {
  const today = Math.floor(now / dayMs) * dayMs;
  const { days } = literal;
  if (literal.name === "YESTERDAY") return [today - dayMs, today];
  if (literal.name === "TOMORROW") return [today + dayMs, today + 2 * dayMs];
  if (literal.name === "LAST_N_DAYS") return [today - days * dayMs, today + dayMs];
  return literal.name === "NEXT_N_DAYS"
    ? [today + dayMs, today + (days + 1) * dayMs]
    : [today, today + dayMs];
}

function rangeTest(
  field: FieldDefinition,
  operator: Operator,
  literal: Literal & { readonly kind: "range" },
  now: number,
): Test {
  const [from, to] = dayRange(literal, now).map((ms) =>
    field.type === "date" ? new Date(ms).toISOString().slice(0, 10) : formatDateTime(ms),
  );
  const [low, high] = [from ?? "", to ?? ""];
  return (value) => {
    if (typeof value !== "string") return operator === "!=";
    const inside = value >= low && value < high;
    if (operator === "=") return inside;
    if (operator === "!=") return !inside;
    if (operator === "<") return value < low;
    if (operator === "<=") return value < high;
    return operator === ">" ? value >= high : value >= low;
  };
}

function likeTest(source: string, field: FieldDefinition, literal: Literal | undefined): Test {
  if (literal?.kind !== "string")
    throw queryProblem(source, literal?.at ?? 0, "LIKE needs a text in quotes");
  if (
    field.type === "reference" ||
    field.type === "id" ||
    field.type === "boolean" ||
    numeric.has(field.type)
  ) {
    throw queryProblem(
      source,
      literal.at,
      `invalid operator on ${field.type} field`,
      "INVALID_QUERY_FILTER_OPERATOR",
    );
  }
  const pattern = new RegExp(`^${literal.pattern}$`, "iu");
  return (value) => typeof value === "string" && pattern.test(value);
}

function orderTest(operator: Operator, wanted: Value, bring: (value: unknown) => Value): Test {
  return (value) => {
    const mine = bring(value);
    if (mine === null || wanted === null) return false;
    if (operator === "<") return mine < wanted;
    if (operator === "<=") return mine <= wanted;
    return operator === ">" ? mine > wanted : mine >= wanted;
  };
}

/** Builds the test of one comparison. Text compares without case, unless the field is case-sensitive. */
export function comparison(
  source: string,
  field: FieldDefinition,
  operator: Operator,
  literals: readonly Literal[],
  now: number,
): Test {
  const [first] = literals;
  if (operator === "LIKE") return likeTest(source, field, first);
  if (first?.kind === "range" && (field.type === "date" || field.type === "datetime"))
    return rangeTest(field, operator, first, now);
  const bring = (value: unknown): Value =>
    typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? comparable(field, value)
      : null;
  const wanted = new Set(
    literals.map((literal) => comparable(field, comparableLiteral(source, field, literal))),
  );
  if (operator === "=" || operator === "IN") return (value) => wanted.has(bring(value));
  if (operator === "!=" || operator === "NOT IN") return (value) => !wanted.has(bring(value));
  return orderTest(operator, [...wanted][0] ?? null, bring);
}
