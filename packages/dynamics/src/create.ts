import type {
  Context,
  Created,
  CrmRecord,
  Draft,
  Fields,
  FieldValue,
  RecordId,
} from "@wrapup/core";
import { CrmError, keyUuid } from "@wrapup/core";
import type { Reply } from "./client.ts";
import type { VendorColumn, VendorType } from "./odata/table.ts";
import { duplicateRefs } from "./duplicates.ts";
import { reasonOf, verdictOf } from "./errors.ts";
import { bindTo, isGuid, rowAt, selecting } from "./query.ts";
import { columnsOf, getRecords, recordOf } from "./records.ts";
import type { Desk } from "./records.ts";
import { columnOf, errorIn } from "./vendor-error.ts";
import type { VendorError } from "./vendor-error.ts";
import type { VendorRow } from "./rows.ts";

type Problem = { readonly field?: string; readonly reason: string };

/** A draft on its way: `id` is its own for ever, `body` what is sent. */
type Making = {
  readonly type: VendorType;
  readonly draft: Draft;
  readonly id: string;
  readonly body: Fields;
};

/** One column of the body, or why it cannot be one. */
type Encoded =
  | { readonly name: string; readonly value: FieldValue }
  | { readonly problem: Problem };

const isObject = (value: unknown): value is VendorRow =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const lookups = new Set(["Lookup", "Customer"]);
const wholes = new Set(["Integer", "BigInt", "Picklist", "State", "Status"]);
const numbers = new Set([...wholes, "Decimal", "Double", "Money"]);

/** Forms hand texts; Dataverse takes `"1"` for no number and `"true"` for no boolean. */
const typed = ({ name, label, kind }: VendorColumn, value: FieldValue): Encoded => {
  const text = typeof value === "string" ? value.trim() : value;
  if (numbers.has(kind) && typeof text !== "boolean") {
    const number = Number(text);
    const fits = wholes.has(kind) ? Number.isSafeInteger(number) : Number.isFinite(number);
    const what = kind === "Picklist" ? "the number of one of its choices" : "a number";
    return fits
      ? { name, value: number }
      : { problem: { field: name, reason: `${label} takes ${what}` } };
  }
  if (kind === "Boolean" && typeof text !== "boolean") {
    if (text === "true" || text === 1) return { name, value: true };
    if (text === "false" || text === 0) return { name, value: false };
    return { problem: { field: name, reason: `${label} is true or false` } };
  }
  return { name, value: kind === "String" || kind === "Memo" ? String(value) : value };
};

/** A lookup's value: the id alone, or with its table as `contact/<id>`, where it may point to several. */
const namedIn = (value: FieldValue, targets: readonly string[]): readonly RecordId[] => {
  const [, table, id] = /^(?:([\w]+)\/)?([0-9a-f-]{36})$/i.exec(String(value).trim()) ?? [];
  if (id === undefined || !isGuid(id)) return [];
  return targets
    .filter((target) => table === undefined || table === target)
    .map((type) => ({ type, id: id.toLowerCase() }));
};

/** Users and teams own; an id alone is a user's (facts §1.3). */
const ownedBy = ({ name, label }: VendorColumn, value: FieldValue): Encoded => {
  const [ref] = namedIn(value, ["systemuser", "team"]);
  return ref === undefined
    ? { problem: { field: name, reason: `${label} takes the id of a user` } }
    : { name: `${name}@odata.bind`, value: bindTo(`${ref.type}s`, ref.id) };
};

