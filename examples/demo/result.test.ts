import { describe, expect, test } from "vitest";
import type { Expected } from "./expected.ts";
import { paintFor } from "./paint.ts";
import { jsonOf, proofText } from "./proof-text.ts";
import { prove, type Wanted } from "./proof.ts";
import { faultsOf, type Result } from "./result.ts";
import { busyHalfHour } from "./scenario.ts";
import { costOf, tableOf } from "./table.ts";

const scenario = busyHalfHour({ seed: 1, interactions: 1 });
const [story] = scenario.stories;
const begin = 1_000_000;
const expected: Expected = {
  interaction: story?.id ?? "",
  plot: story?.plot ?? "",
  agent: "agent-1",
  due: { scene: 3, afterMs: 0 },
  latest: { scene: 3, afterMs: 0 },
  fate: "written",
};
const wanted: Wanted = {
  interaction: expected.interaction,
  owner: "u",
  who: "c",
  what: undefined,
  disposition: undefined,
  dueAt: begin + 60_000,
  latestAt: begin + 60_000,
  fate: "written",
};
const found = {
  interaction: expected.interaction,
  key: "k",
  owner: "u",
  who: "c",
  what: undefined,
  disposition: "Done",
  createdAt: begin + 70_000,
  modifiedAt: begin + 70_000,
};

const result = (more: Partial<Result> = {}): Result => ({
  scenario,
  seconds: 9,
  begin,
  lines: [{ expected, wanted, writtenAt: found.createdAt }],
  verdict: prove([wanted], [found]),
  cases: { wanted: 0, missing: [], twice: [] },
  activities: 1,
  spent: { all: 12, writing: 3, looking: 4, agents: 0, describing: 5, onePerRecord: 9 },
  told: { written: 1, retries: 2, pauses: new Map([["throttled", 1]]), parked: 0, failures: [] },
  parked: [],
  parkedWrongly: [],
  killed: 1,
  underWay: 1,
  refused: [],
  unfinished: 0,
  ...more,
});

const plain = paintFor({ isTTY: false });

describe("what the demo says", () => {
  test("one JSON object for machines, with the promised names first", () => {
    expect(jsonOf(result())).toMatch(
      /^\{"interactions":1,"activities":1,"apiCalls":12,"missing":0,"duplicates":0,"early":0,"parked":0,"killed":1,/u,
    );
  });

  test("a table row per kind of interaction: how many, when due, how many activities, how soon", () => {
    expect(tableOf(result())[2]).toMatch(
      /^Call, answered and wrapped up +1 +after the agent's wrap-up +09:01 - 09:01 +1 +10 s$/u,
    );
  });

  test("what it cost, beside one call per record", () => {
    expect(costOf(result()).join("\n")).toContain("would have been 9 instead of 7 for 1 activity");
  });

  test("nothing is coloured where nobody looks at a terminal", () => {
    expect(proofText(result(), plain).join("\n")).not.toContain("\u001B");
    expect(proofText(result(), paintFor({ isTTY: true }, {})).join("\n")).toContain("\u001B[32m");
    expect(
      proofText(result(), paintFor({ isTTY: true }, { NO_COLOR: "1" })).join("\n"),
    ).not.toContain("\u001B");
  });
});

describe("the proof's verdict in words", () => {
  test("holds: no fault, every line a tick", () => {
    expect(faultsOf(result())).toEqual([]);
    expect(proofText(result(), plain).every((line) => line.startsWith("  ✓ "))).toBe(true);
  });

  test.each<readonly [string, Partial<Result>, string]>([
    ["missing", { verdict: prove([wanted], []) }, "1 activity is missing"],
    ["twice", { verdict: prove([wanted], [found, found]) }, "1 activity is there twice"],
    [
      "early",
      { verdict: prove([wanted], [{ ...found, createdAt: begin }]) },
      "1 activity was written early: before it became due",
    ],
    [
      "misfiled",
      { verdict: prove([wanted], [{ ...found, who: "x" }]) },
      "1 activity is on the wrong record or under the wrong agent",
    ],
    [
      "outdated",
      { verdict: prove([{ ...wanted, disposition: "New" }], [found]) },
      "1 activity holds an earlier state",
    ],
    ["unexpected", { verdict: prove([], [found]) }, "1 activity is there that nobody asked for"],
    [
      "a case missing",
      { cases: { wanted: 1, missing: ["s"], twice: [] } },
      "1 case of an agent is missing",
    ],
    [
      "a case twice",
      { cases: { wanted: 1, missing: [], twice: ["s"] } },
      "1 case of an agent is there twice",
    ],
    [
      "parked wrongly",
      { parkedWrongly: ["i"] },
      "1 interaction is parked, or should be and is not",
    ],
    ["a refused command", { refused: ["i: no"] }, "1 command of the app was refused"],
    ["unfinished", { unfinished: 2 }, "2 pieces of work were still waiting at the end"],
  ])("%s: one fault, one cross", (_what, more, fault) => {
    expect(faultsOf(result(more))).toEqual([fault]);
    expect(proofText(result(more), plain).filter((line) => line.startsWith("  ✗ "))).toHaveLength(
      1,
    );
  });
});
