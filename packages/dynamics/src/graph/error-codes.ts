import type { Refusal, Trouble } from "@wrapup/core";

/** What is to be done about an error of Graph's. */
export type Verdict =
  | {
      readonly does: "retry";
      readonly why: Trouble;
      readonly sent: "no" | "maybe";
      readonly afterMs?: number;
    }
  | { readonly does: "refuse"; readonly why: Refusal }
  /** There is no such mailbox, or nothing can be sent from it. */
  | { readonly does: "noMailbox" }
  /** The message is not there, under this id. */
  | { readonly does: "itemGone" }
  | { readonly does: "signIn" };

/** One code: what to do, and our words for it. The vendor's own text is never shown: it repeats addresses. */
export type Row = { readonly verdict: Verdict; readonly words: string };

const retry = (why: Trouble, sent: "no" | "maybe", words: string, afterMs?: number): Row => ({
  verdict: { does: "retry", why, sent, ...(afterMs !== undefined && { afterMs }) },
  words,
});
const refuse = (why: Refusal, words: string): Row => ({ verdict: { does: "refuse", why }, words });

const quarterHour = 15 * 60_000;

/** Exchange allows four requests at once per app and mailbox (facts §3); only this one mailbox is busy. */
export const busyMailbox: Row = retry(
  "lock",
  "no",
  "this mailbox is busy with other requests",
  2_000,
);
export const throttledApp: Row = retry("throttled", "no", "too many requests");

const noMailbox: Row = {
  verdict: { does: "noMailbox" },
  words: "there is no mailbox in Exchange Online for it",
};
const itemGone: Row = { verdict: { does: "itemGone" }, words: "the message is not there" };
const failing = retry("transient", "maybe", "Exchange failed while it worked on the request");
const notNow = retry("transient", "maybe", "Exchange is not available for this mailbox");
const token: Row = { verdict: { does: "signIn" }, words: "the token was not accepted" };
const notUnderstood = refuse("validation", "the request was not understood");

/** Graph's and Exchange's codes (facts §3; errors overview of Graph). What is not here falls back to the HTTP status. */
const table: Readonly<Record<string, Row>> = {
  InvalidAuthenticationToken: token,
  AuthenticationError: token,
  // Entra's directory: the app as a whole lacks the permission. Exchange: perhaps this mailbox only.
  Authorization_RequestDenied: retry(
    "auth",
    "no",
    "the app registration may not read users. Grant it the application permission User.Read.All, with admin consent",
  ),
  Authorization_IdentityNotFound: retry(
    "auth",
    "no",
    "the app registration is not known in this tenant. Check signIn.tenantId, and that an administrator has consented",
  ),
  ErrorAccessDenied: refuse(
    "permission",
    "the app registration may not use this mailbox. Grant it the application permissions Mail.ReadWrite and Mail.Send, with admin consent, and see that no application access policy leaves the mailbox out",
  ),
  ErrorSendAsDenied: refuse("permission", "the app registration may not send as this mailbox"),
  ErrorMessageSubmissionBlocked: refuse("permission", "this mailbox is blocked from sending"),
  ErrorAccountSuspend: refuse("permission", "this mailbox is suspended from sending"),
  MailboxNotEnabledForRESTAPI: noMailbox,
  MailboxNotSupportedForRESTAPI: noMailbox,
  ErrorNonExistentMailbox: noMailbox,
  ErrorMailboxNotFound: noMailbox,
  ErrorInvalidUser: noMailbox,
  Request_ResourceNotFound: noMailbox,
  ResourceNotFound: noMailbox,
  ErrorItemNotFound: itemGone,
  ErrorInvalidIdMalformed: itemGone,
  ErrorInvalidRecipients: refuse("validation", "a recipient's address is not accepted"),
  ErrorExceededMaxRecipientLimit: refuse("validation", "the mail has too many recipients"),
  ErrorMessageSizeExceeded: refuse("validation", "the mail is too large"),
  ErrorIrresolvableConflict: retry("lock", "no", "the message was changed at the same moment"),
  ErrorQuotaExceeded: retry("transient", "no", "the mailbox is full", quarterHour),
  ErrorServerBusy: notNow,
  ErrorMailboxStoreUnavailable: notNow,
  ErrorMailboxMoveInProgress: notNow,
  ErrorConnectionFailed: notNow,
  ServiceUnavailable: notNow,
  serviceNotAvailable: notNow,
  ErrorTimeoutExpired: failing,
  ErrorInternalServerError: failing,
  ErrorInternalServerTransientError: failing,
  UnknownError: failing,
  generalException: failing,
  RequestBodyRead: notUnderstood,
  BadRequest: notUnderstood,
  ErrorInvalidRequest: notUnderstood,
};

/** What is known of a code; `undefined` for one that is not known. Exchange writes some with and without a capital. Pure. */
export const rowOf = (code: string): Row | undefined =>
  Object.hasOwn(table, code)
    ? table[code]
    : Object.entries(table).find(([known]) => known.toLowerCase() === code.toLowerCase())?.[1];