/** Creating for agents (R3, R4, R5). */
export const createCreating = (desk: Desk) => {
  const existing = async (
    refs: readonly RecordId[],
    context: Context,
  ): Promise<readonly CrmRecord[]> =>
    (await getRecords(desk, refs, context)).flatMap((one) =>
      one === undefined || "movedTo" in one ? [] : [one],
    );

  /** Binds by the exact name for the table that the record is in (facts §1.3). */
  const bound = async (
    type: VendorType,
    { name, label }: VendorColumn,
    value: FieldValue,
    context: Context,
  ): Promise<Encoded> => {
    const ways = type.navigation.filter(({ column }) => column === name);
    const named = namedIn(
      value,
      ways.map(({ target }) => target),
    );
    // Where the id alone is given, the table is the one that has such a row.
    const there = named.length > 1 ? await existing(named, context) : undefined;
    const ref = there === undefined ? named[0] : there[0]?.ref;
    const way = ways.find(({ target }) => target === ref?.type);
    const target = ref === undefined ? undefined : await desk.describes.of(ref.type, context);
    if (ref === undefined || way === undefined || target === undefined) {
      const tables = ways.map((one) => one.target).join(" or ");
      return { problem: { field: name, reason: `${label} takes the id of a record (${tables})` } };
    }
    return { name: `${way.name}@odata.bind`, value: bindTo(target.entitySet, ref.id) };
  };

  const encoded = (type: VendorType, draft: Draft, context: Context): Promise<readonly Encoded[]> =>
    Promise.all(
      Object.entries(draft.fields)
        .filter(([, value]) => value !== null && value !== "")
        .map(async ([name, value]): Promise<Encoded> => {
          const column = type.columns.find((one) => one.name === name);
          if (column?.createable !== true || column.kind === "PartyList")
            return {
              problem: { field: name, reason: "There is no such field, or it may not be set" },
            };
          if (column.kind === "Owner") return ownedBy(column, value);
          return lookups.has(column.kind)
            ? bound(type, column, value, context)
            : typed(column, value);
        }),
    );

  /** It is made; that it cannot be read back must not look like a failure. */
  const bare = (type: VendorType, draft: Draft, id: string): CrmRecord => ({
    ref: { type: type.name, id },
    title: `${type.label} ${id}`,
    url: desk.urlOf(type.name, id) ?? "",
    fields: draft.fields,
  });

  /** What is there under the draft's id; whoever merged it meanwhile is followed (K9). */
  const already = async (
    { type, draft, id }: Making,
    context: Context,
  ): Promise<Created | undefined> => {
    try {
      const [found] = await getRecords(desk, [{ type: type.name, id }], context);
      if (found === undefined) return undefined;
      if (!("movedTo" in found)) return { is: "already", record: found };
      const [winner] = await existing([found.movedTo], context);
      return { is: "already", record: winner ?? bare(type, draft, id) };
    } catch (error) {
      if (!(error instanceof CrmError)) throw error;
      return { is: "already", record: bare(type, draft, id) };
    }
  };

  const duplicate = async (making: Making, context: Context): Promise<Created> => {
    const { type, draft, id, body } = making;
    const refs = await duplicateRefs(desk, type, body, context);
    // The rule may have found the row of an earlier attempt of this very draft.
    const own = refs.some((ref) => ref.type === type.name && ref.id === id)
      ? await already(making, context)
      : undefined;
    return (
      own ?? {
        is: "duplicate",
        candidates: await existing(refs, context),
        mayOverride: !draft.allowDuplicate,
      }
    );
  };

  const refusal = async (making: Making, reply: Reply, context: Context): Promise<Created> => {
    const error = errorIn(reply.status, reply.body);
    const verdict = verdictOf(error);
    if (verdict.does === "refuse" && verdict.why === "duplicate" && !isAlternateKey(error))
      return duplicate(making, context);
    // Create-only: whatever code stands beside it, 412 says that the row is there (facts §1.2).
    if (verdict.does === "alreadyThere" || reply.status === 412) {
      const there = await already(making, context);
      if (there !== undefined) return there;
    }
    return { is: "refused", problems: [problemOf(making.type, error)] };
  };

  /**
   * One record per draft, under an id that is the draft's for ever: a repeat finds it there (R4). Throws `CrmError` when Dataverse
   * did not answer.
   */
  return async (draft: Draft, context: Context): Promise<Created> => {
    const type = await desk.describes.of(draft.type, context);
    if (type === undefined)
      return {
        is: "refused",
        problems: [
          { reason: `The application user may not create ${draft.type} in this environment` },
        ],
      };
    const parts = await encoded(type, draft, context);
    const problems = parts.flatMap((part) => ("problem" in part ? [part.problem] : []));
    if (problems.length > 0) return { is: "refused", problems };
    const id = keyUuid(draft.key);
    const body: Fields = Object.fromEntries(
      parts.flatMap((part) => ("problem" in part ? [] : [[part.name, part.value]])),
    );
    const reply = await desk.client.ask(
      {
        method: "PATCH",
        path: `${rowAt(type.entitySet, id)}?${selecting(type, columnsOf(type, desk.settings))}`,
        body,
        headers: {
          "If-None-Match": "*",
          // Rules rest unless they are asked for (facts §1.5).
          "MSCRM.SuppressDuplicateDetection": String(draft.allowDuplicate),
          Prefer: 'return=representation,odata.include-annotations="*"',
        },
      },
      context,
    );
    if (reply.status >= 300) return refusal({ type, draft, id, body }, reply, context);
    const record = isObject(reply.body) ? recordOf(type, reply.body, desk.urlOf) : undefined;
    return { is: "created", record: record ?? bare(type, draft, id) };
  };
};

const isAlternateKey = ({ code }: VendorError): boolean => code === "0x80060892";

/** One problem for the form, at its field where Dataverse names it. */
const problemOf = (type: VendorType, error: VendorError): Problem => {
  const named = columnOf(error);
  const field = type.columns.find(({ name }) => name === named?.toLowerCase())?.name;
  const reason = reasonOf(error);
  return field === undefined ? { reason } : { field, reason };
};
