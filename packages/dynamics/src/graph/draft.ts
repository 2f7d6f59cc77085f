import { keyUuid } from "@wrapup/core";
import type { Entry, Warning } from "@wrapup/core";

/** A mail as Graph takes and shows it: plain text, so that no word of a customer's is ever HTML. */
export type Mail = {
  readonly subject: string;
  readonly text: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
};

/** The parts of a mail, by the entry's field that each comes from. */
export type Part = keyof Mail;

/** What an entry says, or why it cannot be sent. */
export type Read =
  | { readonly mail: Mail; readonly warnings: readonly Warning[] }
  | { readonly problem: string; readonly field: string };

/**
 * A named property of our own that keeps an entry's key on its message, in Drafts and on the copy in Sent Items. Messages are found by it
 * (extended properties of Graph; a GUID namespace and a name, which is case-sensitive). Made once, never changed.
 */
export const markerId = "String {5c2f7a90-3b1e-4d86-9a47-e0d6b8c41f25} Name wrapup-key";

/** The marker of an entry: hexadecimal digits and hyphens, as values are compared without case. */
export const markerOf = (entry: Pick<Entry, "key">): string => keyUuid(entry.key);

/** Exchange keeps 255 characters of a subject (PidTagSubject); longer ones are cut here, where a warning can say so. */
const longestSubject = 255;
/** Exchange Online's limit of one message (facts §3). */
const mostRecipients = 500;
/** RFC 5321: 64 characters before the @ and 255 behind it. */
const longestAddress = 320;

/** Whether it can stand in a mail's header as one address and nothing else. */
export const isAddress = (text: string): boolean =>
  text.length <= longestAddress &&
  /^[^\s@<>()[\],;:\\"\p{C}]+@[^\s@<>()[\],;:\\"\p{C}]+$/u.test(text);

const addressesIn = (value: unknown): readonly string[] =>
  typeof value === "string"
    ? value
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== "")
    : [];

/** One line: a line end in it could begin a header of its own. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();

const cut = (text: string): string =>
  `${text
    .slice(0, longestSubject - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, "")}…`;

/** Reads the mail that an entry describes: `to` and `cc` hold addresses joined by commas. Pure. */
export const mailOf = ({ fields }: Pick<Entry, "fields">): Read => {
  const { subject, text } = fields;
  const [to, cc] = [addressesIn(fields["to"]), addressesIn(fields["cc"])];
  if (to.length === 0) return { field: "to", problem: "The mail has no recipient" };
  for (const [field, all] of [
    ["to", to],
    ["cc", cc],
  ] as const)
    if (!all.every(isAddress))
      return { field, problem: `What stands in "${field}" is not an email address` };
  if (to.length + cc.length > mostRecipients)
    return { field: "to", problem: `A mail can have ${mostRecipients} recipients at most` };
  if (typeof text !== "string" || text.trim() === "")
    return { field: "text", problem: "The mail has no text" };
  const line = oneLine(typeof subject === "string" ? subject : "");
  const short = line.length <= longestSubject ? line : cut(line);
  return {
    mail: { subject: short, text: text.toWellFormed(), to, cc },
    warnings:
      short === line
        ? []
        : [
            {
              code: "shortened",
              field: "subject",
              text: `The subject was shortened to ${longestSubject} characters`,
            },
          ],
  };
};

const recipients = (addresses: readonly string[]) =>
  addresses.map((address) => ({ emailAddress: { address } }));

const properties: Readonly<Record<Part, (mail: Mail) => Readonly<Record<string, unknown>>>> = {
  subject: ({ subject }) => ({ subject }),
  text: ({ text }) => ({ body: { contentType: "text", content: text } }),
  to: ({ to }) => ({ toRecipients: recipients(to) }),
  cc: ({ cc }) => ({ ccRecipients: recipients(cc) }),
};

/** The JSON of some parts of a mail, for changing a draft. */
export const bodyOf = (mail: Mail, parts: readonly Part[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(parts.flatMap((part) => Object.entries(properties[part](mail))));

/** Every part there is. */
export const allParts: readonly Part[] = ["subject", "text", "to", "cc"];

/** The JSON of a new draft, with its marker. */
export const newDraft = (mail: Mail, marker: string): Readonly<Record<string, unknown>> => ({
  ...bodyOf(mail, mail.cc.length === 0 ? ["subject", "text", "to"] : allParts),
  singleValueExtendedProperties: [{ id: markerId, value: marker }],
});

/** As texts are compared: Exchange writes its own line ends, and spaces at the end of lines come and go. */
const plain = (text: string): string => text.replaceAll(/[\s\u00A0]+/g, " ").trim();

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, n) => one.toLowerCase() === b[n]?.toLowerCase());

/** Whether one part is the same in two mails. */
export const samePart = (part: Part, a: Mail, b: Mail): boolean =>
  part === "to" || part === "cc" ? sameList(a[part], b[part]) : plain(a[part]) === plain(b[part]);
