import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { readTime } from "../../src/model/time.ts";

const may = Date.UTC(2024, 4, 6, 7, 8, 9);

describe("E32 times at the door", () => {
  test.each([
    ["a Date", new Date(may), may],
    ["epoch ms", may, may],
    ["epoch s", may / 1000, may],
    ["epoch s with a fraction", may / 1000 + 0.25, may + 250],
    ["epoch µs", may * 1000, may],
    ["epoch ns", may * 1e6, may],
    ["epoch s as text (RingCX sends every value as text)", String(may / 1000), may],
    ["epoch ms as text", String(may), may],
    ["ISO with Z", "2024-05-06T07:08:09Z", may],
    ["ISO with ms", "2024-05-06T07:08:09.123Z", may + 123],
    ["ISO with ns (Zendesk)", "2024-05-06T07:08:09.123456789Z", may + 123],
    ["ISO with an offset (CXone)", "2024-05-06T09:08:09+02:00", may],
    ["ISO with an offset without colon", "2024-05-06T02:38:09-0430", may],
    ["ISO with hours only", "2024-05-06T09:08:09+02", may],
    ["ISO with a space", "2024-05-06 07:08:09Z", may],
    ["ISO without seconds", "2024-05-06T07:08Z", may - 9000],
  ])("E32 %s is read without complaint", (_title, input, at) => {
    expect(readTime(input)).toEqual({ at });
  });

  test.each([
    ["2024-05-06T07:08:09", may],
    ["2024-05-06 07:08:09.5", may + 500],
    ["2024-05-06", Date.UTC(2024, 4, 6)],
  ])("E32 %s has no zone: UTC, and said so", (input, at) => {
    expect(readTime(input)).toEqual({ at, problem: expect.stringContaining("UTC") });
  });

  test.each([
    ["Connect's sentinel", "1970-01-01T00:00:00.001Z"],
    ["the epoch", 0],
    ["the epoch as a Date", new Date(0)],
    ["minus one", -1],
    ["Genesys' malformed date", "2021-04-2T15:30:51.418Z"],
    ["30 February", "2024-02-30T00:00:00Z"],
    ["hour 24", "2024-05-06T24:00:00Z"],
    ["minute 60", "2024-05-06T07:60:00Z"],
    ["a zone that does not exist", "2024-05-06T07:08:09+25:00"],
    ["the year 2500", "2500-01-01T00:00:00Z"],
    ["an invalid Date", new Date(Number.NaN)],
    ["infinity", Number.POSITIVE_INFINITY],
    ["not a number", Number.NaN],
    ["words", "yesterday"],
    ["nothing", ""],
    ["null", null],
    ["an object", { seconds: 5 }],
    ["an American date", "05/06/2024"],
  ])("E32 %s is dropped, and said so", (_title, input) => {
    const read = readTime(input);

    expect(read.at).toBeUndefined();
    expect(read.problem).toContain("left out");
  });

  test("E32 29 February is a day in leap years only", () => {
    expect(readTime("2024-02-29T00:00:00Z").at).toBe(Date.UTC(2024, 1, 29));
    expect(readTime("2023-02-29T00:00:00Z").at).toBeUndefined();
  });

  prop.prop([
    fc.date({
      min: new Date("2000-01-02T00:00:00Z"),
      max: new Date("2099-12-30T00:00:00Z"),
      noInvalidDate: true,
    }),
  ])("E32 every form of one moment is that moment", (date) => {
    const at = date.getTime();
    for (const form of [date, at, date.toISOString(), String(at), at / 1000])
      expect(Math.abs((readTime(form).at ?? 0) - at)).toBeLessThan(2);
  });

  prop.prop([fc.anything()])(
    "E32 anything at all gives a sane time or none, and never throws",
    (input) => {
      const { at, problem } = readTime(input);

      expect(at !== undefined || problem !== undefined).toBe(true);
      if (at !== undefined) expect(at).toBeGreaterThanOrEqual(Date.UTC(2000, 0, 1));
    },
  );
});
