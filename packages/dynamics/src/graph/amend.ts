import type { Answer, Context, Warning, Write } from "@wrapup/core";
import { notRecalled, plainAnswer, stampIn, written } from "./answer.ts";
import { allParts, bodyOf, mailOf, markerOf, samePart } from "./draft.ts";
import type { Mail, Part } from "./draft.ts";
import { errorIn } from "./errors.ts";
import { isGone } from "./find.ts";
import type { Message } from "./find.ts";
import { drop, sendDraft } from "./send.ts";
import { maybeSent } from "./surroundings.ts";
import type { At } from "./surroundings.ts";

/** A write that changes a mail, or sends it. */
export type Amend = Extract<Write, { readonly op: "amend" }>;

/** What an amendment does to a draft: parts to write, and parts that a person wrote in the meantime (W7). */
const changesTo = (
  write: Amend,
  wish: Mail,
  now: Mail,
): { readonly parts: readonly Part[]; readonly edited: readonly Part[] } => {
  const made = mailOf(write.made);
  const differing = allParts.filter((part) => part in write.changed && !samePart(part, now, wish));
  const isOurs = (part: Part): boolean =>
    !write.contentKnown || ("mail" in made && samePart(part, now, made.mail));
  return {
    parts: differing.filter(isOurs),
    edited: differing.filter((part) => !isOurs(part)),
  };
};

const editedWarning = (field: Part): Warning => ({
  code: "editedInCrm",
  field,
  text: `A person changed "${field}" of the draft; it was left as it is`,
});

/** Drafts with our marker that landed late, after another was made: nobody wants them, and nobody may send them. */
const dropStrays = async (
  messages: readonly Message[],
  keep: string,
  at: At,
  context: Context,
): Promise<void> => {
  for (const { id, isDraft, trashed } of messages)
    if (isDraft && !trashed && id !== keep) await drop(at, id, context);
};

/** The answer where the mail was sent already: nothing can change it, and a wish for anything else is told so. */
const wasSent = (write: Amend, id: string, at: At, same: boolean): Answer => {
  at.missing.seen(markerOf(write.entry));
  return written("already", id, { sent: true, mailbox: at.mailbox }, same ? [] : [notRecalled]);
};

/** Looks for a message whose id is not there: the copy of a sent mail may have got another. */
const lookElsewhere = async (write: Amend, at: At, context: Context): Promise<Answer> => {
  const marker = markerOf(write.entry);
  const looked = await at.finder.byMarker(at.mailbox, marker, context);
  if ("refused" in looked) return plainAnswer(looked.refused, at.own);
  const sent = looked.found.find(({ isDraft }) => !isDraft);
  if (sent !== undefined) return wasSent(write, sent.id, at, true);
  // A person removed the draft, and nothing of ours was under way.
  if (!write.maybeSent) return { is: "gone" };
  return maybeSent(at, marker);
};

/** Brings a draft to the wish and, where it is final, sends it. It always looks first: that is what makes a lost answer harmless. */
export const amend = async (
  write: Amend,
  wish: Mail,
  at: At,
  context: Context,
): Promise<Answer> => {
  const { id } = write.receipt.ref;
  const known = stampIn(write.receipt);
  if (known?.sent === true && write.contentKnown)
    return wasSent(write, id, at, !allParts.some((part) => part in write.changed));
  const looked = await at.finder.byId(at.mailbox, id, context);
  if ("refused" in looked) {
    if (!isGone(looked.refused)) return plainAnswer(looked.refused, at.own);
    // It was seen sent before; that its copy is gone from the mailbox changes nothing for who got it.
    return known?.sent === true ? wasSent(write, id, at, true) : lookElsewhere(write, at, context);
  }
  const { isDraft, trashed, mail } = looked.found;
  const { parts, edited } = changesTo(write, wish, mail);
  if (!write.contentKnown) {
    const all = await at.finder.byMarker(at.mailbox, markerOf(write.entry), context);
    if ("found" in all) await dropStrays(all.found, id, at, context);
  }
  if (!isDraft) return wasSent(write, id, at, parts.length + edited.length === 0);
  if (trashed) return { is: "gone" };
  if (parts.length > 0) {
    const reply = await at.mailboxes.ask(
      at.mailbox,
      { method: "PATCH", path: `messages/${encodeURIComponent(id)}`, body: bodyOf(wish, parts) },
      context,
    );
    if (reply.status >= 300) return plainAnswer(errorIn(reply), at.own);
  }
  const warnings = edited.map(editedWarning);
  return write.entry.final
    ? sendDraft(at, id, warnings, context)
    : written("updated", id, { sent: false, mailbox: at.mailbox }, warnings);
};
