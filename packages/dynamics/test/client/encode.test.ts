import type { Entry, Fields, Write } from "@wrapup/core";
import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import type { VendorColumn, VendorType } from "../../src/odata/table.ts";
import { columnChanges, columnsToRead, sameValue } from "../../src/activity/compare.ts";
import { ownerChange, regardingChange } from "../../src/activity/compare-links.ts";
import { completionOf, htmlOf, problemOf, rowOf, warningsOf } from "../../src/encode.ts";
import type { Shape } from "../../src/encode.ts";
import { newParties, partiesIn, partiesOf, sameParties } from "../../src/activity/parties.ts";
import type { Party } from "../../src/activity/parties.ts";
import { activity, amend } from "./org.ts";

const id = (n: number): string => `00000000-0000-0000-0000-${String(n).padStart(12, "0")}`;

const column = (name: string, kind: string): VendorColumn => ({
  name,
  label: name,
  kind,
  required: false,
  createable: true,
  updateable: name !== "createonly",
});

const typeOf = (name: string, more: Partial<VendorType> = {}): VendorType => ({
  name,
  label: name,
  entitySet: `${name}s`,
  primaryId: "activityid",
  primaryName: "subject",
  isActivity: true,
  hasActivities: false,
  columns: [
    column("subject", "String"),
    column("createonly", "String"),
    column("description", "Memo"),
    column("directioncode", "Boolean"),
    column("actualstart", "DateTime"),
    column("scheduledend", "DateTime"),
    column("new_campaignid", "Lookup"),
    column("new_anything", "Lookup"),
    column("regardingobjectid", "Lookup"),
  ],
  navigation: [
    {
      column: "regardingobjectid",
      target: "incident",
      name: `regardingobjectid_incident_${name}`,
    },
    { column: "new_campaignid", target: "campaign", name: "new_CampaignId" },
    { column: "new_anything", target: "campaign", name: "new_anything_campaign" },
    { column: "new_anything", target: "account", name: "new_anything_account" },
  ],
  privileges: [],
  parties: new Set(["from", "to", "cc"]),
  completed: { made: 2, received: 4 },
  ...more,
});

const sets: Readonly<Record<string, string>> = {
  contact: "contacts",
  account: "accounts",
  incident: "incidents",
  campaign: "campaigns",
  systemuser: "systemusers",
  queue: "queues",
};
const shapeOf = (type: VendorType): Shape => ({ type, setOf: (name) => sets[name] });
const phonecall = shapeOf(typeOf("phonecall"));
const email = shapeOf(typeOf("email"));

const change = (
  changed: Fields,
  row: Readonly<Record<string, unknown>>,
  { shape = phonecall, touched = false, made = activity(1) } = {},
) => {
  const write = amend(made, changed, { ref: { type: "phonecall", id: id(1) } });
  if (write.op !== "amend") throw new Error("no amend");
  return columnChanges(write, row, shape, touched);
};

test("K3 a put binds what it names by the names that the environment told", () => {
  const entry = activity(1, {
    fields: { subject: "s", new_campaignid: id(7), description: null, directioncode: false },
    roles: {
      party: [{ type: "contact", id: id(2) }],
      regarding: [{ type: "incident", id: id(3) }],
    },
    owner: id(4),
  });
  expect(rowOf(entry, phonecall)).toEqual({
    subject: "s",
    directioncode: false,
    "new_CampaignId@odata.bind": `/campaigns(${id(7)})`,
    "regardingobjectid_incident_phonecall@odata.bind": `/incidents(${id(3)})`,
    "ownerid@odata.bind": `/systemusers(${id(4)})`,
    phonecall_activity_parties: [
      { participationtypemask: 1, "partyid_contact@odata.bind": `/contacts(${id(2)})` },
      { participationtypemask: 2, "partyid_systemuser@odata.bind": `/systemusers(${id(4)})` },
    ],
  });
});

test("O5 a mapping sets no state, owner, link or annotation of OData", () => {
  const fields = {
    statecode: 1,
    statuscode: 2,
    ownerid: id(1),
    regardingobjectid: id(1),
    activityid: id(1),
    to: "x",
    "ownerid@odata.bind": "/systemusers(1)",
  };
  expect(rowOf(activity(1, { fields }), phonecall)).toEqual({});
});

test("K3 a lookup that could mean two tables, or holds no id, is left out with a warning", () => {
  const fields = { new_anything: id(1), new_campaignid: "Spring" };
  const entry = activity(1, { fields });
  expect(rowOf(entry, phonecall)).toEqual({});
  expect(warningsOf(entry, phonecall).map(({ code, field }) => [code, field])).toEqual([
    ["valueNotAllowed", "new_anything"],
    ["valueNotAllowed", "new_campaignid"],
  ]);
});

