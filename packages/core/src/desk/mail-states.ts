import type { Interaction, Mail } from "../model/interaction.ts";
import { isSent, type Row } from "../model/ledger.ts";
import { latest } from "../plan/standing.ts";

/** Where one mail stands, as an agent reads it (N3). Nothing but `sent` has gone out for sure, and nothing but `maybeSent` may have. */
export type MailState =
  | "waiting"
  | "drafted"
  | "sent"
  | "retrying"
  | "paused"
  | "parked"
  | "maybeSent"
  | "removedInCrm"
  | "removing"
  | "removed";

/** An email that an agent wrote, with its state. */
export type MailView = {
  readonly id: string;
  /** The connection that sends it. */
  readonly via: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The agent's id. */
  readonly by: string;
  /** When it was told, epoch ms. */
  readonly at: number;
  readonly state: MailState;
  readonly reason?: string;
};

/** What is known of a connection's lane. */
type MailLane = {
  readonly connection: string;
  readonly rows: readonly Row[];
  readonly paused?: string;
};

/** A mail's state, and the ledger row that tells it. */
export type MailNow = {
  readonly state: MailState;
  readonly reason?: string;
  readonly row?: Row;
};

/** The mails of an interaction, oldest first. */
export const mailViews = (
  { mails, deleted }: Interaction,
  lanes: readonly MailLane[],
): readonly MailView[] =>
  mails.map(({ agent, ...mail }) => {
    const { state, reason } = mailNow({ agent, ...mail }, deleted !== undefined, lanes);
    return { ...mail, by: agent.id, state, ...(reason !== undefined && { reason }) };
  });

/** Where one mail stands by its ledger row. */
export function mailNow(mail: Mail, deleted: boolean, lanes: readonly MailLane[]): MailNow {
  const lane = lanes.find(({ connection }) => connection === mail.via);
  const row = lane?.rows.find(
    (each) => latest(each)?.kind === "notice" && latest(each)?.leg === mail.id,
  );
  const paused = lane?.paused;
  if (row === undefined) {
    if (deleted) return { state: "removed" };
    return paused === undefined ? { state: "waiting" } : { state: "paused", reason: paused };
  }
  const state = stateOf(row, paused !== undefined);
  const reason = state === "paused" ? paused : row.reason;
  return { state, row, ...(reason !== undefined && { reason }) };
}

function stateOf(row: Row, paused: boolean): MailState {
  switch (row.state) {
    case "parked":
      return row.maybeSent && row.sending?.final === true ? "maybeSent" : "parked";
    case "gone":
      return "removedInCrm";
    case "written":
      return isSent(row) ? "sent" : "drafted";
    case "removed":
      return wasKept(row) ? "maybeSent" : "removed";
    case "open":
      if (row.removing === true) return "removing";
      if (paused) return "paused";
      if (row.attempts > 1 || row.wakeAt !== undefined) return "retrying";
      return row.receipt === undefined ? "waiting" : "drafted";
  }
}

/** Taking it back came too late: the mail system kept it, or cannot tell. */
const wasKept = ({ sending, warnings }: Row): boolean =>
  sending?.final === true && warnings.some(({ code }) => code === "keptInCrm");
