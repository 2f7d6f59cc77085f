import type { Write } from "../adapter/contract.ts";
import type { Entry, Receipt } from "../model/entry.ts";
import { freshRow, type Row } from "../model/ledger.ts";
import type { Fields, FieldValue } from "../model/record.ts";
import type { CompiledMapping } from "./map.ts";
import {
  changedFields,
  contentUnknown,
  latest,
  sameHold,
  sameRoles,
  sameWish,
} from "./standing.ts";

/** What there is to do for one lane. */
export type Difference = {
  readonly writes: readonly Write[];
  /** Never sent and no longer wanted: to be kept as removed, without a call. */
  readonly forget: readonly Row[];
  /** What cannot be sent at all as things are: to be kept as parked, without a call. */
  readonly park?: readonly Row[];
  /** The earliest moment at which something that was held back may be tried, epoch ms. */
  readonly later?: number;
};

/** What a comparison may take into account. */
export type DiffOptions = {
  /** Fields we own are cleared where nobody knows what the row holds. */
  readonly mapping?: Pick<CompiledMapping, "fieldsOf">;
  /** Rows whose `wakeAt` lies after it are held back, epoch ms. Absent: nothing is. */
  readonly now?: number;
};

/**
 * wanted − ledger = writes (W3), so nothing is sent when nothing changed. Not "wanted − receipts": a write whose answer was lost
 * may be there, wanted or not. What may have been sent is repeated unchanged, and only then the newer wish goes.
 */
export function diff(
  want: readonly Entry[],
  rows: readonly Row[],
  { mapping, now }: DiffOptions = {},
): Difference {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const wished = new Set<string>();
  const writes: Write[] = [];
  const forget: Row[] = [];
  const park: Row[] = [];
  let later: number | undefined;
  const add = (write: Write | undefined, row: Row | undefined): void => {
    if (write === undefined) return;
    if (hasNoSender(write)) {
      park.push(senderless(write, row));
      return;
    }
    if (now === undefined || row?.wakeAt === undefined || row.wakeAt <= now) writes.push(write);
    else later = Math.min(later ?? Infinity, row.wakeAt);
  };
  for (const entry of want) {
    const row = byKey.get(entry.key);
    wished.add(entry.key);
    if (row?.removing !== true) add(bring(entry, row, mapping), row);
  }
  for (const row of rows) {
    if (wished.has(row.key) && row.removing !== true) continue;
    if (row.receipt === undefined && !row.maybeSent) {
      if (row.state === "open" || row.state === "parked") forget.push(forgotten(row));
    } else add(takeBack(row), row);
  }
  return {
    writes,
    forget,
    ...(park.length > 0 && { park }),
    ...(later !== undefined && { later }),
  };
}

/** A mail goes out from a mailbox, or not at all (N3). */
const hasNoSender = ({ op, entry, maybeSent }: Write): boolean =>
  op === "put" && entry.kind === "notice" && entry.owner === undefined && !maybeSent;

const senderless = ({ entry }: Write, row: Row = freshRow(entry.key)): Row => {
  const { wakeAt: _w, ...rest } = row;
  return {
    ...rest,
    state: "parked",
    sending: entry,
    reason: "the agent has no mailbox there, and no fallback is configured",
  };
};

/** The write that brings one row nearer to the wish. */
function bring(
  entry: Entry,
  row: Row | undefined,
  mapping: DiffOptions["mapping"],
): Write | undefined {
  if (row === undefined) return { op: "put", entry, maybeSent: false };
  if (row.state === "gone" || row.state === "removed") return undefined;
  if (row.state === "parked" && waitsForPerson(row, entry)) return undefined;
  const { receipt, maybeSent } = row;
  if (receipt === undefined)
    return { op: "put", entry: (maybeSent ? row.sending : undefined) ?? entry, maybeSent };
  if (contentUnknown(row) || row.written === undefined)
    return rewrite(entry, row, receipt, mapping);
  const next = (maybeSent ? row.sending : undefined) ?? entry;
  return maybeSent || !sameWish(row.written, next)
    ? amend(next, row, row.written, receipt)
    : undefined;
}

/**
 * A parked row is tried again when the wish changes. Not where a first write may have been sent: nobody could say
 * what is there, so a person decides (W6).
 */
const waitsForPerson = (row: Row, entry: Entry): boolean =>
  (row.receipt === undefined && row.maybeSent) ||
  row.sending === undefined ||
  sameWish(row.sending, entry);

const amend = (next: Entry, row: Row, written: Entry, receipt: Receipt): Write => ({
  op: "amend",
  entry: next,
  maybeSent: row.maybeSent,
  receipt,
  made: row.made ?? written,
  changed: changedFields(written.fields, next.fields),
  relinked: !sameRoles(written.roles, next.roles),
  reowned: !sameHold(written, next),
  contentKnown: true,
});

/** Nobody knows what the row holds: the newest wish is written whole, and what we own beside it is cleared. */
function rewrite(entry: Entry, row: Row, receipt: Receipt, mapping: DiffOptions["mapping"]): Write {
  const changed: Record<string, FieldValue> = { ...entry.fields };
  const clear = (names: readonly string[]): void => {
    for (const name of names) if (!(name in changed)) changed[name] = null;
  };
  clear(mapping?.fieldsOf(entry.type) ?? []);
  for (const other of [row.written, row.sending, row.made]) clear(fieldNames(other));
  return {
    op: "amend",
    entry,
    maybeSent: row.maybeSent,
    receipt,
    made: row.made ?? entry,
    changed,
    relinked: true,
    reowned: true,
    contentKnown: false,
  };
}

const fieldNames = (entry: { readonly fields: Fields } | undefined): readonly string[] =>
  entry === undefined ? [] : Object.keys(entry.fields);

/**
 * Taking away what is no longer wanted: by its receipt, and once more by its key where the first attempt had no answer, since a put
 * that was under way may have landed after it. A refused attempt waits for a person.
 */
function takeBack(row: Row): Write | undefined {
  const entry = latest(row);
  if (entry === undefined || row.state === "removed" || row.state === "gone") return undefined;
  if (row.state === "parked" && row.removing === true) return undefined;
  const receipt = row.removing === true ? undefined : row.receipt;
  return {
    op: "retract",
    entry,
    maybeSent: row.maybeSent,
    ...(receipt !== undefined && { receipt }),
  };
}

function forgotten(row: Row): Row {
  const { wakeAt: _w, reason: _r, ...rest } = row;
  return { ...rest, state: "removed" };
}
