import type { Context, Entry, RecordId } from "@wrapup/core";
import { recordKey } from "@wrapup/core";
import { linkedIn, whereNow } from "../moved.ts";
import type { Finder } from "../moved.ts";
import type { VendorType } from "../odata/table.ts";
import { idAt } from "../rows.ts";
import type { VendorRow } from "../rows.ts";
import { partiesIn } from "./parties.ts";

/** What we wrote, and the row as it stands. */
export type Placed = { readonly entry: Entry; readonly row: VendorRow; readonly type: VendorType };

/** The records that a row names, without users. */
const namedIn = ({ row, type }: Placed): ReadonlySet<string> =>
  new Set([
    ...[idAt(row, "_regardingobjectid_value")].filter((id) => id !== undefined),
    ...(partiesIn(row, type) ?? []).flatMap(({ ref }) =>
      ref === undefined || ref.type === "systemuser" ? [] : [ref.id],
    ),
  ]);

const lower = ({ id }: RecordId): string => id.toLowerCase();

/** Links that the row does not name, though it names others: people changed them, or they were merged. */
const missedIn = (placed: Placed): readonly RecordId[] => {
  const named = namedIn(placed);
  const ours = linkedIn(placed.entry);
  const others = named.difference(new Set(ours.map(lower)));
  return others.size === 0 ? [] : ours.filter((ref) => !named.has(lower(ref)));
};

/** An entry with its links as a row names them by now. */
export type Follow = (entry: Entry, placed: Placed) => Entry;

/**
 * When a record is merged, Dataverse moves the activities that name it along, and our link to the loser has become one to the winner
 * (K9): who takes it back means the winner. One look, and only where a row names others than we wrote. Throws `CrmError`.
 */
export const followLinks = async (
  finder: Finder,
  placed: readonly Placed[],
  context: Context,
): Promise<Follow> => {
  const missed = placed.flatMap(missedIn);
  if (missed.length === 0) return (entry) => entry;
  const now = await whereNow(finder, missed, context);
  return (entry, where) => {
    const named = namedIn(where);
    const follow = (ref: RecordId): RecordId => {
      const at = named.has(lower(ref)) ? undefined : now.get(recordKey(ref));
      return at?.is === "moved" && named.has(lower(at.to)) ? at.to : ref;
    };
    const once = (refs: readonly RecordId[]): readonly RecordId[] => [
      ...new Map(refs.map(follow).map((ref) => [lower(ref), ref])).values(),
    ];
    const roles = Object.entries(entry.roles).map(([role, refs]) => [role, once(refs)] as const);
    return { ...entry, roles: Object.fromEntries(roles) };
  };
};
