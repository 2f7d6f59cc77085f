import type { Problem } from "../problem.ts";
import { recordProblem } from "../problem.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import type { Value } from "../store/table.ts";
import { formatDateTime, isCalendarDate, parseDateTime } from "./dates.ts";

/** A JSON value brought into the form that is stored, or why it cannot be. */
export type Converted = { readonly value: Value } | { readonly problem: Problem };

const textTypes = new Set([
  "string",
  "textarea",
  "picklist",
  "combobox",
  "reference",
  "email",
  "phone",
  "url",
  "id",
]);
const numberTypes = new Set(["int", "double", "currency", "percent"]);

function tokenOf(json: unknown): string {
  if (typeof json === "string") return "VALUE_STRING";
  if (typeof json === "number")
    return Number.isInteger(json) ? "VALUE_NUMBER_INT" : "VALUE_NUMBER_FLOAT";
  if (typeof json === "boolean") return json ? "VALUE_TRUE" : "VALUE_FALSE";
  return Array.isArray(json) ? "START_ARRAY" : "START_OBJECT";
}

/**
 * The parser's complaint about a value of the wrong JSON type. Wording from public reports ("Cannot deserialize instance of string from
 * START_OBJECT value {"); [U] line and column, and whether "12" is taken for a number: refused here.
 */
function wrongType(field: FieldDefinition, json: unknown): Converted {
  const shown = typeof json === "string" ? json : JSON.stringify(json).replace(/^([[{]).*$/s, "$1");
  const where = "or request may be missing a required field at [line:1, column:1]";
  return {
    problem: {
      code: "JSON_PARSER_ERROR",
      message: `Cannot deserialize instance of ${field.type} from ${tokenOf(json)} value ${shown} ${where}`,
    },
  };
}

function convertText(field: FieldDefinition, json: unknown, trim: boolean): Converted {
  if (typeof json !== "string") return wrongType(field, json);
  const text = trim ? json.trim() : json;
  // [U] general knowledge: an empty text is stored as null.
  return { value: text === "" ? null : text };
}

function convertNumber(field: FieldDefinition, json: unknown): Converted {
  if (typeof json !== "number" || !Number.isFinite(json)) return wrongType(field, json);
  return field.type === "int" && !Number.isInteger(json) ? wrongType(field, json) : { value: json };
}

function convertDate(field: FieldDefinition, json: unknown): Converted {
  // ActivityDate is a date only [D facts §2.3].
  return typeof json === "string" && isCalendarDate(json)
    ? { value: json }
    : wrongType(field, json);
}

function convertDateTime(field: FieldDefinition, json: unknown): Converted {
  const epoch = typeof json === "string" ? parseDateTime(json) : undefined;
  return epoch === undefined ? wrongType(field, json) : { value: formatDateTime(epoch) };
}

/** Brings one JSON value into the stored form of its field. */
export function convert(field: FieldDefinition, json: unknown, trim: boolean): Converted {
  if (json === null) {
    if (field.type !== "boolean") return { value: null };
    // A known code of the list in facts §2.8; [U] that null for a boolean gives it.
    return {
      problem: recordProblem(
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        `${field.label ?? field.name}: value not of required type: null`,
        [field.name],
      ),
    };
  }
  if (textTypes.has(field.type)) return convertText(field, json, trim);
  if (numberTypes.has(field.type)) return convertNumber(field, json);
  if (field.type === "boolean")
    return typeof json === "boolean" ? { value: json } : wrongType(field, json);
  if (field.type === "date") return convertDate(field, json);
  return convertDateTime(field, json);
}
