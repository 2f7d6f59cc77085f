import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { splitName } from "../../src/card/name.ts";
import { filledCard, updatedCard } from "../../src/model/card-update.ts";
import type { Card, CardValue, CustomerInput } from "../../src/model/card.ts";
import { displayName, nameOf } from "../../src/model/display-name.ts";

const nasty = join(import.meta.dirname, "../../../../../shared/data/contact-center/blns.json");
const none: Card = { fields: {} };
const cardOf = (input: CustomerInput, from: CardValue["from"] = "channel"): Card =>
  updatedCard(none, input, from, 0);

describe("C2 display name", () => {
  test.each([
    [{ name: "Lenny Lens", email: "l@x.example", phone: "+1" }, "Lenny Lens"],
    [{ email: "l@x.example", phone: "+1" }, "l@x.example"],
    [{ phone: "+1" }, "+1"],
    [{}, "Unknown customer"],
    [{ firstName: "Lenny", middleInitial: "Q", lastName: "Lens" }, "Lenny Q Lens"],
  ])("C2 of %j it is %s", (input, shown) => {
    expect(displayName({ card: cardOf(input), links: [] })).toBe(shown);
  });

  test("C2 names that are empty or blank, as platforms send them, are no names", () => {
    const blank: Card = {
      fields: {
        name: { value: " \u0000\n", from: "agent", at: 0 },
        email: { value: "", from: "agent", at: 0 },
        phone: { value: "+1", from: "channel", at: 0 },
      },
    };

    expect(displayName({ card: blank, links: [] })).toBe("+1");
  });

  test("C2 the unknown customer is translated by whoever shows it", () => {
    expect(displayName({ card: none, links: [] }, "Unbekannt")).toBe("Unbekannt");
  });

  test("C2 parts that an agent edited beat the channel's whole name, and an agent's whole name beats all", () => {
    const channel = cardOf({ name: "lenny" });
    const edited = updatedCard(channel, { firstName: "Leonard", lastName: "Lens" }, "agent", 1);

    expect(nameOf(edited)).toBe("Leonard Lens");
    expect(nameOf(updatedCard(edited, { name: "Lenny L." }, "agent", 2))).toBe("Lenny L.");
    expect(nameOf(updatedCard(channel, { firstName: "L" }, "channel", 1))).toBe("lenny");
  });

  test("C2 a name is one line of text", () => {
    expect(displayName({ card: cardOf({ name: "  Lenny\r\n\tLens " }), links: [] })).toBe(
      "Lenny Lens",
    );
  });
});

describe("C2 name split", () => {
  test.each([
    ["Lenny Lens", { firstName: "Lenny", lastName: "Lens" }],
    ["Anna Maria van der Berg", { firstName: "Anna Maria van der", lastName: "Berg" }],
    ["  Lenny   Lens  ", { firstName: "Lenny", lastName: "Lens" }],
    ["Cher", { firstName: "Cher" }],
    ["", {}],
    [" \n ", {}],
  ])("C2 %j", (name, parts) => {
    expect(splitName(name)).toEqual(parts);
  });

  test("C2 a single word is the last name where the record type requires one", () => {
    expect(splitName("Cher", { lastNameRequired: true })).toEqual({ lastName: "Cher" });
    expect(splitName("Lenny Lens", { lastNameRequired: true })).toEqual({
      firstName: "Lenny",
      lastName: "Lens",
    });
  });

  test.skipIf(!existsSync(nasty))(
    "C2 nasty strings split into words that put together give the same words",
    () => {
      const strings: readonly string[] = JSON.parse(readFileSync(nasty, "utf8"));
      for (const text of strings) {
        const { firstName, lastName } = splitName(text);
        const words = text.split(/[\s\p{Cc}]+/u).filter((word) => word !== "");
        expect([firstName, lastName].filter((part) => part !== undefined).join(" ")).toBe(
          words.join(" "),
        );
      }
    },
  );
});

describe("C1 what fills a card", () => {
  test("C1 the channel fills and renews its own values, and tells when", () => {
    const card = updatedCard(cardOf({ name: "l", phone: "+1" }), { name: "Lenny" }, "channel", 7);

    expect(card.fields).toEqual({
      name: { value: "Lenny", from: "channel", at: 7 },
      phone: { value: "+1", from: "channel", at: 0 },
    });
  });

  test.each(["channel", "crm"] as const)(
    "C1 what the %s says never overwrites an agent's edit",
    (from) => {
      const edited = cardOf({ name: "Lenny" }, "agent");

      expect(updatedCard(edited, { name: "other" }, from, 7)).toBe(edited);
    },
  );

  test("C1 no news gives the same card", () => {
    const card = cardOf({ name: "Lenny" });

    expect(updatedCard(card, { name: "Lenny", email: " " }, "channel", 7)).toBe(card);
    expect(updatedCard(card, undefined, "channel", 7)).toBe(card);
    expect(updatedCard(card, {}, "agent", 7)).toBe(card);
  });

  test("C1 an agent who confirms the channel's value makes it the agent's", () => {
    expect(
      updatedCard(cardOf({ name: "Lenny" }), { name: "Lenny" }, "agent", 7).fields.name?.from,
    ).toBe("agent");
  });

  test("C1 only the fields of a card are taken", () => {
    const input: CustomerInput & { readonly toString: () => string } = { name: "L" };

    expect(Object.keys(updatedCard(none, input, "channel", 0).fields)).toEqual(["name"]);
  });

  test("L10 an earlier interaction's card fills what is missing; its agent's edits beat this channel's values", () => {
    const mine = updatedCard(
      cardOf({ name: "l", email: "mine@x.example" }),
      { phone: "+2" },
      "agent",
      1,
    );
    const theirs = updatedCard(
      cardOf({ email: "theirs@x.example", phone: "+1", handle: "@l" }),
      { name: "Lenny" },
      "agent",
      1,
    );

    const card = filledCard(mine, theirs);
    expect(
      Object.fromEntries(Object.entries(card.fields).map(([field, { value }]) => [field, value])),
    ).toEqual({ name: "Lenny", email: "mine@x.example", phone: "+2", handle: "@l" });
    expect(filledCard(card, theirs).fields).toEqual(card.fields);
    expect(filledCard(card, none)).toBe(card);
  });
});
