import type { Interaction } from "../model/interaction.ts";
import type { LaneNow } from "./lanes.ts";
import { type MailNow, mailNow, type MailState } from "./mail-states.ts";
import { whyPaused, within } from "./verdict.ts";

/** One mail as an operator reads it: neither its text nor an address. */
export type ExplainedMail = {
  /** The mail's id. */
  readonly mail: string;
  readonly connection: string;
  /** The agent's id. */
  readonly agent: string;
  readonly state: MailState;
  /** One sentence that answers "was it sent, and why not?". */
  readonly why: string;
  readonly tries: number;
  readonly at: string;
  /** What to replay, where it waits for a person. */
  readonly key?: string;
};

/** Every mail of an interaction, oldest first. */
export const explainMails = (
  { mails, deleted }: Interaction,
  lanes: readonly LaneNow[],
): readonly ExplainedMail[] =>
  mails.map((mail) => {
    const now = mailNow(mail, deleted !== undefined, lanes);
    const lane = lanes.find(({ connection }) => connection === mail.via);
    return {
      mail: mail.id,
      connection: mail.via,
      agent: mail.agent.id,
      state: now.state,
      why: whyOf(now, lane),
      tries: now.row?.tries ?? 0,
      at: new Date(mail.at).toISOString(),
      ...(now.row !== undefined && { key: now.row.key }),
    };
  });

function whyOf({ state, reason = "no answer", row }: MailNow, lane: LaneNow | undefined): string {
  const said = within(reason);
  switch (state) {
    case "waiting":
      return "It waits for its turn; it is sent without waiting for wrap-up (L3).";
    case "drafted":
      return "The draft is made; sending it comes next.";
    case "sent":
      return "It was sent.";
    case "paused":
      return lane === undefined ? said : whyPaused(lane.connection, reason, lane);
    case "retrying":
      return `The mail system did not take it yet: ${said}. It is tried again${row?.wakeAt === undefined ? "" : ` at ${new Date(row.wakeAt).toISOString()}`}.`;
    case "parked":
      return `It waits for a person: ${said}. Mend the cause, then replay it.`;
    case "maybeSent":
      if (row?.state === "removed")
        return "The interaction was deleted while it was being sent: it went out, or may have (N5).";
      return `It waits for a person: ${said}. Look into the agent's mailbox; a replay looks once more and sends only what it finds unsent (N3).`;
    case "removedInCrm":
      return "People deleted the draft before it was sent; it is written again only by a replay.";
    case "removing":
      return "The interaction was deleted: what was not sent is being withdrawn (N5).";
    case "removed":
      return "The interaction was deleted before it was sent, so it was withdrawn (N5).";
  }
}
