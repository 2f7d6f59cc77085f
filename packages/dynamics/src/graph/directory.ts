import { CrmError } from "@wrapup/core";
import type { Clock, Context, Finding } from "@wrapup/core";
import type { GraphClient } from "./client.ts";
import { createEntraUsers } from "./entra-users.ts";
import { errorIn, reasonOf } from "./errors.ts";

/** Entra as the Dataverse adapter asks it: who an email address belongs to. */
export type EntraDirectory = {
  /** Object id of the one active user of each address, by the address as it was given; `undefined` for nobody, and for more than one. Throws `CrmError` transient. */
  readonly objectIdsOf: (
    emails: readonly string[],
    context: Context,
  ) => Promise<ReadonlyMap<string, string | undefined>>;
  /** The same for one address. */
  readonly objectIdOf: (email: string, context: Context) => Promise<string | undefined>;
  /** Whether Entra can be asked at all; for `check`. */
  readonly findings: (context: Context) => Promise<readonly Finding[]>;
};

/** Graph's troubles are not Dataverse's: none of them may pause a connection to it. */
const asideOf = (error: unknown): unknown =>
  error instanceof CrmError && error.why !== "refused"
    ? new CrmError("transient", "no", `Looking up the agent in Entra failed: ${error.message}`, {
        cause: error.cause,
        ...(error.afterMs !== undefined && { afterMs: error.afterMs }),
      })
    : error;

/** A directory over a Graph client of its own; nothing is sent before the first question. */
export const createEntraDirectory = (client: GraphClient, clock: Clock): EntraDirectory => {
  const users = createEntraUsers(client, clock);
  const objectIdsOf: EntraDirectory["objectIdsOf"] = async (emails, context) => {
    try {
      return await users.find(emails, context);
    } catch (error) {
      throw asideOf(error);
    }
  };
  return {
    objectIdsOf,
    objectIdOf: async (email, context) => (await objectIdsOf([email], context)).get(email),
    findings: async (context) => {
      try {
        const reply = await client.ask({ method: "GET", path: "users?$top=1&$select=id" }, context);
        if (reply.status < 300) return [];
        return [directoryFinding(reasonOf(errorIn(reply)))];
      } catch (error) {
        if (!(error instanceof CrmError)) throw error;
        return [directoryFinding(error.message)];
      }
    },
  };
};

const directoryFinding = (reason: string): Finding => ({
  severity: "error",
  place: "directory",
  text: `Agents cannot be looked up in Entra: ${reason}`,
  mend: "Grant the app registration the application permission User.Read.All with admin consent and check directory.graphUrl, or leave the option directory out.",
});
