import type { Interaction } from "../model/interaction.ts";
import type { Row } from "../model/ledger.ts";
import { unknownInteraction } from "./commands.ts";
import type { Desk } from "./desk.ts";

/** A lane with its rows, and why its connection is paused, if it is. */
export type LaneNow = {
  readonly connection: string;
  readonly rows: readonly Row[];
  readonly wakeAt?: number;
  readonly claimed: boolean;
  readonly paused?: string;
  /** The pause's kind, such as `auth`. */
  readonly pausedWhy?: string;
  readonly pausedUntil?: number;
};

/** An interaction with every lane it has, and each connection's pause. */
export async function readLanes(
  desk: Desk,
  id: string,
): Promise<{ readonly interaction: Interaction; readonly lanes: readonly LaneNow[] }> {
  desk.ensureOpen();
  const found = await desk.store.read({ tenant: desk.tenant, interaction: id });
  if (found === undefined) throw unknownInteraction(id);
  const now = await desk.store.now();
  const lanes = await Promise.all(
    found.lanes.map(async ({ wakeAt, ...rest }) => {
      // A look back in the future (what was lost may land late) is nothing that waits; a plan put off is.
      const isLookBack = rest.rows.some(({ recheckAt }) => recheckAt === wakeAt);
      const waits = wakeAt !== undefined && (wakeAt <= now || !isLookBack);
      const lane = waits ? { ...rest, wakeAt } : rest;
      const state = await desk.store.changeGate(
        { tenant: desk.tenant, connection: lane.connection },
        (same) => same,
      );
      const paused = state.pausedUntil !== undefined && state.pausedUntil > now;
      return paused
        ? {
            ...lane,
            paused: [state.why, state.reason].filter(Boolean).join(": "),
            ...(state.why !== undefined && { pausedWhy: state.why }),
            pausedUntil: state.pausedUntil ?? now,
          }
        : lane;
    }),
  );
  return { interaction: found.interaction, lanes };
}
