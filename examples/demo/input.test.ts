import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { expectedAfter } from "./expected.ts";
import { readFlags } from "./flags.ts";
import { parseInput, readInput } from "./input.ts";
import { realRecordings } from "./real.ts";
import { replayOf } from "./replay.ts";
import { crmNames } from "./story.ts";

const call = {
  id: "c-1",
  channel: "voice",
  customer: { name: "Pat Brown" },
  legs: [
    {
      agent: "Eli",
      start: "2026-01-05T09:00:00Z",
      end: "2026-01-05T09:02:00Z",
      wrapUpEnd: "2026-01-05T09:03:00Z",
    },
    {
      agent: "Rob",
      start: "2026-01-05T09:02:05Z",
      end: "2026-01-05T09:05:00Z",
      wrapUpEnd: "2026-01-05T09:05:30Z",
    },
  ],
  links: [{ type: "Contact", name: "Pat Brown" }],
};
const [leg] = call.legs;
const crms = crmNames;
const recordOf = ({ record }: { readonly record: string }): string => record;

describe("O5 recorded interactions are validated at the door", () => {
  test.each([
    ["not JSON", "{", "f:1: is not JSON"],
    ["no object", "[]", "f:1: must be an object"],
    ["an unknown field", { ...call, colour: 1 }, "f:1: colour: is not known here"],
    ["an unknown channel", { ...call, channel: "fax" }, "f:1: channel: must be one of voice, chat"],
    ["no leg", { ...call, legs: [] }, "f:1: legs: must name at least one"],
    [
      "a time without its zone",
      { ...call, legs: [{ ...leg, start: "2026-01-05T09:00:00" }] },
      "f:1: legs[0].start: must be a time with its zone",
    ],
    [
      "an end before its start",
      { ...call, legs: [{ ...leg, end: "2026-01-05T08:00:00Z" }] },
      "f:1: legs[0].end: must not be before start",
    ],
    [
      "a wrap-up in a chat",
      { ...call, channel: "chat" },
      "f:1: legs[0].wrapUpEnd: is not known here",
    ],
    [
      "a link to no type",
      { ...call, links: [{ type: "Thing", name: "x" }] },
      "f:1: links[0].type: must be one of",
    ],
    ["no id", { ...call, id: "" }, "f:1: id: must be a text"],
  ])("%s is refused with file, line and field", (_what, line, message) => {
    expect(() => parseInput(typeof line === "string" ? line : JSON.stringify(line), "f")).toThrow(
      message,
    );
  });

  test("the line is the file's own, empty lines counted, and an id stands only once", () => {
    const line = JSON.stringify(call);
    expect(() => parseInput(`${line}\n\n${line}`, "f")).toThrow(
      'f:3: id: "c-1" stands in an earlier line too',
    );
    expect(() => parseInput("\n", "f")).toThrow("f: holds no interaction");
  });

  test("a file that is not there is said so", async () => {
    await expect(readInput("no-such-file.jsonl")).rejects.toThrow(
      "no-such-file.jsonl: cannot be read (ENOENT)",
    );
  });
});

describe("INPUT.md", () => {
  test("its example is accepted, and gives the activities that a reader expects", async () => {
    const page = await readFile(new URL("INPUT.md", import.meta.url), "utf8");
    const example = /```json\n([^`]+)```/u.exec(page)?.[1] ?? "";
    const { activities } = expectedAfter(
      replayOf(parseInput(example, "INPUT.md"), crms, []),
      "salesforce",
    );
    expect(
      activities.map(({ interaction, places }) => [interaction, ...places.map(recordOf)]),
    ).toEqual([
      ["c-1", "Contact:Patricia Brown"],
      ["m-1", "Contact:Crystal Minh", "Case:Wrong size"],
    ]);
  });
});

describe("a replay", () => {
  test("L4 plays a second leg as a transfer, with two activities on the linked record", () => {
    const scenario = replayOf(parseInput(JSON.stringify(call), "f"), crms, []);
    expect(scenario.stories[0]?.scenes.map((scene) => scene.do)).toEqual([
      "start",
      "accept",
      "link",
      "transfer",
      "accept",
      "completeWrapUp",
      "endTalk",
      "completeWrapUp",
    ]);
    expect(
      expectedAfter(scenario, "salesforce").activities.map(({ agent, places }) => [
        agent,
        ...places.map(recordOf),
      ]),
    ).toEqual([
      ["agent-1", "Contact:Pat Brown"],
      ["agent-2", "Contact:Pat Brown"],
    ]);
  });

  test("keeps the recorded times for the platform's events, and plays a long interaction faster", () => {
    const long = {
      ...call,
      legs: [{ ...leg, end: "2026-01-05T11:00:00Z", wrapUpEnd: "2026-01-05T12:00:00Z" }],
    };
    const scenes =
      replayOf(parseInput(JSON.stringify(long), "f"), crms, []).stories[0]?.scenes ?? [];
    expect(scenes.at(-1)?.at).toBe(8 * 60_000);
    expect(scenes.at(-1)?.platformTime).toBe(Date.parse("2026-01-05T12:00:00Z"));
  });

  test("without the real recordings there is nothing to replay, and no error", async () => {
    await expect(realRecordings(1, new URL("file:///no/such/folder/"))).resolves.toBeUndefined();
  });

  test("of the real recordings expects an activity for each", async (context) => {
    const recordings = await realRecordings(1);
    if (recordings === undefined)
      return context.skip("the real recordings (../shared) are not here");
    const { activities } = expectedAfter(replayOf(recordings, crms, []), "dynamics");
    expect(recordings).toHaveLength(185);
    expect(new Set(activities.map(({ interaction }) => interaction)).size).toBe(185);
  });
});

describe("the command line", () => {
  test.each([
    [["--fast"], "Unknown option '--fast'"],
    [["--sabotage", "late"], "--sabotage late: it may be early, duplicate, missing"],
    [["--crm", "siebel"], "--crm siebel: it may be salesforce, dynamics, both"],
    [["--interactions", "0"], "--interactions 0: it must be a whole number from 1 to 2000"],
    [["--seed", "x"], "--seed x: it must be a whole number"],
    [["--real", "--input", "f"], "--input and --real exclude each other"],
    [["stray"], "Unexpected argument 'stray'"],
  ])("%j is refused with one line", (args, problem) => {
    const read = readFlags(args);
    expect("problem" in read ? read.problem : "").toContain(problem);
    expect("problem" in read ? read.problem : "\n").not.toContain("\n");
  });

  test("has defaults for everything, and lets pnpm's own -- pass", () => {
    expect(readFlags(["--", "--json"])).toEqual({
      flags: {
        help: false,
        json: true,
        list: false,
        real: false,
        crms: ["salesforce", "dynamics"],
        seed: 1,
        interactions: 200,
        seconds: 12,
      },
    });
  });
});
