import { describe, expect, test } from "vitest";
import type { Command } from "../../src/model/command.ts";
import { readCommand } from "../../src/model/door.ts";
import { ada, dawn, minute, record, story } from "./story.ts";

const order = {
  id: "m-1",
  via: "mail",
  subject: "Your order",
  text: "It left today.",
  agent: ada,
} as const;
const told = (more: object = {}): Command =>
  readCommand(
    { do: "email", mail: { ...order, to: ["a@x.example"], ...more }, by: "ada" },
    "apply",
  );
const accepted = { do: "accept", leg: "A", agent: ada } as const;
const refused = (code: string) => expect.objectContaining({ code });

describe("L3 C5 an email is told", () => {
  test("L3 only its own connection's lane wakes, and at once: nothing else is due because of it", () => {
    const call = story().tell({ do: "link", record: record("1") }, accepted, told());
    expect(call.last.wake).toEqual(["mail"]);
    expect(call.now.connections).toEqual(["sales", "mail"]);
    expect(call.now.mails).toEqual([{ ...order, to: ["a@x.example"], at: dawn }]);
    expect(call.history.at(-1)).toEqual({
      at: dawn,
      what: "email",
      by: "ada",
      rule: "L3",
      text: "a mail to the customer, to be sent at once through mail",
    });
  });

  test("L6 once more is nothing; with other content the first stands, and the history says so", () => {
    const call = story().tell(accepted, told());
    const before = call.now;
    expect(call.wait(minute).tell(told()).now).toBe(before);
    expect(call.tell(told({ cc: [] })).now).toBe(before);
    for (const other of [
      { text: "else" },
      { subject: "else" },
      { via: "post" },
      { to: ["b@x.example"] },
      { cc: ["b@x.example"] },
      { agent: { id: "bob" } },
    ]) {
      expect(call.tell(told(other)).now).toBe(before);
      expect(call.last.wake).toEqual([]);
      expect(call.history.at(-1)).toMatchObject({ what: "ignored", rule: "L6" });
    }
  });

  test("C5 without `to` it goes to the address on the card, as it was then", () => {
    const { to: _t, ...bare } = { ...order, to: undefined };
    const email = readCommand({ do: "email", mail: bare }, "apply");
    const card = (text: string): Command => ({ do: "edit", customer: { email: text } });
    const call = story().tell(card("Cora C. <cora@x.example>"), email, card("new@x.example"));
    const before = call.now;
    expect(call.tell(email).now).toBe(before);
    expect(before.mails.map(({ to }) => to)).toEqual([["cora@x.example"]]);
    for (const none of ["", "none", "a@x.example, b@x.example"])
      expect(() => story().tell(card(none), email)).toThrow(refused("invalid_input"));
  });

  test("N5 O4 a deleted interaction holds no word and no address of it, and takes no other", () => {
    const call = story().tell(accepted, told({ cc: ["b@x.example"] }));
    call.tell({ do: "delete", written: "keep" });
    expect(call.now.mails).toEqual([
      { id: "m-1", via: "mail", agent: ada, at: dawn, to: [], subject: "", text: "" },
    ]);
    expect(call.last.wake).toContain("mail");
    expect(() => call.tell(told({ id: "m-2" }))).toThrow(refused("interaction_deleted"));
  });

  test("L10 mails stay with the interaction they were written in", () => {
    const first = story().tell(accepted, told());
    const second = story({ id: "call-2" }).tell({ do: "join", previous: first.now });
    expect(second.now.mails).toEqual([]);
  });
});

describe("O5 an email at the door", () => {
  test.for([
    [{ to: ["Cora <cora@x.example>"] }, /no email address.*mail\.to\.0/u],
    [{ subject: "a\u2028b" }, /more than one line/u],
    [{ agent: undefined }, /missing/u],
    [{ html: "<b>" }, /a key that nobody reads/u],
  ] as const)("O5 %j is refused, and never repeated in the error", ([wrong, words]) => {
    expect(() => told(wrong)).toThrow(words);
    expect(() => told(wrong)).not.toThrow(/cora/iu);
  });

  test("O5 what no database stores is mended", () => {
    expect(told({ text: "a\u0000b\uD800" })).toMatchObject({ mail: { text: "ab\uFFFD" } });
  });
});
