import { describe, expect, test } from "vitest";
import { type Linked, seatsFor } from "./seats.ts";
import type { RecordName } from "./story.ts";

const links = (...names: readonly RecordName[]): readonly Linked[] =>
  names.map((record) => ({ record, parents: [] }));

describe("K4 what the proof believes of Salesforce's rule: one person and one thing per Task, nothing beside a lead", () => {
  test("a contact and a case share one Task", () => {
    expect(seatsFor(links("Contact:1", "Case:1"))).toEqual([{ who: "Contact:1", what: "Case:1" }]);
  });

  test("two contacts need two Tasks, and the case goes with the first", () => {
    expect(seatsFor(links("Contact:1", "Contact:2", "Case:1"))).toEqual([
      { who: "Contact:1", what: "Case:1" },
      { who: "Contact:2" },
    ]);
  });

  test("a case comes before an account, whichever was linked first", () => {
    expect(seatsFor(links("Account:1", "Case:1", "Contact:1"))).toEqual([
      { who: "Contact:1", what: "Case:1" },
      { what: "Account:1" },
    ]);
  });

  test("a lead stands alone", () => {
    expect(seatsFor(links("Lead:1", "Case:1"))).toEqual([{ who: "Lead:1" }, { what: "Case:1" }]);
  });

  test("an account above a linked case needs no place of its own", () => {
    expect(
      seatsFor([
        { record: "Account:1", parents: [] },
        { record: "Case:1", parents: ["Account:1"] },
      ]),
    ).toEqual([{ what: "Case:1" }]);
  });

  test("no link, no Task", () => {
    expect(seatsFor([])).toEqual([]);
  });
});
