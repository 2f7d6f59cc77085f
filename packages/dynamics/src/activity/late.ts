import type { Context, Entry, Fields, Warning } from "@wrapup/core";
import { keyUuid } from "@wrapup/core";
import { cannotBeAsked } from "../moved.ts";
import type { Finder } from "../moved.ts";
import type { ChangeSet, Part } from "../odata/multipart.ts";
import { bindTo, byIds, fitting, rowAt } from "../query.ts";
import { etagOf, ownId, queryRows, textAt } from "../rows.ts";
import type { VendorRow } from "../rows.ts";

/**
 * Late facts of a completed activity (L8): it is read-only, so what only adds to it stands in one annotation beside it. The annotation
 * has a key of its own and always holds all that the row itself does not say.
 */

/** The annotation's id: the same in every attempt, so that there is one (W2). */
export const lateId = (entry: Entry): string => keyUuid(entry.key, "late");

/** Its table. */
export const annotations = { entitySet: "annotations", primaryId: "annotationid" } as const;

/** Activities whose annotations are bound by `objectid_` and their table's name (facts §1.3). */
const plainlyBound: ReadonlySet<string> = new Set([
  "phonecall",
  "email",
  "task",
  "appointment",
  "letter",
]);

/** What is read of it. */
const lateColumns = ["notetext", "_createdby_value", "_modifiedby_value"] as const;

/** How much an annotation's text takes (facts §1.4). */
const mostOfNote = 100_000;
const mark = "…";

const linesOf = (text: unknown): readonly string[] => {
  if (typeof text !== "string" || text.trim() === "") return [];
  return text.replaceAll(/\r\n?/g, "\n").trim().split("\n");
};

/** The lines of `after` that are not in `before`, or `undefined` where a line of `before` was changed or taken away. Pure. */
export const addedLines = (before: unknown, after: unknown): readonly string[] | undefined => {
  const old = linesOf(before);
  const added: string[] = [];
  let at = 0;
  for (const line of linesOf(after)) {
    if (at < old.length && line === old[at]) at += 1;
    else added.push(line);
  }
  return at === old.length ? added : undefined;
};

/**
 * What these columns say beyond what the row was made with; `undefined` where one of them says something else instead, which is a
 * correction and no late fact. Pure.
 */
export const lateText = (
  made: Fields,
  wish: Fields,
  columns: readonly string[],
): string | undefined => {
  const added: string[] = [];
  for (const name of columns) {
    const lines = addedLines(made[name], wish[name]);
    if (lines === undefined) return undefined;
    added.push(...lines);
  }
  return added.join("\n");
};

/** A correction in words, for where the row cannot be changed: each column with its new value. `labelOf`: what people call a column. Pure. */
export const correctionText = (
  made: Fields,
  wish: Fields,
  columns: readonly string[],
  labelOf: (column: string) => string,
): string =>
  columns
    .flatMap((name) => {
      const lines = typeof wish[name] === "string" ? addedLines(made[name], wish[name]) : undefined;
      if (lines !== undefined && linesOf(made[name]).length > 0) return lines;
      const value = String(wish[name] ?? "").replaceAll(/\r\n?/g, "\n");
      return [`${labelOf(name)}:${value.includes("\n") ? "\n" : " "}${value}`];
    })
    .join("\n");

/** The text as far as an annotation takes it; never cut inside a character. Pure. */
export const fitted = (
  text: string,
): { readonly text: string; readonly warnings: readonly Warning[] } => {
  if (text.length <= mostOfNote) return { text, warnings: [] };
  const cut = text.slice(0, mostOfNote - mark.length).replace(/[\ud800-\udbff]$/, "");
  return {
    text: `${cut}${mark}`,
    warnings: [
      {
        code: "shortened",
        field: "notetext",
        text: `Too long for an annotation, which holds ${mostOfNote} characters: the end was left out.`,
      },
    ],
  };
};

/**
 * A person's words in our annotation stay, and what it does not say yet is added below them. Pure.
 */
export const besides = (current: string, text: string): string => {
  const there = new Set(linesOf(current).map((line) => line.trim()));
  const missing = linesOf(text).filter((line) => !there.has(line.trim()));
  return missing.length === 0 ? current : `${current.trimEnd()}\n${missing.join("\n")}`;
};

