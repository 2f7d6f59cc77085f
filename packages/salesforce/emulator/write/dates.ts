// Two hundred records of one call share a second: the last text is kept.
let lastSecond = Number.NaN;
let lastText = "";

/** The form in which the API answers a datetime: UTC, whole seconds, "+0000" [R; U for the cut to seconds]. */
export function formatDateTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().replace("Z", "+0000");
    lastSecond = second;
  }
  return lastText;
}

const dateTimePattern =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Reads an ISO datetime with a zone; undefined when it is none. [U] a datetime without zone: refused here. */
export function parseDateTime(text: string): number | undefined {
  const parts = dateTimePattern.exec(text);
  if (parts === null || !isCalendarDate(`${parts[1]}-${parts[2]}-${parts[3]}`)) return undefined;
  const zone = parts[7] ?? "Z";
  const withColon = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const epoch = Date.parse(
    `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6] ?? "00"}${withColon}`,
  );
  return Number.isNaN(epoch) ? undefined : epoch;
}

/** True for a real day in YYYY-MM-DD. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const epoch = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(epoch) && new Date(epoch).toISOString().startsWith(text);
}
