import type { FieldDescription } from "../adapter/contract.ts";
import type { FieldValue } from "../model/record.ts";
import type { Warning } from "../model/warning.ts";
import { shorten } from "./shorten.ts";

/** A value as one field takes it, and what had to be done to it. `undefined`: the field cannot hold it, so it is left out. */
export type Fitted = { readonly value: FieldValue | undefined; readonly warning?: Warning };

/** Brings a value into a field: the right kind, a listed option, no longer than the field (W8). An undescribed field takes all. */
export function fit(value: FieldValue, name: string, field: FieldDescription | undefined): Fitted {
  if (field === undefined || value === null) return { value };
  switch (field.kind) {
    case "text":
    case "longText":
      return fitText(String(value), field);
    case "number":
      return fitNumber(value, name);
    case "boolean":
      return fitBoolean(value, name);
    case "choice":
      return fitChoice(value, field);
    case "date":
    case "dateTime":
    case "reference":
    case "other":
      return { value };
  }
}

function fitText(text: string, { name, length, lengthIn }: FieldDescription): Fitted {
  if (length === undefined) return { value: text };
  const short = shorten(text, { length, in: lengthIn ?? "units" });
  if (short === text) return { value: text };
  const of = `${length} ${lengthIn === "bytes" ? "bytes" : "characters"}`;
  return {
    value: short,
    warning: {
      code: "shortened",
      field: name,
      text: `Too long for ${name}, which holds ${of}: the end was left out.`,
    },
  };
}

function fitNumber(value: string | number | boolean, name: string): Fitted {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number)
    ? { value: number }
    : notAllowed(name, "is no number");
}

function fitBoolean(value: string | number | boolean, name: string): Fitted {
  if (typeof value === "boolean") return { value };
  if (value === "true" || value === "false") return { value: value === "true" };
  return notAllowed(name, "is neither true nor false");
}

function fitChoice(value: string | number | boolean, field: FieldDescription): Fitted {
  const listed = field.options?.find(
    (option) => option.value === value || String(option.value) === String(value),
  );
  if (listed !== undefined) return { value: listed.value };
  if (field.openOptions === true || field.options === undefined)
    return field.length === undefined ? { value } : fitText(String(value), field);
  return notAllowed(field.name, "is not in its list of values");
}

const notAllowed = (field: string, why: string): Fitted => ({
  value: undefined,
  warning: { code: "valueNotAllowed", field, text: `A value was left out of ${field}: it ${why}.` },
});
