import type { FieldDescription, Finding, TypeDescription } from "../adapter/contract.ts";
import type { FactName, FieldSource } from "../model/mapping.ts";
import type { FieldValue } from "../model/record.ts";
import { durationNames, momentNames } from "./facts.ts";
import { didYouMean } from "./near-name.ts";
import { lengthIn } from "./shorten.ts";

/** What must be mended before anything is written. */
export const error = (place: string, text: string, mend: string): Finding => ({
  severity: "error",
  place,
  text,
  mend,
});
/** What works, but not as one may think. */
const warning = (place: string, text: string, mend: string): Finding => ({
  severity: "warning",
  place,
  text,
  mend,
});

/** One line of a mapping against the field that it fills (K3). */
export function checkLine(
  place: string,
  name: string,
  source: FieldSource,
  type: TypeDescription,
  field: FieldDescription | undefined,
): readonly Finding[] {
  if (field === undefined) return [unknownField(place, name, type)];
  if (!field.createable)
    return [
      error(
        place,
        `${type.name}.${name} cannot be written on creation.`,
        "Map another field, or give the integration user edit access to it.",
      ),
    ];
  const found: Finding[] = [];
  if (!field.updateable && !("constant" in source))
    found.push(
      warning(
        place,
        `${type.name}.${name} cannot be changed later.`,
        "Late facts and corrections will not reach it; map another field if they should.",
      ),
    );
  if ("constant" in source)
    found.push(...checkValue(place, "The constant", source.constant, field));
  else if ("template" in source) found.push(...checkTemplate(place, field));
  else found.push(...checkFact(place, source, field));
  return found;
}

/** A line for a field that the type does not have. */
export const unknownField = (place: string, name: string, type: TypeDescription): Finding =>
  error(
    place,
    `${type.name} has no field "${name}", or the integration user may not see it.`,
    `${didYouMean(
      name,
      type.fields.map((field) => field.name),
    )}Create the field, give the integration user access, or map another one.`,
  );

type Kind = FieldDescription["kind"];
type FactSource = Extract<FieldSource, { readonly fact: FactName }>;

/** What a value of the mapping may be written to. */
const kindsOf: Readonly<Record<"string" | "number" | "boolean", readonly Kind[]>> = {
  string: ["text", "longText", "choice", "date", "dateTime", "reference", "other"],
  number: ["text", "longText", "number", "choice", "other"],
  boolean: ["boolean", "text", "longText", "other"],
};

function checkValue(
  place: string,
  what: string,
  value: FieldValue,
  field: FieldDescription,
): readonly Finding[] {
  if (value === null) return [];
  const kind = typeof value;
  if (kind !== "string" && kind !== "number" && kind !== "boolean")
    return [wrongKind(place, `${what} is a ${kind}`, field)];
  if (!kindsOf[kind].includes(field.kind)) return [wrongKind(place, `${what} is a ${kind}`, field)];
  if (
    field.kind === "choice" &&
    field.openOptions !== true &&
    field.options !== undefined &&
    !isListed(value, field)
  )
    return [
      error(
        place,
        `${what} is not among the values of ${field.name}.`,
        `Use one of: ${listOf(field)}.`,
      ),
    ];
  if (
    (field.kind === "date" || field.kind === "dateTime") &&
    Number.isNaN(Date.parse(String(value)))
  )
    return [
      error(
        place,
        `${what} is no ISO 8601 ${field.kind === "date" ? "date" : "date-time"}.`,
        "Write it as 2026-03-01 or 2026-03-01T09:30:00Z.",
      ),
    ];
  if (
    typeof value === "string" &&
    field.length !== undefined &&
    lengthIn(value, field.lengthIn ?? "units") > field.length
  )
    return [
      error(
        place,
        `${what} is longer than ${field.name}, which holds ${field.length} ${field.lengthIn ?? "characters"}.`,
        "Shorten it.",
      ),
    ];
  return [];
}

function checkTemplate(place: string, field: FieldDescription): readonly Finding[] {
  if (
    ["text", "longText", "other"].includes(field.kind) ||
    (field.kind === "choice" && field.openOptions === true)
  )
    return [];
  return [wrongKind(place, "A template is text", field)];
}

