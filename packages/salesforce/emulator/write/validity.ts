import { Buffer } from "node:buffer";
import type { Problem } from "../problem.ts";
import { recordProblem } from "../problem.ts";
import type { FieldDefinition } from "../schema/definition.ts";
import type { Value } from "../store/table.ts";

const emailPattern = /^[^\s@<>()[\],;:"\\]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;
const picklists = new Set(["picklist", "combobox"]);

/**
 * Too long is refused, never cut, since API v15 (facts §2.8). Lengths count UTF-16 units; CaseComment.CommentBody counts UTF-8 bytes
 * [D facts §2.4]. Wording from public reports: "Last Inspection Result: data value too large: … (max length=20)".
 */
function checkLength(field: FieldDefinition, text: string): Problem | undefined {
  const length = field.length ?? Number.POSITIVE_INFINITY;
  const size = field.bytes === true ? Buffer.byteLength(text, "utf8") : text.length;
  if (size <= length) return undefined;
  return recordProblem(
    "STRING_TOO_LONG",
    `${labelled(field)}: data value too large: ${text} (max length=${length})`,
    [field.name],
  );
}

/** Wording from public reports: "Race: bad value for restricted picklist field: …", fields ["Race__c"]. */
function checkPicklist(field: FieldDefinition, text: string): Problem | undefined {
  if (
    !picklists.has(field.type) ||
    field.restrictedPicklist !== true ||
    (field.values ?? []).includes(text)
  )
    return undefined;
  const message = `${labelled(field)}: bad value for restricted picklist field: ${text}`;
  return recordProblem("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name]);
}

/** [U] wording; the code is in facts §2.8. */
function checkEmail(field: FieldDefinition, text: string): Problem | undefined {
  if (field.type !== "email" || emailPattern.test(text)) return undefined;
  return recordProblem(
    "INVALID_EMAIL_ADDRESS",
    `${labelled(field)}: invalid email address: ${text}`,
    [field.name],
  );
}

/** An int has at most `digits` digits, a decimal `precision - scale` before the point [R describe]. [U] wording. */
function checkNumber(field: FieldDefinition, value: number): Problem | undefined {
  const places =
    field.digits ??
    (field.precision === undefined ? undefined : field.precision - (field.scale ?? 0));
  if (places === undefined || Math.abs(value) < 10 ** places) return undefined;
  const message = `${labelled(field)}: value outside of valid range on numeric field: ${value}`;
  return recordProblem("NUMBER_OUTSIDE_VALID_RANGE", message, [field.name]);
}

function labelled(field: FieldDefinition): string {
  return field.label ?? field.name;
}

/** Checks one value against its field's length, picklist, range and form; ids are checked elsewhere. */
export function checkValue(field: FieldDefinition, value: Value): Problem | undefined {
  if (typeof value === "number") return checkNumber(field, value);
  if (typeof value !== "string" || field.type === "reference" || field.type === "id")
    return undefined;
  return checkLength(field, value) ?? checkPicklist(field, value) ?? checkEmail(field, value);
}
