import type { Answer, Context, Entry, RecordId } from "@wrapup/core";
import { CrmError, recordKey } from "@wrapup/core";
import { failed, moved, plainAnswer } from "./answer.ts";
import type { Client } from "./client.ts";
import type { Describes } from "./describe.ts";
import type { VendorType } from "./odata/table.ts";
import type { Verdict } from "./error-codes.ts";
import { reasonOf } from "./errors.ts";
import { anyOf, byIds, equalsId, fitting, isGuid, rowsWhere } from "./query.ts";
import type { Table } from "./query.ts";
import { idAt, queryRows } from "./rows.ts";
import type { VendorRow } from "./rows.ts";
import type { VendorError } from "./vendor-error.ts";

/** Where a record is now (K9). */
export type Whereabouts =
  | { readonly is: "there" }
  | { readonly is: "gone" }
  | { readonly is: "moved"; readonly to: RecordId };

/** What looking for records needs. */
export type Finder = { readonly client: Client; readonly describes: Describes };

/** Tables that every organisation has, so that writing to them needs no description of theirs (facts §1.1). */
export const wellKnown: Readonly<Record<string, Table>> = {
  contact: { entitySet: "contacts", primaryId: "contactid" },
  account: { entitySet: "accounts", primaryId: "accountid" },
  lead: { entitySet: "leads", primaryId: "leadid" },
  incident: { entitySet: "incidents", primaryId: "incidentid" },
  opportunity: { entitySet: "opportunities", primaryId: "opportunityid" },
  systemuser: { entitySet: "systemusers", primaryId: "systemuserid" },
  queue: { entitySet: "queues", primaryId: "queueid" },
};

/** How a table is named in addresses; `undefined` where the environment has none, or does not show it. Throws `CrmError`. */
export const tableOf = async (
  type: string,
  describes: Describes,
  context: Context,
): Promise<Table | undefined> =>
  Object.hasOwn(wellKnown, type) ? wellKnown[type] : describes.of(type, context);

/** Tables that can be merged: the loser stays, deactivated, and names the winner (facts §1.5). */
const mergeable = new Set(["account", "contact", "lead", "incident"]);

/** What must be read of a table to know where its rows went. */
export const trailOf = ({ name }: Pick<VendorType, "name">): readonly string[] => [
  ...(mergeable.has(name) ? ["merged", "_masterid_value"] : []),
  ...(name === "lead" ? ["statecode", "_parentcontactid_value"] : []),
];

/** Whether a lead became a contact. */
export const isQualified = (name: string, row: VendorRow): boolean =>
  name === "lead" && row["statecode"] === 1;

/** Pure: what a row says of its whereabouts. A qualified lead lives on as its contact. */
export const whereaboutsOf = (
  { name }: Pick<VendorType, "name">,
  row: VendorRow | undefined,
): Whereabouts => {
  if (row === undefined) return { is: "gone" };
  const contact = isQualified(name, row) ? idAt(row, "_parentcontactid_value") : undefined;
  if (contact !== undefined) return { is: "moved", to: { type: "contact", id: contact } };
  const winner = row["merged"] === true ? idAt(row, "_masterid_value") : undefined;
  return winner === undefined ? { is: "there" } : { is: "moved", to: { type: name, id: winner } };
};

/** Whether a look-up failed because what it asks about cannot be asked about here; later it is not otherwise. */
export const cannotBeAsked = (error: unknown): boolean =>
  error instanceof CrmError && (error.why === "schema" || error.why === "refused");

/** The contact that a qualified lead became, where the lead does not say it: exactly one that came of it. Throws `CrmError`. */
const contactOf = async (
  client: Client,
  lead: string,
  context: Context,
): Promise<RecordId | undefined> => {
  const [only, second] = await queryRows(
    client,
    rowsWhere({ entitySet: "contacts", primaryId: "contactid" }, [], {
      where: equalsId("_originatingleadid_value", lead),
      top: 2,
    }),
    context,
  );
  const id = only === undefined || second !== undefined ? undefined : idAt(only, "contactid");
  return id === undefined ? undefined : { type: "contact", id };
};

const ofType = async (
  { client, describes }: Finder,
  name: string,
  refs: readonly RecordId[],
  context: Context,
): Promise<ReadonlyMap<string, Whereabouts>> => {
  const found = new Map<string, Whereabouts>();
  const table = await tableOf(name, describes, context);
  const ids = [...new Set(refs.map(({ id }) => id.toLowerCase()))];
  for (const id of ids) found.set(id, { is: "gone" });
  if (table === undefined) return found;
  for (const group of fitting(ids.filter(isGuid)))
    for (const row of await queryRows(client, byIds(table, trailOf({ name }), group), context)) {
      const id = idAt(row, table.primaryId);
      if (id === undefined) continue;
      const at = whereaboutsOf({ name }, row);
      const contact =
        at.is === "there" && isQualified(name, row)
          ? await contactOf(client, id, context)
          : undefined;
      found.set(id, contact === undefined ? at : { is: "moved", to: contact });
    }
  return found;
};

/** One key for a record, however its id is spelt. */
export const keyOf = ({ type, id }: RecordId): string => recordKey({ type, id: id.toLowerCase() });

