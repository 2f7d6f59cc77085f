import { describe, expect, test } from "vitest";
import { expectedOf } from "./expected.ts";
import { accept, brief, linked, story, talked, wrapped } from "./told-briefly.ts";

describe("what the proof expects of two CRMs at once", () => {
  test("K4 what is linked in both is written in both, each by its own rules", () => {
    const of = story(
      "chat",
      accept("a", "A"),
      linked,
      { do: "link", record: "Case:1" },
      { do: "unassign", leg: "a", disposition: "Refund" },
    );
    expect(brief(of)).toEqual(["A Contact:1 Case:1 @4"]);
    expect(brief(of, "dynamics")).toEqual(["A Case:1 @4", "A Contact:1 @4"]);
    expect(expectedOf(of, "dynamics").map(({ kind }) => kind)).toEqual(["task", "task"]);
  });

  test("K1 what happens in one of them only, is expected there only", () => {
    const of = story(
      "voice",
      accept("a", "A"),
      { ...linked, in: ["dynamics"] },
      talked("a"),
      wrapped("a"),
    );
    expect(brief(of)).toEqual([]);
    expect(brief(of, "dynamics")).toEqual(["A Contact:1 @4"]);
    expect(brief({ ...of, crms: ["salesforce"] }, "dynamics")).toEqual([]);
  });

  test("K9 a record deleted in one of them parks there, and the other is written", () => {
    const of = story(
      "voice",
      accept("a", "A"),
      linked,
      { do: "crmDeletes", record: "Contact:1", in: ["salesforce"] },
      talked("a"),
      wrapped("a"),
    );
    expect(brief(of)).toEqual(["A Contact:1 @5 parked"]);
    expect(brief(of, "dynamics")).toEqual(["A Contact:1 @5"]);
  });

  test("L8 a note for the CRM must be in the activity or at it; one for colleagues need not", () => {
    const told = (inCrm: boolean) =>
      expectedOf(
        story("voice", accept("a", "A"), linked, talked("a"), wrapped("a"), {
          do: "note",
          text: "found",
          ...(inCrm && { inCrm }),
        }),
        "dynamics",
      ).map(({ says }) => says);
    expect(told(true)).toEqual(["found"]);
    expect(told(false)).toEqual([undefined]);
  });
});
