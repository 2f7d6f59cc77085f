import { describe, expect, test } from "vitest";
import type { Expected } from "./expected.ts";
import { paintFor } from "./paint.ts";
import { jsonOf, proofText } from "./proof-text.ts";
import { prove, type Wanted } from "./proof.ts";
import { type CrmResult, faultsOf, type Result } from "./result.ts";
import { busyHalfHour } from "./scenario.ts";
import { costOf, tableOf } from "./table.ts";

const scenario = busyHalfHour({ seed: 1, interactions: 1, crms: ["salesforce"] });
const [story] = scenario.stories;
const begin = 1_000_000;
const expected: Expected = {
  interaction: story?.id ?? "",
  plot: story?.plot ?? "",
  agent: "agent-1",
  kind: "Task",
  places: [],
  due: { scene: 3, afterMs: 0 },
  latest: { scene: 3, afterMs: 0 },
  fate: "written",
};
const wanted: Wanted = {
  interaction: expected.interaction,
  kind: "Task",
  owner: "u",
  places: ["who c"],
  disposition: undefined,
  says: undefined,
  dueAt: begin + 60_000,
  latestAt: begin + 60_000,
  fate: "written",
};
const found = {
  interaction: expected.interaction,
  key: "k",
  kind: "Task",
  owner: "u",
  places: ["who c"],
  disposition: "Done",
  says: "",
  done: true,
  createdAt: begin + 70_000,
  modifiedAt: begin + 70_000,
};

const inCrm = (more: Partial<CrmResult> = {}): CrmResult => ({
  crm: "salesforce",
  lines: [{ expected, wanted, writtenAt: found.createdAt }],
  verdict: prove([wanted], [found]),
  cases: { wanted: 0, missing: [], twice: [] },
  activities: 1,
  spent: { all: 12, writing: 3, looking: 4, agents: 0, describing: 5, onePerRecord: 9 },
  told: { written: 1, retries: 2, pauses: new Map([["throttled", 1]]) },
  parked: [],
  parkedWrongly: [],
  ...more,
});

const result = (more: Partial<Result> = {}): Result => ({
  scenario,
  seconds: 9,
  begin,
  crms: [inCrm()],
  failures: [],
  killed: 1,
  underWay: 1,
  refused: [],
  unfinished: 0,
  ...more,
});

const both = result({ crms: [inCrm(), inCrm({ crm: "dynamics" })] });

const plain = paintFor({ isTTY: false });

describe("what the demo says", () => {
  test("one JSON object for machines, with the promised names first", () => {
    expect(jsonOf(result())).toMatch(
      /^\{"interactions":1,"activities":1,"apiCalls":12,"missing":0,"duplicates":0,"early":0,"parked":0,"killed":1,/u,
    );
  });

  test("a section per CRM in it, which add up", () => {
    const said: unknown = JSON.parse(jsonOf(both));
    expect(said).toMatchObject({
      interactions: 1,
      activities: 2,
      apiCalls: 24,
      retries: 4,
      killed: 1,
      crms: {
        salesforce: { activities: 1, apiCalls: 12, missing: 0, duplicates: 0, early: 0, parked: 0 },
        dynamics: { activities: 1, apiCalls: 12, missing: 0, duplicates: 0, early: 0, parked: 0 },
      },
    });
  });

  test("a table row per kind of interaction: how many, when due, how many activities, how soon", () => {
    expect(tableOf(result())[2]).toMatch(
      /^Call, answered and wrapped up +1 +after the agent's wrap-up +09:01 - 09:01 +1 +10 s$/u,
    );
  });

  test("of several CRMs a pair of columns each, and their names before what each cost and proves", () => {
    expect(tableOf(both)[0]).toMatch(/Salesforce +within +Dynamics 365 +within$/u);
    expect(tableOf(both)[2]).toMatch(/wrap-up +1 +10 s +1 +10 s$/u);
    for (const text of [costOf(both), proofText(both, plain)])
      expect(text.filter((line) => /^(?:Salesforce|Dynamics 365)$/u.test(line))).toHaveLength(2);
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

  test.each<readonly [string, Partial<CrmResult>, string]>([
    ["missing", { verdict: prove([wanted], []) }, "1 activity is missing"],
    ["twice", { verdict: prove([wanted], [found, found]) }, "1 activity is there twice"],
    [
      "early",
      { verdict: prove([wanted], [{ ...found, createdAt: begin }]) },
      "1 activity was written early: before it became due",
    ],
    [
      "misfiled",
      { verdict: prove([wanted], [{ ...found, places: ["who x"] }]) },
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
  ])("%s: one fault, one cross", (_what, more, fault) => {
    const wrong = result({ crms: [inCrm(more)] });
    expect(faultsOf(wrong)).toEqual([fault]);
    expect(proofText(wrong, plain).filter((line) => line.startsWith("  ✗ "))).toHaveLength(1);
    const other = result({ crms: [inCrm(), inCrm({ ...more, crm: "dynamics" })] });
    expect(faultsOf(other)).toEqual([`Dynamics 365: ${fault}`]);
  });

  test.each<readonly [string, Partial<Result>, string]>([
    ["a refused command", { refused: ["i: no"] }, "1 command of the app was refused"],
    ["unfinished", { unfinished: 2 }, "2 pieces of work were still waiting at the end"],
  ])("%s: one fault, one cross", (_what, more, fault) => {
    expect(faultsOf(result(more))).toEqual([fault]);
    expect(proofText(result(more), plain).filter((line) => line.startsWith("  ✗ "))).toHaveLength(
      1,
    );
  });
});
