import { describe, expect, test } from "vitest";
import { expectedOf } from "./expected.ts";
import type { Action } from "./story.ts";
import { accept, brief, linked, story, talked, wrapped } from "./told-briefly.ts";

describe("what the proof expects of calls, read from the story", () => {
  test("L1 one activity, due when the wrap-up is over and not at the end of talk", () => {
    expect(brief(story("voice", accept("a", "A"), linked, talked("a"), wrapped("a")))).toEqual([
      "A Contact:1 @4",
    ]);
  });

  test("L1 without wrap-up it is due at the end of talk", () => {
    expect(
      brief(story("voice", accept("a", "A"), linked, { do: "endTalk", leg: "a", wrapUp: "none" })),
    ).toEqual(["A Contact:1 @3"]);
  });

  test("L4 a cold transfer gives two, each due at its own wrap-up's end", () => {
    const of = story(
      "voice",
      accept("a", "A"),
      linked,
      { do: "transfer", leg: "a" },
      accept("b", "B"),
      talked("b"),
      wrapped("b"),
      wrapped("a"),
    );
    expect(brief(of)).toEqual(["A Contact:1 @7", "B Contact:1 @6"]);
  });

  test("L4 a consulted agent who never joins the customer gives none, one who joins gives one", () => {
    const consult: Action = { do: "accept", leg: "b", agent: "B", role: "consult" };
    expect(
      brief(
        story("voice", accept("a", "A"), linked, consult, talked("b"), talked("a"), wrapped("a")),
      ),
    ).toEqual(["A Contact:1 @6"]);
    const joined = story(
      "voice",
      accept("a", "A"),
      linked,
      consult,
      { do: "joinCustomer", leg: "b" },
      talked("a"),
      wrapped("a"),
      talked("b"),
      wrapped("b"),
    );
    expect(brief(joined)).toEqual(["A Contact:1 @6", "B Contact:1 @8"]);
  });

  test("L5 offers nobody took and an abandoned call give none; an unanswered outbound call one, when it stops ringing", () => {
    expect(
      brief(
        story(
          "voice",
          { do: "offer", offer: "1", agent: "A" },
          { do: "endOffer", offer: "1", outcome: "timedOut" },
          { do: "abandon" },
        ),
      ),
    ).toEqual([]);
    expect(
      brief(story("voice", { do: "dial", leg: "a", agent: "A" }, linked, talked("a"))),
    ).toEqual(["A Contact:1 @3"]);
  });

  test("L6 ends in the wrong order and twice: one activity, due when both ends are known", () => {
    expect(
      brief(
        story(
          "voice",
          accept("a", "A"),
          linked,
          wrapped("a"),
          wrapped("a"),
          talked("a"),
          talked("a"),
        ),
      ),
    ).toEqual(["A Contact:1 @5"]);
  });

  test("L7 a lost wrap-up is due 15 minutes after the end of talk", () => {
    expect(brief(story("voice", accept("a", "A"), linked, talked("a")))).toEqual([
      "A Contact:1 @3+15min",
    ]);
  });

  test("K1 unlinked in time leaves nothing; K8 a call nobody linked gives none", () => {
    expect(
      brief(
        story(
          "voice",
          accept("a", "A"),
          linked,
          { do: "unlink", record: "Contact:1" },
          talked("a"),
          wrapped("a"),
        ),
      ),
    ).toEqual([]);
    expect(brief(story("voice", accept("a", "A"), talked("a"), wrapped("a")))).toEqual([]);
  });

  test("K2 a link made after the first agent was done belongs to the second one's activity only", () => {
    const of = story(
      "voice",
      accept("a", "A"),
      linked,
      { do: "transfer", leg: "a" },
      accept("b", "B"),
      wrapped("a"),
      { do: "link", record: "Case:1" },
      talked("b"),
      wrapped("b"),
    );
    expect(brief(of)).toEqual(["A Contact:1 @5", "B Contact:1 Case:1 @8"]);
  });

  test("K9 a merged record is followed; a deleted one parks, as does what the org's rule refuses", () => {
    expect(
      brief(
        story(
          "voice",
          accept("a", "A"),
          linked,
          talked("a"),
          { do: "crmMerges", winner: "Contact:2", loser: "Contact:1" },
          wrapped("a"),
        ),
      ),
    ).toEqual(["A Contact:2 @5"]);
    expect(
      brief(
        story(
          "voice",
          accept("a", "A"),
          linked,
          { do: "crmDeletes", record: "Contact:1" },
          talked("a"),
          wrapped("a"),
        ),
      ),
    ).toEqual(["A Contact:1 @5 parked"]);
    expect(
      brief(story("voice", accept("a", "A"), linked, talked("a"), wrapped("a", "Test call"))),
    ).toEqual(["A Contact:1 @4 parked"]);
  });
});

describe("what the proof expects of digital interactions", () => {
  test("L2 L9 transferred: one activity, due at the transfer, in the end the last agent's", () => {
    const of = story(
      "chat",
      accept("a", "A"),
      linked,
      { do: "transfer", leg: "a" },
      accept("b", "B"),
      { do: "unassign", leg: "b", disposition: "Refund" },
    );
    expect(brief(of)).toEqual(["B Contact:1 @3"]);
    expect(expectedOf(of, "salesforce")[0]?.disposition).toBe("Refund");
  });

  test("L2 messages never make it due; closing it while assigned does", () => {
    expect(
      brief(story("chat", accept("a", "A"), linked, { do: "message", from: "customer" })),
    ).toEqual([]);
    expect(
      brief(
        story(
          "chat",
          accept("a", "A"),
          linked,
          { do: "setStatus", status: "closed" },
          { do: "unassign", leg: "a" },
        ),
      ),
    ).toEqual(["A Contact:1 @3"]);
  });

  test("E24 reopened: the same activity, with the case created later", () => {
    const of = story(
      "email",
      accept("a", "A"),
      linked,
      { do: "unassign", leg: "a" },
      accept("b", "B"),
      { do: "createCase", record: "Case:new", subject: "s" },
      { do: "unassign", leg: "b" },
    );
    expect(brief(of)).toEqual(["B Contact:1 Case:new @3"]);
  });
});
