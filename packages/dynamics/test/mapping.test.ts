import { expect, test } from "vitest";
import { defaultsOf, linkRules, linkRulesOf } from "../src/mapping.ts";

const { mapping } = defaultsOf("task");

test("K3 calls become phone calls, mails emails, and everything else the table for chats", () => {
  expect([
    mapping?.activities.voice?.type,
    mapping?.activities.email?.type,
    mapping?.otherwise.type,
  ]).toEqual(["phonecall", "email", "task"]);
  expect(defaultsOf("new_chat").mapping?.otherwise.type).toBe("new_chat");
});

test("K3 a call says which way it went, how long in minutes, and with which number", () => {
  expect(mapping?.activities.voice?.fields).toMatchObject({
    directioncode: {
      fact: "interaction.direction",
      values: { inbound: false, outbound: true, internal: true },
    },
    actualdurationminutes: { fact: "callSeconds", as: "minutes" },
    phonenumber: { fact: "customer.address" },
    category: { fact: "disposition" },
  });
});

test("N1 the day that Dataverse shows is the activity's date, and the exact times stand in lines", () => {
  for (const activity of [
    mapping?.activities.voice,
    mapping?.activities.email,
    mapping?.otherwise,
  ]) {
    expect(activity?.fields["actualstart"]).toEqual({ fact: "date", as: "dateTime" });
    expect(activity?.body?.facts).toEqual(expect.arrayContaining(["start", "end"]));
  }
});

test("N2 internal notes are written nowhere by default", () => {
  expect(JSON.stringify(defaultsOf("task"))).not.toContain("notes.internal");
});

test("K3 a custom table has no category, so the disposition is a line", () => {
  const { otherwise } = defaultsOf("new_chat").mapping ?? {};
  expect(otherwise?.fields["category"]).toBeUndefined();
  expect(otherwise?.body?.facts).toContain("disposition");
});

test("K4 people take part where a type has parties; elsewhere one record is what it is about", () => {
  const rules = linkRulesOf([
    { name: "phonecall", parties: new Set(["from", "to"]) },
    { name: "task", parties: new Set() },
    { name: "new_chat", parties: new Set(["to"]) },
  ]);
  expect(Object.keys(rules)).toEqual(["phonecall", "email", "new_chat"]);
  expect(rules["new_chat"]?.roles.map(({ name, max }) => [name, max])).toEqual([
    ["party", 50],
    ["regarding", 1],
  ]);
  expect(linkRules.roles).toEqual([{ name: "regarding", types: "others", max: 1 }]);
});
