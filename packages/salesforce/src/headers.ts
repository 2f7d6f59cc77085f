/** Calls of the last 24 hours, and how many the org has. */
export type Usage = { readonly used: number; readonly limit: number };

/** An org may go beyond its limit, but not without end: a figure like that is no figure, and must not stop a connection. */
const mostOver = 10;

/** The figures, where they can be what they say; `undefined` else. */
export const usageOf = (used: number, limit: number): Usage | undefined =>
  Number.isSafeInteger(used) &&
  Number.isSafeInteger(limit) &&
  used >= 0 &&
  limit > 0 &&
  used <= limit * mostOver
    ? { used, limit }
    : undefined;

/** `api-usage=45/15000; api-bursts=1/750`, in any order (facts §2.7). */
export const usageIn = (header: string | null): Usage | undefined => {
  const found = header
    ?.split(/[;,]/)
    .map((part) => /^\s*api-usage=(\d+)\/(\d+)\s*$/.exec(part))
    .find((match) => match !== null);
  return found?.[1] === undefined || found[2] === undefined
    ? undefined
    : usageOf(Number(found[1]), Number(found[2]));
};

/** What is asked for beyond a day is no plan of Salesforce's: its longest window is 24 hours. */
const longestMs = 24 * 60 * 60_000;

/** The one form of a date that HTTP still sends (RFC 9110 §5.6.7). */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Seconds or a date, as ms from now: 0 to 24 hours. `undefined` for anything else. */
export const retryAfterIn = (header: string | null, nowMs: number): number | undefined => {
  const text = header?.trim() ?? "";
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : httpDate.test(text)
      ? Date.parse(text) - nowMs
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(longestMs, Math.max(0, ms));
};
