import type { Entry } from "../model/entry.ts";
import type { Row } from "../model/ledger.ts";
import { recordKey, type FieldValue, type Fields, type RecordId } from "../model/record.ts";

/** The newest entry that a row tells of: what may have been sent, else what is known to be written. */
export const latest = (row: Row): Entry | undefined => row.sending ?? row.written;

/** What the CRM has, or may have, under a key. */
export function writtenAs(rows: readonly Row[], key: string): Entry | undefined {
  const row = rows.find((each) => each.key === key);
  return row !== undefined && (row.receipt !== undefined || row.maybeSent)
    ? latest(row)
    : undefined;
}

/**
 * Whether something of ours is in the CRM under this row whose content nobody knows: it was found there though never sent (W3),
 * a request that landed late may have overwritten it, or a repeat was given up. A difference cannot be told, so all is written.
 */
export function contentUnknown(row: Row): boolean {
  if (row.receipt === undefined) return false;
  if (row.written === undefined) return true;
  return row.maybeSent && row.sending !== undefined && sameWish(row.sending, row.written);
}

/** Whether two entries ask the same of the CRM. What they touch and warn of is no part of the wish. */
export const sameWish = (a: Entry, b: Entry): boolean =>
  a === b ||
  (a.type === b.type &&
    sameHold(a, b) &&
    sameFields(a.fields, b.fields) &&
    sameRoles(a.roles, b.roles));

/** Whether owner and completion are the same. */
export const sameHold = (a: Entry, b: Entry): boolean => a.owner === b.owner && a.final === b.final;

/** Whether the same records have the same roles, in any order: stores may reorder what they keep. */
export function sameRoles(a: Entry["roles"], b: Entry["roles"]): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const name of names) if (!sameRecords(a[name] ?? [], b[name] ?? [])) return false;
  return true;
}

/** The fields that differ, as `to` has them; what `to` no longer has is cleared with `null`. */
export function changedFields(from: Fields, to: Fields): Fields {
  const changed: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(to))
    if ((from[name] ?? null) !== value) changed[name] = value;
  for (const [name, value] of Object.entries(from))
    if (value !== null && !(name in to)) changed[name] = null;
  return changed;
}

/** The records that an entry stands for, as keys. */
export function recordsOf(entry: Entry): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const records of Object.values(entry.roles))
    for (const record of records) keys.add(recordKey(record));
  return keys;
}

const sameFields = (a: Fields, b: Fields): boolean => {
  for (const name in a) if ((a[name] ?? null) !== (b[name] ?? null)) return false;
  for (const name in b) if (!(name in a) && b[name] !== null) return false;
  return true;
};

const sameRecords = (a: readonly RecordId[], b: readonly RecordId[]): boolean => {
  if (a.length !== b.length) return false;
  const [first] = a;
  const [other] = b;
  if (a.length === 1 && first !== undefined && other !== undefined)
    return first.type === other.type && first.id === other.id;
  const keys = new Set(a.map(recordKey));
  return b.every((record) => keys.has(recordKey(record)));
};
