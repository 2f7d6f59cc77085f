/** What shortened text ends with (W8). */
export const shortenedMark = "… [shortened by Wrapup]";

/** How much a field takes, and how the CRM counts it. */
export type Limit = { readonly length: number; readonly in: "units" | "bytes" };

/** A grapheme longer than this is cut inside; only text made to annoy has one. */
const longestGrapheme = 64;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The text's length as the CRM counts it: UTF-16 units, or bytes of UTF-8. */
export const lengthIn = (text: string, unit: Limit["in"]): number =>
  unit === "units" ? text.length : Buffer.byteLength(text);

/**
 * The text as far as the field takes it (W8): cut between characters as people see them, with a mark that says so.
 * Where not even the mark fits, the bare beginning. The same text if it fits.
 */
export function shorten(text: string, limit: Limit): string {
  // No character takes more than three bytes per unit.
  if (
    text.length * (limit.in === "bytes" ? 3 : 1) <= limit.length ||
    lengthIn(text, limit.in) <= limit.length
  )
    return text;
  for (const mark of [shortenedMark, "…", ""]) {
    const room = limit.length - lengthIn(mark, limit.in);
    if (room <= 0) continue;
    const begin = text.slice(0, boundaryBefore(text, fitting(text, room, limit.in)));
    if (begin !== "") return begin.trimEnd() + mark;
  }
  return "";
}

/** How many units from the beginning fit, never between the halves of a code point. */
function fitting(text: string, room: number, unit: Limit["in"]): number {
  if (unit === "units") return isSplit(text, room) ? room - 1 : room;
  let bytes = 0;
  let units = 0;
  for (const point of text) {
    bytes += Buffer.byteLength(point);
    if (bytes > room) break;
    units += point.length;
  }
  return units;
}

const isSplit = (text: string, at: number): boolean => {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
};

/** The last border between graphemes at or before `at`. Only a window is segmented: the text may be megabytes. */
function boundaryBefore(text: string, at: number): number {
  let from = Math.max(0, at - 2 * longestGrapheme);
  if (isSplit(text, from)) from -= 1;
  let border = from;
  for (const { index, segment } of segmenter.segment(text.slice(from, at + longestGrapheme))) {
    if (from + index + segment.length > at) {
      border = from + index;
      break;
    }
    border = from + index + segment.length;
  }
  return border > from || from === 0 ? border : at;
}
