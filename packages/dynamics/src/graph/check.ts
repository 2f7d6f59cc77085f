import type { Abilities, Context, Finding } from "@wrapup/core";
import { z } from "zod";
import { listOf } from "../http.ts";
import { anyFolder, refusalOf } from "./agents.ts";
import type { GraphClient } from "./client.ts";
import { crmErrorOf } from "./errors.ts";
import type { Mailboxes } from "./mailbox.ts";
import { mostWrites } from "./push.ts";

/**
 * What Graph can do: mails only, linked to nothing. `once`: a draft is found by our marker, and sent once.
 * `landsWithinMs`: Graph names no time after which a request without an answer is dead; ten minutes is a wide margin (see the README).
 */
const abilities: Abilities = {
  maxBatch: mostWrites,
  maxConcurrent: 4,
  linkRules: { roles: [], apart: [], order: ["*"] },
  kinds: ["notice"],
  once: "key",
  landsWithinMs: 10 * 60_000,
  completedIsFrozen: true,
};

const permissions =
  "Grant the app registration the application permissions Mail.ReadWrite and Mail.Send with admin consent, and see that no application access policy leaves the mailbox out.";

const firstUser = z.object({ value: listOf(z.object({ id: z.string().min(1) }), 1_000) });

const sharedFindings = async (
  mailboxes: Mailboxes,
  shared: string,
  context: Context,
): Promise<readonly Finding[]> => {
  const reply = await mailboxes.ask(shared, { method: "GET", path: anyFolder }, context);
  if (reply.status < 300) return [];
  return [
    {
      severity: "error",
      place: "mailbox",
      text: refusalOf(reply, false),
      mend:
        reply.status === 403
          ? permissions
          : 'Give the address of a mailbox in Exchange Online as the option "mailbox", or leave it out so that agents send from their own.',
    },
  ];
};

/** Without a shared mailbox, users must be readable; whether mail is allowed is tried on the first of them. */
const ownFindings = async (
  client: GraphClient,
  mailboxes: Mailboxes,
  context: Context,
): Promise<readonly Finding[]> => {
  const reply = await client.ask({ method: "GET", path: "users?$top=1&$select=id" }, context);
  if (reply.status >= 300) throw crmErrorOf(reply);
  const [first] = firstUser.safeParse(reply.body).data?.value ?? [];
  if (first === undefined) return [];
  const mail = await mailboxes.ask(first.id, { method: "GET", path: anyFolder }, context);
  if (mail.status !== 403) return [];
  return [
    {
      severity: "warning",
      place: "signIn",
      text: refusalOf(mail, true),
      mend: permissions,
    },
  ];
};

/**
 * Signs in and looks what the app may do. Whether it may send is only known when it sends: Graph offers no way to ask. Throws `CrmError`:
 * auth for a tenant, app, secret or certificate that is not accepted and for users that may not be read.
 */
export const checkMail = async (
  client: GraphClient,
  mailboxes: Mailboxes,
  shared: string | undefined,
  context: Context,
): Promise<{ readonly abilities: Abilities; readonly findings: readonly Finding[] }> => {
  await client.signIn(context);
  const findings =
    shared === undefined
      ? await ownFindings(client, mailboxes, context)
      : await sharedFindings(mailboxes, shared, context);
  return { abilities, findings };
};
