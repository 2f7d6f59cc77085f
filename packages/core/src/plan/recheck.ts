import { reopenedRow, type Row } from "../model/ledger.ts";

/**
 * The row as planning must see it now (W3). One left begun by a worker that died went without an answer, nobody knows when; one whose
 * unanswered attempt can no longer land is compared with the CRM once more: what landed late is brought back to the wish.
 */
export function seenAt(row: Row, now: number): Row {
  if (row.recheckAt !== undefined && row.recheckAt <= now) {
    const { recheckAt: _r, ...rest } = row;
    return reopenedRow(rest);
  }
  return row.state === "open" && row.maybeSent && row.unansweredAt === undefined
    ? { ...row, unansweredAt: now }
    : row;
}
