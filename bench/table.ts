import { ratioOf, rounded, type Row } from "./row.ts";

const columns = ["what", "ours", "peer", "ratio", "unit", "aim", ""] as const;

/** The rows as a table for people, and below each what it is compared with, its spread, and why an aim is missed. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    text(row.ours),
    text(row.peer),
    text(ratioOf(row)),
    row.unit,
    row.aim,
    row.met ? "met" : "MISSED",
  ]);
  const widths = columns.map((title, n) =>
    Math.max(title.length, ...cells.map((each) => each[n]?.length ?? 0)),
  );
  const line = (of: readonly string[]): string =>
    of
      .map((cell, n) =>
        isNumeric(n) ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const body = rows.flatMap((row, n) => [
    line(cells[n] ?? []),
    `    peer: ${row.against}${row.note === undefined ? "" : `; ${row.note}`}`,
    ...(row.met || row.reason === undefined ? [] : [`    missed: ${row.reason}`]),
  ]);
  return [line(columns), line(widths.map((width) => "─".repeat(width))), ...body].join("\n");
}

const isNumeric = (column: number): boolean => column >= 1 && column <= 3;

const text = (value: number): string =>
  rounded(value).toLocaleString("en-US", { maximumSignificantDigits: 3 });
