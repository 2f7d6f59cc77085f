import { normalEmail, normalPhone } from "../card/address.ts";
import type { Fields } from "../model/record.ts";
import type { ConnectionSettings } from "../gate/connection.ts";

/** What CRMs call the fields that say who somebody is, underscores left out. */
export const fieldNames = {
  firstName: /^first_?name$/u,
  lastName: /^last_?name$/u,
  email: /^e?mail(address1?)?$/u,
  phone: /^(phone|mobilephone|telephone1)$/u,
  company: /^company(name)?$/u,
} as const;

const anyName = /^(full_?|first_?|last_?)?name$/u;

/**
 * What makes two new records of one type the same one (R4). Of a type that is searched for a person: the email, else the phone, else
 * the exact name. Of any other type, and of a person with none of these: all that was filled in, because one customer may well have
 * two cases.
 */
export function identityOf(
  type: string,
  values: Fields,
  { searchOrder, country }: Pick<ConnectionSettings, "searchOrder" | "country">,
): string {
  const filled = Object.entries(values)
    .filter(([, value]) => value !== null && value !== "")
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const all = JSON.stringify(["all", filled]);
  if (!searchOrder.includes(type)) return all;
  const texts = filled.flatMap(([name, value]) =>
    typeof value === "string" ? [[name.toLowerCase(), value] as const] : [],
  );
  const first = (field: RegExp, normal: (raw: string) => string | undefined): string | undefined =>
    texts.flatMap(([name, value]) => (field.test(name) ? (normal(value) ?? []) : []))[0];
  const email = first(fieldNames.email, normalEmail);
  if (email !== undefined) return JSON.stringify(["email", email]);
  const phone = first(fieldNames.phone, (raw) => normalPhone(raw, country));
  if (phone !== undefined) return JSON.stringify(["phone", phone]);
  const names = texts.filter(([name]) => anyName.test(name));
  return names.length > 0 ? JSON.stringify(["name", names]) : all;
}
