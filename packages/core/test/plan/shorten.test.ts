import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { lengthIn, shorten, shortenedMark } from "../../src/plan/shorten.ts";

const family = "👨‍👩‍👧‍👦";
const units = (length: number) => ({ length, in: "units" }) as const;

describe("W8 too long for its field", () => {
  test("what fits stays as it is", () => {
    expect(shorten("x".repeat(40), units(40))).toBe("x".repeat(40));
  });

  test("the end is left out and a mark says so", () => {
    const text = shorten("word ".repeat(20), units(40));
    expect(text).toBe(`word word word wo${shortenedMark}`);
    expect(text).toHaveLength(40);
  });

  test("people who are one character are not torn apart", () => {
    const room = shortenedMark.length + 4;
    expect(shorten(`ab${family.repeat(10)}`, units(room))).toBe(`ab${shortenedMark}`);
    expect(shorten(`abe\u0301${"x".repeat(60)}`, units(shortenedMark.length + 3))).toBe(
      `ab${shortenedMark}`,
    );
  });

  test("bytes are counted where the CRM counts them", () => {
    const text = shorten("é".repeat(60), { length: 60, in: "bytes" });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60);
    expect(text).toBe(`${"é".repeat(17)}${shortenedMark}`);
  });

  test("a field too small for the mark gets a bare beginning", () => {
    expect(shorten("abcdefgh", units(3))).toBe("ab…");
    expect(shorten("abcdefgh", units(1))).toBe("a");
    expect(shorten("abcdefgh", units(0))).toBe("");
  });

  const nasty = fc.string({
    unit: fc.constantFrom("a", "é", "e\u0301", "😀", family, "\n", "\ud83d", "漢", "\u200d"),
    maxLength: 200,
  });
  test.prop([nasty, fc.integer({ min: 0, max: 120 }), fc.constantFrom("units", "bytes")])(
    "never longer than the field, never half a code point that was whole",
    (text, length, unit) => {
      const short = shorten(text, { length, in: unit });
      expect(lengthIn(short, unit)).toBeLessThanOrEqual(length);
      if (text.isWellFormed()) expect(short.isWellFormed()).toBe(true);
      if (lengthIn(text, unit) <= length) expect(short).toBe(text);
    },
  );

  test("a long text is shortened without looking at all of it", () => {
    const text = "word ".repeat(400_000);
    const started = performance.now();
    for (let n = 0; n < 20; n += 1) shorten(text, units(32_000));
    expect(performance.now() - started).toBeLessThan(400);
  });
});
