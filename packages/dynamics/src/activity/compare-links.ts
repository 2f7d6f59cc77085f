import type { Entry, RecordId, Warning } from "@wrapup/core";
import { ownerBody, regardingBody, regardingOf } from "../encode.ts";
import type { Amend, Body, Shape } from "../encode.ts";
import type { VendorRow } from "../rows.ts";
import { edited } from "./compare.ts";
import { areKnown, newParties, partiesIn, partiesName, partiesOf, sameParties } from "./parties.ts";
import type { Party } from "./parties.ts";

const sameId = (one: unknown, other: string | undefined): boolean =>
  typeof one === "string" && other !== undefined
    ? one.toLowerCase() === other.toLowerCase()
    : (one ?? undefined) === other;

/** What an amendment changes about whom and what the activity names, and whose it is. */
type LinkChanges = { readonly body: Body; readonly warnings: readonly Warning[] };

/**
 * A link that changed is an agent's wish of now, so it is brought about (K5). A link that did not change is not sent again, and a
 * link is cleared only where the row still holds ours: what a person put there stays (W7).
 */
export const regardingChange = (
  write: Amend,
  row: VendorRow,
  shape: Shape,
  touched: boolean,
): LinkChanges => {
  const none: LinkChanges = { body: {}, warnings: [] };
  const [want, made] = [regardingOf(write.entry), regardingOf(write.made)];
  const there = row["_regardingobjectid_value"] ?? undefined;
  if (!write.relinked || sameId(there, want?.id)) return none;
  const ours = !write.contentKnown && !touched;
  const wished = !sameId(made?.id, want?.id);
  const cleared = want === undefined && !sameId(there, made?.id);
  if (ours || (wished && !cleared))
    return { body: regardingBody(shape, want, oldRegarding(shape, row) ?? made), warnings: [] };
  return { body: {}, warnings: [edited("regardingobjectid")] };
};

/** What a row is about, where Dataverse says of which table it is. */
const oldRegarding = (shape: Shape, row: VendorRow): RecordId | undefined => {
  const id = row["_regardingobjectid_value"];
  const type = row["_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname"];
  return typeof id === "string" && typeof type === "string" && shape.setOf(type) !== undefined
    ? { type, id }
    : undefined;
};

/** Takes our regarding record off a row that still holds it. Pure. */
export const unregarding = (entry: Entry, row: VendorRow, shape: Shape): Body => {
  const ours = regardingOf(entry);
  return ours !== undefined && sameId(row["_regardingobjectid_value"], ours.id)
    ? regardingBody(shape, undefined, ours)
    : {};
};

/** The new owner, unless a person gave the activity to somebody else (W7). */
export const ownerChange = (write: Amend, row: VendorRow, touched: boolean): LinkChanges => {
  const { owner } = write.entry;
  const there = row["_ownerid_value"];
  if (!write.reowned || owner === undefined || sameId(there, owner))
    return { body: {}, warnings: [] };
  // Who did not change is not set again.
  if (write.contentKnown && owner === write.made.owner) return { body: {}, warnings: [] };
  const creator = row["_createdby_value"];
  const ours =
    (!write.contentKnown && !touched) ||
    sameId(there, write.made.owner ?? (typeof creator === "string" ? creator : undefined));
  return ours
    ? { body: ownerBody(owner), warnings: [] }
    : { body: {}, warnings: [edited("ownerid")] };
};

/** Whom the row should name instead of whom it names; absent where that is the same. */
type PartyChange = {
  readonly parties?: readonly Party[];
  readonly warnings: readonly Warning[];
};

/** Compares the people of a row with those that we wish for, as the regarding record is compared. */
export const partyChange = (
  write: Amend,
  row: VendorRow,
  shape: Shape,
  touched: boolean,
): PartyChange => {
  const name = partiesName(shape.type);
  if (name === undefined) return { warnings: [] };
  const made = partiesOf(write.made, shape.type);
  const want = partiesOf(write.entry, shape.type);
  const ours = !write.contentKnown && !touched;
  if (sameParties(made, want) && !ours && !write.relinked) return { warnings: [] };
  const current = partiesIn(row, shape.type);
  // A list that could not be written back whole would lose somebody.
  if (current === undefined || !areKnown(current, shape.setOf)) return { warnings: [edited(name)] };
  const { parties, missed } = newParties(current, made, want, ours);
  return {
    ...(!sameParties(parties, current) && { parties }),
    warnings: missed ? [edited(name)] : [],
  };
};