/** One step: where each record is. Nothing is told of what this organisation, or its user, cannot be asked about. Throws `CrmError`. */
const oneHop = async (
  finder: Finder,
  refs: readonly RecordId[],
  context: Context,
): Promise<ReadonlyMap<string, Whereabouts>> => {
  const groups = [...Map.groupBy(refs, (ref) => ref.type)];
  const found = await Promise.all(
    groups.map(async ([type, ofOne]) => {
      try {
        const at = await ofType(finder, type, ofOne, context);
        return [...at].map(([id, where]) => [recordKey({ type, id }), where] as const);
      } catch (error) {
        if (cannotBeAsked(error)) return [];
        throw error;
      }
    }),
  );
  return new Map(found.flat());
};

/** A winner may have lost in its turn; a longer chain is followed by the next attempt. */
const mostHops = 4;

/** Where these records are now, by `recordKey`, along the whole chain. One query per table and step. Throws `CrmError`. */
export const whereNow = async (
  finder: Finder,
  refs: readonly RecordId[],
  context: Context,
): Promise<ReadonlyMap<string, Whereabouts>> => {
  const steps = new Map<string, Whereabouts>();
  let ask: readonly RecordId[] = refs;
  for (let hop = 0; hop < mostHops && ask.length > 0; hop += 1) {
    const found = await oneHop(finder, ask, context);
    for (const [key, at] of found) steps.set(key, at);
    ask = [...found.values()].flatMap((at) =>
      at.is === "moved" && !steps.has(keyOf(at.to)) ? [at.to] : [],
    );
  }
  const whereabouts = new Map<string, Whereabouts>();
  for (const ref of refs) {
    const end = endOf(ref, steps);
    if (end !== undefined) whereabouts.set(recordKey(ref), end);
  }
  return whereabouts;
};

const endOf = (ref: RecordId, steps: ReadonlyMap<string, Whereabouts>): Whereabouts | undefined => {
  let at = steps.get(keyOf(ref));
  for (let hop = 1; hop < mostHops && at?.is === "moved"; hop += 1) {
    const next = steps.get(keyOf(at.to));
    if (next === undefined || next.is === "there") return at;
    at = next;
  }
  // Records that were merged into each other lead nowhere.
  return at?.is === "moved" && keyOf(at.to) === keyOf(ref) ? { is: "there" } : at;
};

/** Whether its table is one whose rows are merged, or become others. */
export const canMove = (ref: RecordId): boolean => mergeable.has(ref.type) && isGuid(ref.id);

/** Which of these records went elsewhere, by `recordKey`. What is gone is Dataverse's to refuse: who may not see a row may still link to it. Throws `CrmError`. */
export const movedAmong = async (
  finder: Finder,
  refs: readonly RecordId[],
  context: Context,
): Promise<ReadonlyMap<string, RecordId>> => {
  const asked = refs.filter(canMove);
  const went = new Map<string, RecordId>();
  if (asked.length === 0) return went;
  for (const [key, at] of await whereNow(finder, asked, context))
    if (at.is === "moved") went.set(key, at.to);
  return went;
};

/**
 * The answer to a write that was refused, where looking why failed too. The look-up's own trouble is waited out; but what cannot be
 * asked says nothing about the write, and must not pause the connection or stand in for Dataverse's own refusal.
 */
export const answerUnseen = (
  error: VendorError,
  verdict: Verdict,
  sent: "no" | "maybe",
  cause: unknown,
): Answer => {
  if (cannotBeAsked(cause)) return plainAnswer(error, verdict);
  const answer = failed(cause, sent);
  return answer.is === "retry"
    ? { ...answer, reason: `${reasonOf(error)}; it could not be looked up: ${answer.reason}` }
    : answer;
};

const roleField: Readonly<Record<string, string>> = { regarding: "regardingobjectid" };

/** The answer to a write that was refused because of a record it names: moved, or gone for good, never retried for ever (K9). */
export const answerForTarget = (
  entry: Entry,
  error: VendorError,
  verdict: Verdict,
  now: ReadonlyMap<string, Whereabouts>,
): Answer => {
  const links = Object.entries(entry.roles).flatMap(([role, refs]) =>
    refs.map((ref) => ({ role, ref, at: now.get(recordKey(ref)) })),
  );
  for (const { ref, at } of links) if (at?.is === "moved") return moved(ref, at.to);
  const lost = links.find(({ at }) => at?.is === "gone");
  if (lost === undefined) return plainAnswer(error, verdict);
  const field = roleField[lost.role];
  const code = error.code === "" ? `HTTP ${error.status}` : error.code;
  return {
    is: "refused",
    why: "notFound",
    reason: `The linked ${lost.ref.type} was deleted in Dynamics 365, or the application user may not see it [${code}]`,
    ...(field !== undefined && { field }),
  };
};

/** The records that an entry names. */
export const linkedIn = (entry: Entry): readonly RecordId[] => Object.values(entry.roles).flat();

/** A link that went elsewhere, answered before anything is sent. */
export const answerMoved = (
  refs: readonly RecordId[],
  went: ReadonlyMap<string, RecordId>,
): Answer | undefined => {
  const from = refs.find((ref) => went.has(recordKey(ref)));
  const to = from === undefined ? undefined : went.get(recordKey(from));
  return from === undefined || to === undefined ? undefined : moved(from, to);
};

/** Rows of one table whose lookup names one of these, for what hangs on them. */
export const hangingOn = (
  table: Table,
  column: string,
  columns: readonly string[],
  ids: readonly string[],
): string => rowsWhere(table, columns, { where: anyOf(ids.map((id) => equalsId(column, id))) });
