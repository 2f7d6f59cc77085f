import type { Entry, Fields, FieldValue, Warning, Write } from "@wrapup/core";
import type { Shape } from "./describe.ts";

/** A row on its way to Salesforce. `attributes` is its first key: a real org refused rows where it was not (facts §2.2). */
export type Body = Readonly<Record<string, unknown>> & {
  readonly attributes: { readonly type: string };
};

/** A row as Salesforce reads it back. */
export type VendorRow = Readonly<Record<string, unknown>>;

type Amend = Extract<Write, { op: "amend" }>;

/** Names that a mapping never sets: they are ours or Salesforce's. */
const reserved = new Set(["attributes", "id", "type"]);

type Links = { readonly WhoId: string | null; readonly WhatId: string | null };

/** Who and what of one activity; `null` clears (facts §2.3). */
const linksOf = (entry: Entry): Links => ({
  WhoId: entry.roles["who"]?.[0]?.id ?? null,
  WhatId: entry.roles["what"]?.[0]?.id ?? null,
});

const linkEntries = (entry: Entry): readonly (readonly [keyof Links, string | null])[] => {
  const { WhoId, WhatId } = linksOf(entry);
  return [
    ["WhoId", WhoId],
    ["WhatId", WhatId],
  ];
};

const statusOf = (entry: Entry, shape: Shape): Fields =>
  shape.statuses === undefined || entry.fields["Status"] !== undefined
    ? {}
    : { Status: entry.final ? shape.statuses.completed : shape.statuses.open };

const mapped = (fields: Fields, shape: Shape): readonly (readonly [string, FieldValue])[] =>
  Object.entries(fields).filter(
    ([name]) => !reserved.has(name.toLowerCase()) && name !== shape.keyField,
  );

/** The whole row of a `put`, with our key in the field that keeps it. */
export const rowOf = (entry: Entry, shape: Shape): Body => {
  const { WhoId, WhatId } = linksOf(entry);
  return {
    attributes: { type: shape.type },
    [shape.keyField]: entry.key,
    ...Object.fromEntries(mapped(entry.fields, shape).filter(([, value]) => value !== null)),
    ...statusOf(entry, shape),
    ...(WhoId !== null && { WhoId }),
    ...(WhatId !== null && { WhatId }),
    ...(entry.owner !== undefined && { OwnerId: entry.owner }),
  };
};

/** What a put leaves out or does differently in this org. */
export const warningsOf = (entry: Entry, shape: Shape): readonly Warning[] =>
  shape.once === "lookFirst" && (entry.fields["CallObject"] ?? null) !== null
    ? [
        {
          code: "degraded",
          field: "CallObject",
          text: "CallObject holds Wrapup's key, because the org has no key field; its mapped value was left out.",
        },
      ]
    : [];

const isDateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

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

/** Whether two values are the same in Salesforce, which trims text, writes times its own way and keeps no empty text (facts §3.5). */
export const sameValue = (one: unknown, other: unknown): boolean => plain(one) === plain(other);

/** The fields that an amendment wants to have, with completion where it changed. */
const wishOf = (write: Amend, shape: Shape): Fields => {
  const status = statusOf(write.entry, shape)["Status"];
  const completes =
    status !== undefined && write.entry.final !== write.made.final ? { Status: status } : {};
  return Object.fromEntries(
    [...mapped(write.changed, shape), ...Object.entries(completes)].filter(
      ([name]) => !shape.createOnly.has(name),
    ),
  );
};

/** Our part of a long text replaced, what people wrote around it kept; `undefined` when our part is no longer there. */
const spliced = (current: unknown, last: unknown, wish: FieldValue): string | undefined => {
  if (typeof current !== "string" || typeof last !== "string" || last.trim() === "")
    return undefined;
  const text = current.replaceAll(/\r\n?/g, "\n");
  const ours = plain(last);
  const at = text.indexOf(ours);
  return at < 0 ? undefined : text.slice(0, at) + plain(wish) + text.slice(at + ours.length);
};

/** What to send for one amendment, and what was left alone because people changed it. */
export type Amendment = {
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly warnings: readonly Warning[];
};

/**
 * Compares the row as it stands with what we last wrote (W7): ours is rewritten, a person's value stays. Without the row
 * (not readable), everything wished for is sent and Salesforce decides.
 */
