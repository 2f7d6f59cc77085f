import type {
  Entry,
  Fields,
  FieldValue,
  RecordId,
  SearchQuery,
  TypeDescription,
  Warning,
  Write,
} from "../index.ts";

/** A row of the scripted CRM. */
export type ScriptedRow = {
  readonly id: string;
  readonly key: string;
  readonly entry: Entry;
  readonly createdAt: number;
  readonly writes: number;
  /** People changed it since. */
  readonly edited: boolean;
};

/** The types of the scripted CRM. */
export const knownTypes = new Set(["activity", "person", "ticket", "company"]);

/** Every field any type of the scripted CRM has. */
const fields = [
  "subject",
  "description",
  "start",
  "end",
  "duration",
  "disposition",
  "direction",
] as const;

/** Proof of a row, as the scripted CRM gives it. */
export const receiptOf = ({
  id,
}: ScriptedRow): { readonly ref: RecordId; readonly url: string } => ({
  ref: { type: "activity", id },
  url: `https://crm.example/${id}`,
});

/** The row after a write, made from what the request carried: what it left out stays, and what people changed stays (W7). */
export function amended(
  there: ScriptedRow | undefined,
  write: Write,
): { readonly entry: Entry; readonly warnings: readonly Warning[] } {
  if (write.op !== "amend" || there === undefined) return { entry: write.entry, warnings: [] };
  const { fields } = there.entry;
  const kept = new Map<string, FieldValue>(Object.entries(fields));
  const warnings: Warning[] = [];
  for (const [field, value] of Object.entries(write.changed)) {
    const ours = !there.edited || (fields[field] ?? null) === (write.made.fields[field] ?? null);
    if (!ours)
      warnings.push({
        code: "editedInCrm",
        field,
        text: `${field} was changed by people and stays.`,
      });
    else if (value === null) kept.delete(field);
    else kept.set(field, value);
  }
  const entry = {
    ...there.entry,
    fields: Object.fromEntries(kept),
    ...(write.relinked && { roles: write.entry.roles }),
    ...(write.reowned && {
      final: write.entry.final,
      ...(write.entry.owner !== undefined && { owner: write.entry.owner }),
    }),
  };
  return { entry, warnings };
}

/** A type as the scripted CRM describes it. */
export const describe = (name: string): TypeDescription => ({
  name,
  label: name,
  fields: (name === "activity" ? fields : ["name", "phone", "email", "note"]).map((field) => ({
    name: field,
    label: field,
    kind:
      field === "duration" ? "number" : field === "start" || field === "end" ? "dateTime" : "text",
    ...(field === "subject" ? { length: 255 } : field === "description" ? { length: 32_000 } : {}),
    required: field === "name",
    createable: true,
    updateable: true,
  })),
});

/** Whether a record answers a search. */
export function matches(fields: Fields, query: SearchQuery): boolean {
  const held = Object.values(fields).flatMap((value) => (typeof value === "string" ? [value] : []));
  if ("phone" in query) {
    const wanted = query.phone.digits;
    return held.some(
      (value) =>
        digitsOf(value).length > 6 &&
        (wanted.endsWith(digitsOf(value)) || digitsOf(value).endsWith(wanted)),
    );
  }
  const wanted =
    "email" in query
      ? query.email
      : "name" in query
        ? query.name
        : "text" in query
          ? query.text
          : query.customerNumber;
  return held.some((value) => value.toLowerCase() === wanted.toLowerCase());
}

const digitsOf = (text: string): string =>
  /^[\d\s()+.-]+$/u.test(text) ? text.replaceAll(/\D/gu, "") : "";
