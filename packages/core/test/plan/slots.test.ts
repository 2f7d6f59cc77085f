import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect } from "vitest";
import type { Link } from "../../src/model/interaction.ts";
import { recordKey } from "../../src/model/record.ts";
import type { Row } from "../../src/model/ledger.ts";
import { seat, type Seating, type Slot } from "../../src/plan/slots.ts";
import { entryOf, linkOf, partiesRegarding, rowOf, whoWhat, writtenRow } from "./building.ts";

const seated = (
  links: readonly Link[],
  rows: readonly Row[] = [],
  rules = whoWhat,
  evenUnlinked = false,
): Seating => seat({ rules, links, rows, evenUnlinked });

const shown = ({ slots }: Seating): readonly string[] =>
  slots.map(
    ({ n, roles }) =>
      `${n}: ${Object.entries(roles)
        .map(([role, records]) => `${role} ${records.map(recordKey).join("+")}`)
        .join(", ")}`,
  );

/** The ledger after everything wanted was written. */
const writtenAll = ({ slots }: Seating, over: Partial<Row> = {}): readonly Row[] =>
  slots.map((slot: Slot) =>
    writtenRow(entryOf({ key: `k-${slot.n}`, slot: slot.n, roles: slot.roles }), over),
  );

const link = linkOf;

describe("K4 few activities as the CRM's rules allow", () => {
  test("K4 one who and one what share an activity; the second of a role opens another", () => {
    const links = [link("contact/1"), link("case/1"), link("contact/2")];
    expect(shown(seated(links))).toEqual(["0: what case/1, who contact/1", "1: who contact/2"]);
  });

  test("K4 the order of the what is case, opportunity, others, account, however they were linked", () => {
    const links = [link("account/1"), link("asset/1"), link("opportunity/1"), link("case/1")];
    expect(shown(seated(links))).toEqual([
      "0: what case/1",
      "1: what opportunity/1",
      "2: what asset/1",
      "3: what account/1",
    ]);
  });

  test("K4 a lead excludes a what, in either order", () => {
    expect(shown(seated([link("lead/1"), link("case/1")]))).toEqual([
      "0: what case/1",
      "1: who lead/1",
    ]);
    const leadFirst = seated([link("lead/1")]);
    expect(shown(seated([link("lead/1"), link("case/1")], writtenAll(leadFirst)))).toEqual([
      "0: who lead/1",
      "1: what case/1",
    ]);
  });

  test("K4 many parties and one regarding take one activity", () => {
    const links = [
      link("contact/1"),
      link("contact/2"),
      link("lead/1"),
      link("case/1"),
      link("case/2"),
    ];
    expect(shown(seated(links, [], partiesRegarding))).toEqual([
      "0: regarding case/1, party contact/1+contact/2+lead/1",
      "1: regarding case/2",
    ]);
  });

  test("K4 an account reached through the case counts as written and takes no slot", () => {
    const links = [link("account/1"), link("case/1", { parents: [{ type: "account", id: "1" }] })];
    expect(shown(seated(links))).toEqual(["0: what case/1"]);
  });

  test("K4 a contact whose own case is linked too keeps its place beside it", () => {
    const parents = [
      { type: "contact", id: "1" },
      { type: "account", id: "1" },
    ];
    const links = [link("contact/1"), link("account/1"), link("case/1", { parents })];
    expect(shown(seated(links))).toEqual(["0: what case/1, who contact/1"]);
  });

  test("K4 an account that already has a written place keeps it", () => {
    const first = seated([link("account/1")]);
    const links = [link("account/1"), link("case/1", { parents: [{ type: "account", id: "1" }] })];
    expect(shown(seated(links, writtenAll(first)))).toEqual([
      "0: what account/1",
      "1: what case/1",
    ]);
  });

  test("K4 an account gets a place once the case that covered it is unlinked", () => {
    const first = seated([
      link("account/1"),
      link("case/1", { parents: [{ type: "account", id: "1" }] }),
    ]);
    expect(shown(seated([link("account/1")], writtenAll(first)))).toEqual(["1: what account/1"]);
  });

  test("K4 records that name each other as parent do not both vanish, and a chain is covered from its end", () => {
    const circle = [
      link("case/1", { parents: [{ type: "case", id: "2" }] }),
      link("case/2", { parents: [{ type: "case", id: "1" }] }),
    ];
    expect(shown(seated(circle))).toEqual(["0: what case/1"]);
    const chain = [
      link("account/9"),
      link("account/1", { parents: [{ type: "account", id: "9" }] }),
      link("case/1", { parents: [{ type: "account", id: "1" }] }),
    ];
    expect(shown(seated(chain))).toEqual(["0: what case/1"]);
  });

  test("K4 a link that no role takes is named, not dropped", () => {
    const rules = { ...whoWhat, roles: [{ name: "who", types: ["contact"], max: 1 }] };
    const { slots, unplaced } = seated([link("contact/1"), link("case/1")], [], rules);
    expect(slots).toHaveLength(1);
    expect(unplaced.map(({ record }) => record.type)).toEqual(["case"]);
  });

  test("K4 an interaction whose only link has no place is written without it all the same", () => {
    const rules = { ...whoWhat, roles: [{ name: "who", types: ["contact"], max: 1 }] };
    expect(seated([link("case/1")], [], rules)).toMatchObject({
      slots: [{ n: 0, roles: {} }],
      unplaced: [{ record: { id: "1" } }],
    });
  });
});

