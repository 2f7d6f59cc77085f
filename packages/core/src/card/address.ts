import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type PhoneNumber,
} from "libphonenumber-js/min";
import type { Card } from "../model/card.ts";
import type { Channel } from "../model/channel.ts";
import { addressOn } from "../model/address-on.ts";

/** The forms a CRM may hold a number in (R1). */
export type PhoneForms = {
  readonly e164?: string;
  readonly national?: string;
  readonly digits: string;
};

/** What carriers and platforms send for a withheld number; +266696687 spells "anonymous" on a keypad. */
const withheld = new Set([
  "anonymous",
  "blocked",
  "private",
  "privat",
  "restricted",
  "unavailable",
  "unknown",
  "withheld",
  "+266696687",
  "266696687",
]);

/** Longer texts are no phone number; parsing them would only cost time. */
const longestPhone = 80;
const longestEmail = 254;

/**
 * A phone number in the forms to search and compare by: E.164 and national where it is a possible number, and its bare digits.
 * `country` (ISO, such as `DE`) is where local numbers belong. Accepts `tel:` and `sip:` addresses.
 * `undefined` for a withheld number and for what holds no number at all.
 */
export function phoneForms(raw: string, country?: string): PhoneForms | undefined {
  if (raw.length > longestPhone * 4) return undefined;
  const text = bareNumber(raw);
  if (text === "" || text.length > longestPhone || withheld.has(text.toLowerCase()))
    return undefined;
  const number = parse(text, country);
  if (number !== undefined) {
    const national = number.formatNational().replaceAll(/\D/gu, "");
    return { e164: number.number, national, digits: number.number.slice(1) };
  }
  const digits = asciiDigits(text);
  return digits.length < 3 || /\p{L}/u.test(text) ? undefined : { digits };
}

/** A phone number as Wrapup keeps it: E.164, else its digits, else nothing. */
export function normalPhone(raw: string, country?: string): string | undefined {
  const forms = phoneForms(raw, country);
  return forms?.e164 ?? forms?.digits;
}

/** An email address lower-cased and without a display name or `mailto:`; nothing where it is none. It is not a check that mail arrives. */
export function normalEmail(raw: string): string | undefined {
  const bare = raw.trim().replace(/^mailto:/iu, "");
  const inside = /<([^<>]*)>$/u.exec(bare)?.[1] ?? bare;
  const text = inside.trim();
  if (text.length > longestEmail || /[\s\p{Cc}<>]/u.test(text)) return undefined;
  const at = text.lastIndexOf("@");
  const host = text.slice(at + 1);
  if (at < 1 || at > 64 || host === "" || host.startsWith(".") || host.includes(".."))
    return undefined;
  return text.toLowerCase();
}

/** One customer's address on one channel in the form that is compared (C6): phones in E.164, emails and handles in lower case. */
export function normalAddress(raw: string, channel: Channel, country?: string): string | undefined {
  if (channel === "voice" || channel === "sms") return normalPhone(raw, country);
  if (channel === "email") return normalEmail(raw);
  const text = raw.normalize("NFC").trim().toLowerCase();
  return text === "" ? undefined : text;
}

/**
 * The address the customer used on this channel, normalised; as it was given where it cannot be normalised; absent where
 * the channel told none or the number was withheld.
 */
export function addressUsed(card: Card, channel: Channel, country?: string): string | undefined {
  const found = addressOn(card, channel);
  if (found === undefined || withheld.has(found.text.toLowerCase())) return undefined;
  if (found.field === "phone") return normalPhone(found.text, country) ?? found.text;
  if (found.field === "email") return normalEmail(found.text) ?? found.text;
  return found.text;
}

function parse(text: string, country: string | undefined): PhoneNumber | undefined {
  const upper = country?.toUpperCase();
  const known: CountryCode | undefined =
    upper !== undefined && isSupportedCountry(upper) ? upper : undefined;
  const number = parsePhoneNumberFromString(text, {
    extract: false,
    ...(known !== undefined && { defaultCountry: known }),
  });
  return number?.isPossible() === true ? number : undefined;
}

/** Takes off what surrounds a number in telephony addresses. */
function bareNumber(raw: string): string {
  const text = raw
    .normalize("NFKC")
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, "")
    .trim();
  const sip = /^sips?:([^@;?]+)/iu.exec(text)?.[1];
  return (sip ?? text.replace(/^tel:/iu, "").replace(/;(?!ext=).*$/iu, "")).trim();
}

/** Digits of any script as ASCII ones. */
const asciiDigits = (text: string): string =>
  Array.from(text.matchAll(/\p{Nd}/gu), ([digit]) => decimal(digit)).join("");

/** Unicode keeps the ten digits of a script together, zero first, so the offset to the last non-digit is the value plus one. */
function decimal(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(code - zero);
}
