import type { FieldDescription, Finding, TypeDescription } from "../adapter/contract.ts";
import { factNames, type ActivityMapping, type FactName, type FieldSource, type Mapping } from "../model/mapping.ts";
import type { FieldValue } from "../model/record.ts";
import { durationNames, momentNames } from "./facts.ts";
import { lengthIn } from "./shorten.ts";
import { partsOf } from "./template.ts";

/**
 * What is wrong with a mapping, seen against the CRM's own description of its types (K3): one finding each, which names the
 * mapping's line and how to mend it. With nothing described, only what the mapping says by itself is checked.
 */
export function checkMapping(mapping: Mapping, types: readonly TypeDescription[]): readonly Finding[] {
  const lines: readonly (readonly [string, ActivityMapping])[] = [
    ...Object.entries(mapping.activities).map(([channel, each]) => [`mapping.activities.${channel}`, each] as const),
    ["mapping.otherwise", mapping.otherwise],
  ];
  const seen = new Set<ActivityMapping>();
  return lines.flatMap(([place, activity]) => {
    // The same object under several channels is one mistake, not six.
    if (seen.has(activity)) return [];
    seen.add(activity);
    return [...checkNames(place, activity), ...checkActivity(place, activity, types)];
  });
}

const error = (place: string, text: string, mend: string): Finding => ({ severity: "error", place, text, mend });
const warning = (place: string, text: string, mend: string): Finding => ({ severity: "warning", place, text, mend });

const knownFacts: ReadonlySet<string> = new Set(factNames);
const isFact = (name: string): boolean => knownFacts.has(name) || /^facts\../u.test(name);

/** Facts that do not exist: a mapping may come from plain JavaScript or a file. */
function checkNames(place: string, { fields, body }: ActivityMapping): readonly Finding[] {
  const named = [
    ...Object.entries(fields).flatMap(([field, source]) => namedBy(source).map((fact) => ({ at: `${place}.fields.${field}`, fact }))),
    ...(body?.facts ?? []).map((fact, n) => ({ at: `${place}.body.facts[${n}]`, fact })),
  ];
  return named
    .filter(({ fact }) => !isFact(fact))
    .map(({ at, fact }) => error(at, `There is no fact "${fact}".`, `${didYouMean(fact, factNames)}What the app taught is named facts.NAME.`));
}

const namedBy = (source: FieldSource): readonly FactName[] => {
  if ("fact" in source) return [source.fact];
  return "template" in source ? partsOf(source.template).flatMap((part) => ("fact" in part ? part.fact : [])) : [];
};

function checkActivity(place: string, activity: ActivityMapping, types: readonly TypeDescription[]): readonly Finding[] {
  if (types.length === 0) return [];
  const type = types.find(({ name }) => name === activity.type);
  if (type === undefined)
    return [
      error(
        `${place}.type`,
        `The CRM has no type "${activity.type}", or the integration user may not see it.`,
        `${didYouMean(activity.type, types.map(({ name }) => name))}Name a type of this CRM, or give the integration user access.`,
      ),
    ];
  const fields = new Map(type.fields.map((field) => [field.name, field]));
  return [
    ...Object.entries(activity.fields).flatMap(([name, source]) => checkLine(`${place}.fields.${name}`, name, source, type, fields.get(name))),
    ...checkBody(place, activity, type, fields),
    ...checkRequired(place, activity, type),
  ];
}

function checkLine(
  place: string,
  name: string,
  source: FieldSource,
  type: TypeDescription,
  field: FieldDescription | undefined,
): readonly Finding[] {
  if (field === undefined) return [unknownField(place, name, type)];
  if (!field.createable)
    return [error(place, `${type.name}.${name} cannot be written on creation.`, "Map another field, or give the integration user edit access to it.")];
  const found: Finding[] = [];
  if (!field.updateable && !("constant" in source))
    found.push(warning(place, `${type.name}.${name} cannot be changed later.`, "Late facts and corrections will not reach it; map another field if they should."));
  if ("constant" in source) found.push(...checkValue(place, "The constant", source.constant, field));
  else if ("template" in source) found.push(...checkTemplate(place, field));
  else found.push(...checkFact(place, source, field));
  return found;
}

const unknownField = (place: string, name: string, type: TypeDescription): Finding =>
  error(
    place,
    `${type.name} has no field "${name}", or the integration user may not see it.`,
    `${didYouMean(name, type.fields.map((field) => field.name))}Create the field, give the integration user access, or map another one.`,
  );

type Kind = FieldDescription["kind"];
type FactSource = Extract<FieldSource, { readonly fact: FactName }>;

/** What a value of the mapping may be written to. */
const kindsOf: Readonly<Record<"string" | "number" | "boolean", readonly Kind[]>> = {
  string: ["text", "longText", "choice", "date", "dateTime", "reference", "other"],
  number: ["text", "longText", "number", "choice", "other"],
  boolean: ["boolean", "text", "longText", "other"],
};

