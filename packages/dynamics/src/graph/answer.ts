import { answerOf, CrmError } from "@wrapup/core";
import type { Answer, Receipt, Warning, Write } from "@wrapup/core";
import { causeOf } from "../http.ts";
import { reasonOf, verdictOf } from "./errors.ts";
import type { GraphError } from "./errors.ts";
import { noMailbox } from "./mailbox.ts";

/** Where a mail stands: which mailbox it is in, and whether it was sent. Kept as the receipt's stamp. */
export type Stamp = { readonly sent: boolean; readonly mailbox: string };

/** The mailbox that keeps the message, and what is known of it. */
export const stampIn = (receipt: Receipt | undefined): Stamp | undefined => {
  const found = /^(draft|sent):(.+)$/.exec(receipt?.stamp ?? "");
  return found === null ? undefined : { sent: found[1] === "sent", mailbox: found[2] ?? "" };
};

/** The answer to a write that left a message behind. */
export const written = (
  how: "created" | "already" | "updated",
  id: string,
  stamp: Stamp,
  warnings: readonly Warning[] = [],
): Answer => ({
  is: "written",
  how,
  receipt: {
    ref: { type: "mail", id },
    stamp: `${stamp.sent ? "sent" : "draft"}:${stamp.mailbox}`,
  },
  ...(warnings.length > 0 && { warnings }),
});

/** A sent mail is with its recipients, whatever is wished of it later (N2). */
export const notRecalled: Warning = {
  code: "keptInCrm",
  text: "The mail was sent already; a mail cannot be recalled or changed",
};

/** The answer to an error that needs no further look. `own`: the mailbox is the agent's, and no shared one. */
export const plainAnswer = (error: GraphError, own: boolean): Answer => {
  const verdict = verdictOf(error);
  const reason = reasonOf(error);
  if (verdict.does === "noMailbox")
    return { is: "refused", why: "permission", reason: noMailbox(reason, own) };
  if (verdict.does === "itemGone") return { is: "refused", why: "notFound", reason };
  if (verdict.does === "refuse") return { is: "refused", why: verdict.why, reason };
  return verdict.does === "signIn"
    ? { is: "retry", why: "auth", sent: "no", reason }
    : {
        is: "retry",
        why: verdict.why,
        sent: verdict.sent,
        reason,
        ...(verdict.afterMs !== undefined && { afterMs: verdict.afterMs }),
      };
};

/** What was thrown, as an answer: what is no `CrmError` is a mistake of ours, and nobody knows how far the request came. */
export const failed = (thrown: unknown, sent?: "maybe"): Answer => {
  const error =
    thrown instanceof CrmError
      ? thrown
      : new CrmError("transient", "maybe", "The mail adapter failed by itself", {
          cause: causeOf(thrown),
        });
  const answer = answerOf(error);
  return answer.is === "retry" && sent !== undefined ? { ...answer, sent } : answer;
};

/** The mailbox a write is about: where its message is, else whose it is to be. */
export const mailboxOf = (write: Write): string | undefined =>
  (write.op === "put" ? undefined : stampIn(write.receipt)?.mailbox) ?? write.entry.owner;
