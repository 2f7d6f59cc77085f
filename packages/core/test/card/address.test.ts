import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  addressUsed,
  normalAddress,
  normalEmail,
  normalPhone,
  phoneForms,
} from "../../src/card/address.ts";
import { updatedCard } from "../../src/model/card-update.ts";
import type { CustomerInput } from "../../src/model/card.ts";

const shared = join(import.meta.dirname, "../../../../../shared/data/contact-center");
const samples = (name: string): readonly Readonly<Record<string, unknown>>[] =>
  JSON.parse(readFileSync(join(shared, name), "utf8"));
const absent = !existsSync(shared);

const cardOf = (input: CustomerInput) => updatedCard({ fields: {} }, input, "channel", 0);

describe("R1 phone numbers", () => {
  test.each([
    ["+1 (415) 555-0100", "US", "+14155550100"],
    ["(415) 555-0100", "US", "+14155550100"],
    ["030 901820", "DE", "+4930901820"],
    ["0049 30 901820", "DE", "+4930901820"],
    ["tel:+49-30-901820", undefined, "+4930901820"],
    ["sip:+14155550100@pbx.example;user=phone", undefined, "+14155550100"],
    ["+14155550100;phone-context=example", undefined, "+14155550100"],
    ["+１ ４１５ ５５５ ０１００", undefined, "+14155550100"],
    ["\u202d+14155550100\u202c", undefined, "+14155550100"],
  ])("R1 %s in %s is %s", (raw, country, e164) => {
    expect(normalPhone(raw, country)).toBe(e164);
  });

  test("R1 a number has its E.164, national and digit forms, to find it however a CRM holds it", () => {
    expect(phoneForms("+1 415 555 0100")).toEqual({
      e164: "+14155550100",
      national: "4155550100",
      digits: "14155550100",
    });
    expect(phoneForms("030 901820", "de")).toEqual({
      e164: "+4930901820",
      national: "030901820",
      digits: "4930901820",
    });
  });

  test("R1 a number of no known country keeps its digits, in whatever script they are", () => {
    expect(phoneForms("4155550100")).toEqual({ digits: "4155550100" });
    expect(phoneForms("٤١٥٥٥٥٠١٠٠")).toEqual({ digits: "4155550100" });
    expect(phoneForms("1234")).toEqual({ digits: "1234" });
    expect(phoneForms("4155550100", "no such country")).toEqual({ digits: "4155550100" });
  });

  test.each([
    "",
    "   ",
    "anonymous",
    "Restricted",
    "UNAVAILABLE",
    "+266696687",
    "private",
    "x",
    "12",
    "call me maybe",
    "order 12345",
    "9".repeat(1000),
  ])("R1 %s is no number", (raw) => {
    expect(phoneForms(raw, "US")).toBeUndefined();
  });

  test.skipIf(absent)(
    "R1 an example number of every country and kind keeps its E.164 form (real metadata samples)",
    () => {
      const wrong = samples("phone-examples.json").filter(
        ({ e164 }) => typeof e164 === "string" && normalPhone(e164) !== e164,
      );

      expect(wrong.length / samples("phone-examples.json").length).toBeLessThan(0.01);
    },
  );

  test.skipIf(absent)(
    "R1 nasty strings neither throw nor become something that is not a number",
    () => {
      for (const { input, defaultRegion } of samples("phone-strings-nasty.json")) {
        const forms = phoneForms(
          String(input),
          typeof defaultRegion === "string" ? defaultRegion : undefined,
        );
        expect(forms?.digits ?? "0").toMatch(/^\d+$/u);
        expect(forms?.e164 ?? `+${forms?.digits}`).toBe(`+${forms?.digits}`);
      }
    },
  );

  const dialled = fc.stringMatching(/^[0-9+() .;x٤๕-]{0,30}$/u);

  prop.prop([
    fc.oneof(dialled, fc.string({ unit: "binary", maxLength: 200 })),
    fc.constantFrom(undefined, "US", "DE", "zz"),
  ])(
    "R1 any text gives plain digits or nothing, and what has its E.164 form keeps it",
    (raw, country) => {
      const forms = phoneForms(raw, country);
      expect(forms?.digits ?? "0").toMatch(/^\d+$/u);
      if (forms?.e164 !== undefined) expect(normalPhone(forms.e164, country)).toBe(forms.e164);
    },
  );
});