function checkValue(place: string, what: string, value: FieldValue, field: FieldDescription): readonly Finding[] {
  if (value === null) return [];
  const kind = typeof value;
  if (kind !== "string" && kind !== "number" && kind !== "boolean") return [wrongKind(place, `${what} is a ${kind}`, field)];
  if (!kindsOf[kind].includes(field.kind)) return [wrongKind(place, `${what} is a ${kind}`, field)];
  if (field.kind === "choice" && field.openOptions !== true && field.options !== undefined && !isListed(value, field))
    return [error(place, `${what} is not among the values of ${field.name}.`, `Use one of: ${listOf(field)}.`)];
  if ((field.kind === "date" || field.kind === "dateTime") && Number.isNaN(Date.parse(String(value))))
    return [error(place, `${what} is no ISO 8601 ${field.kind === "date" ? "date" : "date-time"}.`, "Write it as 2026-03-01 or 2026-03-01T09:30:00Z.")];
  if (typeof value === "string" && field.length !== undefined && lengthIn(value, field.lengthIn ?? "units") > field.length)
    return [error(place, `${what} is longer than ${field.name}, which holds ${field.length} ${field.lengthIn ?? "characters"}.`, "Shorten it.")];
  return [];
}

function checkTemplate(place: string, field: FieldDescription): readonly Finding[] {
  if (["text", "longText", "other"].includes(field.kind) || (field.kind === "choice" && field.openOptions === true)) return [];
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
    const found = Object.entries(values).flatMap(([from, value]) => checkValue(`${place}.values.${from}`, "The value", value, field));
    return [...found, ...checkList(place, fact, values, field)];
  }
  if (momentNames.has(fact)) return checkMoment(place, source, field);
  if (source.as !== undefined) return [error(place, `"${fact}" is no date, so it has no form "${source.as}".`, "Leave out `as`.")];
  if (durationNames.has(fact)) {
    const fits = ["number", "text", "longText", "other"].includes(field.kind);
    return fits ? [] : [wrongKind(place, `"${fact}" is a number of seconds`, field)];
  }
  if (["number", "boolean", "date", "dateTime"].includes(field.kind) && !fact.startsWith("facts."))
    return [wrongKind(place, `"${fact}" is text`, field)];
  return checkList(place, fact, {}, field);
}

function checkMoment(place: string, source: FactSource, field: FieldDescription): readonly Finding[] {
  if (!["date", "dateTime", "text", "longText", "other"].includes(field.kind)) return [wrongKind(place, `"${source.fact}" is a date and time`, field)];
  if (field.kind === "dateTime" && source.as === "date") return [error(place, `${field.name} needs a time, and \`as: "date"\` leaves it out.`, 'Leave out `as`, or use `as: "dateTime"`.')];
  if (field.kind === "date" && source.as === "dateTime") return [error(place, `${field.name} is a date without a time.`, 'Use `as: "date"`.')];
  return [];
}

function checkList(
  place: string,
  fact: FactName,
  values: Readonly<Record<string, FieldValue>>,
  field: FieldDescription,
): readonly Finding[] {
  if (field.kind !== "choice" || field.openOptions === true || field.options === undefined) return [];
  const all = valuesOf[fact];
  if (all === undefined)
    return [warning(place, `${field.name} takes listed values only, and "${fact}" may have others.`, `Others are left out with a warning; translate them with \`values\`. Listed: ${listOf(field)}.`)];
  const missing = all.filter((value) => !(value in values) && !isListed(value, field));
  if (missing.length === 0) return [];
  return [error(place, `${field.name} has no value for ${missing.map((value) => `"${value}"`).join(", ")} of "${fact}".`, `Translate them with \`values\` to one of: ${listOf(field)}.`)];
}

function checkBody(
  place: string,
  { body, fields: mapped }: ActivityMapping,
  type: TypeDescription,
  fields: ReadonlyMap<string, FieldDescription>,
): readonly Finding[] {
  if (body === undefined) return [];
  const at = `${place}.body.field`;
  const field = fields.get(body.field);
  if (field === undefined) return [unknownField(at, body.field, type)];
  if (body.field in mapped) return [error(at, `${body.field} is mapped twice.`, `Remove it from ${place}.fields.`)];
  if (!field.createable) return [error(at, `${type.name}.${body.field} cannot be written.`, "Choose another long text field.")];
  return field.kind === "text" || field.kind === "longText" ? [] : [wrongKind(at, "The body is text", field)];
}

/** Columns that the CRM insists on and nothing fills. */
function checkRequired(place: string, { fields, body }: ActivityMapping, type: TypeDescription): readonly Finding[] {
  return type.fields
    .filter(({ name, required, createable }) => required && createable && !(name in fields) && body?.field !== name)
    .map(({ name }) => error(`${place}.fields`, `${type.name}.${name} is required and not mapped.`, `Add a line for ${name}: a fact, a constant or a template.`));
}

const wrongKind = (place: string, what: string, field: FieldDescription): Finding =>
  error(place, `${what}, but ${field.name} is of the kind ${field.kind}.`, "Map another field, or another source that fits this one.");

const isListed = (value: FieldValue, field: FieldDescription): boolean =>
  field.options?.some((option) => String(option.value) === String(value)) ?? true;

const listOf = ({ options }: FieldDescription): string => {
  const all = options ?? [];
  const shown = all.slice(0, 12).map((option) => option.value);
  return `${shown.join(", ")}${all.length > shown.length ? ", ..." : ""}`;
};

/** The nearest known name, if one is near enough to be meant. */
function didYouMean(name: string, known: readonly string[]): string {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/gu, "");
  const near = known.find((other) => plain(other) === plain(name)) ?? known.find((other) => distanceAtMostOne(plain(other), plain(name)));
  return near === undefined ? "" : `Did you mean "${near}"? `;
}

/** Whether one letter more, less or other makes the two the same. */
function distanceAtMostOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const tails = a.length === b.length ? [a.slice(start + 1), b.slice(start + 1)] : a.length > b.length ? [a.slice(start + 1), b.slice(start)] : [a.slice(start), b.slice(start + 1)];
  return tails[0] === tails[1];
}
