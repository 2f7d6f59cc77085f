import { describe, expect, test } from "vitest";
import type { Linked } from "./seat.ts";
import { seatRules } from "./seats.ts";
import type { Channel } from "@wrapup/core";
import type { RecordName, Story } from "./story.ts";

const links = (...names: readonly RecordName[]): readonly Linked[] =>
  names.map((record) => ({ record, parents: [] }));

/** Each activity's places. */
const seats = (linked: readonly Linked[]): readonly Readonly<Record<string, RecordName>>[] =>
  seatRules
    .salesforce(linked, { channel: "voice", direction: "inbound" })
    .map(({ places }) => Object.fromEntries(places.map(({ as, record }) => [as, record])));

describe("K4 what the proof believes of Salesforce's rule: one person and one thing per Task, nothing beside a lead", () => {
  test("a contact and a case share one Task", () => {
    expect(seats(links("Contact:1", "Case:1"))).toEqual([{ who: "Contact:1", what: "Case:1" }]);
  });

  test("two contacts need two Tasks, and the case goes with the first", () => {
    expect(seats(links("Contact:1", "Contact:2", "Case:1"))).toEqual([
      { who: "Contact:1", what: "Case:1" },
      { who: "Contact:2" },
    ]);
  });

  test("a case comes before an account, whichever was linked first", () => {
    expect(seats(links("Account:1", "Case:1", "Contact:1"))).toEqual([
      { who: "Contact:1", what: "Case:1" },
      { what: "Account:1" },
    ]);
  });

  test("a lead stands alone", () => {
    expect(seats(links("Lead:1", "Case:1"))).toEqual([{ who: "Lead:1" }, { what: "Case:1" }]);
  });

  test("an account above a linked case needs no place of its own", () => {
    expect(
      seats([
        { record: "Account:1", parents: [] },
        { record: "Case:1", parents: ["Account:1"] },
      ]),
    ).toEqual([{ what: "Case:1" }]);
  });

  test("no link, no Task", () => {
    expect(seats([])).toEqual([]);
  });
});

describe("K4 what the proof believes of Dataverse's rule: people are parties by direction, one record is regarded, a task has no parties", () => {
  const brief = (
    channel: Channel,
    direction: Story["direction"],
    ...names: readonly RecordName[]
  ): readonly string[] =>
    seatRules
      .dynamics(links(...names), { channel, direction })
      .map(({ kind, places, agentAs }) =>
        [
          kind,
          ...places.map(({ as, record }) => `${as} ${record}`),
          `agent ${agentAs ?? "-"}`,
        ].join(", "),
      );

  test("a call names its caller, the agent and the case in one phone call", () => {
    expect(brief("voice", "inbound", "Contact:1", "Case:1")).toEqual([
      "phonecall, from Contact:1, regarding Case:1, agent to",
    ]);
    expect(brief("voice", "outbound", "Contact:1")).toEqual([
      "phonecall, to Contact:1, agent from",
    ]);
  });

  test("two people, a lead and a company are parties of one phone call; two cases need two", () => {
    expect(brief("voice", "inbound", "Account:1", "Lead:1", "Contact:1", "Contact:2")).toEqual([
      "phonecall, from Contact:1, from Contact:2, from Lead:1, from Account:1, agent to",
    ]);
    expect(brief("voice", "inbound", "Contact:1", "Case:1", "Case:2")).toEqual([
      "phonecall, from Contact:1, regarding Case:1, agent to",
      "phonecall, regarding Case:2, agent to",
    ]);
  });

  test("an inbound email has one sender", () => {
    expect(brief("email", "inbound", "Contact:1", "Contact:2")).toEqual([
      "email, from Contact:1, cc Contact:2, agent to",
    ]);
  });

  test("a chat is a task for each record, the case first", () => {
    expect(brief("chat", "inbound", "Contact:1", "Case:1")).toEqual([
      "task, regarding Case:1, agent -",
      "task, regarding Contact:1, agent -",
    ]);
  });

  test("no link, no activity", () => {
    expect(brief("voice", "inbound")).toEqual([]);
  });
});
