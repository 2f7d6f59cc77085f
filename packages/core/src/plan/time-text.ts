import type { Zone } from "./zone.ts";

/** A moment as facts know it: an instant (epoch ms), or a calendar day that is the same everywhere. */
export type Moment = { readonly at: number } | { readonly day: string };

const day = /^\d{4}-\d{2}-\d{2}$/u;
const wallTime = /^(?<date>\d{4}-\d{2}-\d{2})[T ](?<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)$/u;

/** Reads an ISO date or date-time; without an offset it is meant in the connection's zone. `undefined` for anything else. */
export function momentOf(text: string, zone: Zone): Moment | undefined {
  if (day.test(text)) return Number.isNaN(Date.parse(text)) ? undefined : { day: text };
  const local = wallTime.exec(text)?.groups;
  const at = Date.parse(local === undefined ? text : `${local["date"]}T${local["time"]}Z`);
  if (Number.isNaN(at)) return undefined;
  return { at: local === undefined ? at : zone.instant(at) };
}

/** The form of a moment in one field; `instant` is ISO 8601 in UTC. */
export type MomentForm = "date" | "dateTime" | "instant" | "people";

/** A moment as text. A day's time is its midnight in the zone. */
export function momentText(moment: Moment, form: MomentForm, zone: Zone): string {
  if ("day" in moment) {
    if (form === "date" || form === "people") return moment.day;
    const midnight = zone.instant(Date.parse(moment.day));
    return form === "dateTime" ? zone.dateTime(midnight) : new Date(midnight).toISOString();
  }
  if (form === "date") return zone.date(moment.at);
  if (form === "dateTime") return zone.dateTime(moment.at);
  return form === "people" ? zone.minute(moment.at) : new Date(moment.at).toISOString();
}

const two = (n: number): string => String(n).padStart(2, "0");

/** Seconds as people read them: `0:07`, `12:30`, `1:02:03`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
