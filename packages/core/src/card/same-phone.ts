import type { PhoneForms } from "./address.ts";

/** Fewer digits than this say nothing about a country: they must be equal. */
const enoughDigits = 7;

/** What is longer is no phone number, whatever a CRM keeps there. */
const mostOfStored = 80;

const digitsIn = (text: string): string => text.replaceAll(/\D/gu, "");

/**
 * Whether a phone number that a CRM keeps, in whatever notation people typed it, is the one that was looked for (R1). Digits are
 * compared, extensions left out. For authors of adapters: a CRM's own search finds too much or compares notations, so each hit is
 * judged by this. Where a country is known on both sides it must agree; numbers of fewer than seven digits must be equal. Pure; a text
 * of more than 80 characters is no phone number.
 */
export const samePhone = (stored: string, phone: PhoneForms): boolean => {
  if (stored.length > mostOfStored) return false;
  const [plain = ""] = stored.split(/\s*(?:x|ext\.?|#|;)\s*\d*\s*$/iu);
  const has = digitsIn(plain);
  const whole = digitsIn(phone.e164 ?? phone.digits);
  const local = digitsIn(phone.national ?? phone.digits).replace(/^0+/u, "");
  if (has === "" || local === "") return false;
  if (has === whole || has.replace(/^0+/u, "") === local) return true;
  if (local.length < enoughDigits || !has.endsWith(local)) return false;
  // What stands before must be this number's country, with or without an exit code.
  const before = has
    .slice(0, has.length - local.length)
    .replace(/^(?:00|011)/u, "")
    .replace(/0$/u, "");
  return before === "" || phone.e164 === undefined || whole === before + local;
};
