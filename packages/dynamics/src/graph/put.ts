import type { Answer, Context, Write } from "@wrapup/core";
import { failed, plainAnswer, written } from "./answer.ts";
import { markerOf, newDraft } from "./draft.ts";
import type { Mail } from "./draft.ts";
import { createdId, standing } from "./find.ts";
import { sendDraft } from "./send.ts";
import { maybeSent } from "./surroundings.ts";
import type { At } from "./surroundings.ts";

/** A write that makes a mail exist. */
export type Put = Extract<Write, { readonly op: "put" }>;

/** Makes the draft, unless our marker says that it is there. */
export const put = async (write: Put, mail: Mail, at: At, context: Context): Promise<Answer> => {
  const marker = markerOf(write.entry);
  const looked = await at.finder.byMarker(at.mailbox, marker, context);
  if ("refused" in looked) return plainAnswer(looked.refused, at.own);
  const there = standing(looked.found);
  const stamp = { sent: there?.isDraft === false, mailbox: at.mailbox };
  if (there !== undefined) at.missing.seen(marker);
  if (there !== undefined && (stamp.sent || !write.entry.final))
    return written("already", there.id, stamp);
  if (there !== undefined) return sendDraft(at, there.id, [], context);
  // Thrown away by a person. What never was sent by us is made anew: the wish is younger than what lies in the bin.
  if (write.maybeSent && looked.found.length > 0) return { is: "gone" };
  if (write.maybeSent && write.entry.final) return maybeSent(at, marker);
  const reply = await at.mailboxes.ask(
    at.mailbox,
    { method: "POST", path: "messages", body: newDraft(mail, marker) },
    context,
  );
  const made = createdId(reply);
  if ("refused" in made) return plainAnswer(made.refused, at.own);
  if (!write.entry.final)
    return written("created", made.found, { sent: false, mailbox: at.mailbox });
  try {
    const sent = await sendDraft(at, made.found, [], context);
    return sent.is === "retry" ? { ...sent, sent: "maybe" } : sent;
  } catch (error) {
    // The draft is there whatever became of the sending.
    return failed(error, "maybe");
  }
};
