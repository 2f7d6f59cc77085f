import type { Interaction } from "../model/interaction.ts";
import type { HistoryLine } from "../model/command.ts";
import type { Leg } from "../model/leg.ts";
import type { Row } from "../model/ledger.ts";
import type { Warning } from "../model/warning.ts";
import type { Desk } from "./desk.ts";
import { type LaneNow, readLanes } from "./lanes.ts";

/** One thing Wrapup wrote or wants to write, as an operator reads it. */
export type ExplainedEntry = {
  readonly key: string;
  readonly kind: string;
  readonly leg: string;
  readonly state: Row["state"] | "retrying";
  readonly type: string;
  readonly id?: string;
  readonly url?: string;
  readonly tries: number;
  readonly writtenAt?: string;
  readonly nextTryAt?: string;
  readonly reason?: string;
  readonly warnings: readonly Warning[];
};

/** Where one connection stands with this interaction, with the reason in words. */
export type ExplainedConnection = {
  readonly connection: string;
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
  readonly entries: readonly ExplainedEntry[];
};

/** Everything about one interaction: what happened, by which rule, and what was written where (W9). No customer data. */
export type Explanation = {
  readonly interaction: string;
  readonly version: number;
  readonly channel: string;
  readonly status: string;
  readonly legs: readonly {
    readonly leg: string;
    readonly agent?: string;
    readonly state: string;
    readonly closed?: string;
    readonly dueAt?: string;
  }[];
  readonly connections: readonly ExplainedConnection[];
  readonly timeline: readonly (Omit<HistoryLine, "at"> & { readonly at: string })[];
};

/** Answers "why is it not in the CRM". Throws `unknown_interaction`. */
export async function explain(desk: Desk, id: string): Promise<Explanation> {
  const { interaction, lanes } = await readLanes(desk, id);
  const history = await desk.store.history({ tenant: desk.tenant, interaction: id });
  const configured = await desk.connections.of(desk.tenant);
  const names = [
    ...new Set([
      ...configured.map(({ key }) => key.connection),
      ...interaction.connections,
      ...lanes.map((lane) => lane.connection),
    ]),
  ];
  return {
    interaction: id,
    version: interaction.version,
    channel: interaction.channel,
    status: interaction.deleted === undefined ? interaction.status : "deleted",
    legs: interaction.legs.map(explainLeg),
    connections: names.map((name) => {
      const unlinked = configured.find(({ key }) => key.connection === name)?.settings.unlinked;
      return explainConnection(
        name,
        interaction,
        lanes.find((lane) => lane.connection === name),
        unlinked,
      );
    }),
    timeline: history.map((line) => ({ ...line, at: iso(line.at) })),
  };
}

const iso = (at: number): string => new Date(at).toISOString();

const explainLeg = (leg: Leg): Explanation["legs"][number] => ({
  leg: leg.id,
  ...(leg.agent !== undefined && { agent: leg.agent.id }),
  state: leg.state,
  ...(leg.closed !== undefined && { closed: leg.closed }),
  ...(leg.recorded.closed !== undefined && { dueAt: iso(leg.recorded.closed) }),
});

function explainConnection(
  connection: string,
  interaction: Interaction,
  lane: LaneNow | undefined,
  unlinked: "skip" | "log" | "hold" | undefined,
): ExplainedConnection {
  const entries = (lane?.rows ?? []).map(explainRow);
  return { connection, ...verdict(interaction, connection, lane, unlinked), entries };
}

function explainRow(row: Row): ExplainedEntry {
  const entry = row.sending ?? row.written;
  return {
    key: row.key,
    kind: entry?.kind ?? "activity",
    leg: entry?.leg ?? "",
    state: row.state === "open" && row.attempts > 0 ? "retrying" : row.state,
    type: entry?.type ?? "",
    ...(row.receipt !== undefined && { id: row.receipt.ref.id }),
    ...(row.receipt?.url !== undefined && { url: row.receipt.url }),
    tries: row.tries,
    ...(row.writtenAt !== undefined && { writtenAt: iso(row.writtenAt) }),
    ...(row.wakeAt !== undefined && { nextTryAt: iso(row.wakeAt) }),
    ...(row.reason !== undefined && { reason: row.reason }),
    warnings: row.warnings,
  };
}

/** The first rule that fits, surest reason first. */
function verdict(
  interaction: Interaction,
  connection: string,
  lane: LaneNow | undefined,
  unlinked: "skip" | "log" | "hold" | undefined,
): Pick<ExplainedConnection, "state" | "why"> {
  const rows = lane?.rows ?? [];
  const parked = rows.find((row) => row.state === "parked");
  if (unlinked === undefined)
    return {
      state: "nothingToWrite",
      why: `No connection named "${connection}" is configured; what waits for it is kept.`,
    };
  if (parked !== undefined)
    return {
      state: "parked",
      why: `It waits for a person: ${parked.reason ?? "the CRM refused it"}. Mend the cause, then replay it.`,
    };
  const open = rows.filter((row) => row.state === "open");
  const waiting = open.length > 0 || lane?.wakeAt !== undefined;
  if (lane?.claimed === true)
    return {
      state: "writing",
      why: "It is being written right now, or its writer died and another takes over within minutes.",
    };
  if (waiting && lane?.paused !== undefined)
    return {
      state: "paused",
      why: `The connection is paused until ${iso(lane.pausedUntil ?? 0)}: ${lane.paused}. Nothing is lost; it goes on by itself.`,
    };
  const retrying = open.find((row) => row.attempts > 0);
  if (retrying !== undefined)
    return {
      state: "retrying",
      why: `The CRM did not take it yet: ${retrying.reason ?? "no answer"}. It is tried again${retrying.wakeAt === undefined ? "" : ` at ${iso(retrying.wakeAt)}`}.`,
    };
  if (waiting) return { state: "due", why: "It is due and waits for its turn." };
  if (rows.some((row) => row.state === "written"))
    return { state: "written", why: "Everything wanted is in the CRM." };
  if (rows.some((row) => row.state === "gone"))
    return {
      state: "nothingToWrite",
      why: "People deleted it in the CRM; it is written again only by a replay.",
    };
  return notYet(interaction, connection, unlinked);
}

function notYet(
  interaction: Interaction,
  connection: string,
  unlinked: "skip" | "log" | "hold",
): Pick<ExplainedConnection, "state" | "why"> {
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
