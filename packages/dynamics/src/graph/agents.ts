import type { Agent, Clock, Context } from "@wrapup/core";
import { plainAnswer } from "./answer.ts";
import { isObjectId } from "./entra-users.ts";
import type { EntraUsers } from "./entra-users.ts";
import { errorIn, verdictOf } from "./errors.ts";
import type { Mailboxes } from "./mailbox.ts";

/** Any folder that each mailbox has: the permission to read it is the one that drafts need anyway. */
export const anyFolder = "mailFolders/drafts?$select=id";

const hour = 60 * 60_000;
const absentMs = 5 * 60_000;
const mostKept = 20_000;

/** What an agent may be known by: an Entra object id, then the email address. */
const namesOf = ({ id, email = "" }: Agent): readonly string[] =>
  [isObjectId(id) ? id : "", email].filter((name) => name !== "");

/**
 * Answers the mailbox that each agent's mails go out from: the shared one, or the object id of the one active user of the agent, provided
 * that there is a mailbox (W10). Kept for an hour. Throws `CrmError`.
 */
export const createMailboxesOf = (
  users: EntraUsers,
  mailboxes: Mailboxes,
  shared: string | undefined,
  clock: Clock,
) => {
  const kept = new Map<string, { readonly has: boolean; readonly until: number }>();

  const hasMailbox = async (id: string, context: Context): Promise<boolean> => {
    const known = kept.get(id);
    if (known !== undefined && known.until > clock.now()) return known.has;
    const reply = await mailboxes.ask(id, { method: "GET", path: anyFolder }, context);
    // What the app may not look into is told in full when a mail is to go out from there.
    const has = reply.status < 300 || verdictOf(errorIn(reply)).does === "refuse";
    if (kept.size > mostKept) kept.clear();
    kept.set(id, { has, until: clock.now() + (has ? hour : absentMs) });
    return has;
  };

  return async (
    agents: readonly Agent[],
    context: Context,
  ): Promise<readonly (string | undefined)[]> => {
    if (shared !== undefined) return agents.map(() => shared);
    const found = await users.find(agents.flatMap(namesOf), context);
    const ids = agents.map((agent) =>
      namesOf(agent)
        .map((name) => found.get(name))
        .find((id) => id !== undefined),
    );
    const answers: (string | undefined)[] = [];
    for (const id of ids)
      answers.push(id !== undefined && (await hasMailbox(id, context)) ? id : undefined);
    return answers;
  };
};

/** The reason of a refusal, in the words that a mail is refused with. */
export const refusalOf = (reply: Parameters<typeof errorIn>[0], own: boolean): string => {
  const answer = plainAnswer(errorIn(reply), own);
  return answer.is === "refused" || answer.is === "retry" ? answer.reason : "";
};
