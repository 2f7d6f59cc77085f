import type { Interaction, Link } from "../model/interaction.ts";
import type { Row } from "../model/ledger.ts";
import { type RecordRef, sameRecord } from "../model/record.ts";

/** Where one link stands, as an agent reads it (K6). */
export type LinkState =
  | "waitingForWrapUp"
  | "due"
  | "written"
  | "retrying"
  | "paused"
  | "parked"
  | "removing"
  | "removedInCrm"
  | "excluded";

/** One link of an interaction with its state, and how to open what was written. */
export type LinkView = {
  readonly record: RecordRef;
  /** What it was called when it was linked. */
  readonly title?: string;
  readonly state: LinkState;
  /** The record itself in the CRM. */
  readonly url?: string;
  /** The activity written about it. */
  readonly activityUrl?: string;
  readonly reason?: string;
};

/** What is known of a connection's lane. */
export type LaneView = {
  readonly connection: string;
  readonly rows: readonly Row[];
  readonly paused?: string;
};

/** The links an interaction has, and those being taken back in the CRM. */
export function linkViews(
  interaction: Interaction,
  lanes: readonly LaneView[],
): readonly LinkView[] {
  const laneOf = new Map(lanes.map((lane) => [lane.connection, lane]));
  const current = interaction.links.map((link) =>
    viewOf(interaction, link, laneOf.get(link.record.connection)),
  );
  const leaving = lanes.flatMap((lane) =>
    lane.rows
      .filter((row) => row.state === "open" || row.state === "written")
      .flatMap((row) =>
        Object.values((row.sending ?? row.written)?.roles ?? {})
          .flat()
          .filter(
            (held) =>
              !interaction.links.some(
                (link) => link.record.connection === lane.connection && names(link, held),
              ),
          )
          .map((held): LinkView => ({
            record: { ...held, connection: lane.connection },
            state: "removing",
          })),
      ),
  );
  return [...current, ...leaving];
}

const names = (link: Link, held: { readonly type: string; readonly id: string }): boolean =>
  sameRecord(link.record, held) || (link.was ?? []).some((was) => sameRecord(was, held));

function viewOf(interaction: Interaction, link: Link, lane: LaneView | undefined): LinkView {
  const rows = (lane?.rows ?? []).filter((row) =>
    Object.values((row.sending ?? row.written)?.roles ?? {})
      .flat()
      .some((held) => names(link, held)),
  );
  const written = rows.find((row) => row.receipt !== undefined);
  const url = written?.receipt?.url;
  return {
    record: link.record,
    ...(link.title !== undefined && { title: link.title }),
    ...stateOf(interaction, rows, lane),
    ...(url !== undefined && { activityUrl: url }),
  };
}

function stateOf(
  interaction: Interaction,
  rows: readonly Row[],
  lane: LaneView | undefined,
): { readonly state: LinkState; readonly reason?: string } {
  const parked = rows.find((row) => row.state === "parked");
  if (parked !== undefined)
    return { state: "parked", ...(parked.reason !== undefined && { reason: parked.reason }) };
  if (rows.some((row) => row.state === "gone")) return { state: "removedInCrm" };
  const open = rows.find((row) => row.state === "open");
  const due = interaction.legs.some(
    (leg) => leg.state === "closed" && (leg.role === "agent" || leg.role === "bargeIn"),
  );
  const unsettled = open !== undefined || (due && rows.length === 0);
  if (unsettled && lane?.paused !== undefined) return { state: "paused", reason: lane.paused };
  if (open !== undefined)
    return open.attempts > 0
      ? { state: "retrying", ...(open.reason !== undefined && { reason: open.reason }) }
      : { state: "due" };
  if (rows.some((row) => row.state === "written")) return { state: "written" };
  return { state: due ? "due" : "waitingForWrapUp" };
}
