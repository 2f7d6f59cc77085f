import type { Interaction } from "../model/interaction.ts";
import type { ConnectionSettings } from "../gate/connection.ts";
import { isSent, type Row } from "../model/ledger.ts";
import { shown } from "../model/shown.ts";
import { latest } from "../plan/standing.ts";
import type { LaneNow } from "./lanes.ts";

/** Where one connection stands with an interaction. */
export type Verdict = {
  readonly state:
    | "waitingForWrapUp"
    | "nothingToWrite"
    | "due"
    | "writing"
    | "written"
    | "retrying"
    | "paused"
    | "parked";
  /** One sentence that answers "why is it, or is it not, in the CRM?". */
  readonly why: string;
};

/** What a connection's settings say about what it writes. */
export type Writes = Pick<ConnectionSettings, "mapping" | "unlinked">;

/** The first rule that fits, surest reason first. `writes` is absent where no such connection is configured. */
export function verdict(
  interaction: Interaction,
  connection: string,
  lane: LaneNow | undefined,
  writes: Writes | undefined,
): Verdict {
  const rows = lane?.rows ?? [];
  const parked = rows.find((row) => row.state === "parked");
  if (writes === undefined)
    return {
      state: "nothingToWrite",
      why: `No connection named "${shown(connection)}" is configured; what waits for it is kept.`,
    };
  if (parked !== undefined)
    return {
      state: "parked",
      why: `It waits for a person: ${within(parked.reason ?? "the CRM refused it")}. Mend the cause, then replay it.`,
    };
  return (
    underWay(connection, lane) ??
    (writes.mapping === undefined ? mailed(rows) : undefined) ??
    settled(rows.filter((row) => latest(row)?.kind !== "notice")) ??
    notYet(interaction, connection, writes.unlinked)
  );
}

/** Of a connection that writes no activities. */
const mailed = (rows: readonly Row[]): Verdict =>
  rows.some(isSent)
    ? { state: "written", why: "Every mail that could be sent was sent; see mails." }
    : { state: "nothingToWrite", why: "It writes no activities; see mails for what it sends." };

/** What a worker does about it, or waits for. */
function underWay(connection: string, lane: LaneNow | undefined): Verdict | undefined {
  if (lane === undefined) return undefined;
  if (lane.claimed)
    return {
      state: "writing",
      why: "It is being written right now, or its writer died and another takes over within minutes.",
    };
  const open = lane.rows.filter((row) => row.state === "open");
  if (open.length === 0 && lane.wakeAt === undefined) return undefined;
  if (lane.paused !== undefined)
    return { state: "paused", why: whyPaused(connection, lane.paused, lane) };
  const retrying = open.find((row) => row.attempts > 0);
  if (retrying === undefined) return { state: "due", why: "It is due and waits for its turn." };
  const { reason = "no answer", wakeAt } = retrying;
  return {
    state: "retrying",
    why: `The CRM did not take it yet: ${within(reason)}. It is tried again${wakeAt === undefined ? "" : ` at ${new Date(wakeAt).toISOString()}`}.`,
  };
}

function settled(rows: readonly Row[]): Verdict | undefined {
  if (rows.some((row) => row.state === "written"))
    return { state: "written", why: "Everything wanted is in the CRM." };
  return rows.some((row) => row.state === "gone")
    ? {
        state: "nothingToWrite",
        why: "People deleted it in the CRM; it is written again only by a replay.",
      }
    : undefined;
}

/** What only people can mend: the CRM is asked now and then, and says the same until they did. */
const needsPerson: ReadonlySet<string> = new Set(["auth", "schema"]);

/** Until when a connection is paused, and who must do what. */
export function whyPaused(
  connection: string,
  paused: string,
  { pausedWhy, pausedUntil = 0 }: LaneNow,
): string {
  const until = new Date(pausedUntil).toISOString();
  return pausedWhy !== undefined && needsPerson.has(pausedWhy)
    ? `The connection is paused and waits for a person: ${within(paused)}. Mend it, then resume("${connection}"); else it is tried again at ${until}. Nothing is lost.`
    : `The connection is paused until ${until}: ${within(paused)}. Nothing is lost; it goes on by itself.`;
}

/** A reason inside a sentence: without the full stop of its own. */
export const within = (reason: string): string => reason.trimEnd().replace(/\.+$/u, "");

function notYet(
  interaction: Interaction,
  connection: string,
  unlinked: "skip" | "log" | "hold",
): Verdict {
  if (interaction.deleted !== undefined)
    return { state: "nothingToWrite", why: "The interaction was deleted." };
  const own = interaction.legs.filter((leg) => leg.role === "agent" || leg.role === "bargeIn");
  const openLeg = own.find((leg) => leg.state !== "closed");
  const linked = interaction.links.some((link) => link.record.connection === connection);
  if (openLeg !== undefined)
    return {
      state: "waitingForWrapUp",
      why: `Agent ${openLeg.agent?.id ?? "unknown"} is not done yet (${openLeg.state}); it is written when that leg closes (${interaction.channel === "voice" ? "L1" : "L2"}).`,
    };
  if (own.length === 0)
    return {
      state: "nothingToWrite",
      why: "No agent accepted it, so there is no leg to write (L5).",
    };
  if (!linked && unlinked === "hold")
    return {
      state: "waitingForWrapUp",
      why: "Nobody linked a record, and this connection holds unlinked interactions until somebody does (K8).",
    };
  if (!linked && unlinked === "skip")
    return {
      state: "nothingToWrite",
      why: "Nobody linked a record of this connection, and it skips unlinked interactions (K8).",
    };
  return { state: "due", why: "It is due and waits for its turn." };
}