/** Whether an annotation holds this text already: line ends and outer space are no difference. */
export const says = (note: VendorRow | undefined, text: string): boolean =>
  linesOf(note?.["notetext"]).join("\n") === linesOf(text).join("\n");

/** Where an annotation hangs: the activity's set and id, and the name that binds them. */
type Hanging = { readonly bind: string; readonly entitySet: string; readonly id: string };

/** The write that makes an annotation say this: made once, changed only as it was read (W7). */
export const notePart = (
  entry: Entry,
  note: VendorRow | undefined,
  text: string,
  { bind, entitySet, id }: Hanging,
): Part => {
  const path = rowAt("annotations", lateId(entry));
  return note === undefined
    ? {
        method: "PATCH",
        path,
        headers: { "If-None-Match": "*" },
        body: {
          subject: "Added after completion",
          notetext: text,
          [`${bind}@odata.bind`]: bindTo(entitySet, id),
        },
      }
    : {
        method: "PATCH",
        path,
        headers: { "If-Match": etagOf(note) ?? "*" },
        body: { notetext: text },
      };
};

/** The write that takes our annotation away, once the row says everything. */
export const noteGone = (entry: Entry, note: VendorRow): Part => ({
  method: "DELETE",
  path: rowAt("annotations", lateId(entry)),
  headers: { "If-Match": etagOf(note) ?? "*" },
});

/** What is known of the annotation beside an activity. */
export type Beside = {
  readonly id: string;
  readonly entitySet: string;
  readonly note: VendorRow | undefined;
  /** Whether a person ever changed it. */
  readonly noteTouched: boolean;
  /** The name that binds an annotation to such an activity; `undefined` where none can stand beside it. */
  readonly bind: string | undefined;
};

/** What is to be done about the annotation. */
type Noted = { readonly parts: ChangeSet; readonly warnings: readonly Warning[] };

/** Nothing. */
export const nothingNoted: Noted = { parts: [], warnings: [] };

/** Makes the annotation say this; a person's words in it stay. `undefined` where none can stand beside the activity. */
export const noted = (entry: Entry, beside: Beside, text: string): Noted | undefined => {
  const { note, noteTouched, entitySet, id, bind } = beside;
  const there = note === undefined ? undefined : textAt(note, "notetext");
  const whole = noteTouched && there !== undefined ? besides(there, text) : text;
  if (whole === "" || says(note, whole)) return nothingNoted;
  if (note === undefined && bind === undefined) return undefined;
  const { text: fits, warnings } = fitted(whole);
  return { parts: [notePart(entry, note, fits, { bind: bind ?? "", entitySet, id })], warnings };
};

/** Takes our annotation away, as the row itself says everything now; not what a person wrote into it. */
export const unnoted = (entry: Entry, { note, noteTouched }: Beside): Noted => {
  if (note === undefined) return nothingNoted;
  return noteTouched
    ? {
        parts: [],
        warnings: [
          {
            code: "editedInCrm",
            field: "notetext",
            text: "A note of ours was changed in Dynamics 365 and stays as it is there.",
          },
        ],
      }
    : { parts: [noteGone(entry, note)], warnings: [] };
};

/**
 * The annotations of these entries. `undefined` without the right to read them: then none may be made either, as nobody could tell later
 * what it says. Throws `CrmError`.
 */
export const readNotes = async (
  entries: readonly Entry[],
  { client }: Finder,
  context: Context,
): Promise<ReadonlyMap<string, VendorRow> | undefined> => {
  const notes = new Map<string, VendorRow>();
  try {
    for (const ids of fitting(entries.map(lateId)))
      for (const row of await queryRows(client, byIds(annotations, lateColumns, ids), context))
        notes.set(ownId(row, annotations.primaryId), row);
  } catch (error) {
    if (!cannotBeAsked(error)) throw error;
    return undefined;
  }
  return notes;
};

/** What binds an annotation to an activity; Dataverse's own tables need no look (facts §1.3). Throws `CrmError`. */
export const bindOf = async (
  type: string,
  { describes }: Finder,
  context: Context,
): Promise<string | undefined> => {
  if (plainlyBound.has(type)) return `objectid_${type}`;
  const described = await describes.of("annotation", context);
  return described?.navigation.find((one) => one.column === "objectid" && one.target === type)
    ?.name;
};
