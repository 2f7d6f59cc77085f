import { describe, expect, test } from "vitest";
import type { Interaction } from "../../src/model/interaction.ts";
import { wanted, type Setup } from "../../src/plan/wanted.ts";
import { preview } from "../../src/plan/preview.ts";
import type { Mapping } from "../../src/model/mapping.ts";
import {
  abilities,
  closedLeg,
  entryOf,
  interactionOf,
  legOf,
  linkOf,
  nineOClock,
  partiesRegarding,
  plainMapping,
  rowOf,
  setupOf,
  whoWhat,
  writtenRow,
} from "./building.ts";

const of = (
  interaction: Partial<Interaction>,
  setup: Parameters<typeof setupOf>[0] = {},
): readonly string[] =>
  wanted(interactionOf(interaction), setupOf(setup), []).map(({ leg, slot, final, roles }) =>
    `${leg}.${slot}${final ? "" : " open"} ${Object.values(roles)
      .flat()
      .map(({ type, id }) => `${type}/${id}`)
      .join("+")}`.trimEnd(),
  );

const closedAt = (id: string, at: number, role: "agent" | "consult" | "bargeIn" = "agent") =>
  closedLeg({ id, role, recorded: { lastEvent: 0, closed: nineOClock + at } });

describe("L1 L3 L4 what is due", () => {
  test("L3 nothing is wanted while no leg has closed", () => {
    expect(of({ legs: [legOf()] })).toEqual([]);
  });

  test("L4 every closed leg has its own activity, in any order of closing", () => {
    expect(of({ legs: [legOf({ id: "l-1" }), closedAt("l-2", 10)] })).toEqual(["l-2.0 contact/1"]);
    expect(of({ legs: [closedAt("l-1", 20), closedAt("l-2", 10)] })).toEqual([
      "l-1.0 contact/1",
      "l-2.0 contact/1",
    ]);
  });

  test("L4 consult legs write nothing, barge-in does", () => {
    expect(of({ legs: [closedAt("l-1", 1, "consult"), closedAt("l-2", 2, "bargeIn")] })).toEqual([
      "l-2.0 contact/1",
    ]);
  });

  test("K2 a link feeds the legs from its own on", () => {
    const links = [linkOf("contact/1"), linkOf("case/1", { fromLeg: 1 })];
    expect(of({ legs: [closedAt("l-1", 1), closedAt("l-2", 2)], links })).toEqual([
      "l-1.0 contact/1",
      "l-2.0 case/1+contact/1",
    ]);
  });

  test("L9 one activity per interaction grows, and is final where completed ones can still be changed", () => {
    const legs = [closedAt("l-1", 1), legOf({ id: "l-2" })];
    expect(of({ legs, per: "interaction" })).toEqual(["*.0 contact/1"]);
    const frozen = { abilities: abilities({ completedIsFrozen: true }) };
    expect(of({ legs, per: "interaction" }, frozen)).toEqual(["*.0 open contact/1"]);
    expect(of({ legs, per: "interaction", over: true }, frozen)).toEqual(["*.0 contact/1"]);
    expect(of({ legs, per: "leg" }, frozen)).toEqual(["l-1.0 contact/1"]);
  });

  test("L3 K1 what is linked during a later leg waits for that leg, also where the activity exists already", () => {
    const links = [linkOf("contact/1"), linkOf("case/1", { fromLeg: 1 })];
    expect(
      of({ legs: [closedAt("l-1", 1), legOf({ id: "l-2" })], links, per: "interaction" }),
    ).toEqual(["*.0 contact/1"]);
  });

  test("L5 abandoned interactions by policy, linked or not; not when an agent had it", () => {
    const abandoned = { legs: [], links: [], abandoned: "inQueue" } as const;
    expect(of(abandoned)).toEqual([]);
    expect(of(abandoned, { abandoned: "log" })).toEqual(["*.0"]);
    expect(
      of(
        { ...abandoned, legs: [closedAt("l-1", 1)], links: [linkOf("contact/1")] },
        { abandoned: "log" },
      ),
    ).toEqual(["l-1.0 contact/1"]);
  });

  test("A1 what the CRM cannot keep is not wanted of it", () => {
    expect(of({}, { abilities: abilities({ kinds: ["publication"] }) })).toEqual([]);
  });

  test("K8 unlinked: skip and hold write nothing, log does; links to other connections do not count", () => {
    const links = [linkOf("contact/1", { connection: "other" })];
    for (const unlinked of ["skip", "hold"] as const)
      expect(of({ links }, { unlinked })).toEqual([]);
    expect(of({ links }, { unlinked: "log" })).toEqual(["l-1.0"]);
  });
});

