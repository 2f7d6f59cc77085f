import { reopenedRow } from "../../model/ledger.ts";
import type { Claim, ConnectionKey, Settlement, Store } from "../contract.ts";
import { inKeyOrder, isPaused } from "./shelves.ts";
import type { HeldLane, Shelves } from "./shelves.ts";

const holding = (shelves: Shelves, claim: Claim): HeldLane | undefined => {
  const lane = shelves.laneOf(claim.lane);
  return lane?.fence === claim.fence ? lane : undefined;
};

/** Takes the longest-waiting lanes of one connection. */
export function claim(
  shelves: Shelves,
  of: ConnectionKey & { readonly limit: number; readonly leaseMs: number },
  at: number,
): readonly Claim[] {
  shelves.expire(at);
  const gate = shelves.gate(of);
  if (isPaused(gate, at)) return [];
  return gate.waiting.upTo(at, of.limit).map((lane) => {
    lane.fence += 1;
    lane.leaseUntil = at + of.leaseMs;
    lane.wokenAt = undefined;
    shelves.place(lane);
    return {
      lane: lane.lane,
      fence: lane.fence,
      waitedMs: Math.max(0, at - (lane.wakeAt ?? at)),
      interaction: lane.held.interaction,
      rows: inKeyOrder(lane.rows),
    };
  });
}

/** Keeps rows of claims that still hold. Answers those claims. */
export const begin = (shelves: Shelves, begun: Parameters<Store["begin"]>[0]): readonly Claim[] =>
  begun.flatMap(({ claim, rows }) => {
    const lane = holding(shelves, claim);
    if (lane === undefined) return [];
    for (const row of rows) lane.rows.set(row.key, row);
    return [claim];
  });

/** Keeps what became of claims. Answers the late ones, and whether something became ready. */
export function settle(
  shelves: Shelves,
  settlements: readonly Settlement[],
  at: number,
): { readonly late: readonly Claim[]; readonly woke: boolean } {
  const late: Claim[] = [];
  let woke = false;
  for (const settlement of settlements) {
    const lane = holding(shelves, settlement.claim);
    if (lane === undefined) late.push(settlement.claim);
    const isReady =
      lane === undefined
        ? settleLate(shelves, settlement, at)
        : settleInTime(shelves, lane, settlement, at);
    woke ||= isReady;
  }
  return { late, woke };
}

function settleInTime(
  shelves: Shelves,
  lane: HeldLane,
  { claim, rows, release }: Settlement,
  at: number,
): boolean {
  for (const row of rows) {
    // A late answer came during this claim: which of the two the CRM holds is not known.
    const isOvertaken = lane.late.get(row.key) === claim.fence;
    lane.rows.set(row.key, isOvertaken ? reopenedRow(row, lane.rows.get(row.key)) : row);
  }
  if (release === undefined) return false;
  const moved = lane.held.interaction.version === claim.interaction.version ? undefined : at;
  lane.wakeAt = lane.wokenAt ?? moved ?? release.again;
  lane.leaseUntil = 0;
  // Whoever let go holds nothing any more: the fence moves on.
  lane.fence += 1;
  shelves.place(lane);
  return lane.wakeAt !== undefined && lane.wakeAt <= at;
}

function settleLate(shelves: Shelves, { claim, rows }: Settlement, at: number): boolean {
  const lane = shelves.laneOf(claim.lane);
  if (lane === undefined) return false;
  for (const row of rows) {
    lane.rows.set(row.key, reopenedRow(row, lane.rows.get(row.key)));
    lane.late.set(row.key, lane.fence);
  }
  shelves.wake(lane, at);
  return true;
}

/** Lengthens leases; answers the claims that no longer hold. */
export const extend = (
  shelves: Shelves,
  claims: readonly Claim[],
  until: number,
): readonly Claim[] =>
  claims.filter((claim) => {
    const lane = holding(shelves, claim);
    if (lane === undefined) return true;
    lane.leaseUntil = until;
    shelves.place(lane);
    return false;
  });
