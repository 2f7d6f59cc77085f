/** A time from outside: epoch ms where it could be read, and what was wrong with it. */
export type ReadTime = { readonly at?: number; readonly problem?: string };

/** Platforms send 1970 for "not yet" (Amazon Connect: `1970-01-01T00:00:00.001Z`); nothing we write about is older than this. */
const earliest = Date.UTC(2000, 0, 1);
const latest = Date.UTC(2100, 0, 1);

/** Below, a number counts seconds: as milliseconds it would be before March 1973. */
const leastMilliseconds = 1e11;
/** From here a number counts microseconds, and from there nanoseconds. */
const leastMicroseconds = 1e14;
const leastNanoseconds = 1e17;

/**
 * Reads a time as platforms send it (E32): a Date, epoch s or ms as a number or as text, or ISO 8601 with or without a zone.
 * Without a zone it is taken as UTC, and said so. What is malformed, or a sentinel such as 1970, is dropped, and said so:
 * a bad time must not cost an event, and no deadline counts by it (L7).
 */
export function readTime(input: unknown): ReadTime {
  if (input instanceof Date) return within(input.getTime());
  if (typeof input === "number") return within(milliseconds(input));
  if (typeof input !== "string")
    return { problem: "is neither a date, a number nor a text; left out" };
  const text = input.trim();
  if (/^\d{9,19}(?:\.\d+)?$/u.test(text)) return within(milliseconds(Number(text)));
  return readIso(text);
}

function milliseconds(epoch: number): number {
  const size = Math.abs(epoch);
  if (size < leastMilliseconds) return epoch * 1000;
  if (size >= leastNanoseconds) return epoch / 1e6;
  return size >= leastMicroseconds ? epoch / 1000 : epoch;
}

function within(ms: number): ReadTime {
  if (!Number.isFinite(ms)) return { problem: "is no time; left out" };
  if (ms < earliest)
    return {
      problem: "is before 2000, which platforms send for a time they do not know; left out",
    };
  return ms >= latest ? { problem: "is after 2100; left out" } : { at: Math.floor(ms) };
}

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?)?\s?([Zz]|[+-]\d{2}(?::?\d{2})?)?$/u;

function readIso(text: string): ReadTime {
  const match = iso.exec(text);
  if (match === null) return { problem: "is not an ISO 8601 time; left out" };
  const [
    ,
    year = "",
    month = "",
    day = "",
    hour = "0",
    minute = "0",
    second = "0",
    fraction = "",
    zone,
  ] = match;
  const ms = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const [h, min, s] = [Number(hour), Number(minute), Number(second)];
  const date = new Date(Date.UTC(y, m - 1, d));
  const exists =
    date.getUTCMonth() === m - 1 && date.getUTCDate() === d && h < 24 && min < 60 && s < 61;
  if (!exists) return { problem: "is no date of the calendar; left out" };
  const offset = offsetOf(zone);
  if (offset === undefined) return { problem: "has a zone that does not exist; left out" };
  const read = within(date.getTime() + ((h * 60 + min - offset) * 60 + s) * 1000 + ms);
  return zone === undefined && read.at !== undefined
    ? { ...read, problem: "has no zone; taken as UTC" }
    : read;
}

/** Minutes east of UTC. */
function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined || zone.toUpperCase() === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(":", "") || "0");
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
