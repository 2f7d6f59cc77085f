import { CrmError } from "@wrapup/core";
import type { Context } from "@wrapup/core";
import { createTurns } from "../odata/turns.ts";
import type { GraphClient, GraphRequestText } from "./client.ts";
import type { GraphReply } from "./errors.ts";

/** Exchange answers 429 to the fifth request at once of one app to one mailbox (facts §3). */
const mostAtOnce = 4;

/** The mailboxes of a tenant, each by an object id or an address. */
export type Mailboxes = {
  /** One request to a mailbox; `path` is below `users/{mailbox}/`. Waits for its turn. Throws `CrmError`. */
  readonly ask: (
    mailbox: string,
    request: GraphRequestText,
    context: Context,
  ) => Promise<GraphReply>;
};

/**
 * Ids that stay when a message moves to Sent Items, asked for with every request, as each is read by what its own request prefers
 * (outlook-immutable-id); and bodies as the text that they were written as.
 */
const prefer = 'IdType="ImmutableId", outlook.body-content-type="text"';

/** Mailboxes of one client; never more than four requests at once for each. */
export const createMailboxes = (client: GraphClient): Mailboxes => {
  const inTurn = createTurns(() => mostAtOnce, "Microsoft Graph");
  return {
    ask: (mailbox, request, context) =>
      inTurn(mailbox.toLowerCase(), context.signal, () =>
        client.ask(
          {
            ...request,
            path: `users/${encodeURIComponent(mailbox)}/${request.path}`,
            headers: { prefer, ...request.headers },
          },
          context,
        ),
      ),
  };
};

/** The refusal of a mailbox that is not there, in one clear line; `own`: it is the agent's, and no shared one. */
export const noMailbox = (reason: string, own: boolean): string =>
  own
    ? `The agent's mailbox cannot send (${reason}). Give the agent an Exchange Online mailbox, or all agents a shared one with the option "mailbox"`
    : `The shared mailbox cannot send (${reason}). Check the option "mailbox"`;

/** What is no reply that anybody expects here. `sent`: whether what was asked for may have been done; reading does nothing. */
export const unexpected = (what: string, sent: "no" | "maybe" = "no"): CrmError =>
  new CrmError("transient", sent, `Microsoft Graph sent a broken answer: ${what}`);
