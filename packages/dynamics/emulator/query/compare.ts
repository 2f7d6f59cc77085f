import { syntaxRefusal } from "../http/path.ts";
import type { ColumnDefinition } from "../schema/definition.ts";
import { isLookup } from "../schema/schema.ts";
import type { Value } from "../store/row.ts";
import { isReference } from "../store/row.ts";
import { parseDay, parseTime } from "../write/times.ts";
import { edmType } from "../write/values.ts";
import type { Comparison, Literal } from "./syntax.ts";
import { textTest } from "./text.ts";

/** Tests what a column holds; undefined for null. */
export type Test = (value: Value | undefined) => boolean;

const literalTypes: Readonly<Record<Literal["kind"], string>> = {
  string: "Edm.String",
  number: "Edm.Int32",
  boolean: "Edm.Boolean",
  guid: "Edm.Guid",
  time: "Edm.DateTimeOffset",
  enum: "Edm.Enum",
  null: "Edm.Null",
};

function mismatch(column: ColumnDefinition, literal: Literal, operator: string): Error {
  const name = { eq: "Equal", ne: "NotEqual" }[operator] ?? operator;
  return syntaxRefusal(
    `A binary operator with incompatible types was detected. Found operand types '${edmType(column)}' and '${literalTypes[literal.kind]}' for operator kind '${name}'.`,
  );
}

/** True for a column of text. */
export function isText(column: ColumnDefinition): boolean {
  return column.kind === "String" || column.kind === "Memo" || column.kind === "EntityName";
}

function isGuid(column: ColumnDefinition): boolean {
  return isLookup(column) || column.kind === "Uniqueidentifier";
}

/** What a column holds in the form in which it is compared. */
export function plain(value: Value | undefined): string | number | boolean | undefined {
  if (isReference(value)) return value.id;
  return typeof value === "string" ? value.toLowerCase() : value;
}

/** The literal in the form in which the column's values are compared. Throws Refusal for one of another type. */
function wanted(
  column: ColumnDefinition,
  literal: Literal,
  operator: string,
): string | number | boolean {
  const fits =
    (literal.kind === "string" && isText(column)) ||
    (literal.kind === "guid" && isGuid(column)) ||
    (literal.kind === "boolean" && column.kind === "Boolean") ||
    (literal.kind === "time" && column.kind === "DateTime") ||
    (literal.kind === "number" &&
      !isText(column) &&
      !isGuid(column) &&
      column.kind !== "Boolean" &&
      column.kind !== "DateTime");
  if (!fits) throw mismatch(column, literal, operator);
  if (literal.kind !== "time")
    return typeof literal.value === "string" ? literal.value.toLowerCase() : literal.value;
  const time = column.dayOnly === true ? parseDay(literal.value) : parseTime(literal.value);
  if (time === undefined) throw mismatch(column, literal, operator);
  return time.toLowerCase();
}

function ordered(operator: Comparison, right: string | number | boolean): Test {
  return (value) => {
    const left = plain(value);
    if (left === undefined) return false;
    if (operator === "gt") return left > right;
    if (operator === "ge") return left >= right;
    return operator === "lt" ? left < right : left <= right;
  };
}

/** Builds the test of one comparison. Text compares without case and with wildcards in force (facts §1.9). Throws Refusal for types that do not fit. */
export function comparison(column: ColumnDefinition, operator: Comparison, literal: Literal): Test {
  const equality = operator === "eq" || operator === "ne";
  if (literal.kind === "null") {
    if (!equality) throw mismatch(column, literal, operator);
    return (value) => (value === undefined) === (operator === "eq");
  }
  const right = wanted(column, literal, operator);
  if (!equality) return ordered(operator, right);
  if (literal.kind === "string") {
    const same = textTest(literal.value, "whole");
    // SQL: null is neither equal nor unequal; Dataverse adds null to `ne`.
    if (operator === "eq") return (value) => typeof value === "string" && same(value);
    return (value) => typeof value !== "string" || !same(value);
  }
  return (value) => (plain(value) === right) === (operator === "eq");
}