/** Facts with few values, all of which a closed list has to have. */
const valuesOf: Readonly<Partial<Record<FactName, readonly string[]>>> = {
  "interaction.channel": ["voice", "chat", "email", "sms", "messaging", "social"],
  "interaction.direction": ["inbound", "outbound", "internal"],
  "interaction.status": ["new", "open", "pending", "escalated", "resolved", "closed"],
};

function checkFact(place: string, source: FactSource, field: FieldDescription): readonly Finding[] {
  const { fact, values } = source;
  if (values !== undefined) {
    const found = Object.entries(values).flatMap(([from, value]) =>
      checkValue(`${place}.values.${from}`, "The value", value, field),
    );
    return [...found, ...checkList(place, fact, values, field)];
  }
  const ofMoments = source.as === "date" || source.as === "dateTime";
  const unfit = momentNames.has(fact)
    ? source.as === "minutes"
    : source.as !== undefined && (ofMoments || !durationNames.has(fact));
  if (unfit) {
    const what = source.as === "minutes" ? "duration" : "date";
    return [
      error(place, `"${fact}" is no ${what}, so it has no form "${source.as}".`, "Leave out `as`."),
    ];
  }
  if (momentNames.has(fact)) return checkMoment(place, source, field);
  if (durationNames.has(fact)) {
    const fits = ["number", "text", "longText", "other"].includes(field.kind);
    return fits
      ? []
      : [wrongKind(place, `"${fact}" is a number of ${source.as ?? "seconds"}`, field)];
  }
  if (["number", "boolean", "date", "dateTime"].includes(field.kind) && !fact.startsWith("facts."))
    return [wrongKind(place, `"${fact}" is text`, field)];
  return checkList(place, fact, {}, field);
}

function checkMoment(
  place: string,
  source: FactSource,
  field: FieldDescription,
): readonly Finding[] {
  if (!["date", "dateTime", "text", "longText", "other"].includes(field.kind))
    return [wrongKind(place, `"${source.fact}" is a date and time`, field)];
  if (field.kind === "dateTime" && source.as === "date")
    return [
      error(
        place,
        `${field.name} needs a time, and \`as: "date"\` leaves it out.`,
        'Leave out `as`, or use `as: "dateTime"`.',
      ),
    ];
  if (field.kind === "date" && source.as === "dateTime")
    return [error(place, `${field.name} is a date without a time.`, 'Use `as: "date"`.')];
  return [];
}

function checkList(
  place: string,
  fact: FactName,
  values: Readonly<Record<string, FieldValue>>,
  field: FieldDescription,
): readonly Finding[] {
  if (field.kind !== "choice" || field.openOptions === true || field.options === undefined)
    return [];
  const all = valuesOf[fact];
  if (all === undefined)
    return [
      warning(
        place,
        `${field.name} takes listed values only, and "${fact}" may have others.`,
        `Others are left out with a warning; translate them with \`values\`. Listed: ${listOf(field)}.`,
      ),
    ];
  const missing = all.filter((value) => !(value in values) && !isListed(value, field));
  if (missing.length === 0) return [];
  return [
    error(
      place,
      `${field.name} has no value for ${missing.map((value) => `"${value}"`).join(", ")} of "${fact}".`,
      `Translate them with \`values\` to one of: ${listOf(field)}.`,
    ),
  ];
}

/** A source and a field that do not go together. */
export const wrongKind = (place: string, what: string, field: FieldDescription): Finding =>
  error(
    place,
    `${what}, but ${field.name} is of the kind ${field.kind}.`,
    "Map another field, or another source that fits this one.",
  );

const isListed = (value: FieldValue, field: FieldDescription): boolean =>
  field.options?.some((option) => String(option.value) === String(value)) ?? true;

const listOf = ({ options }: FieldDescription): string => {
  const all = options ?? [];
  const shown = all.slice(0, 12).map((option) => option.value);
  return `${shown.join(", ")}${all.length > shown.length ? ", ..." : ""}`;
};
