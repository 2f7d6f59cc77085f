import type { CrmAdapter } from "@wrapup/core";
import { createTokens } from "../sign-in.ts";
import { createMailboxesOf } from "./agents.ts";
import { checkMail } from "./check.ts";
import { createGraphClient } from "./client.ts";
import { createEntraUsers } from "./entra-users.ts";
import { createMailboxes } from "./mailbox.ts";
import { checkGraphOptions } from "./options.ts";
import type { GraphMailOptions } from "./options.ts";
import { createPush, requestOf } from "./push.ts";

/**
 * Mail through Microsoft Graph: a connection of its own, so that a throttled mailbox never pauses a CRM. A mail is written in two steps,
 * a draft with an immutable id and our marker, then its sending; so no crash and no lost answer sends it twice. Nothing is loaded or sent
 * before the first call. Throws `WrapupError` invalid_input that names the option.
 */
export const graphMail = (options: GraphMailOptions): CrmAdapter => {
  const settings = checkGraphOptions(options);
  const { clock, timeoutMs, mailbox: shared } = settings;
  const closing = new AbortController();
  const client = createGraphClient({
    origin: settings.graphUrl,
    tokens: createTokens(settings.signIn, { clock, timeoutMs, closed: closing.signal }),
    timeoutMs,
    clock,
  });
  const mailboxes = createMailboxes(client);
  const users = createEntraUsers(client, clock);
  return {
    contract: 1,
    name: "Microsoft Graph",
    defaults: { searchOrder: [], creatable: [] },
    check: (context) => checkMail(client, mailboxes, shared, context),
    requestOf,
    push: createPush({ mailboxes, shared, clock }),
    usersOf: createMailboxesOf(users, mailboxes, shared, clock),
    close: () => {
      client.close();
      closing.abort();
      return Promise.resolve();
    },
  };
};
