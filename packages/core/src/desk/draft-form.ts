import type { FieldDescription } from "../adapter/contract.ts";
import { splitName } from "../card/name.ts";
import type { Card } from "../model/card.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Fields, RecordId } from "../model/record.ts";
import { fieldNames } from "./identity.ts";

/** One field of the form, in the CRM's own words (R3). */
export type FormField = FieldDescription & { readonly value?: string };

/**
 * What an agent may fill in, prefilled by what a field is called in any CRM: first name, last name, email, phone, company; and links
 * by the type they point to. A single word is the last name only where the form asks for one (C2).
 */
export function formOf(
  fields: readonly FieldDescription[],
  interaction: Interaction,
  connection: string,
): readonly FormField[] {
  const asked = fields.filter((field) => field.createable);
  const lastNameRequired = asked.some(
    (field) => field.required && fieldNames.lastName.test(field.name.toLowerCase()),
  );
  return asked.map((field) => {
    if (field.kind === "choice") return field;
    const value =
      field.kind === "reference"
        ? linkedValue(field, interaction, connection)
        : cardValue(field, interaction.card, lastNameRequired);
    return value === undefined ? field : { ...field, value };
  });
}

function cardValue(
  field: FieldDescription,
  { fields }: Card,
  lastNameRequired: boolean,
): string | undefined {
  const name = field.name.toLowerCase();
  const split = splitName(fields.name?.value ?? "", { lastNameRequired });
  const guesses: readonly (readonly [RegExp, string | undefined])[] = [
    [fieldNames.firstName, fields.firstName?.value ?? split.firstName],
    [fieldNames.lastName, fields.lastName?.value ?? split.lastName],
    [fieldNames.email, fields.email?.value],
    [fieldNames.phone, fields.phone?.value],
    [fieldNames.company, fields.company?.value],
  ];
  return guesses.find(([pattern, guess]) => guess !== undefined && pattern.test(name))?.[1];
}

/**
 * The one linked record that the field can only mean: of the type it is named after (`ContactId`, `accountid`), or, where a record must
 * be named and may be of several types, of any of those. Two are no answer.
 */
function linkedValue(
  field: FieldDescription,
  { links }: Interaction,
  connection: string,
): string | undefined {
  const types = new Set(field.to);
  const [type = ""] = types;
  const named = field.name.toLowerCase().replace(/_?id$/u, "") === type.toLowerCase();
  if (types.size > 1 ? !field.required : !named) return undefined;
  const mine = links.filter(({ record }) => record.connection === connection);
  const idsOf = (records: readonly RecordId[]): ReadonlySet<string> =>
    new Set(records.flatMap((record) => (types.has(record.type) ? [record.id] : [])));
  const direct = idsOf(mine.map(({ record }) => record));
  const ids = direct.size > 0 ? direct : idsOf(mine.flatMap((link) => link.parents ?? []));
  const [id] = ids;
  return ids.size === 1 ? id : undefined;
}

export const prefilled = (form: readonly FormField[]): Fields =>
  Object.fromEntries(
    form.flatMap((field) => (field.value === undefined ? [] : [[field.name, field.value]])),
  );

type Problem = { readonly field: string; readonly reason: string };

/** What the CRM would refuse, said before it is asked (C4, R3). An adapter without descriptions leaves that to the CRM. */
export function problemsOf(values: Fields, form: readonly FormField[]): readonly Problem[] {
  if (form.length === 0) return [];
  const known = new Map(form.map((field) => [field.name, field]));
  const unknown = Object.keys(values)
    .filter((name) => !known.has(name))
    .map((name) => ({ field: name, reason: "There is no such field that may be filled in." }));
  const missing = form
    .filter((field) => field.required && (values[field.name] ?? "") === "")
    .map((field) => ({ field: field.name, reason: `${field.label} is required.` }));
  const long = Object.entries(values).flatMap(([name, value]) => tooLong(known.get(name), value));
  return [...unknown, ...missing, ...long];
}

function tooLong(
  field: FormField | undefined,
  value: Fields[string] | undefined,
): readonly Problem[] {
  if (typeof value !== "string" || field?.length === undefined || field.kind === "choice")
    return [];
  const unit = field.lengthIn === "bytes" ? "bytes" : "characters";
  const size = unit === "bytes" ? Buffer.byteLength(value) : value.length;
  if (size <= field.length) return [];
  const reason = `${field.label} holds at most ${field.length} ${unit}; this is ${size}.`;
  return [{ field: field.name, reason }];
}
