/** What is asked for beyond a day is no plan of Dataverse's: its windows are five minutes long (facts §1.8). */
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

/** How many requests at once this environment takes gladly, where it says so (facts §1.8). */
export const parallelismIn = (header: string | null): number | undefined => {
  const text = header?.trim() ?? "";
  const hint = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return hint >= 1 ? hint : undefined;
};

/** What every request carries (facts §1.1). `If-None-Match: null` keeps caches out; a condition of our own takes its place. */
export const headersOf = (
  given: Readonly<Record<string, string>>,
  contentType: string | undefined,
): Readonly<Record<string, string>> => {
  const own = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    accept: "application/json",
    "odata-version": "4.0",
    "odata-maxversion": "4.0",
    "if-none-match": "null",
    ...(contentType !== undefined && { "content-type": contentType }),
    ...Object.fromEntries(own),
  };
};

/** Whether an answer holds the answers to a batch's parts. */
export const isMultipart = (headers: Headers): boolean =>
  (headers.get("content-type") ?? "").toLowerCase().startsWith("multipart/");
