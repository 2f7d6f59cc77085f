import type { FieldDescription } from "../adapter/contract.ts";
import { splitName } from "../card/name.ts";
import type { Card } from "../model/card.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Fields } from "../model/record.ts";

/** One field of the form, in the CRM's own words (R3). */
export type FormField = FieldDescription & { readonly value?: string };

/** Prefills by what a field is called in any CRM: first name, last name, email, phone, company; and links by the type they point to. */
export function withValue(
  field: FieldDescription,
  interaction: Interaction,
  connection: string,
): FormField {
  const value =
    field.kind === "reference"
      ? linkedValue(field, interaction, connection)
      : cardValue(field, interaction.card);
  return value === undefined || field.kind === "choice" ? field : { ...field, value };
}

function cardValue(field: FieldDescription, { fields }: Card): string | undefined {
  const name = field.name.toLowerCase();
  const split =
    fields.name === undefined ? {} : splitName(fields.name.value, { lastNameRequired: true });
  const guesses: readonly (readonly [RegExp, string | undefined])[] = [
    [/^first_?name$/u, fields.firstName?.value ?? split.firstName],
    [/^last_?name$/u, fields.lastName?.value ?? split.lastName],
    [/^e?mail(address1?)?$/u, fields.email?.value],
    [/^(phone|mobilephone|telephone1)$/u, fields.phone?.value],
    [/^company(name)?$/u, fields.company?.value],
  ];
  return guesses.find(([pattern, guess]) => guess !== undefined && pattern.test(name))?.[1];
}

/** The one linked record of the type that the field is named after (`ContactId`, `accountid`); two are no answer. */
function linkedValue(
  field: FieldDescription,
  { links }: Interaction,
  connection: string,
): string | undefined {
  const [type, ...others] = field.to ?? [];
  if (
    type === undefined ||
    others.length > 0 ||
    field.name.toLowerCase().replace(/_?id$/u, "") !== type.toLowerCase()
  )
    return undefined;
  const mine = links.filter(({ record }) => record.connection === connection);
  const direct = mine.flatMap(({ record }) => (record.type === type ? [record.id] : []));
  const parents = mine.flatMap((link) =>
    (link.parents ?? []).flatMap((parent) => (parent.type === type ? [parent.id] : [])),
  );
  const ids = new Set(direct.length > 0 ? direct : parents);
  const [id] = ids;
  return ids.size === 1 ? id : undefined;
}

export const prefilled = (form: readonly FormField[]): Fields =>
  Object.fromEntries(
    form.flatMap((field) => (field.value === undefined ? [] : [[field.name, field.value]])),
  );

/** What the CRM would refuse, said before it is asked (C4, R3). An adapter without descriptions leaves that to the CRM. */
export function problemsOf(
  values: Fields,
  form: readonly FormField[],
): readonly { readonly field: string; readonly reason: string }[] {
  if (form.length === 0) return [];
  const known = new Map(form.map((field) => [field.name, field]));
  const unknown = Object.keys(values)
    .filter((name) => !known.has(name))
    .map((name) => ({ field: name, reason: "There is no such field that may be filled in." }));
  const missing = form
    .filter((field) => field.required && (values[field.name] ?? "") === "")
    .map((field) => ({ field: field.name, reason: `${field.label} is required.` }));
  const long = Object.entries(values).flatMap(([name, value]) => {
    const field = known.get(name);
    if (typeof value !== "string" || field?.length === undefined || field.kind === "choice")
      return [];
    const size = field.lengthIn === "bytes" ? Buffer.byteLength(value) : value.length;
    return size > field.length
      ? [
          {
            field: name,
            reason: `${field.label} holds at most ${field.length} ${field.lengthIn === "bytes" ? "bytes" : "characters"}; this is ${size}.`,
          },
        ]
      : [];
  });
  return [...unknown, ...missing, ...long];
}
