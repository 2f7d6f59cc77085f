import type { Answer, Context, Warning } from "@wrapup/core";
import { plainAnswer, written } from "./answer.ts";
import { errorIn, verdictOf } from "./errors.ts";
import type { At } from "./surroundings.ts";

const send = (at: At, id: string, context: Context) =>
  at.mailboxes.ask(
    at.mailbox,
    { method: "POST", path: `messages/${encodeURIComponent(id)}/send` },
    context,
  );

/**
 * Sends a draft. Exchange sends one once: it is no draft after that. A refusal to find it, just after it was seen, means that somebody
 * else sent or removed it: the next attempt looks.
 */
export const sendDraft = async (
  at: At,
  id: string,
  warnings: readonly Warning[],
  context: Context,
): Promise<Answer> => {
  const reply = await send(at, id, context);
  if (reply.status < 300)
    return written("updated", id, { sent: true, mailbox: at.mailbox }, warnings);
  const error = errorIn(reply);
  const { does } = verdictOf(error);
  if (does === "itemGone" || does === "noMailbox" || error.code === "ErrorInvalidRequest")
    return {
      is: "retry",
      why: "transient",
      sent: "maybe",
      afterMs: 5_000,
      reason: "The draft changed just before it was sent",
    };
  return plainAnswer(error, at.own);
};

/** Puts a draft into Deleted Items. */
export const drop = (at: At, id: string, context: Context) =>
  at.mailboxes.ask(
    at.mailbox,
    { method: "DELETE", path: `messages/${encodeURIComponent(id)}` },
    context,
  );
