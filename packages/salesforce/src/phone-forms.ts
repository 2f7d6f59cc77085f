import type { SearchQuery } from "@wrapup/core";

type Phone = Extract<SearchQuery, { readonly phone: unknown }>["phone"];

const digitsIn = (text: string): string => text.replaceAll(/\D/g, "");

/** The number without the country's trunk zero. */
const significant = (phone: Phone): string =>
  digitsIn(phone.national ?? phone.digits).replace(/^0+/, "");

/** The forms in which people store a number: the index splits at punctuation, so one form does not find all (facts §2.5). Pure. */
export const phoneForms = (phone: Phone): readonly string[] => {
  const { e164, national, digits } = phone;
  const local = significant(phone);
  const whole = e164 === undefined ? digits : digitsIn(e164);
  const country =
    local !== "" && whole.endsWith(local) ? whole.slice(0, whole.length - local.length) : "";
  const spaced = national?.replace(/^\(?0+/, (zeros) => zeros.replaceAll("0", "")).trim();
  const threes =
    local.length === 10
      ? [
          `(${local.slice(0, 3)}) ${local.slice(3, 6)}-${local.slice(6)}`,
          `${local.slice(0, 3)}-${local.slice(3, 6)}-${local.slice(6)}`,
        ]
      : [];
  const withCountry = country === "" || spaced === undefined ? [] : [`+${country} ${spaced}`];
  const forms = [
    e164,
    whole,
    national,
    national === undefined ? undefined : digitsIn(national),
    local,
    ...threes,
    ...withCountry,
  ];
  return [...new Set(forms.filter((form): form is string => form !== undefined && form !== ""))];
};
