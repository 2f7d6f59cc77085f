import type { Answer } from "./call.ts";

const oldest = 59;
const newest = 68;
// Three releases a year: v59 is Winter '24, v68 is Winter '27 (current in Nov 2026) [D facts §2.1; R delete-sobject-collection to v66].
const seasons = ["Winter", "Spring", "Summer"];

/** GET /services/data: the versions that the emulator has. A real org also lists v31 and up; the emulator has v59 to v68 only. */
export function versionList(): Answer {
  const body: unknown[] = [];
  for (let number = oldest; number <= newest; number += 1) {
    const step = number - oldest;
    const label = `${seasons[step % 3] ?? ""} '${24 + Math.floor(step / 3)}`;
    body.push({ label, url: `/services/data/v${number}.0`, version: `${number}.0` });
  }
  return { status: 200, body };
}

/** True for "v59.0" to "v68.0". */
export function isSupported(version: string): boolean {
  const number = /^v(\d{2})\.0$/.exec(version)?.[1];
  return number !== undefined && Number(number) >= oldest && Number(number) <= newest;
}
