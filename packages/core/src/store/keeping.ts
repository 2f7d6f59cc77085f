import type { HistoryLine } from "../model/command.ts";
import type { Row } from "../model/ledger.ts";
import type { GateState } from "./contract.ts";

/** How long every store remembers event ids (L6) and deleted interactions (N5), ms: 400 days. */
export const rememberedMs = 400 * 24 * 3_600_000;

/** How many ledger rows one page of `rows` holds, where the filter does not say. */
export const rowsPerPage = 1_000;

/** A connection nothing has happened to yet. */
export const calmGate: GateState = { failures: 0 };

/** What the history says of a row that a person had tried again. It names the kind of entry, never its content. */
export function replayLine(row: Row, by: string, at: number): HistoryLine {
  const entry = row.sending ?? row.written;
  const leg = entry === undefined || entry.leg === "*" ? {} : { leg: entry.leg };
  const kind = entry?.kind ?? "entry";
  const gone = row.state === "gone";
  const text = gone
    ? `The ${kind} was deleted in the CRM and is made anew.`
    : `The parked ${kind} is tried again.`;
  return { at, what: "replayed", ...leg, by, rule: gone ? "K6" : "W6", text };
}
