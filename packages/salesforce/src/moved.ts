import type { Answer, Context, Entry, RecordId } from "@wrapup/core";
import { recordKey } from "@wrapup/core";
import { moved, plainAnswer } from "./answer.ts";
import type { Client } from "./client.ts";
import type { Verdict } from "./errors.ts";
import type { VendorError } from "./vendor-error.ts";
import type { VendorRow } from "./encode.ts";
import { fitting, isRecordId, rowsById } from "./query.ts";
import { queryRows, shortId, textAt } from "./rows.ts";

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
  const contact = row["IsConverted"] === true ? textAt(row, "ConvertedContactId") : undefined;
  if (contact !== undefined) return { is: "moved", to: { type: "Contact", id: contact } };
  if (row["IsDeleted"] !== true) return { is: "there" };
  const winner = textAt(row, "MasterRecordId");
  return winner === undefined ? { is: "gone" } : { is: "moved", to: { type, id: winner } };
};

/** Where these records are now, by `recordKey`. One query per type. Throws `CrmError`. */
export const whereNow = async (
  client: Client,
  refs: readonly RecordId[],
  context: Context,
): Promise<ReadonlyMap<string, Whereabouts>> => {
  const found = new Map<string, Whereabouts>();
  for (const [type, ofType] of Map.groupBy(refs, (ref) => ref.type)) {
    const rows = new Map<string, VendorRow>();
    const ids = [...new Set(ofType.map((ref) => ref.id))].filter(isRecordId);
    for (const group of fitting(ids))
      for (const row of await queryRows(
        client,
        rowsById(type, trailFields(type), group),
        context,
        true,
      ))
        rows.set(shortId(textAt(row, "Id") ?? ""), row);
    for (const ref of ofType)
      found.set(recordKey(ref), whereaboutsOf(type, rows.get(shortId(ref.id))));
  }
  return found;
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

/** The records that an entry names. */
export const linkedIn = (entry: Entry): readonly RecordId[] => Object.values(entry.roles).flat();
