import type { Fields, FieldValue, Warning } from "@wrapup/core";
import {
  columnOf,
  columnsBody,
  isHtml,
  isLookup,
  isMapped,
  mapped,
  readAs,
  sameBreaks,
  valueFor,
} from "../encode.ts";
import type { Amend, Body, Shape } from "../encode.ts";
import type { VendorType } from "../odata/table.ts";
import type { VendorRow } from "../rows.ts";

const isDateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Columns whose day is kept, and whose time may not be (facts §1.4; what becomes of it is not known). */
const daysOnly = new Set(["actualstart", "actualend"]);

const plain = (value: unknown): string => {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "string") {
    const text = value.replaceAll(/\r\n?/g, "\n").trim();
    return isDateTime.test(text) && !Number.isNaN(Date.parse(text))
      ? new Date(text).toISOString()
      : text;
  }
  return typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : JSON.stringify(value);
};

const comparable = (type: VendorType, name: string, value: unknown): string => {
  const text = plain(value);
  if (daysOnly.has(name)) return text.slice(0, 10);
  if (isLookup(type, name)) return text.toLowerCase();
  return isHtml(type, name) ? sameBreaks(text) : text;
};

/**
 * Whether a row's value is what we would write: Dataverse trims text, writes times and line breaks its own way, and keeps no empty text.
 * Pure.
 */
export const sameValue = (
  type: VendorType,
  name: string,
  there: unknown,
  wish: FieldValue | undefined,
): boolean =>
  comparable(type, name, there) === comparable(type, name, valueFor(type, name, wish ?? null));

/** What an amendment wants: what changed, and what an annotation says instead of the row until now (L8). */
export const wishOf = (write: Amend, type: VendorType): Fields => {
  const { entry, made, changed } = write;
  const differs = Object.entries(entry.fields).filter(
    ([name, value]) => (made.fields[name] ?? null) !== value,
  );
  const all: Fields = { ...Object.fromEntries(differs), ...changed };
  return Object.fromEntries(
    mapped(all, type).filter(([name]) => columnOf(type, name)?.updateable !== false),
  );
};

/** Our part of a long text replaced, what people wrote around it kept; `undefined` when our part is no longer there. */
const spliced = (
  type: VendorType,
  name: string,
  there: unknown,
  last: FieldValue | undefined,
  wish: FieldValue,
): string | undefined => {
  if (typeof there !== "string" || typeof last !== "string" || last.trim() === "") return undefined;
  const clean = (text: unknown): string => {
    const found = plain(text);
    return isHtml(type, name) ? sameBreaks(found) : found;
  };
  const text = clean(there);
  const ours = clean(valueFor(type, name, last));
  const at = text.indexOf(ours);
  if (at < 0) return undefined;
  return text.slice(0, at) + clean(valueFor(type, name, wish)) + text.slice(at + ours.length);
};

/** What of an amendment's columns is to be written. */
type ColumnChanges = {
  /** Column by column, as the row takes it: long text may be people's words with ours among them. */
  readonly body: Body;
  /** The columns in it. */
  readonly columns: readonly string[];
  readonly warnings: readonly Warning[];
};

/** A person's value that stays. */
export const edited = (field: string): Warning => ({
  code: "editedInCrm",
  field,
  text: `${field} was changed in Dynamics 365 and stays as it is there.`,
});

/** Compares the row as it stands with what we last wrote (W7): ours is rewritten, a person's value stays. */
export const columnChanges = (
  write: Amend,
  row: VendorRow,
  shape: Shape,
  touched: boolean,
): ColumnChanges => {
  const { type } = shape;
  // Where nobody knows what it holds, and no person changed it, whatever is there is ours.
  const allOurs = !write.contentKnown && !touched;
  const changes: Record<string, FieldValue> = {};
  const text: Record<string, string> = {};
  const warnings: Warning[] = [];
  for (const [name, wish] of Object.entries(wishOf(write, type))) {
    const there = row[readAs(type, name)];
    const last = isMapped(write.made.fields, type, name) ? write.made.fields[name] : null;
    if (sameValue(type, name, there, wish)) continue;
    // What Dataverse made of HTML and of days is ours as long as nobody else changed the row.
    const ours = allOurs || (!touched && (isHtml(type, name) || daysOnly.has(name)));
    const whole =
      columnOf(type, name)?.kind === "Memo" ? spliced(type, name, there, last, wish) : undefined;
    if (ours || sameValue(type, name, there, last)) changes[name] = wish;
    else if (whole !== undefined) text[name] = whole;
    else warnings.push(edited(name));
  }
  return {
    body: { ...columnsBody(changes, shape), ...text },
    columns: [...Object.keys(changes), ...Object.keys(text)],
    warnings,
  };
};

/** What must be read before amendments can be compared: columns that the environment has. */
export const columnsToRead = (writes: readonly Amend[], type: VendorType): readonly string[] => {
  const own = [
    "statecode",
    "statuscode",
    "_ownerid_value",
    "_createdby_value",
    "_modifiedby_value",
    "_regardingobjectid_value",
  ];
  const named = writes.flatMap((write) => Object.keys(wishOf(write, type)));
  return [
    ...own,
    ...[...new Set(named)]
      .filter((name) => columnOf(type, name) !== undefined)
      .map((name) => readAs(type, name)),
  ];
};
