import { readId } from "../model/door.ts";
import type { Interaction } from "../model/interaction.ts";
import type { HistoryLine } from "../model/command.ts";
import type { Leg } from "../model/leg.ts";
import type { Row } from "../model/ledger.ts";
import type { Warning } from "../model/warning.ts";
import type { Desk } from "./desk.ts";
import { type LaneNow, readLanes } from "./lanes.ts";
import { type ExplainedMail, explainMails } from "./explain-mails.ts";
import { type Verdict, verdict, type Writes } from "./verdict.ts";

export type { ExplainedMail } from "./explain-mails.ts";

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
export type ExplainedConnection = Verdict & {
  readonly connection: string;
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
  /** Emails that agents wrote to the customer. */
  readonly mails: readonly ExplainedMail[];
  readonly timeline: readonly (Omit<HistoryLine, "at"> & { readonly at: string })[];
};

/** Answers "why is it not in the CRM". Throws `invalid_input`, `unknown_interaction`. */
export async function explain(desk: Desk, interactionId: string): Promise<Explanation> {
  const id = readId(interactionId, "explain");
  const { interaction, lanes } = await readLanes(desk, id);
  const history = await desk.store.history({ tenant: desk.tenant, interaction: id });
  const configured = await desk.connections.of(desk.tenant);
  const names = [
    ...new Set([
      ...configured.flatMap(({ key, settings }) =>
        settings.mapping === undefined ? [] : key.connection,
      ),
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
      const settings = configured.find(({ key }) => key.connection === name)?.settings;
      return explainConnection(
        name,
        interaction,
        lanes.find((lane) => lane.connection === name),
        settings,
      );
    }),
    mails: explainMails(interaction, lanes),
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
  settings: Writes | undefined,
): ExplainedConnection {
  const entries = (lane?.rows ?? []).map(explainRow);
  return { connection, ...verdict(interaction, connection, lane, settings), entries };
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