describe("email addresses", () => {
  test.each([
    ["Lenny@Lens.Example", "lenny@lens.example"],
    ["  a@b.example ", "a@b.example"],
    ["mailto:a@b.example", "a@b.example"],
    ["Lenny Lens <lenny@lens.example>", "lenny@lens.example"],
    ["o'brien+tag@b.example", "o'brien+tag@b.example"],
  ])("%s is %s", (raw, normal) => {
    expect(normalEmail(raw)).toBe(normal);
  });

  test.each([
    "",
    "nobody",
    "@b.example",
    "a@",
    "a b@c.example",
    "a@b..example",
    "a@.example",
    "a\n@b.example",
    `${"a".repeat(65)}@b.example`,
    `a@${"b".repeat(260)}`,
  ])("%j is none", (raw) => {
    expect(normalEmail(raw)).toBeUndefined();
  });

  test.skipIf(absent)("nasty addresses neither throw nor keep white space or capitals", () => {
    for (const { address } of samples("email-addresses-nasty.json"))
      expect(normalEmail(String(address)) ?? "").toMatch(/^[^\sA-Z]*$/u);
  });

  test.skipIf(absent)("what the internet calls plainly valid is kept", () => {
    const plain = samples("email-addresses-nasty.json").filter(
      ({ category }) => category === "ISEMAIL_VALID_CATEGORY",
    );

    expect(plain.length).toBeGreaterThan(10);
    expect(
      plain.filter(({ address }) => normalEmail(String(address)) !== String(address).toLowerCase()),
    ).toEqual([]);
  });
});

describe("the address really used (K3, C6)", () => {
  const customer = { phone: "(415) 555-0100", email: "L@X.example", handle: "@lenny" };

  test.each([
    ["voice", "+14155550100"],
    ["sms", "+14155550100"],
    ["email", "l@x.example"],
    ["chat", "@lenny"],
    ["messaging", "@lenny"],
    ["social", "@lenny"],
  ] as const)("on %s it is %s", (channel, address) => {
    expect(addressUsed(cardOf(customer), channel, "US")).toBe(address);
  });

  test("what cannot be normalised is shown as it was given; a withheld number is no address", () => {
    expect(addressUsed(cardOf({ phone: "ext. 12" }), "voice")).toBe("ext. 12");
    expect(addressUsed(cardOf({ email: "somebody" }), "email")).toBe("somebody");
    expect(addressUsed(cardOf({ phone: "Anonymous" }), "voice", "US")).toBeUndefined();
    expect(addressUsed(cardOf({ email: "l@x.example" }), "voice", "US")).toBeUndefined();
  });

  test("chat without a handle is known by its email, messaging by its phone", () => {
    expect(addressUsed(cardOf({ email: "L@x.example", phone: "+14155550100" }), "chat")).toBe(
      "l@x.example",
    );
    expect(addressUsed(cardOf({ email: "L@x.example", phone: "+14155550100" }), "messaging")).toBe(
      "+14155550100",
    );
  });

  test("C6 one address in two spellings is one identity", () => {
    expect(normalAddress("0049 30 901820", "voice", "DE")).toBe(
      normalAddress("+49 (30) 90-18-20", "sms"),
    );
    expect(normalAddress("A@B.example", "email")).toBe(normalAddress(" a@b.EXAMPLE", "email"));
    expect(normalAddress("@Le\u0301nny", "social")).toBe(normalAddress("@l\u00e9nny ", "social"));
    expect(normalAddress("  ", "social")).toBeUndefined();
  });
});
