import type { Answer, Context, Entry, RecordId } from "@wrapup/core";
import { CrmError, recordKey } from "@wrapup/core";
import { failed, moved, plainAnswer } from "./answer.ts";
import type { Client } from "./client.ts";
import { reasonOf } from "./errors.ts";
import type { Verdict } from "./error-codes.ts";
import type { VendorError } from "./vendor-error.ts";
import type { VendorRow } from "./encode.ts";
import { fitting, isApiName, isRecordId, rowsById } from "./query.ts";
import { idAt, ownId, queryRows, shortId } from "./rows.ts";

/** Where a record is now (K9). */
export type Whereabouts =
  | { readonly is: "there" }
  | { readonly is: "gone" }
  | { readonly is: "moved"; readonly to: RecordId };

/** Types that can be merged: the loser keeps its row, deleted, with the winner's id (facts §2.2). */
const mergeable = new Set(["Account", "Contact", "Lead", "Case"]);

/** What must be read of a type to know where its rows went. */
export const trailFields = (type: string): readonly string[] => [
  "IsDeleted",
  ...(mergeable.has(type) ? ["MasterRecordId"] : []),
  ...(type === "Lead" ? ["IsConverted", "ConvertedContactId"] : []),
];

/** Pure: what a row says of its whereabouts. */
export const whereaboutsOf = (type: string, row: VendorRow | undefined): Whereabouts => {
  if (row === undefined) return { is: "gone" };
  const contact = row["IsConverted"] === true ? idAt(row, "ConvertedContactId") : undefined;
  if (contact !== undefined) return { is: "moved", to: { type: "Contact", id: contact } };
  if (row["IsDeleted"] !== true) return { is: "there" };
  const winner = idAt(row, "MasterRecordId");
  return winner === undefined ? { is: "gone" } : { is: "moved", to: { type, id: winner } };
};

/** Whether a look-up failed because what it asks about cannot be asked about here; later it is not otherwise. */
const cannotBeAsked = (error: unknown): boolean =>
  error instanceof CrmError && (error.why === "schema" || error.why === "refused");

/** Rows of one type by short id; none where this org, or its integration user, does not know such a type. Throws `CrmError`. */
const rowsOf = async (
  client: Client,
  type: string,
  refs: readonly RecordId[],
  context: Context,
): Promise<ReadonlyMap<string, VendorRow>> => {
  const rows = new Map<string, VendorRow>();
  const ids = isApiName(type) ? [...new Set(refs.map(({ id }) => id))].filter(isRecordId) : [];
  try {
    for (const group of fitting(ids))
      for (const row of await queryRows(
        client,
        rowsById(type, trailFields(type), group),
        context,
        true,
      ))
        rows.set(shortId(ownId(row)), row);
    return rows;
  } catch (error) {
    if (cannotBeAsked(error)) return new Map();
    throw error;
  }
};

/** Where these records are now, by `recordKey`. One query per type. Throws `CrmError`. */
export const whereNow = async (
  client: Client,
  refs: readonly RecordId[],
  context: Context,
): Promise<ReadonlyMap<string, Whereabouts>> => {
  const found = new Map<string, Whereabouts>();
  for (const [type, ofType] of Map.groupBy(refs, (ref) => ref.type)) {
    const rows = await rowsOf(client, type, ofType, context);
    for (const ref of ofType)
      found.set(recordKey(ref), whereaboutsOf(type, rows.get(shortId(ref.id))));
  }
  return found;
};

/**
 * The answer to a write that was refused, where looking why failed too. The look-up's own trouble is waited out; but what cannot be
 * asked says nothing about the write, and must not pause the connection or stand in for Salesforce's own refusal.
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

const roleField: Readonly<Record<string, string>> = { who: "WhoId", what: "WhatId" };

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
  return {
    is: "refused",
    why: "notFound",
    reason: `The linked ${lost.ref.type} was deleted in Salesforce, or the integration user may not see it [${error.code}]`,
    ...(field !== undefined && { field }),
  };
};

/** What we wrote, and the row as it stands. */
export type Placed = { readonly entry: Entry; readonly row: VendorRow };

/** A link that its column does not hold, where that is by now (`at`), and the short id that the column holds instead. */
type Missed = { readonly ref: RecordId; readonly at: RecordId; readonly instead: string };

/** The short id that a row holds for a role; `undefined`: nobody's. */
const heldIn = (row: VendorRow, role: string): string | undefined => {
  const field = roleField[role];
  const id = field === undefined ? undefined : idAt(row, field);
  return id === undefined ? undefined : shortId(id);
};

/** Links in whose place the row names somebody else: people changed them, or they were merged. */
const missedIn = ({ entry, row }: Placed): readonly Missed[] =>
  Object.entries(entry.roles).flatMap(([role, [ref]]) => {
    const instead = heldIn(row, role);
    return ref === undefined || instead === undefined || instead === shortId(ref.id)
      ? []
      : [{ ref, at: ref, instead }];
  });

const missedKey = ({ ref, instead }: Pick<Missed, "ref" | "instead">): string =>
  `${recordKey(ref)} ${instead}`;

/** A winner may be merged again, or a lead converted after it. */
const mostMoves = 4;

/** An entry with its links as a row names them by now. */
export type Follow = (entry: Entry, row: VendorRow) => Entry;

/**
 * When a record is merged or converted, Salesforce moves the activities that name it along, and our link to the loser has become one
 * to the winner (K9): who takes it back means the winner. Looks only where a row names somebody else than we wrote. Throws `CrmError`.
 */
export const followLinks = async (
  client: Client,
  placed: readonly Placed[],
  context: Context,
): Promise<Follow> => {
  const went = new Map<string, RecordId>();
  let open = placed.flatMap(missedIn);
  for (let move = 0; open.length > 0 && move < mostMoves; move += 1) {
    const refs = open.map(({ at }) => at);
    const now = await whereNow(client, refs, context);
    open = open.flatMap((missed) => {
      const found = now.get(recordKey(missed.at));
      if (found?.is !== "moved") return [];
      if (shortId(found.to.id) !== missed.instead) return [{ ...missed, at: found.to }];
      went.set(missedKey(missed), found.to);
      return [];
    });
  }
  return (entry, row) => {
    const roles = Object.entries(entry.roles).map(([role, refs]) => {
      const instead = heldIn(row, role);
      return [
        role,
        instead === undefined
          ? refs
          : refs.map((ref) => went.get(missedKey({ ref, instead })) ?? ref),
      ] as const;
    });
    return { ...entry, roles: Object.fromEntries(roles) };
  };
};

/** The records that an entry names. */
export const linkedIn = (entry: Entry): readonly RecordId[] => Object.values(entry.roles).flat();
