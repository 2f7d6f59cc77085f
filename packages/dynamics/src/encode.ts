import type { Answer, Entry, Fields, FieldValue, RecordId, Warning, Write } from "@wrapup/core";
import { areNamed, isInbound, partiesName, partiesOf, partyBody } from "./activity/parties.ts";
import type { SetOf } from "./activity/parties.ts";
import { isOurs, readName } from "./odata/table.ts";
import type { VendorColumn, VendorType } from "./odata/table.ts";
import { bindTo, isGuid, isName } from "./query.ts";
import type { VendorRow } from "./rows.ts";

/** Columns of a row on their way to Dataverse, binds and parties among them. */
export type Body = Readonly<Record<string, unknown>>;

/** An activity's type, and how the tables of its links are named in addresses. */
export type Shape = { readonly type: VendorType; readonly setOf: SetOf };

export type Amend = Extract<Write, { op: "amend" }>;

/** The record that the activity is about. */
export const regardingOf = (entry: Entry): RecordId | undefined => entry.roles["regarding"]?.[0];

export const columnOf = (type: VendorType, name: string): VendorColumn | undefined =>
  type.columns.find((column) => column.name === name);

/** How a row names a column that a mapping names: a lookup is read as `_x_value`. */
export const readAs = (type: VendorType, name: string): string => {
  const column = columnOf(type, name);
  return column === undefined ? name : readName(column);
};

export const isLookup = (type: VendorType, name: string): boolean => readAs(type, name) !== name;

/** The bind of the regarding record; it has a name of its own for each table (facts §1.3). */
const regardingBind = (type: VendorType, target: string): string | undefined =>
  type.navigation.find((one) => one.column === "regardingobjectid" && one.target === target)?.name;

/** Whether a column's text is HTML, as an e-mail's is (facts §1.4). */
export const isHtml = (type: VendorType, name: string): boolean =>
  type.name === "email" && name === "description";

/** Plain text as HTML that shows it line by line. */
export const htmlOf = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll(/\r\n|[\r\n]/g, "<br>");

