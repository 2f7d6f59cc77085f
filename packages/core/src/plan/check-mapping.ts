import type { FieldDescription, Finding, TypeDescription } from "../adapter/contract.ts";
import {
  factNames,
  type ActivityMapping,
  type FieldSource,
  type Mapping,
} from "../model/mapping.ts";
import { checkLine, error, unknownField, wrongKind } from "./check-field.ts";
import { isFactName } from "./facts.ts";
import { didYouMean } from "./near-name.ts";
import { partsOf } from "./template.ts";

/**
 * What is wrong with a mapping, seen against the CRM's own description of its types (K3): one finding each, which names the
 * mapping's line and how to mend it. `types`: absent where the adapter cannot describe; then only what the mapping says by itself is checked.
 */
export function checkMapping(
  mapping: Mapping,
  types: readonly TypeDescription[] | undefined,
): readonly Finding[] {
  const lines: readonly (readonly [string, ActivityMapping])[] = [
    ...Object.entries(mapping.activities).map(
      ([channel, each]) => [`mapping.activities.${channel}`, each] as const,
    ),
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

/** Facts that do not exist: a mapping may come from plain JavaScript or a file. */
function checkNames(place: string, { fields, body }: ActivityMapping): readonly Finding[] {
  const named = [
    ...Object.entries(fields).flatMap(([field, source]) =>
      namedBy(source).map((fact) => ({ at: `${place}.fields.${field}`, fact })),
    ),
    ...(body?.facts ?? []).map((fact, n) => ({ at: `${place}.body.facts[${n}]`, fact })),
  ];
  return named
    .filter(({ fact }) => !isFactName(fact))
    .map(({ at, fact }) =>
      error(
        at,
        `There is no fact "${fact}".`,
        `${didYouMean(fact, factNames)}What the app taught is named facts.NAME.`,
      ),
    );
}

const namedBy = (source: FieldSource): readonly string[] => {
  if ("fact" in source) return [source.fact];
  return "template" in source
    ? partsOf(source.template).flatMap((part) => ("fact" in part ? part.fact : []))
    : [];
};

function checkActivity(
  place: string,
  activity: ActivityMapping,
  types: readonly TypeDescription[] | undefined,
): readonly Finding[] {
  if (types === undefined) return [];
  const type = types.find(({ name }) => name === activity.type);
  if (type === undefined)
    return [
      error(
        `${place}.type`,
        `The CRM has no type "${activity.type}", or the integration user may not see it.`,
        `${didYouMean(
          activity.type,
          types.map(({ name }) => name),
        )}Name a type of this CRM, or give the integration user access.`,
      ),
    ];
  if (type.activity === false)
    return [
      error(
        `${place}.type`,
        `${type.name} is no type of activity, so no interaction can be written as one.`,
        "Name a type of activity of this CRM.",
      ),
    ];
  const fields = new Map(type.fields.map((field) => [field.name, field]));
  return [
    ...Object.entries(activity.fields).flatMap(([name, source]) =>
      checkLine(`${place}.fields.${name}`, name, source, type, fields.get(name)),
    ),
    ...checkBody(place, activity, type, fields),
    ...checkRequired(place, activity, type),
  ];
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
  if (body.field in mapped)
    return [error(at, `${body.field} is mapped twice.`, `Remove it from ${place}.fields.`)];
  if (!field.createable)
    return [
      error(at, `${type.name}.${body.field} cannot be written.`, "Choose another long text field."),
    ];
  return field.kind === "text" || field.kind === "longText"
    ? []
    : [wrongKind(at, "The body is text", field)];
}

/** Columns that the CRM insists on and nothing fills. */
function checkRequired(
  place: string,
  { fields, body }: ActivityMapping,
  type: TypeDescription,
): readonly Finding[] {
  return type.fields
    .filter(
      ({ name, required, createable }) =>
        required && createable && !(name in fields) && body?.field !== name,
    )
    .map(({ name }) =>
      error(
        `${place}.fields`,
        `${type.name}.${name} is required and not mapped.`,
        `Add a line for ${name}: a fact, a constant or a template.`,
      ),
    );
}
