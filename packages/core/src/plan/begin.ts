import type { Write } from "../adapter/contract.ts";
import { freshRow, type Row } from "../model/ledger.ts";
import { contentUnknown } from "./standing.ts";

/**
 * The row as it must be durable before the request leaves (W3): from now on the CRM may hold `write.entry`, or nothing after a retract.
 * A parked row that is tried again counts its tries anew.
 */
export function beginRow(write: Write, row: Row = freshRow(write.entry.key)): Row {
  const { wakeAt: _w, written, ...rest } = row;
  return {
    ...rest,
    // Once two versions may be there, what was written says nothing any more: the next plan writes all of it.
    ...(written !== undefined && !contentUnknown(row) && { written }),
    state: "open",
    sending: write.entry,
    maybeSent: true,
    ...(write.op === "retract" && { removing: true }),
    attempts: (row.state === "parked" ? 0 : row.attempts) + 1,
    tries: row.tries + 1,
  };
}
