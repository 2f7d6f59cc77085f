import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { phoneForms } from "../../src/card/address.ts";
import { samePhone } from "../../src/card/same-phone.ts";

const us = { e164: "+14155551212", national: "(415) 555-1212", digits: "14155551212" };
const uk = { e164: "+442079460958", national: "020 7946 0958", digits: "442079460958" };

describe("R1 a stored number is the one looked for", () => {
  test.for([
    ["(415) 555-1212", us, true],
    ["+1 415 555 1212", us, true],
    ["1-415-555-1212", us, true],
    ["415.555.1212 ext. 7", us, true],
    ["(415) 555-1212 x99", us, true],
    ["+1 415 555 1212 ext. 7", us, true],
    ["001 415 555 1212", us, true],
    ["011 1 415 555 1212", us, true],
    ["+44 415 555 1212", us, false],
    ["(415) 555-1213", us, false],
    ["555-1212", us, false],
    ["", us, false],
    ["no number", us, false],
    ["+44 (0)20 7946 0958", uk, true],
    ["020 7946 0958", uk, true],
    ["0044 20 7946 0958", uk, true],
    ["+1 20 7946 0958", uk, false],
    ["4711", { digits: "4711" }, true],
    ["994711", { digits: "4711" }, false],
    ["+1 415 555 1212", { digits: "4155551212" }, true],
    ["1234", { digits: "" }, false],
  ] as const)("R1 digits are compared, and countries where both are known: %s", (given) => {
    const [stored, phone, same] = given;
    expect(samePhone(stored, phone)).toBe(same);
  });

  prop.prop([fc.integer({ min: 2_000_000, max: 9_999_999 })])(
    "R1 every form that a number is searched in is the same number, and the next number is another",
    (line) => {
      const [one, next] = [line, line + 1].map((n) => phoneForms(`+1415${n}`));
      if (one === undefined || next === undefined) throw new Error("no number");
      for (const form of Object.values(one)) {
        expect(samePhone(form, one)).toBe(true);
        expect(samePhone(form, next)).toBe(false);
      }
    },
  );

  test("O5 a stored text that is no phone number is not even looked at", () => {
    expect(samePhone(`${"1 ".repeat(30)}ext. 7`, us)).toBe(false);
    expect(samePhone("4".repeat(200), us)).toBe(false);
    expect(samePhone(`+14155551212${" ".repeat(100_000)}y`, us)).toBe(false);
  });
});