const keyIn = (setup: Partial<Setup>, record = "contact/1"): string | undefined =>
  wanted(
    interactionOf({ links: [linkOf(record, { connection: setup.connectionName ?? "crm" })] }),
    setupOf(setup),
    [],
  )[0]?.key;

const ownerOf: Setup["ownerOf"] = (agent) =>
  agent?.id === "a-1" ? { owner: "005A", fallback: false } : { owner: "005Z", fallback: true };

describe("K4 K5 W4 W10 each entry", () => {
  test("K4 only the lowest live slot carries figures, and the next one takes over when it is deleted", () => {
    const links = [linkOf("contact/1"), linkOf("contact/2")];
    const both = wanted(interactionOf({ links }), setupOf(), []);
    expect(both.map(({ fields }) => [fields["Talk"], fields["Outcome"]])).toEqual([
      [100, "resolved"],
      [undefined, undefined],
    ]);
    const [first, second] = both;
    const rows = [
      writtenRow(first ?? entryOf(), { state: "gone" }),
      writtenRow(second ?? entryOf()),
    ];
    expect(
      wanted(interactionOf({ links }), setupOf(), rows).map(({ slot, fields }) => [
        slot,
        fields["Talk"],
      ]),
    ).toEqual([[1, 100]]);
  });

  test("W4 it touches its records and the rows above them", () => {
    const links = [
      linkOf("contact/1"),
      linkOf("case/1", { parents: [{ type: "account", id: "9" }] }),
      linkOf("contact/2"),
    ];
    expect(
      wanted(interactionOf({ links }), setupOf(), []).map(({ touches }) => touches.toSorted()),
    ).toEqual([["account/9", "case/1", "contact/1"], ["contact/2"]]);
  });

  test("W10 it belongs to the leg's agent; a fallback is told", () => {
    const legs = [closedLeg(), closedLeg({ id: "l-2", agent: { id: "a-2" } })];
    const entries = wanted(interactionOf({ legs }), setupOf({ ownerOf }), []);
    expect(entries.map(({ owner, warnings }) => [owner, warnings.map(({ code }) => code)])).toEqual(
      [
        ["005A", []],
        ["005Z", ["ownerFallback"]],
      ],
    );
  });

  test("K4 a link without a place is warned of", () => {
    const rules = { ...whoWhat, roles: [{ name: "who", types: ["contact"], max: 1 }] };
    const [entry] = wanted(
      interactionOf({ links: [linkOf("contact/1"), linkOf("pet/1")] }),
      setupOf({ abilities: abilities({ linkRules: rules }) }),
      [],
    );
    expect(entry?.warnings).toEqual([
      expect.objectContaining({ code: "noPlaceForLink", text: expect.stringContaining("pet") }),
    ]);
  });

  test("W2 keys differ by connection and tenant, and never by record or name", () => {
    expect(
      new Set([keyIn({}), keyIn({ tenant: "other" }), keyIn({ connection: "c-2" })]).size,
    ).toBe(3);
    expect(keyIn({}, "case/5")).toBe(keyIn({}));
    expect(keyIn({ connectionName: "renamed" })).toBe(keyIn({}));
  });

  test("K3 what was written as one type stays that type when the mapping changes, and still follows its links", () => {
    const [old] = wanted(interactionOf(), setupOf(), []);
    const map: Mapping = {
      activities: {},
      otherwise: { type: "Event", fields: { Name: { constant: "x" } } },
    };
    const links = [linkOf("contact/1"), linkOf("case/1")];
    const [now] = wanted(interactionOf({ links }), setupOf({ map }), [
      writtenRow(old ?? entryOf()),
    ]);
    expect(now).toMatchObject({
      type: "Log",
      fields: old?.fields,
      roles: { who: [{ id: "1" }], what: [{ type: "case" }] },
    });
    expect(wanted(interactionOf(), setupOf({ map }), [])[0]?.type).toBe("Event");
  });
});