describe("K4 slots stay true to what was written", () => {
  test("K4 a written link keeps its slot, and a new one takes the room that is left", () => {
    const rows = writtenAll(seated([link("contact/1"), link("contact/2")]));
    const links = [link("case/1"), link("contact/2"), link("contact/1")];
    expect(shown(seated(links, rows))).toEqual([
      "0: who contact/1, what case/1",
      "1: who contact/2",
    ]);
  });

  test("K4 a slot number is never used twice", () => {
    const rows = writtenAll(seated([link("contact/1")]), { state: "removed" });
    expect(shown(seated([link("contact/1")], rows))).toEqual(["1: who contact/1"]);
  });

  test("W3 a slot that is being taken away is not used again", () => {
    const rows = writtenAll(seated([link("contact/1")]), { removing: true, maybeSent: true });
    expect(shown(seated([link("contact/1")], rows))).toEqual(["1: who contact/1"]);
  });

  test("W3 what may have been sent holds its slot though nothing is known to be written", () => {
    const rows = [
      rowOf({
        maybeSent: true,
        sending: entryOf({ slot: 3, roles: { who: [{ type: "contact", id: "1" }] } }),
      }),
    ];
    expect(shown(seated([link("contact/1"), link("contact/2")], rows))).toEqual([
      "3: who contact/1",
      "4: who contact/2",
    ]);
  });

  test("K6 what a person deleted keeps its links: they are not written again, others are", () => {
    const rows = writtenAll(seated([link("contact/1")]), { state: "gone" });
    expect(shown(seated([link("contact/1"), link("contact/2")], rows))).toEqual([
      "1: who contact/2",
    ]);
  });

  test("K6 what a person deleted still covers the account above it", () => {
    const child = link("case/1", { parents: [{ type: "account", id: "1" }] });
    const rows = writtenAll(seated([child]), { state: "gone" });
    expect(seated([child, link("account/1")], rows).slots).toEqual([]);
  });

  test("K9 a merged or converted record keeps the slot of its old name", () => {
    const rows = writtenAll(seated([link("lead/1")]));
    const converted = link("contact/7", { was: [{ type: "lead", id: "1" }] });
    expect(shown(seated([converted, link("case/1")], rows))).toEqual([
      "0: who contact/7, what case/1",
    ]);
  });
});

describe("K8 without links", () => {
  test("K8 an unlinked activity takes the first link that comes", () => {
    const rows = writtenAll(seated([], [], whoWhat, true));
    expect(rows).toHaveLength(1);
    expect(shown(seated([link("contact/1")], rows, whoWhat, true))).toEqual(["0: who contact/1"]);
  });

  test("K8 where unlinked ones are logged, the last unlink empties the activity instead of replacing it", () => {
    const rows = writtenAll(seated([link("contact/1"), link("contact/2")]));
    expect(seated([], rows, whoWhat, true).slots).toEqual([{ n: 0, roles: {} }]);
    expect(seated([], rows).slots).toEqual([]);
  });

  test("K6 K8 an unlinked activity that a person deleted is not made again", () => {
    const rows = writtenAll(seated([], [], whoWhat, true), { state: "gone" });
    expect(seated([], rows, whoWhat, true).slots).toEqual([]);
  });
});

const placeIn = (seating: Seating, key: string): number | undefined =>
  seating.slots.find(({ roles }) =>
    Object.values(roles)
      .flat()
      .some((each) => recordKey(each) === key),
  )?.n;

const record = fc
  .tuple(fc.constantFrom("contact", "lead", "case", "account", "asset"), fc.nat(4))
  .map(([type, id]) => `${type}/${id}`);
const anyLinks = fc
  .uniqueArray(record, { maxLength: 8 })
  .map((names) => names.map((name) => link(name)));
const anyRules = fc.constantFrom(whoWhat, partiesRegarding);

describe("K4 always", () => {
  test.prop([anyLinks, anyRules])(
    "every link has exactly one place, within the rules",
    (links, rules) => {
      const { slots, unplaced } = seated(links, [], rules);
      const places = slots.flatMap(({ roles }) => Object.values(roles).flat().map(recordKey));
      expect(places.toSorted()).toEqual(links.map((each) => recordKey(each.record)).toSorted());
      expect(unplaced).toEqual([]);
      for (const { roles } of slots) {
        for (const role of rules.roles)
          expect(roles[role.name]?.length ?? 0).toBeLessThanOrEqual(role.max);
        const leads = Object.values(roles)
          .flat()
          .some(({ type }) => type === "lead");
        if (rules === whoWhat && leads) expect(roles["what"]).toBeUndefined();
      }
    },
  );

  test.prop([anyLinks, anyLinks, anyRules])(
    "planning again changes nothing, and what stays linked stays where it is",
    (before, after, rules) => {
      const first = seated(before, [], rules);
      const rows = writtenAll(first);
      expect(seated(before, rows, rules).slots).toEqual(first.slots);
      const second = seated(after, rows, rules);
      for (const { record } of after)
        if (before.some((each) => recordKey(each.record) === recordKey(record)))
          expect(placeIn(second, recordKey(record))).toBe(placeIn(first, recordKey(record)));
    },
  );
});