test("K4 a link without a place is told", () => {
  const task = shapeOf(typeOf("task", { parties: new Set() }));
  const entry = activity(1, { roles: { party: [{ type: "contact", id: id(1) }] } });
  expect(warningsOf(entry, task).map(({ code }) => code)).toEqual(["noPlaceForLink"]);
  expect(warningsOf(entry, phonecall)).toEqual([]);
  expect(problemOf(entry, phonecall)).toBeUndefined();
});

test.for([
  [{ directioncode: true }, {}, 2],
  [{ directioncode: false }, {}, 4],
  [{}, {}, 2],
  [{ statuscode: 100_000_001 }, {}, 100_000_001],
  [{}, { completed: { plain: 5 } }, 5],
  [{}, { completed: {} }, undefined],
] as const)("L9 %j completes with %j as status %s", ([fields, more, statuscode]) => {
  const entry = activity(1, { fields });
  expect(completionOf(entry, typeOf("x", more))).toEqual({
    statecode: 1,
    ...(statuscode !== undefined && { statuscode }),
  });
});

property.prop([fc.string({ unit: "grapheme" })])(
  "O5 W7 text as HTML holds no markup of the customer's, and is known again",
  (text) => {
    const html = htmlOf(text);
    expect(html.replaceAll("<br>", "")).not.toMatch(/[<>"]/);
    expect(sameValue(email.type, "description", html, text)).toBe(true);
    expect(sameValue(email.type, "description", html.replaceAll("<br>", "<br />\n"), text)).toBe(
      true,
    );
    const back = html
      .replaceAll("<br>", "\n")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&");
    expect(back).toBe(text.replaceAll(/\r\n?/g, "\n"));
  },
);

test.for([
  ["subject", " said \r\nmore ", "said \nmore", true],
  ["subject", undefined, "", true],
  ["subject", undefined, null, true],
  ["subject", "a", "b", false],
  ["actualstart", "2026-03-01T00:00:00Z", "2026-03-01T17:30:00Z", true],
  ["actualstart", "2026-03-02T00:00:00Z", "2026-03-01T17:30:00Z", false],
  ["scheduledend", "2026-03-01T17:30:00Z", "2026-03-01T18:30:00+01:00", true],
  ["scheduledend", "2026-03-01T00:00:00Z", "2026-03-01T17:30:00Z", false],
  ["directioncode", false, false, true],
  ["new_campaignid", id(10).toUpperCase(), id(10), true],
] as const)("W7 %s: %j is what %j was written as: %s", ([name, there, wish, same]) => {
  expect(sameValue(phonecall.type, name, there, wish)).toBe(same);
});

test("W7 ours is rewritten, a person's value stays, and a person's words around ours too", () => {
  const found = change(
    { subject: "new", description: "said more", createonly: "x" },
    { subject: "Bo's", description: "Bo:\nsaid 1\n!" },
  );
  expect(found.body).toEqual({ description: "Bo:\nsaid more\n!" });
  expect(found.columns).toEqual(["description"]);
  expect(found.warnings.map(({ field }) => field)).toEqual(["subject"]);
});

test("L8 what an annotation said instead of the row is part of the next change", () => {
  const made = activity(1);
  const entry = {
    ...made,
    fields: { ...made.fields, description: "said 1\nlate", subject: "new" },
  };
  const write: Write = { ...amend(made, {}, { ref: { type: "phonecall", id: id(1) } }), entry };
  if (write.op !== "amend") throw new Error("no amend");
  const found = columnChanges(
    { ...write, changed: { subject: "new" } },
    made.fields,
    phonecall,
    false,
  );
  expect(found.columns.toSorted()).toEqual(["description", "subject"]);
});

test("W7 what Dataverse made of HTML is ours as long as nobody else changed the row", () => {
  const made = activity(1, { type: "email" });
  const row = { description: "<div>said 1</div>" };
  const changed = { description: "said 2" };
  expect(change(changed, row, { shape: email, made }).columns).toEqual(["description"]);
  expect(change(changed, row, { shape: email, made, touched: true }).columns).toEqual([
    "description",
  ]);
  const other = { description: "Bo's" };
  expect(change(changed, other, { shape: email, made, touched: true }).columns).toEqual([]);
});

test("K5 W7 a regarding record is replaced or cleared by the name of its table", () => {
  const about = (n: number | undefined): Partial<Entry> => ({
    roles: n === undefined ? {} : { regarding: [{ type: "incident", id: id(n) }] },
  });
  const bind = "regardingobjectid_incident_phonecall@odata.bind";
  const between = (from: number | undefined, to: number | undefined, there: number | undefined) => {
    const write = amend(
      activity(1, about(from)),
      {},
      { ref: { type: "phonecall", id: id(1) } },
      { relinked: true, entry: activity(1, about(to)) },
    );
    if (write.op !== "amend") throw new Error("no amend");
    const row = there === undefined ? {} : { _regardingobjectid_value: id(there) };
    const { body, warnings } = regardingChange(write, row, phonecall, false);
    return [body[bind], warnings.length];
  };
  expect(between(1, 2, 1)).toEqual([`/incidents(${id(2)})`, 0]);
  expect(between(1, undefined, 1)).toEqual([null, 0]);
  expect(between(1, undefined, 9)).toEqual([undefined, 1]);
  expect(between(1, 2, 2)).toEqual([undefined, 0]);
  expect(between(1, 1, 9)).toEqual([undefined, 1]);
  expect(between(undefined, 2, undefined)).toEqual([`/incidents(${id(2)})`, 0]);
});

test("W10 an owner is changed from what we set, or from who made the row", () => {
  const between = (from: string | undefined, there: string) => {
    const made = activity(1, from === undefined ? {} : { owner: from });
    const write = amend(
      made,
      {},
      { ref: { type: "phonecall", id: id(1) } },
      {
        reowned: true,
        entry: { ...made, owner: id(5) },
      },
    );
    if (write.op !== "amend") throw new Error("no amend");
    const row = { _ownerid_value: there, _createdby_value: id(9) };
    return Object.keys(ownerChange(write, row, false).body).length;
  };
  expect(between(id(4), id(4))).toBe(1);
  expect(between(undefined, id(9))).toBe(1);
  expect(between(id(4), id(7))).toBe(0);
  expect(between(id(4), id(5))).toBe(0);
});

test("W3 only columns that the environment has are read, lookups by their other name", () => {
  const write = amend(
    activity(1),
    { new_campaignid: id(1), new_gone: "x", subject: "s" },
    { ref: { type: "phonecall", id: id(1) } },
  );
  const read = write.op === "amend" ? columnsToRead([write], phonecall.type) : [];
  expect(read).toEqual(expect.arrayContaining(["_new_campaignid_value", "subject", "statecode"]));
  expect(read).not.toContain("new_gone");
});

const some = fc.array(
  fc
    .tuple(fc.constantFrom(1, 2, 3), fc.integer({ min: 1, max: 5 }))
    .map(([mask, n]): Party => ({ mask, ref: { type: "contact", id: id(n) } })),
  { maxLength: 5 },
);

property.prop([some, some, some])(
  "K5 W7 whoever people put there stays, whoever we no longer wish for goes, and nobody is brought back",
  (current, made, want) => {
    const key = ({ mask, ref }: Party): string => `${mask} ${ref?.id ?? ""}`;
    const [there, before, wished] = [
      new Set(current.map(key)),
      new Set(made.map(key)),
      new Set(want.map(key)),
    ];
    const next = new Set(newParties(current, made, want, false).parties.map(key));
    for (const one of there) if (!before.has(one)) expect(next.has(one)).toBe(true);
    for (const one of before)
      if (!wished.has(one) || !there.has(one)) expect(next.has(one)).toBe(false);
    for (const one of wished)
      if (!before.has(one) || there.has(one)) expect(next.has(one)).toBe(true);
    expect(newParties(current, made, want, true).parties).toEqual(want);
    expect(sameParties(want, want.toReversed())).toBe(true);
  },
);

test("W7 a party that cannot be told makes the whole list untouchable", () => {
  const tables = "_partyid_value@Microsoft.Dynamics.CRM.lookuplogicalname";
  const known = { participationtypemask: 2, _partyid_value: id(1), [tables]: "queue" };
  const typed = { participationtypemask: 1, addressused: "who@x.example" };
  const owner = { participationtypemask: 9, _partyid_value: id(2) };
  const row = (...parties: readonly unknown[]) => ({ phonecall_activity_parties: parties });
  expect(partiesIn(row(known, typed, owner), phonecall.type)).toEqual([
    { mask: 2, ref: { type: "queue", id: id(1) } },
    { mask: 1, address: "who@x.example" },
  ]);
  expect(
    partiesIn(row(known, { participationtypemask: 1, _partyid_value: id(1) }), phonecall.type),
  ).toBeUndefined();
  expect(partiesIn({}, phonecall.type)).toBeUndefined();
});

test("K4 without a direction customers are customers where the table has such a place", () => {
  const chat = typeOf("new_chat", {
    columns: [column("subject", "String")],
    parties: new Set(["to", "customers"]),
  });
  const entry = activity(1, { roles: { party: [{ type: "contact", id: id(1) }] }, owner: id(2) });
  expect(partiesOf(entry, chat).map(({ mask }) => mask)).toEqual([11]);
  const plain = typeOf("new_chat", {
    columns: [column("subject", "String")],
    parties: new Set(["to"]),
  });
  expect(partiesOf(entry, plain).map(({ mask }) => mask)).toEqual([2]);
});