export const amendmentOf = (
  write: Amend,
  row: VendorRow | undefined,
  shape: Shape,
  touched = true,
): Amendment => {
  // Where nobody knows what it holds, and no person changed it, whatever is there is ours.
  const ours = row === undefined || (!write.contentKnown && !touched);
  const fields: Record<string, FieldValue> = {};
  const warnings: Warning[] = [];
  const last: Fields = { ...write.made.fields, ...statusOf(write.made, shape) };
  for (const [name, wish] of Object.entries(wishOf(write, shape))) {
    if (row !== undefined && sameValue(row[name], wish)) continue;
    if (row === undefined || ours || sameValue(row[name], last[name])) {
      fields[name] = wish;
      continue;
    }
    const whole = shape.longText.has(name) ? spliced(row[name], last[name], wish) : undefined;
    if (whole !== undefined) fields[name] = whole;
    else
      warnings.push({
        code: "editedInCrm",
        field: name,
        text: `${name} was changed in Salesforce and stays as it is there.`,
      });
  }
  if (write.relinked) Object.assign(fields, newLinks(write, row, touched, warnings));
  if (write.reowned) Object.assign(fields, newOwner(write, ours ? undefined : row, warnings));
  return { fields, warnings };
};

const sameId = (one: unknown, other: string | null): boolean =>
  typeof one === "string" && other !== null
    ? one.slice(0, 15) === other.slice(0, 15)
    : (one ?? null) === other;

/**
 * A link that changed is an agent's wish of now, so it is brought about (K5). A link that did not change is not sent again, and a
 * link is cleared only where the row still holds ours: what a person put there stays (W7).
 */
const newLinks = (
  write: Amend,
  row: VendorRow | undefined,
  touched: boolean,
  warnings: Warning[],
): Fields => {
  const ours = !write.contentKnown && (row === undefined || !touched);
  const made = linksOf(write.made);
  const fields: Record<string, FieldValue> = {};
  for (const [name, id] of linkEntries(write.entry)) {
    if (row !== undefined && sameId(row[name], id)) continue;
    const wished = !sameId(made[name], id);
    const cleared = id === null && row !== undefined && !sameId(row[name], made[name]);
    if (ours || (wished && !cleared)) fields[name] = id;
    else if (row !== undefined)
      warnings.push({
        code: "editedInCrm",
        field: name,
        text: `${name} was changed in Salesforce and stays as it is there.`,
      });
  }
  return fields;
};

/** What takes our links off a row: only those that it still holds, since another link there is a person's (K5, W7). Pure. */
export const unlinkingOf = (entry: Entry, row: VendorRow): Fields =>
  Object.fromEntries(
    linkEntries(entry).flatMap(([name, id]) =>
      id !== null && sameId(row[name], id) ? [[name, null] as const] : [],
    ),
  );

/** Whether a link of ours was taken off a row, by us or by a person, and none of ours is left. Pure. */
export const lostLinks = (entry: Entry, row: VendorRow): boolean =>
  Object.keys(unlinkingOf(entry, row)).length === 0 &&
  linkEntries(entry).some(([name, id]) => id !== null && (row[name] ?? null) === null);

const newOwner = (write: Amend, row: VendorRow | undefined, warnings: Warning[]): Fields => {
  const { owner } = write.entry;
  if (
    owner === undefined ||
    owner === write.made.owner ||
    (row !== undefined && sameId(row["OwnerId"], owner))
  )
    return {};
  const ours =
    row === undefined ||
    sameId(
      row["OwnerId"],
      write.made.owner ?? (typeof row["CreatedById"] === "string" ? row["CreatedById"] : null),
    );
  if (ours) return { OwnerId: owner };
  warnings.push({
    code: "editedInCrm",
    field: "OwnerId",
    text: "The owner was changed in Salesforce and stays as it is there.",
  });
  return {};
};

/** A row of an update, by id. */
export const updateOf = (
  type: string,
  id: string,
  fields: Readonly<Record<string, FieldValue>>,
): Body => ({
  attributes: { type },
  Id: id,
  ...fields,
});

/** What must be read before an amendment can be compared. */
export const fieldsToRead = (writes: readonly Amend[], shape: Shape): readonly string[] => [
  "IsDeleted",
  "CreatedById",
  "LastModifiedById",
  ...(writes.some((write) => write.relinked) ? ["WhoId", "WhatId"] : []),
  ...(writes.some((write) => write.reowned) ? ["OwnerId"] : []),
  ...new Set(writes.flatMap((write) => Object.keys(wishOf(write, shape)))),
];
