import type { RecordId } from "@wrapup/core";
import { z } from "zod";
import { verdictOf } from "../errors.ts";
import { listOf } from "../http.ts";
import { canMove, isQualified, keyOf, trailOf, wellKnown, whereaboutsOf } from "../moved.ts";
import { byIds, fitting } from "../query.ts";
import { idAt, mostRows, rowSchema } from "../rows.ts";
import type { VendorRow } from "../rows.ts";
import { errorIn } from "../vendor-error.ts";

/** One look at records of tables that every organisation has. */
export type Look = {
  readonly paths: readonly string[];
  /** Takes the answers, one for each address. */
  readonly seen: (replies: readonly LookReply[]) => void;
  /** Whether a record may be elsewhere: it says so, or nothing was said of it. */
  readonly isDoubtful: (ref: RecordId) => boolean;
  /** Whether a record said that it was merged, or became another one. */
  readonly hasMoved: (ref: RecordId) => boolean;
};

type LookReply = { readonly status: number; readonly body: unknown };

const rowsSchema = z.object({ value: listOf(rowSchema, mostRows) });

/**
 * Of which of these one answer leaves it open where they are, and which of them it says are elsewhere. What is gone, or may not be
 * looked at, is Dataverse's to refuse; somebody who may not see a row may still link to it. Pure.
 */
const openIn = (
  type: string,
  ids: readonly string[],
  reply: LookReply | undefined,
): { readonly doubtful: readonly string[]; readonly moved: readonly string[] } => {
  const unknown = { doubtful: ids, moved: [] };
  if (reply === undefined) return unknown;
  if (reply.status >= 300) {
    const { does } = verdictOf(errorIn(reply.status, reply.body));
    return does === "retry" || does === "signIn" ? unknown : { doubtful: [], moved: [] };
  }
  const rows = rowsSchema.safeParse(reply.body);
  const table = wellKnown[type];
  if (!rows.success || table === undefined) return unknown;
  const idsOf = (given: readonly VendorRow[]): readonly string[] =>
    given.flatMap((row) => idAt(row, table.primaryId) ?? []).filter((id) => ids.includes(id));
  const went = (row: VendorRow): boolean => whereaboutsOf({ name: type }, row).is === "moved";
  return {
    doubtful: idsOf(rows.data.value.filter((row) => isQualified(type, row) || went(row))),
    moved: idsOf(rows.data.value.filter(went)),
  };
};

/**
 * Dataverse takes links to the loser of a merge without a word, so every write that links looks where its records are (K9). The look goes
 * along in the write's own request, after the writes. Pure.
 */
export const lookAlong = (refs: readonly RecordId[]): Look => {
  const asked = refs.filter(canMove);
  let doubtful = new Set(asked.map(keyOf));
  const moved = new Set<string>();
  const looks = [...Map.groupBy(asked, ({ type }) => type)].flatMap(([type, ofOne]) => {
    const table = wellKnown[type];
    if (table === undefined) return [];
    const ids = [...new Set(ofOne.map(({ id }) => id.toLowerCase()))];
    const path = (group: readonly string[]): string => byIds(table, trailOf({ name: type }), group);
    return fitting(ids).map((group) => ({ type, group, path: path(group) }));
  });
  return {
    paths: looks.map(({ path }) => path),
    seen: (replies) => {
      doubtful = new Set();
      for (const [n, { type, group }] of looks.entries()) {
        const open = openIn(type, group, replies[n]);
        for (const id of open.doubtful) doubtful.add(keyOf({ type, id }));
        for (const id of open.moved) moved.add(keyOf({ type, id }));
      }
    },
    isDoubtful: (ref) => doubtful.has(keyOf(ref)),
    hasMoved: (ref) => moved.has(keyOf(ref)),
  };
};
