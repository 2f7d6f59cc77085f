import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { isWrapupError } from "../../src/errors.ts";
import {
  readAgent,
  readCommand,
  readCustomer,
  readFacts,
  readId,
  readRecordRef,
} from "../../src/model/door.ts";
import { shown } from "../../src/model/shown.ts";
import { dawn, story } from "./story.ts";

const nasty = join(import.meta.dirname, "../../../../../shared/data/contact-center/blns.json");
const read = (input: unknown) => readCommand(input, "apply");
/** The id as it came through, or that it was refused. */
const idOf = (text: string): string => {
  try {
    return readId(text, "id");
  } catch (error) {
    return isWrapupError(error) ? "refused" : "broken";
  }
};

/** What a refusal says; nothing where the input is taken. */
const message = (input: unknown): string => {
  try {
    read(input);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "";
};
const refusedAt = (place: string) => expect.objectContaining({ code: "invalid_input", place });
const agent = { id: "ada" };

describe("O5 commands at the door", () => {
  test.each([
    {
      do: "start",
      channel: "voice",
      direction: "inbound",
      customer: { name: "L" },
      queue: "q",
      subject: "s",
      per: "leg",
      facts: { a: 1, b: "x", c: null, d: true },
    },
    {
      do: "accept",
      leg: "A",
      agent: { id: "ada", email: "a@x.example", name: "Ada" },
      role: "consult",
      queue: "q",
      offer: "o",
      eventId: "e",
      by: "platform",
    },
    { do: "dial", leg: "A", agent },
    { do: "answer", leg: "A" },
    { do: "hold", leg: "A" },
    { do: "resume", leg: "A" },
    { do: "joinCustomer", leg: "A" },
    {
      do: "endTalk",
      leg: "A",
      agent,
      wrapUp: "none",
      disposition: "d",
      durations: { talkSeconds: 1.5 },
    },
    { do: "startWrapUp", leg: "A" },
    {
      do: "completeWrapUp",
      leg: "A",
      disposition: "d",
      dispositionBy: "system",
      reason: "wrapUpTimer",
    },
    { do: "transfer", leg: "A", to: { queue: "q" } },
    { do: "transfer", leg: "A", to: agent },
    { do: "transferFailed", leg: "A" },
    { do: "unassign", leg: "A" },
    { do: "offer", offer: "o", agent },
    { do: "endOffer", offer: "o", outcome: "missed" },
    { do: "abandon" },
    { do: "message", from: "customer", customer: { email: "x" } },
    { do: "setStatus", status: "closed" },
    {
      do: "link",
      record: { connection: "c", type: "Case", id: "1" },
      parents: [{ type: "Account", id: "2" }],
    },
    { do: "unlink", record: { connection: "c", type: "Case", id: "1" } },
    {
      do: "relink",
      from: { connection: "c", type: "Case", id: "1" },
      to: { connection: "c", type: "Case", id: "2" },
    },
    { do: "note", note: { id: "n", text: "t", audience: "internal" } },
    { do: "learn", leg: "A", facts: { recordingUrl: "u" } },
    {
      do: "edit",
      customer: { name: "" },
      log: {
        topic: "t",
        date: "2026-01-05",
        followUp: { date: "2026-01-06T09:00:00Z", owner: "o" },
      },
    },
    { do: "draft", draft: { id: "d", connection: "c", type: "Case", state: "saving" } },
    { do: "delete", written: "keep" },
    { do: "tick" },
  ])("O5 $do comes through as it is", (input) => {
    expect(read(input)).toEqual(input);
  });

  test.each([
    ["apply", null],
    ["apply", "accept"],
    ["apply: do", {}],
    ["apply: do", { do: "acept" }],
    ["apply: do", { do: "__proto__" }],
    ["apply: leg", { do: "hold" }],
    ["apply: leg", { do: "hold", leg: 5 }],
    ["apply: leg", { do: "hold", leg: "" }],
    ["apply: leg", { do: "hold", leg: "x".repeat(256) }],
    ["apply: leg", { do: "hold", leg: "a\u0000b" }],
    ["apply: leg", { do: "hold", leg: "a\u009fb" }],
    ["apply: leg", { do: "hold", leg: "\ud800" }],
    ["apply", { do: "hold", leg: "A", lag: 1 }],
    ["apply: agent", { do: "accept", leg: "A" }],
    ["apply: agent.id", { do: "accept", leg: "A", agent: {} }],
    ["apply: agent", { do: "accept", leg: "A", agent: { id: "a", admin: true } }],
    ["apply: role", { do: "accept", leg: "A", agent, role: "boss" }],
    ["apply: channel", { do: "start", channel: "fax", direction: "inbound" }],
    ["apply", { do: "start", channel: "voice", direction: "inbound", previous: {} }],
    ...["a/b", "a b", "a'b", "1a", "a\n", "x".repeat(101)].map((type): [string, unknown] => [
      "apply: record.type",
      { do: "link", record: { connection: "c", type, id: "1" } },
    ]),
    ["apply: record.id", { do: "link", record: { connection: "c", type: "a", id: "1\n" } }],
    ["apply: record.id", { do: "link", record: { connection: "c", type: "a", id: "\ud800" } }],
    ["apply: note.id", { do: "note", note: { id: "\ud800", text: "t", audience: "internal" } }],
    ["apply: eventId", { do: "abandon", eventId: "a\u0000b" }],
    ["apply: customer", { do: "edit", customer: { shoeSize: "9" } }],
    ["apply: customer.name", { do: "edit", customer: { name: 9 } }],
    ["apply: customer.name", { do: "edit", customer: { name: "x".repeat(2001) } }],
    ["apply: log.date", { do: "edit", log: { date: "tomorrow" } }],
    ["apply: log.date", { do: "edit", log: { date: "2026-13-01" } }],
    ["apply: facts.a", { do: "learn", facts: { a: { b: 1 } } }],
    ["apply: facts.a", { do: "learn", facts: { a: Number.NaN } }],
    ["apply: facts.a", { do: "learn", facts: { a: "x".repeat(100_001) } }],
    [
      "apply: facts",
      {
        do: "learn",
        facts: Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`f${n}`, n])),
      },
    ],
    ["apply: facts", { do: "learn", facts: [1] }],
    ["apply: durations.talkSeconds", { do: "endTalk", leg: "A", durations: { talkSeconds: "12" } }],
    ["apply: durations.talkSeconds", { do: "endTalk", leg: "A", durations: { talkSeconds: 1e9 } }],
    [
      "apply: note.text",
      { do: "note", note: { id: "n", text: "x".repeat(100_001), audience: "internal" } },
    ],
    ["apply: eventId", { do: "abandon", eventId: 7 }],
    ["apply", { do: "join" }],
  ])("O5 refused at %s: %j", (place, input) => {
    expect(() => read(input)).toThrow(refusedAt(place));
  });

  test.each(["Case", "my_object__c", "ns__Thing__c", "crm.deal-stage", "x".repeat(100)])(
    "O5 %s is a record type",
    (type) => {
      const input = { do: "link", record: { connection: "c", type, id: "1" } };
      expect(read(input)).toEqual(input);
    },
  );

  test("O5 W10 an agent's email and name may be as long as such things are; longer ones are left out and told, and cost no event", () => {
    const longest = { id: "a", email: "x".repeat(254), name: "x".repeat(255) };
    const longer = { id: "a", email: "x".repeat(255), name: "x".repeat(256) };
    const told: string[] = [];
    const given = (command: object) =>
      readCommand(command, "apply", { repaired: (text) => told.push(text) });

    expect(given({ do: "accept", leg: "A", agent: longest })).toMatchObject({ agent: longest });
    expect(told).toEqual([]);
    expect(given({ do: "accept", leg: "A", agent: longer })).toEqual({
      do: "accept",
      leg: "A",
      agent: { id: "a" },
    });
    expect(given({ do: "transfer", leg: "A", to: longer })).toMatchObject({ to: { id: "a" } });
    expect(told).toEqual([
      "agent.email is longer than 254 characters; left out",
      "agent.name is longer than 255 characters; left out",
      "to.email is longer than 254 characters; left out",
      "to.name is longer than 255 characters; left out",
    ]);
    expect(() => readAgent(longer, "agent")).toThrow(refusedAt("agent: email"));
  });

  test("O5 names in a refusal are short, on one line, and hold nothing a log acts on", () => {
    expect(shown("name")).toBe("name");
    expect(shown("a\n\u001b[2J\u202eb\ud800")).toBe("a\\u{a}\\u{1b}[2J\\u{202e}b\ufffd");
    expect(shown("x".repeat(81))).toBe(`${"x".repeat(79)}…`);
    expect(message({ do: "abandon", [`a\n${"b".repeat(500)}`]: 1 })).toBe(
      `There is a key that nobody reads (at apply). Leave out "a\\u{a}${"b".repeat(77)}…".`,
    );
  });

  test("O5 a refusal says how to mend it and repeats no value", () => {
    expect(message({ do: "accept", leg: "A", agent: { id: ["SECRET"] } })).toBe(
      "A value is missing or of another kind (at apply: agent.id). Give a text here.",
    );
    expect(message({ do: "setStatus", status: "SECRET" })).toContain(
      "Give one of: new, open, pending, escalated, resolved, closed.",
    );
    expect(message({ do: "edit", customer: { name: "SECRET".repeat(500) } })).toContain(
      "The limit is 2000 characters.",
    );
    for (const input of [
      { do: "SECRET" },
      { do: "hold", leg: "SECRET\n" },
      { do: "setStatus", status: "SECRET" },
      { do: "learn", facts: { a: ["SECRET"] } },
    ])
      expect(message(input)).not.toContain("SECRET");
  });

  test.each(["__proto__", "constructor", "prototype"])(
    "O5 the key %s is refused at any depth, and pollutes nothing",
    (key) => {
      const text = `{"do":"learn","facts":{"${key}":{"polluted":1}}}`;

      expect(() => read(JSON.parse(text))).toThrow(refusedAt("apply"));
      expect(() => read(JSON.parse(`{"do":"abandon","${key}":{"polluted":1}}`))).toThrow(
        refusedAt("apply"),
      );
      expect(Reflect.get({}, "polluted")).toBeUndefined();
    },
  );

  test("O5 what nests for ever is refused", () => {
    const circle: Record<string, unknown> = { do: "learn" };
    circle["facts"] = circle;

    expect(() => read(circle)).toThrow(refusedAt("apply"));
  });

  test("O5 undefined is absent, and what a getter or a prototype says is read once", () => {
    let reads = 0;
    const input = Object.create(
      { eventId: "inherited" },
      {
        do: { value: "hold", enumerable: true },
        by: { value: undefined, enumerable: true },
        leg: { get: () => `leg-${(reads += 1)}`, enumerable: true },
      },
    );

    expect(read(input)).toEqual({ do: "hold", leg: "leg-1" });
  });

  test("O5 text that no database stores is mended, ids never", () => {
    expect(
      read({ do: "note", note: { id: "n", text: "a\u0000b\ud800c", audience: "internal" } }),
    ).toMatchObject({ note: { text: "ab\ufffdc" } });
  });

  test("E32 every form of a time is read; a bad one is left out and told without its value", () => {
    const told: string[] = [];
    const at = (value: unknown) =>
      readCommand({ do: "abandon", at: value }, "apply", { repaired: (text) => told.push(text) })
        .at;

    expect([new Date(dawn), dawn, dawn / 1000, "2026-01-05T10:00:00+01:00"].map(at)).toEqual([
      dawn,
      dawn,
      dawn,
      dawn,
    ]);
    expect(told).toEqual([]);
    expect(["1970-01-01T00:00:00.001Z", "SECRET", "2026-01-05T09:00:00"].map(at)).toEqual([
      undefined,
      undefined,
      dawn,
    ]);
    expect(told).toHaveLength(3);
    expect(told.join()).not.toMatch(/SECRET|1970-01-01/u);
  });

  test("E32 negative durations, as 4 of 77 real tasks have them, are left out and told; the rest is kept", () => {
    const told: string[] = [];
    const command = readCommand(
      { do: "endTalk", leg: "A", durations: { talkSeconds: -4, holdSeconds: 2 } },
      "apply",
      { repaired: (text) => told.push(text) },
    );

    expect(command).toEqual({ do: "endTalk", leg: "A", durations: { holdSeconds: 2 } });
    expect(told).toEqual(["durations.talkSeconds is negative; left out"]);
  });

  test("L10 what an interaction continues comes from the store, never from outside", () => {
    const previous = story().now;

    expect(readCommand({ do: "join" }, "join", { previous })).toEqual({ do: "join", previous });
    expect(
      readCommand({ do: "start", channel: "voice", direction: "inbound" }, "start", { previous }),
    ).toMatchObject({ previous: { id: "c-1" } });
    expect(() => readCommand({ do: "abandon" }, "start", { id: "" })).toThrow(
      refusedAt("start: id"),
    );
  });

  prop.prop([
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    }),
  ])("O5 anything at all is a command or one clear error", (input) => {
    try {
      expect(read(input)).toHaveProperty("do");
    } catch (error) {
      expect(isWrapupError(error)).toBe(true);
    }
  });

  test.skipIf(!existsSync(nasty))(
    "O5 nasty strings come through as texts unchanged, or are refused as ids with a clear error",
    () => {
      const strings: readonly string[] = JSON.parse(readFileSync(nasty, "utf8"));
      for (const text of strings) {
        expect(read({ do: "note", note: { id: "n", text, audience: "internal" } })).toMatchObject({
          note: { text: text.replaceAll("\u0000", "") },
        });
        const isId = text !== "" && Array.from(text).length <= 255 && !/\p{Cc}/u.test(text);
        expect({ text, id: idOf(text) }).toEqual({ text, id: isId ? text : "refused" });
      }
    },
  );
});

describe("O5 the smaller doors", () => {
  test("O5 agents, records, customers and facts are checked alike", () => {
    expect(readAgent({ id: "a", email: undefined }, "agent")).toEqual({ id: "a" });
    expect(readRecordRef({ connection: "c", type: "Case", id: "1" }, "ref")).toEqual({
      connection: "c",
      type: "Case",
      id: "1",
    });
    expect(readCustomer({ name: "x".repeat(5000) }, "customer").name).toHaveLength(5000);
    expect(readFacts({ a: null }, "facts")).toEqual({ a: null });
    expect(() => readAgent({}, "agent")).toThrow(refusedAt("agent: id"));
    expect(() => readRecordRef({ connection: "c", type: "Case" }, "ref")).toThrow(
      refusedAt("ref: id"),
    );
    expect(() => readCustomer({ nome: "x" }, "customer")).toThrow(refusedAt("customer"));
    expect(() => readFacts({ a: [] }, "facts")).toThrow(refusedAt("facts: a"));
  });
});
