const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/gu, "");

/** A sentence that suggests the nearest known name, if one is near enough to be meant; else nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near =
    known.find((other) => plain(other) === plain(name)) ??
    known.find((other) => distanceAtMostOne(plain(other), plain(name)));
  return near === undefined ? "" : `Did you mean "${near}"? `;
}

/** Whether one letter more, less or other makes the two the same. */
function distanceAtMostOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const tails =
    a.length === b.length
      ? [a.slice(start + 1), b.slice(start + 1)]
      : a.length > b.length
        ? [a.slice(start + 1), b.slice(start)]
        : [a.slice(start), b.slice(start + 1)];
  return tails[0] === tails[1];
}