/** Line breaks of HTML in one spelling: who keeps them may write them anew. */
export const sameBreaks = (html: string): string =>
  html.replaceAll(/<br\s*\/?>\s?/gi, "<br>").replaceAll(/&#34;|"/g, "&quot;");

/** A mapped value as the column takes it. */
export const valueFor = (type: VendorType, name: string, value: FieldValue): FieldValue =>
  typeof value === "string" && isHtml(type, name) ? htmlOf(value) : value;

/** A lookup that a mapping fills with an id: bound by name where it can only mean one table. */
const lookupFor = (
  shape: Shape,
  name: string,
  value: FieldValue,
): readonly (readonly [string, unknown])[] => {
  const targets = shape.type.navigation.filter((one) => one.column === name);
  const [only] = targets;
  const set = only === undefined ? undefined : shape.setOf(only.target);
  if (only === undefined || targets.length > 1 || set === undefined) return [];
  if (value === null) return [[`${only.name}@odata.bind`, null]];
  return typeof value === "string" && isGuid(value)
    ? [[`${only.name}@odata.bind`, bindTo(set, value)]]
    : [];
};

export const mapped = (
  fields: Fields,
  type: VendorType,
): readonly (readonly [string, FieldValue])[] =>
  Object.entries(fields).filter(
    // statuscode says how the activity is completed.
    ([name]) => !isOurs(type, name) && !name.includes("@") && name !== "statuscode",
  );

export const isMapped = (fields: Fields, type: VendorType, name: string): boolean =>
  mapped(fields, type).some(([one]) => one === name);

/** Mapped columns as a write names them. */
export const columnsBody = (fields: Fields, shape: Shape): Body =>
  Object.fromEntries(
    mapped(fields, shape.type).flatMap(([name, value]) =>
      isLookup(shape.type, name)
        ? lookupFor(shape, name, value)
        : [[name, valueFor(shape.type, name, value)] as const],
    ),
  );

/** The regarding record as a write names it; `undefined` clears what `old` was. */
export const regardingBody = (shape: Shape, record: RecordId | undefined, old?: RecordId): Body => {
  const target = record ?? old;
  if (target === undefined) return {};
  const bind = regardingBind(shape.type, target.type);
  const set = shape.setOf(target.type);
  if (bind === undefined || set === undefined) return {};
  return { [`${bind}@odata.bind`]: record === undefined ? null : bindTo(set, record.id) };
};

/** The owner as a write names it. */
export const ownerBody = (owner: string): Body => ({
  "ownerid@odata.bind": bindTo("systemusers", owner),
});

/** The whole row of a `put`. Its id is in the address, its completion a write of its own (facts §1.4). */
export const rowOf = (entry: Entry, shape: Shape): Body => {
  const parties = partiesOf(entry, shape.type);
  const name = partiesName(shape.type);
  const filled = Object.fromEntries(
    Object.entries(entry.fields).filter(([, value]) => value !== null),
  );
  return {
    ...columnsBody(filled, shape),
    ...regardingBody(shape, regardingOf(entry)),
    ...(entry.owner !== undefined && ownerBody(entry.owner)),
    ...(name !== undefined &&
      parties.length > 0 && { [name]: parties.map((party) => partyBody(party, shape.setOf)) }),
  };
};

/** A state as a write names it; without a status Dataverse takes the state's first. */
export type State = { readonly statecode: number; readonly statuscode?: number };

const statusOf = (entry: Entry, { completed }: VendorType): number | undefined => {
  const own = entry.fields["statuscode"];
  if (typeof own === "number") return own;
  return (isInbound(entry) ? completed.received : completed.made) ?? completed.plain;
};

/** How an activity is completed (facts §1.4). */
export const completionOf = (entry: Entry, type: VendorType): State => {
  const statuscode = statusOf(entry, type);
  return { statecode: 1, ...(statuscode !== undefined && { statuscode }) };
};

/** How it is opened again. */
export const reopening: State = { statecode: 0 };

/** Whether a row is read-only: completed or cancelled (facts §1.4). */
export const isFrozen = (row: VendorRow): boolean => (row["statecode"] ?? 0) !== 0;

/** The state that a row has, as a write names it. */
export const stateOf = (row: VendorRow): State => {
  const [statecode, statuscode] = [row["statecode"], row["statuscode"]];
  return {
    statecode: typeof statecode === "number" ? statecode : 0,
    ...(typeof statuscode === "number" && { statuscode }),
  };
};

const refused = (why: "validation" | "unsupported", reason: string, field?: string): Answer => ({
  is: "refused",
  why,
  reason,
  ...(field !== undefined && { field }),
});

/** A type as a reason may tell it: what is no name may be anything (O3). */
const shown = (type: string): string => (isName(type) ? `"${type}"` : "which is no name");

/** What makes an entry impossible to write here, before anything is sent. */
export const problemOf = (entry: Entry, { type, setOf }: Shape): Answer | undefined => {
  if (!type.isActivity) return refused("unsupported", `${type.name} is no activity`);
  if (entry.owner !== undefined && !isGuid(entry.owner))
    return refused("validation", "The owner is no user id of Dynamics 365", "ownerid");
  const regarding = regardingOf(entry);
  const links = [...(regarding === undefined ? [] : [regarding]), ...(entry.roles["party"] ?? [])];
  const unknown = links.find((ref) => setOf(ref.type) === undefined);
  if (unknown !== undefined)
    return refused(
      "unsupported",
      `A linked record's type, ${shown(unknown.type)}, is no table that Dynamics 365 shows: a link's type is a logical name, such as contact or incident`,
    );
  if (!areNamed(partiesOf(entry, type)) || links.some(({ id }) => !isGuid(id)))
    return refused(
      "validation",
      "A linked record's id is none of Dynamics 365: it must be a GUID without braces",
    );
  if (regarding !== undefined && regardingBind(type, regarding.type) === undefined)
    return refused(
      "unsupported",
      `${type.name} cannot be regarding a record of ${regarding.type}; switch on "Activities" for that table`,
      "regardingobjectid",
    );
  return undefined;
};

/** Links that this type has no place for; the link rules keep it from happening, as long as the type stays what it was. */
const unplaced = (entry: Entry, type: VendorType): readonly Warning[] => {
  const roles = new Set(["regarding", ...(type.parties.size > 0 ? ["party"] : [])]);
  const lost = Object.entries(entry.roles).some(
    ([role, refs]) => refs.length > (role === "regarding" ? 1 : roles.has(role) ? refs.length : 0),
  );
  return lost
    ? [
        {
          code: "noPlaceForLink",
          text: `${type.name} has no place for one of the linked records, so it is not linked to it.`,
        },
      ]
    : [];
};

/** What a put leaves out here. */
export const warningsOf = (entry: Entry, shape: Shape): readonly Warning[] => [
  ...unplaced(entry, shape.type),
  ...mapped(entry.fields, shape.type).flatMap(([name, value]) =>
    value !== null && isLookup(shape.type, name) && lookupFor(shape, name, value).length === 0
      ? [
          {
            code: "valueNotAllowed" as const,
            field: name,
            text: `A value was left out of ${name}: it is no id of one certain table.`,
          },
        ]
      : [],
  ),
];
