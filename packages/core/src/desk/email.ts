import type { z } from "zod";
import { CrmError } from "../adapter/crm-error.ts";
import { isWrapupError, WrapupError } from "../errors.ts";
import type { Connection } from "../gate/connection.ts";
import type { Agent } from "../model/agent.ts";
import { readInput } from "../model/door.ts";
import { sameMail } from "../model/mail.ts";
import { shown } from "../model/shown.ts";
import { commandOf } from "./command-of.ts";
import { need, needConnection, record } from "./commands.ts";
import type { Desk } from "./desk.ts";
import * as handed from "./handed.ts";
import { readLanes } from "./lanes.ts";
import { type MailView, mailViews } from "./mail-states.ts";
import { senderOf } from "./sender.ts";
import { freeId, nameOf } from "./which-leg.ts";

/** Where it is written: an interaction, or one leg of it. */
type EmailOf = { readonly interaction: string; readonly leg?: string; readonly place: string };

/** Records a mail that goes out at once, due or not (L3). Nothing is recorded unless its agent has a mailbox there (N3). */
export async function email(desk: Desk, of: EmailOf, input: unknown): Promise<MailView> {
  const { interaction, leg, place } = of;
  const read: z.output<typeof handed.email> =
    leg === undefined
      ? readInput(handed.email, input, place)
      : readInput(handed.legEmail, input, place);
  const { via, id, to, cc, subject, text, at, eventId, by } = read;
  const now = await need(desk, interaction);
  const agent = senderOf(now, { leg, by, place });
  const connection = await needConnection(desk, via, place);
  // A mail that is recorded already is answered for, whatever became of the mailbox; a deleted interaction says so by itself.
  if (now.deleted === undefined && !now.mails.some((mail) => mail.id === id)) {
    await needMail(desk, connection, place);
    await needMailbox(connection, agent, place);
  }
  const name = id ?? nameOf({ eventId }).leg;
  const isFree = id === undefined && eventId === undefined;
  const mail = { id: name, via, to: listOf(to), cc: listOf(cc), subject, text, agent };
  const command = commandOf(desk, interaction, {
    does: "email",
    place,
    given: { at, eventId },
    own: { by: agent.id, mail },
  });
  let told = command.mail;
  await record(desk, interaction, command, (first, found) => {
    told = isFree ? { ...first.mail, id: freeId(found?.mails ?? []) } : first.mail;
    return { ...first, mail: told };
  });
  const after = await readLanes(desk, interaction);
  const kept = after.interaction.mails.find((each) => each.id === told.id);
  const view = mailViews(after.interaction, after.lanes).find((each) => each.id === told.id);
  if (kept === undefined || view === undefined) throw notRecorded(place);
  const { tenant } = desk;
  if (after.interaction.deleted === undefined && !sameMail(kept, told))
    desk.observer.event({
      event: "repeatedWithOtherContent",
      tenant,
      interaction,
      eventId: told.id,
    });
  return view;
}

/** One address may stand alone; anything else is for the door to judge. */
const listOf = (given: unknown): unknown => (typeof given === "string" ? [given] : given);

/** A platform's event that came too late, or told something else before. */
const notRecorded = (place: string): WrapupError =>
  new WrapupError("not_allowed", "This event wrote no mail", {
    place,
    mend: "The interaction was deleted, or the event told of something else before; give every mail an id of its own.",
  });

/** Throws `not_supported` for a connection that sends no mail (K7). */
async function needMail(desk: Desk, connection: Connection, place: string): Promise<void> {
  if (await sendsMail(connection)) return;
  const all = await desk.connections.of(desk.tenant);
  const others = all.filter(({ remembered }) => remembered?.abilities.kinds.includes("notice"));
  throw new WrapupError(
    "not_supported",
    `"${shown(connection.key.connection)}" does not send mail`,
    {
      place,
      mend:
        others.length === 0
          ? "Configure a mail connection, such as graphMail from @wrapup/dynamics, and name it in `via`."
          : `Name one that does in \`via\`: ${others.map(({ key }) => key.connection).join(", ")}.`,
    },
  );
}

/** By what is known of it. One that nobody could ask yet is believed where it is for nothing else. */
async function sendsMail(connection: Connection): Promise<boolean> {
  try {
    const { abilities } = connection.remembered ?? (await connection.known());
    return abilities.kinds.includes("notice");
  } catch (error) {
    if (isAway(error) && connection.settings.mapping === undefined) return true;
    throw error;
  }
}

/** Throws `no_mailbox` (N3). A mail system that does not answer now is asked again before the mail is drafted. */
async function needMailbox(connection: Connection, agent: Agent, place: string): Promise<void> {
  const name = connection.key.connection;
  try {
    const { owner } = await connection.owners.find(agent, place);
    if (owner !== undefined) return;
  } catch (error) {
    if (!isAway(error)) throw error;
    if (agent.email !== undefined && agent.email.trim() !== "") return;
  }
  throw new WrapupError("no_mailbox", `The agent has no mailbox in "${shown(name)}"`, {
    place,
    mend: "Give the agent's email as the mail system knows it, or configure ownerOf or ownerFallback on the connection.",
  });
}

/** Paused, or it did not answer. What it refused is no such thing. */
const isAway = (error: unknown): boolean =>
  (error instanceof CrmError && error.why !== "refused") ||
  (isWrapupError(error) && error.code === "crm_unavailable");
