import type { z } from "zod";
import { WrapupError } from "../errors.ts";
import { shown } from "./shown.ts";

/** Why something from outside was refused: the first thing that is wrong, where, and how to mend it. It never repeats a value. */
export function refusedInput(issues: readonly z.core.$ZodIssue[], place: string): WrapupError {
  const issue = issues[0];
  if (issue === undefined)
    return refused("The input is not valid", place, "Give it as the types describe it.");
  const path = issue.path.map((part) => shown(String(part))).join(".");
  const where = path === "" ? place : `${place}: ${path}`;
  const [what, mend] = wordsFor(issue);
  return refused(what, where, mend);
}

const refused = (what: string, place: string, mend: string): WrapupError =>
  new WrapupError("invalid_input", what, { place, mend });

const own: Readonly<Record<string, readonly [what: string, mend: string]>> = {
  id: [
    "An id holds a control character or half a character",
    "Give the id as the platform shows it.",
  ],
  date: ["A date is not ISO 8601", "Give it as 2026-03-01 or 2026-03-01T09:30:00Z."],
  recordType: [
    "A record type is no plain name",
    "Give the type's name in the CRM: a letter, then letters, digits, _ . or -, 100 characters at most.",
  ],
  mailAddress: [
    "An address is no email address",
    "Give it bare, as name@host.example, without a display name.",
  ],
  mailSubject: ["A subject is more than one line", "Leave line ends and control characters out."],
  recipients: ["There are too many recipients", "A mail has at most 50, to and cc together."],
  facts: ["There are too many facts", "Teach at most 500 at a time."],
  fact: [
    "A fact is of another kind",
    "A fact is a text of at most 100,000 characters, a finite number, true, false or null.",
  ],
  fieldValue: [
    "A field's value is of another kind",
    "Give a text of at most 100,000 characters, a finite number, true, false or null; dates as ISO text such as 2026-03-01.",
  ],
};

const names: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a finite number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

const named = (kind: string): string => names[kind] ?? kind;

function wordsFor(issue: z.core.$ZodIssue): readonly [what: string, mend: string] {
  const said = own[issue.message];
  if (said !== undefined) return said;
  switch (issue.code) {
    case "invalid_type":
      return ["A value is missing or of another kind", `Give ${named(issue.expected)} here.`];
    case "too_big":
      return [
        "A value is beyond its limit",
        `The limit is ${issue.maximum}${issue.origin === "string" ? " characters" : ""}.`,
      ];
    case "too_small":
      return [
        "A value is empty or too small",
        `The least is ${issue.minimum}${issue.origin === "string" ? " character" : ""}.`,
      ];
    case "unrecognized_keys":
      return [
        "There is a key that nobody reads",
        `Leave out ${issue.keys
          .slice(0, 3)
          .map((key) => `"${shown(key)}"`)
          .join(", ")}.`,
      ];
    case "invalid_value":
      return [
        "A value is none of those allowed",
        `Give one of: ${issue.values.map(String).join(", ")}.`,
      ];
    case "invalid_union":
      return issue.discriminator === undefined
        ? ["A value fits none of the forms allowed here", "Give it as the types describe it."]
        : [
            "There is no such command",
            `Give \`${issue.discriminator}\` the name of a command, such as accept.`,
          ];
    case "invalid_key":
      return [
        "A key is not allowed here",
        "Give one of the keys that the types name; facts have keys of 1 to 255 plain characters.",
      ];
    case "custom":
    case "invalid_element":
    case "invalid_format":
    case "not_multiple_of":
    default:
      return unclear;
  }
}

const unclear = ["A value is not valid", "Give it as the types describe it."] as const;
