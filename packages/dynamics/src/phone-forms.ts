import type { SearchQuery } from "@wrapup/core";

/** A number as the address of an interaction gives it. */
export type Phone = Extract<SearchQuery, { readonly phone: unknown }>["phone"];

const digitsIn = (text: string): string => text.replaceAll(/\D/g, "");

/** A number in the parts that its notations are made of. `country` is empty where it is not known. */
const partsOf = ({ e164, national, digits }: Phone) => {
  const whole = e164 === undefined ? digitsIn(digits) : digitsIn(e164);
  const dialled = digitsIn(national ?? digits);
  const local = dialled.replace(/^0+/, "");
  const known = local !== "" && whole.endsWith(local) && e164 !== undefined;
  return {
    whole,
    local,
    trunk: dialled.slice(0, dialled.length - local.length),
    country: known ? whole.slice(0, whole.length - local.length) : "",
  };
};

/** How people group the digits after the trunk zero, as far as it can be guessed from how many there are. */
const groupings: readonly (readonly number[])[] = [
  [2, 2, 2, 2],
  [1, 2, 2, 2, 2],
  [2, 3, 2, 2],
  [3, 3, 3],
  [3, 3, 4],
  [2, 4, 4],
];

const groupsOf = (local: string): readonly (readonly string[])[] => {
  const whole = groupings.filter((sizes) => sizes.reduce((a, b) => a + b) === local.length);
  const areas = [3, 2, 4, 1].filter((area) => local.length - area >= 4);
  return [...whole, ...areas.map((area) => [area, local.length - area])].map((sizes) => {
    let at = 0;
    return sizes.map((size) => local.slice(at, (at += size)));
  });
};

/** Twelve forms of a number of the North American plan. */
const northAmerican = (local: string): readonly string[] => {
  const [area, office, line] = [local.slice(0, 3), local.slice(3, 6), local.slice(6)];
  const plain = ["-", ".", " "].flatMap((by) => {
    const joined = [area, office, line].join(by);
    return [joined, `1${by}${joined}`, `+1${by}${joined}`];
  });
  const bracketed = `(${area}) ${office}-${line}`;
  return [bracketed, `+1 ${bracketed}`, `1 ${bracketed}`, `(${area})${office}-${line}`, ...plain];
};

const grouped = (country: string, trunk: string, local: string): readonly string[] =>
  groupsOf(local).flatMap(([area = "", ...rest]) => {
    const [spaced, dashed] = [rest.join(" "), rest.join("-")];
    const abroad =
      country === ""
        ? []
        : [
            `+${country} ${area} ${spaced}`,
            `+${country} (${area}) ${spaced}`,
            ...(trunk === "" ? [] : [`+${country} (${trunk})${area} ${spaced}`]),
            `+${country}-${area}-${dashed}`,
          ];
    const home = rest.length > 1 ? [] : [`${trunk}${area}-${dashed}`, `${trunk}${area}/${spaced}`];
    return [`${trunk}${area} ${spaced}`, ...abroad, ...home];
  });

/** What is longer is no phone number, whatever a CRM keeps there. */
const mostOfStored = 80;

/** More notations would make an address too long. */
const mostForms = 40;

/**
 * The notations in which people store a number: Dataverse keeps what was typed, and looks for exactly what is asked (facts §1.9).
 * First those without any punctuation. Pure.
 */
export const phoneForms = (phone: Phone): readonly string[] => {
  const { whole, local, trunk, country } = partsOf(phone);
  if (local === "" || whole.length > mostOfStored) return [];
  const american = local.length === 10 && trunk === "" && (country === "1" || country === "");
  const forms = [
    `+${whole}`,
    whole,
    `00${whole}`,
    ...(country === "" ? [] : [`${trunk}${local}`, local, `0${local}`]),
    ...(phone.national === undefined ? [] : [phone.national.trim()]),
    ...(american ? northAmerican(local) : grouped(country, trunk, local)),
  ];
  return [...new Set(forms)].slice(0, mostForms);
};
