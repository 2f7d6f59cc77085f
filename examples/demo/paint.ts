/** Colours for a terminal, or none. */
export type Paint = {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
};

const wrap =
  (code: string, on: boolean) =>
  (text: string): string =>
    on ? `\u001B[${code}m${text}\u001B[0m` : text;

/** Colours only where people look at a terminal that wants them (no-color.org). */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Paint {
  const on = stream.isTTY === true && (env["NO_COLOR"] ?? "") === "";
  return { good: wrap("32", on), bad: wrap("31", on), bold: wrap("1", on), dim: wrap("2", on) };
}

/** Rows in columns; numbers stand right. */
export function columns(rows: readonly (readonly (string | number)[])[]): readonly string[] {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, n) => Math.max(all[n] ?? 0, String(cell).length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, n) =>
        typeof cell === "number"
          ? String(cell).padStart(widths[n] ?? 0)
          : cell.padEnd(widths[n] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

const two = (n: number): string => String(n).padStart(2, "0");

/** The contact center's clock: the half hour begins at nine. */
export function timeOfDay(atMs: number): string {
  const seconds = 9 * 3_600 + Math.max(0, Math.floor(atMs / 1_000));
  return `${two(Math.floor(seconds / 3_600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** A span for people. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1 activity`, `2 activities`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
