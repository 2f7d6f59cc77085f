import type { Interaction, Link } from "../model/interaction.ts";
import type { Row } from "../model/ledger.ts";
import { writesActivity } from "../model/leg.ts";
import { latest } from "../plan/standing.ts";
import { type RecordId, type RecordRef, sameRecord } from "../model/record.ts";

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
  /** Something waits to be planned, now or later. */
  readonly wakeAt?: number;
  /** What is unlinked after writing stays as it is (K5). */
  readonly keeps?: boolean;
};

type State = { readonly state: LinkState; readonly reason?: string };

/** The links an interaction has, and those being taken back in the CRM. */
export function linkViews(
  interaction: Interaction,
  lanes: readonly LaneView[],
): readonly LinkView[] {
  const laneOf = new Map(lanes.map((lane) => [lane.connection, lane]));
  const current = interaction.links.map((link) =>
    viewOf(interaction, link, laneOf.get(link.record.connection)),
  );
  return [...current, ...lanes.flatMap((lane) => leaving(interaction, lane))];
}

/** Records that were unlinked and are still in an activity of ours. */
function leaving(interaction: Interaction, lane: LaneView): readonly LinkView[] {
  const linked = interaction.links.filter(({ record }) => record.connection === lane.connection);
  return lane.rows.flatMap((row) => {
    const state = leavingState(row, lane);
    if (state === undefined) return [];
    return heldBy(row)
      .filter((held) => !linked.some((link) => names(link, held)))
      .map((held): LinkView => ({ record: { ...held, connection: lane.connection }, ...state }));
  });
}

function leavingState(row: Row, { keeps, wakeAt }: LaneView): State | undefined {
  if (keeps === true && row.removing !== true) return undefined;
  if (row.state === "parked")
    return { state: "parked", ...(row.reason !== undefined && { reason: row.reason }) };
  return row.state === "open" || (row.state === "written" && wakeAt !== undefined)
    ? { state: "removing" }
    : undefined;
}

/** What the CRM may hold of a row: what was refused is not there, what it was to replace still is. */
function heldBy({ state, removing, written, sending }: Row): readonly RecordId[] {
  const entries = state === "parked" && removing !== true ? [written] : [written, sending];
  const held = entries.flatMap((entry) => Object.values(entry?.roles ?? {}).flat());
  return held.filter((record, n) => held.findIndex((each) => sameRecord(each, record)) === n);
}

const recordsIn = (row: Row): readonly RecordId[] =>
  Object.values((row.sending ?? row.written)?.roles ?? {}).flat();

const names = (link: Link, held: RecordId): boolean =>
  sameRecord(link.record, held) || (link.was ?? []).some((was) => sameRecord(was, held));

function viewOf(interaction: Interaction, link: Link, lane: LaneView | undefined): LinkView {
  const through = reachedThrough(link, interaction, lane) ?? link;
  const rows = rowsOf(through, lane);
  const url = rows.find((row) => row.receipt !== undefined)?.receipt?.url;
  return {
    record: link.record,
    ...(link.title !== undefined && { title: link.title }),
    ...stateOf(interaction, rows, lane),
    ...(url !== undefined && { activityUrl: url }),
  };
}

const rowsOf = (link: Link, lane: LaneView | undefined): readonly Row[] =>
  (lane?.rows ?? []).filter((row) => recordsIn(row).some((held) => names(link, held)));

/** A case's account has no place of its own: it counts as written with the case (K4). */
function reachedThrough(
  link: Link,
  { links }: Interaction,
  lane: LaneView | undefined,
): Link | undefined {
  if (rowsOf(link, lane).length > 0) return undefined;
  return links.find(
    (other) =>
      other !== link &&
      other.record.connection === link.record.connection &&
      (other.parents ?? []).some((parent) => names(link, parent)) &&
      rowsOf(other, lane).length > 0,
  );
}

function stateOf(
  interaction: Interaction,
  rows: readonly Row[],
  lane: LaneView | undefined,
): State {
  const parked = rows.find((row) => row.state === "parked");
  if (parked !== undefined)
    return { state: "parked", ...(parked.reason !== undefined && { reason: parked.reason }) };
  if (rows.some((row) => row.state === "gone")) return { state: "removedInCrm" };
  const due = interaction.legs.some((leg) => leg.state === "closed" && writesActivity(leg));
  const open = rows.find((row) => row.state === "open");
  const unsettled = open !== undefined || (due && rows.length === 0);
  if (unsettled && lane?.paused !== undefined) return { state: "paused", reason: lane.paused };
  if (open !== undefined)
    return open.attempts > 1 || open.wakeAt !== undefined
      ? { state: "retrying", ...(open.reason !== undefined && { reason: open.reason }) }
      : { state: "due" };
  if (rows.some((row) => row.state === "written")) return { state: "written" };
  if (!due) return { state: "waitingForWrapUp" };
  return isLeftOut(lane) ? leftOut : { state: "due" };
}

/** Everything else was written and nothing waits: the CRM's rules have no place for this one. */
function isLeftOut(lane: LaneView | undefined): boolean {
  const rows = (lane?.rows ?? []).filter((row) => latest(row)?.kind !== "notice");
  return (
    lane !== undefined &&
    lane.wakeAt === undefined &&
    rows.length > 0 &&
    rows.every((row) => row.state !== "open")
  );
}

const leftOut: State = {
  state: "excluded",
  reason: "The CRM has no place for it in an activity beside the other records.",
};
