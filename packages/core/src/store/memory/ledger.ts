import { replayedRow } from "../../model/ledger.ts";
import type { Lane, Row } from "../../model/ledger.ts";
import type { RowFilter, StoreStats } from "../contract.ts";
import { rememberedMs, replayLine, rowsPerPage } from "../keeping.ts";
import { isPaused } from "./shelves.ts";
import type { Held, Shelves } from "./shelves.ts";

/** Ledger rows by filter, in key order. */
export const rows = (
  shelves: Shelves,
  filter: RowFilter,
): readonly { readonly lane: Lane; readonly row: Row }[] =>
  shelves
    .lanes()
    .filter(
      ({ lane }) =>
        lane.tenant === (filter.tenant ?? lane.tenant) &&
        lane.connection === (filter.connection ?? lane.connection),
    )
    .flatMap(({ lane, rows }) => Array.from(rows.values(), (row) => ({ lane, row })))
    .filter(
      ({ row }) => row.state === (filter.state ?? row.state) && row.key > (filter.after ?? ""),
    )
    .toSorted((a, b) => (a.row.key < b.row.key ? -1 : 1))
    .slice(0, filter.limit ?? rowsPerPage);

/** Puts parked and gone rows back to work, wakes their lanes and says so in the history. Answers how many changed. */
export function replay(
  shelves: Shelves,
  {
    tenant,
    keys,
    by,
  }: { readonly tenant: string; readonly keys: ReadonlySet<string>; readonly by: string },
  at: number,
): number {
  let changed = 0;
  for (const lane of shelves.lanes().filter(({ lane }) => lane.tenant === tenant))
    for (const [key, row] of lane.rows) {
      if (!keys.has(key) || (row.state !== "parked" && row.state !== "gone")) continue;
      lane.rows.set(key, replayedRow(row));
      lane.held.history.push(replayLine(row, by, at));
      shelves.wake(lane, at);
      changed += 1;
    }
  return changed;
}

/** Lets expired lanes wait again, and forgets event ids and deleted interactions that are old and at rest. */
export function sweep(shelves: Shelves, at: number): void {
  shelves.expire(at);
  for (const held of shelves.interactions.values()) {
    for (const [id, event] of held.events) if (event.at < at - rememberedMs) held.events.delete(id);
    const { deleted } = held.interaction;
    if (deleted !== undefined && deleted.at < at - rememberedMs && isAtRest(held))
      shelves.remove(held);
  }
}

const isAtRest = (held: Held): boolean =>
  held.lanes
    .values()
    .every(
      (lane) =>
        lane.wakeAt === undefined &&
        lane.leaseUntil === 0 &&
        lane.rows.values().every((row) => row.state !== "parked" && row.state !== "open"),
    );

/** Counts for an operator. */
export function stats(shelves: Shelves, at: number): StoreStats {
  shelves.expire(at);
  const gates = [...shelves.gates.values()];
  const open = gates.filter((gate) => !isPaused(gate, at));
  const ready = open.reduce((sum, gate) => sum + gate.waiting.upTo(at, Infinity).length, 0);
  const waiting = gates.reduce((sum, gate) => sum + gate.waiting.size, 0);
  const oldest = Math.min(at, ...open.map((gate) => gate.waiting.next() ?? at));
  return {
    interactions: [...shelves.interactions.values()].filter(
      (held) => held.interaction.deleted === undefined,
    ).length,
    ready,
    claimed: shelves.claimed.size,
    later: waiting - ready,
    parked: rows(shelves, { state: "parked", limit: Infinity }).length,
    oldestWaitMs: at - oldest,
  };
}
