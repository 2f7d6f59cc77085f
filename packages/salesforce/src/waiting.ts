import type { Clock } from "@wrapup/core";

/** The longest that Salesforce works on one call (facts §2.7); only after it a row that is not there will not come any more. */
export const serverLimitMs = 10 * 60_000;

/** What an org without a key field needs: since when the outcome of a key is unknown (W2, facts §3.3). */
export type Waiting = {
  /** An attempt ended without an answer. */
  readonly began: (key: string) => void;
  /** How long until a look-up can be trusted. A key never seen here may have been sent a moment ago, by a process that died. */
  readonly leftMs: (key: string) => number;
  readonly ended: (key: string) => void;
};

/** Keys remembered at most; a forgotten one only waits anew. */
const most = 50_000;

export const createWaiting = (clock: Clock): Waiting => {
  const since = new Map<string, number>();
  const began = (key: string): void => {
    since.delete(key);
    since.set(key, clock.now());
    const [oldest] = since.keys();
    if (since.size > most && oldest !== undefined) since.delete(oldest);
  };
  return {
    began,
    leftMs: (key) => {
      if (!since.has(key)) began(key);
      return Math.max(0, (since.get(key) ?? clock.now()) + serverLimitMs - clock.now());
    },
    ended: (key) => {
      since.delete(key);
    },
  };
};
