import { WrapupError } from "../errors.ts";

/** Turns instants into text of one time zone: a connection's, never the server's (K3). */
export type Zone = {
  /** `2026-03-01` */
  date(at: number): string;
  /** `2026-03-01T09:30:00+01:00` */
  dateTime(at: number): string;
  /** `2026-03-01 09:30`, for people. */
  minute(at: number): string;
  /** The instant of a local wall time; of one that occurs twice or never, the earlier reading of the clock. */
  instant(wallTime: number): number;
};

const quarter = 900_000;
/** Remembered quarters of an hour per zone: a month's worth. */
const remembered = 3_000;
const zones = new Map<string, Zone>();

/** The zone of an IANA name such as `Europe/Berlin`. Throws `invalid_input` for a name nobody knows. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const made = makeZone(offsetsOf(name));
  zones.set(name, made);
  return made;
}

function makeZone(offset: (at: number) => number): Zone {
  const local = (at: number): string => new Date(at + offset(at)).toISOString();
  return {
    date: (at) => local(at).slice(0, 10),
    dateTime: (at) => `${local(at).slice(0, 19)}${offsetText(offset(at))}`,
    minute: (at) => local(at).slice(0, 16).replace("T", " "),
    instant: (wallTime) => {
      const guess = wallTime - offset(wallTime);
      return wallTime - offset(guess);
    },
  };
}

/** Offsets change on quarters of an hour in every zone of our time, so one look-up serves a quarter: Intl takes microseconds each. */
function offsetsOf(name: string): (at: number) => number {
  const format = formatOf(name);
  const known = new Map<number, number>();
  return (at) => {
    const start = Math.floor(at / quarter) * quarter;
    const offset = known.get(start);
    if (offset !== undefined) return offset;
    const found = wallTimeOf(format, start) - start;
    if (known.size >= remembered) known.clear();
    known.set(start, found);
    return found;
  };
}

function formatOf(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new WrapupError("invalid_input", `There is no time zone "${name}"`, {
      place: "connection.timeZone",
      mend: "Use an IANA name such as Europe/Berlin or America/New_York.",
      cause,
    });
  }
}

function wallTimeOf(format: Intl.DateTimeFormat, at: number): number {
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = value;
  const number = (name: string): number => Number(part[name]);
  const year = part["era"] === "BC" ? 1 - number("year") : number("year");
  const wall = new Date(0);
  wall.setUTCFullYear(year, number("month") - 1, number("day"));
  return wall.setUTCHours(number("hour"), number("minute"), number("second"));
}

const two = (n: number): string => String(n).padStart(2, "0");

function offsetText(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  return `${ms < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
