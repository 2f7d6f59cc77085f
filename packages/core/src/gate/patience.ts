import pRetry, { AbortError } from "p-retry";
import { CrmError } from "../adapter/crm-error.ts";
import type { Context, Trouble } from "../adapter/contract.ts";
import { WrapupError } from "../errors.ts";
import type { Gate } from "./gate.ts";
import { pausesConnection } from "./rules.ts";

/** How often a read is tried while somebody waits for it. */
const tries = 3;

/**
 * The one place where a call is repeated at once (A3): agents' reads, sign-in, and creates that were surely not sent.
 * Writes are never repeated here; the worker does that from the store.
 */
export function withPatience<T>(
  gate: Gate,
  what: {
    readonly place: string;
    readonly repeat: "always" | "ifNotSent";
    /** Pauses that this call passes: an administrator looks whether their reason is mended. */
    readonly past?: readonly Trouble[];
  },
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const once = async (): Promise<T> => {
    const leave = await gate.leave("agent");
    if (leave.is === "closed" && !what.past?.some((why) => why === leave.why))
      throw new AbortError(
        new WrapupError(
          "crm_unavailable",
          `The CRM is not being called now: ${leave.why}. ${leave.reason}`.trim(),
          {
            place: what.place,
            mend: `It is tried again after ${new Date(leave.until).toISOString()}; links and notes are kept meanwhile.`,
          },
        ),
      );
    try {
      const answer = await gate.run("agent", work);
      await gate.succeeded();
      return answer;
    } catch (error) {
      if (!(error instanceof CrmError))
        throw new AbortError(error instanceof Error ? error : new Error(String(error)));
      const final =
        error.why === "refused" ||
        error.why === "auth" ||
        error.why === "schema" ||
        error.why === "budget" ||
        // The CRM said when to come back; that is longer than anybody waits for a read.
        (error.why === "throttled" && error.afterMs !== undefined);
      if (final || (what.repeat === "ifNotSent" && error.sent === "maybe"))
        throw new AbortError(error);
      throw error;
    }
  };
  return pRetry(once, {
    retries: tries - 1,
    minTimeout: 200,
    maxTimeout: 2_000,
    randomize: true,
  }).catch(async (error: unknown) => {
    // One agent's failed read pauses the connection only where the CRM itself said so.
    if (
      error instanceof CrmError &&
      error.why !== "refused" &&
      pausesConnection(error.why) &&
      error.why !== "unreachable"
    )
      await gate.pause({
        why: error.why,
        reason: error.message,
        ...(error.afterMs !== undefined && { afterMs: error.afterMs }),
      });
    throw error;
  });
}
