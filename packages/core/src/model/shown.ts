/** Most characters of a name that an error repeats. */
const mostShown = 80;

/** A name as an error repeats it: short, on one line, and with nothing in it that a screen or a log acts on. */
export function shown(name: string): string {
  const short = name.length > mostShown ? `${name.slice(0, mostShown - 1)}…` : name;
  return short
    .toWellFormed()
    .replaceAll(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
      (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
    );
}
