import type { Entry, Receipt } from "./entry.ts";
import type { Warning } from "./warning.ts";

/** The unit that is due, claimed, fenced and retried: one CRM's outage never holds another's writes. */
export type Lane = {
  readonly tenant: string;
  readonly connection: string;
  readonly interaction: string;
};

/**
 * What one CRM is known to hold of one entry, and what it may hold since an attempt without an answer.
 * The row is durable before the request leaves (W3).
 */
export type Row = {
  readonly key: string;
  /** `gone`: a person deleted it in the CRM, and it is not made again (K6). */
  readonly state: "open" | "written" | "parked" | "removed" | "gone";
  /** What the CRM is known to hold. */
  readonly written?: Entry;
  /** The part of it that is in the row itself, the rest being appended (L8). */
  readonly made?: Entry;
  readonly receipt?: Receipt;
  /** What it may hold since an unanswered attempt; with `parked`, what was refused. */
  readonly sending?: Entry;
  /** A retract was begun: it is carried through whatever is wished meanwhile, and its slot is never used again. */
  readonly removing?: true;
  readonly maybeSent: boolean;
  /** Tries since it last succeeded. */
  readonly attempts: number;
  /** Tries in all, for `explain`. */
  readonly tries: number;
  /** When an attempt went without an answer: the CRM may still carry it out some time later. */
  readonly unansweredAt?: number;
  /** By then what went without an answer can no longer land: the row is compared with the CRM once more. */
  readonly recheckAt?: number;
  /** Not to be tried before, epoch ms. */
  readonly wakeAt?: number;
  /** Why it is parked, or what the last failure was. Words for people, no customer data. */
  readonly reason?: string;
  readonly writtenAt?: number;
  readonly warnings: readonly Warning[];
};

/** A row nothing has happened to yet. */
export const freshRow = (key: string): Row => ({
  key,
  state: "open",
  maybeSent: false,
  attempts: 0,
  tries: 0,
  warnings: [],
});

/** Whether it is a mail that is known to have gone out: nothing can change it or take it back any more (N3). */
export const isSent = ({ state, written }: Row): boolean =>
  state === "written" && written?.kind === "notice" && written.final;

/**
 * After an answer that came when the claim was already lost. A request that landed late may have overwritten a newer one, so nobody
 * knows what the CRM holds: the next plan writes all of it. `current`: the ledger's row at that moment. What was taken away meanwhile
 * may have come back with the late request, so it is taken away once more, by its key: the receipt may name what is gone.
 * Of a mail no late request can undo the sending, and a late draft never takes the place of the one that may be on its way (N3).
 */
export const reopenedRow = (row: Row, current: Row = row): Row => {
  const sent = [row, current].find(isSent);
  if (sent !== undefined) return sent;
  const { wakeAt: _w, written, ...rest } = row;
  const last = row.sending ?? written;
  const taken = [row, current].some((each) => each.state === "removed" || each.removing === true);
  if (last === undefined || (row.state === "gone" && !taken)) return row;
  const receipt = row.receipt ?? current.receipt;
  if (last.kind === "notice" && current.receipt !== undefined && !taken && current !== row)
    return current;
  if (!taken)
    return {
      ...rest,
      state: "open",
      sending: last,
      maybeSent: true,
      ...(receipt !== undefined && { receipt }),
    };
  const { receipt: _c, made: _m, ...bare } = rest;
  return { ...bare, state: "open", sending: last, maybeSent: true, removing: true };
};

/** After a person asked to try again (W6): a parked row is tried anew, one that was deleted in the CRM is made anew (K6). */
export const replayedRow = (row: Row): Row => {
  const { wakeAt: _w, reason: _r, ...rest } = row;
  if (row.state === "parked") return { ...rest, state: "open", attempts: 0 };
  if (row.state !== "gone") return row;
  const { receipt: _c, written: _n, made: _m, sending: _s, ...bare } = rest;
  return { ...bare, state: "open", attempts: 0 };
};