describe("K5 N5 what is kept", () => {
  const [entry = entryOf()] = wanted(interactionOf(), setupOf(), []);

  test("N5 deleted with retract: nothing is wanted any more", () => {
    expect(of({ deleted: { written: "retract", at: 0 } }, { onUnlink: "keep" })).toEqual([]);
  });

  test("N5 L9 K5 what is kept of a chat that is deleted, or over, is completed: nobody else will", () => {
    const growing = { ...entry, final: false };
    const row = writtenRow(growing);
    const kept = interactionOf({ deleted: { written: "keep", at: 0 } });
    expect(wanted(kept, setupOf(), [row])).toEqual([{ ...growing, final: true }]);
    const keep = setupOf({ onUnlink: "keep" });
    const unlinked = { links: [], legs: [] };
    expect(wanted(interactionOf({ ...unlinked, over: false }), keep, [row])).toEqual([growing]);
    expect(wanted(interactionOf({ ...unlinked, over: true }), keep, [row])).toEqual([
      { ...growing, final: true },
    ]);
  });

  test("N5 deleted with keep: what is in the CRM stays as it is, what may be there does not", () => {
    const deleted = interactionOf({ deleted: { written: "keep", at: 0 } });
    expect(wanted(deleted, setupOf(), [writtenRow(entry)])).toEqual([entry]);
    expect(
      wanted(deleted, setupOf(), [rowOf({ key: entry.key, sending: entry, maybeSent: true })]),
    ).toEqual([]);
    expect(wanted(deleted, setupOf(), [writtenRow(entry, { state: "gone" })])).toEqual([]);
  });

  test("K5 keep: the activity of a link that is taken away stays as it is", () => {
    const unlinked = interactionOf({ links: [] });
    expect(wanted(unlinked, setupOf({ onUnlink: "keep" }), [writtenRow(entry)])).toEqual([entry]);
    expect(wanted(unlinked, setupOf(), [writtenRow(entry)])).toEqual([]);
  });
});

describe("K4 link rules of one type of activity", () => {
  const map: Mapping = {
    activities: { email: { type: "Letter", fields: { Title: { fact: "subject" } } } },
    otherwise: plainMapping.otherwise,
  };
  const able = abilities({ linkRules: whoWhat, linkRulesOf: { Letter: partiesRegarding } });
  const both = { map, abilities: able };
  const links = [linkOf("contact/1"), linkOf("contact/2"), linkOf("case/3")];

  test("K4 each type is seated by its own rules, all others by the common ones", () => {
    expect(of({ links, channel: "email" }, both)).toEqual(["l-1.0 case/3+contact/1+contact/2"]);
    expect(of({ links, channel: "voice" }, both)).toEqual([
      "l-1.0 case/3+contact/1",
      "l-1.1 contact/2",
    ]);
    const named = { ...both, abilities: abilities({ linkRulesOf: { constructor: whoWhat } }) };
    expect(of({ links, channel: "voice" }, named)).toHaveLength(2);
  });

  test("K4 W9 a preview goes by the same rules", () => {
    const open = interactionOf({ links, channel: "email", legs: [legOf({ state: "assigned" })] });
    expect(preview(open, setupOf(both), []).entries).toMatchObject([
      { type: "Letter", roles: { party: [{ id: "1" }, { id: "2" }], regarding: [{ id: "3" }] } },
    ]);
  });

  test("K4 K3 a row that is there keeps its type's rules when the mapping names another type", () => {
    const written = wanted(interactionOf({ links, channel: "email" }), setupOf(both), []).map(
      (entry) => writtenRow(entry),
    );
    const now = setupOf({ abilities: able });
    const more = interactionOf({ links: [...links, linkOf("contact/4")], channel: "email" });
    expect(wanted(more, now, written)).toMatchObject([
      { type: "Letter", slot: 0, roles: { party: [{ id: "1" }, { id: "2" }, { id: "4" }] } },
    ]);
    // What was never sent is not there: it becomes the new type, by its rules.
    const waiting = written.map((row) =>
      rowOf({ key: row.key, ...(row.written && { sending: row.written }) }),
    );
    expect(wanted(more, now, waiting).map(({ type }) => type)).toEqual(["Log", "Log", "Log"]);
  });
});

describe("W9 preview", () => {
  test("W9 what would be written if every open leg closed now", () => {
    const interaction = interactionOf({ legs: [legOf()] });
    const shown = preview(
      interaction,
      setupOf({
        map: {
          ...plainMapping,
          otherwise: {
            type: "Log",
            fields: { Talk: { fact: "talkSeconds" }, Title: { fact: "subject" } },
          },
        },
      }),
      [],
      nineOClock + 70_000,
    );
    expect(shown.entries.map(({ fields, roles }) => [fields, roles])).toEqual([
      [{ Talk: 60, Title: "Marianne Dashwood" }, { who: [{ type: "contact", id: "1" }] }],
    ]);
    expect(shown.missing).toEqual(["disposition"]);
    expect(interaction.legs[0]?.closed).toBeUndefined();
  });

  test("W9 what is missing and what would be shortened, each once", () => {
    const shown = preview(
      interactionOf({ links: [], legs: [legOf({ disposition: "ok" })] }),
      setupOf({ unlinked: "log", ownerOf: () => ({ fallback: true }) }),
      [],
    );
    expect(shown).toMatchObject({ missing: ["link"], ownerFallback: true });
    const many = preview(
      interactionOf({ links: [linkOf("contact/1"), linkOf("contact/2")] }),
      setupOf({ ownerOf: () => ({ fallback: true }) }),
      [],
    );
    expect(many.entries).toHaveLength(2);
    expect(many.warnings).toHaveLength(1);
    expect(many.missing).toEqual([]);
  });
});
