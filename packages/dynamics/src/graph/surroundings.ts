import type { Answer, Clock } from "@wrapup/core";
import type { Finder } from "./find.ts";
import type { Mailboxes } from "./mailbox.ts";

/** What writing needs of its surroundings. */
export type Surroundings = {
  readonly mailboxes: Mailboxes;
  /** The shared mailbox, where there is one. */
  readonly shared: string | undefined;
  readonly clock: Clock;
};

/** What one write works with. `own`: the mailbox is the agent's, and no shared one. */
export type At = Surroundings & {
  readonly finder: Finder;
  readonly missing: ReturnType<typeof createMissing>;
  readonly mailbox: string;
  readonly own: boolean;
};

/** A sent mail's copy may lag behind (outlook-immutable-id); what is not seen for this long is not coming. */
const copyMayLagMs = 5 * 60_000;
const lookAgainMs = 30_000;

/** Remembers since when a message that may have been sent is nowhere to be seen. A restart begins the wait anew. */
export const createMissing = (clock: Clock) => {
  const since = new Map<string, number>();
  return {
    /** Whether its copy may still come. */
    mayCome: (key: string): boolean => {
      const now = clock.now();
      for (const [old, at] of since) if (now - at > 24 * copyMayLagMs) since.delete(old);
      const first = since.get(key) ?? now;
      since.set(key, first);
      return now - first < copyMayLagMs;
    },
    seen: (key: string): void => {
      since.delete(key);
    },
  };
};

/** Neither the draft nor a sent copy is there, and it may have been sent: only a person can tell. */
export const maybeSent = (at: At, key: string): Answer =>
  at.missing.mayCome(key)
    ? {
        is: "retry",
        why: "transient",
        sent: "no",
        afterMs: lookAgainMs,
        reason: "The mail may have been sent; its copy is not to be seen yet",
      }
    : {
        is: "refused",
        why: "unsupported",
        reason:
          "The mail may have been sent: its draft is gone, and no copy is in the mailbox. Nobody but a person can tell; it is not sent again",
      };
