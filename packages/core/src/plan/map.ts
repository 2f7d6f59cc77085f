import type { FieldDescription, TypeDescription } from "../adapter/contract.ts";
import type { Channel } from "../model/channel.ts";
import type { ActivityMapping, FactName, FieldSource, Mapping } from "../model/mapping.ts";
import type { Fields, FieldValue } from "../model/record.ts";
import type { Warning } from "../model/warning.ts";
import { figureNames, durationNames, type Facts } from "./facts.ts";
import { fit } from "./fit.ts";
import { labelOf } from "./labels.ts";
import { partsOf } from "./template.ts";
import { durationText, momentOf, momentText, type MomentForm } from "./time-text.ts";
import { zoneOf, type Zone } from "./zone.ts";

/** What one activity's fields are. A field without a value is absent. */
export type Mapped = { readonly fields: Fields; readonly warnings: readonly Warning[] };

/** One kind of activity, ready to be filled. */
type CompiledActivity = {
  readonly type: string;
  /** `figures`: whether this activity carries durations and disposition (K4). */
  readonly fill: (facts: Facts, figures: boolean) => Mapped;
};

/** A connection's mapping worked through once: planning then only fills it in. */
export type CompiledMapping = {
  readonly activityFor: (channel: Channel) => CompiledActivity;
  /** Every field of a type that the mapping owns (W7). */
  readonly fieldsOf: (type: string) => readonly string[];
};

/**
 * Works a mapping through. `types`: the CRM's own description, where known; values then fit their fields. `timeZone`: IANA name,
 * for every date (K3). Throws `invalid_input` for an unknown zone. `checkMapping` says what is wrong with a mapping; this does not.
 */
export function compileMapping(
  mapping: Mapping,
  types: readonly TypeDescription[] | undefined,
  timeZone: string,
): CompiledMapping {
  const zone = zoneOf(timeZone);
  const made = new Map<ActivityMapping, CompiledActivity>();
  const compiled = (activity: ActivityMapping): CompiledActivity => {
    const known = made.get(activity);
    if (known !== undefined) return known;
    const described = types?.find((type) => type.name === activity.type);
    const fresh = compileActivity(activity, described, { zone, labels: mapping.labels ?? {} });
    made.set(activity, fresh);
    return fresh;
  };
  const all = [...Object.values(mapping.activities), mapping.otherwise];
  const fields = new Map<string, readonly string[]>();
  for (const each of all)
    fields.set(each.type, [...new Set([...(fields.get(each.type) ?? []), ...ownFields(each)])]);
  return {
    activityFor: (channel) => compiled(mapping.activities[channel] ?? mapping.otherwise),
    fieldsOf: (type) => fields.get(type) ?? [],
  };
}

type Tongue = { readonly zone: Zone; readonly labels: NonNullable<Mapping["labels"]> };

/** Where one value comes from; `undefined` when there is none. */
type Value = (facts: Facts) => FieldValue | undefined;

type Writer = {
  readonly name: string;
  readonly value: Value;
  readonly field: FieldDescription | undefined;
};

const ownFields = ({ fields, body }: ActivityMapping): readonly string[] => [
  ...Object.keys(fields),
  ...(body === undefined ? [] : [body.field]),
];

function compileActivity(
  activity: ActivityMapping,
  described: TypeDescription | undefined,
  tongue: Tongue,
): CompiledActivity {
  const known = new Map(described?.fields.map((field) => [field.name, field]));
  const writers: Writer[] = Object.entries(activity.fields).map(([name, source]) => {
    const field = known.get(name);
    return { name, value: valueOf(source, field, tongue), field };
  });
  const { body } = activity;
  if (body !== undefined)
    writers.push({
      name: body.field,
      value: bodyOf(body.facts, activity.fields, tongue),
      field: known.get(body.field),
    });
  return {
    type: activity.type,
    fill: (facts, figures) =>
      fill(writers, figures ? facts : (name) => (figureNames.has(name) ? undefined : facts(name))),
  };
}

function fill(writers: readonly Writer[], facts: Facts): Mapped {
  const fields: Record<string, FieldValue> = {};
  let warnings: Warning[] | undefined;
  for (const { name, value, field } of writers) {
    const raw = value(facts);
    if (raw === undefined) continue;
    const fitted = fit(raw, name, field);
    if (fitted.value !== undefined) fields[name] = fitted.value;
    if (fitted.warning !== undefined) (warnings ??= []).push(fitted.warning);
  }
  return { fields, warnings: warnings ?? noWarnings };
}

const noWarnings: readonly Warning[] = [];

function valueOf(source: FieldSource, field: FieldDescription | undefined, tongue: Tongue): Value {
  if ("constant" in source) return () => source.constant;
  if ("template" in source) return templateOf(source.template, tongue);
  const { fact, values } = source;
  if (source.as === "minutes") return startedMinutes(fact);
  const form: MomentForm = source.as ?? (field?.kind === "date" ? "date" : "instant");
  return (facts) => {
    const value = plain(fact, facts, form, tongue.zone);
    return values === undefined || value === undefined ? value : (values[String(value)] ?? value);
  };
}

/** A minute that has begun counts: a call of 20 seconds is not one of none. */
const startedMinutes =
  (duration: FactName): Value =>
  (facts) => {
    const seconds = facts(duration);
    return typeof seconds === "number" ? Math.ceil(seconds / 60) : undefined;
  };

/** A fact as a field holds it: moments in their form, everything else as it is. */
function plain(
  name: string,
  facts: Facts,
  form: MomentForm,
  zone: Zone,
): string | number | boolean | undefined {
  const fact = facts(name);
  if (fact === undefined || typeof fact !== "object") return fact;
  if (!("text" in fact)) return momentText(fact, form, zone);
  const moment = momentOf(fact.text, zone);
  return moment === undefined ? undefined : momentText(moment, form, zone);
}

function templateOf(template: string, { zone }: Tongue): Value {
  const parts = partsOf(template);
  return (facts) => {
    let any = false;
    let text = "";
    for (const part of parts) {
      if ("text" in part) text += part.text;
      else {
        const value = plain(part.fact, facts, "people", zone);
        any ||= value !== undefined;
        text += value ?? "";
      }
    }
    const said = text.trim();
    // A sentence about nothing is left out; one without any fact is a constant.
    return (any || parts.every((part) => "text" in part)) && said !== "" ? said : undefined;
  };
}

/** One labelled line for every fact that has a value and no field of its own (K3). */
function bodyOf(
  named: readonly FactName[],
  fields: ActivityMapping["fields"],
  { zone, labels }: Tongue,
): Value {
  const own = new Set(
    Object.values(fields).flatMap((source) => ("fact" in source ? source.fact : [])),
  );
  const lines = [...new Set(named)]
    .filter((fact) => !own.has(fact))
    .map((fact) => ({ fact, label: labelOf(fact, labels) }));
  return (facts) => {
    let text = "";
    for (const { fact, label } of lines) {
      const value = plain(fact, facts, "people", zone);
      if (value === undefined) continue;
      const said =
        durationNames.has(fact) && typeof value === "number" ? durationText(value) : String(value);
      text += `${text === "" ? "" : "\n"}${label}:${said.includes("\n") ? "\n" : " "}${said}`;
    }
    return text === "" ? undefined : text;
  };
}
