import type { Answer, Context, Write } from "@wrapup/core";
import { notRecalled, plainAnswer, stampIn } from "./answer.ts";
import { markerOf } from "./draft.ts";
import { errorIn, verdictOf } from "./errors.ts";
import { isGone } from "./find.ts";
import { drop } from "./send.ts";
import type { At } from "./surroundings.ts";

/** A write that takes a mail away. */
export type Retract = Extract<Write, { readonly op: "retract" }>;

/** Takes drafts away, all that have our marker. A mail that was sent stays with its recipients. */
export const retract = async (write: Retract, at: At, context: Context): Promise<Answer> => {
  const kept: Answer = { is: "removed", how: "kept", warnings: [notRecalled] };
  if (stampIn(write.receipt)?.sent === true) return kept;
  const looked = await at.finder.byMarker(at.mailbox, markerOf(write.entry), context);
  if ("refused" in looked)
    return verdictOf(looked.refused).does === "noMailbox"
      ? { is: "removed", how: "deleted" }
      : plainAnswer(looked.refused, at.own);
  for (const { id, isDraft, trashed } of looked.found) {
    if (!isDraft || trashed) continue;
    const reply = await drop(at, id, context);
    const error = errorIn(reply);
    if (reply.status >= 300 && !isGone(error)) return plainAnswer(error, at.own);
  }
  if (looked.found.some(({ isDraft }) => !isDraft)) return kept;
  return looked.found.length === 0 && write.maybeSent && write.receipt !== undefined
    ? {
        is: "removed",
        how: "kept",
        warnings: [
          {
            code: "keptInCrm",
            text: "The draft is not there any more; if it was sent just before, the mail cannot be recalled",
          },
        ],
      }
    : { is: "removed", how: "deleted" };
};
