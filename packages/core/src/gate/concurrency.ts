/**
 * How many requests may be under way at once: grows by one for each full round of successes, halves at each throttle (W5).
 * `limit` may be a fraction between two whole numbers; `allowed` rounds it down.
 */
export type Concurrency = { readonly limit: number; readonly max: number };

/** Four at once to begin with: what a CRM takes gladly and what hides its latency. */
export const firstConcurrency = (max: number): Concurrency => ({
  limit: Math.min(4, Math.max(1, max)),
  max: Math.max(1, max),
});

/** After one successful request. */
export const grown = (now: Concurrency): Concurrency =>
  now.limit >= now.max ? now : { ...now, limit: Math.min(now.max, now.limit + 1 / now.limit) };

/** After one throttled request. */
export const halved = (now: Concurrency): Concurrency => ({
  ...now,
  limit: Math.max(1, now.limit / 2),
});

/** Requests allowed at once. */
export const allowed = (now: Concurrency): number => Math.max(1, Math.floor(now.limit));
