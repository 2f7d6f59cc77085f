import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import {
  addedLines,
  besides,
  correctionText,
  fitted,
  lateId,
  lateText,
  noteGone,
  notePart,
  says,
} from "../src/activity/late.ts";
import { activity } from "./client/org.ts";

const id = "00000000-0000-0000-0000-000000000001";
const at = { bind: "objectid_phonecall", entitySet: "phonecalls", id };

test("W2 an entry has one annotation for ever, and not the activity's own id", () => {
  expect(lateId(activity(1))).toBe(lateId(activity(1, { fields: {} })));
  expect(lateId(activity(1))).not.toBe(lateId(activity(2)));
  expect(lateId(activity(1))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
});

test.for([
  [
    "Start: 1\nEnd: 2",
    "Start: 1\nRecording: x\nEnd: 2\nSummary: y",
    ["Recording: x", "Summary: y"],
  ],
  ["", "Recording: x", ["Recording: x"]],
  [null, "Recording: x", ["Recording: x"]],
  ["a\r\nb", "a\nb\nc", ["c"]],
  ["a", "a", []],
  ["Disposition: A", "Disposition: B", undefined],
  ["a\nb", "b\na", undefined],
  ["a\nb", "a", undefined],
  ["a", null, undefined],
] as const)(
  "L8 what only adds lines is a late fact, all else a correction: %j to %j",
  ([before, after, added]) => {
    expect(addedLines(before, after)).toEqual(added);
  },
);

property.prop([
  fc.array(fc.stringMatching(/^[a-z]{1,5}$/)),
  fc.array(fc.tuple(fc.nat(), fc.stringMatching(/^[A-Z]{1,5}$/))),
])("L8 lines put in anywhere are found, all of them and nothing else", (old, more) => {
  const lines = [...old];
  for (const [place, line] of more) lines.splice(place % (lines.length + 1), 0, line);
  const added = addedLines(old.join("\n"), lines.join("\n"));
  expect(added?.toSorted()).toEqual(more.map(([, line]) => line).toSorted());
});

test("L8 the annotation says what all columns do not, and is no annotation where one is corrected", () => {
  const made = { description: "a", notes: "n", subject: "s" };
  const wish = { description: "a\nlate", notes: "n\nlater", subject: "s2" };
  expect(lateText(made, wish, ["description", "notes"])).toBe("late\nlater");
  expect(lateText(made, wish, ["description", "subject"])).toBeUndefined();
  expect(lateText(made, wish, [])).toBe("");
});

test("L8 where the row cannot be opened each change is said in words", () => {
  const made = { category: "A", description: "a" };
  const wish = { category: "B", description: "a\nlate", notes: "one\ntwo" };
  expect(
    correctionText(made, wish, ["category", "description", "notes"], (name) => name.toUpperCase()),
  ).toBe("CATEGORY: B\nlate\nNOTES:\none\ntwo");
});

test("W7 a person's words in our annotation stay, and what is missing is added once", () => {
  const first = besides("late, says Bo\nRecording: x", "Recording: x\nSummary: y");
  expect(first).toBe("late, says Bo\nRecording: x\nSummary: y");
  expect(besides(first, "Recording: x\nSummary: y")).toBe(first);
});

test("W8 an annotation takes 100,000 characters, and no character is cut in half", () => {
  const { text, warnings } = fitted(`${"x".repeat(99_998)}👩‍👩‍👧 and more`);
  expect(text.length).toBeLessThanOrEqual(100_000);
  expect(text.isWellFormed()).toBe(true);
  expect(warnings.map(({ code }) => code)).toEqual(["shortened"]);
  expect(fitted("short")).toEqual({ text: "short", warnings: [] });
});

test("W3 the same text in other line ends is not written again", () => {
  expect(says({ notetext: "a\r\nb " }, "a\nb")).toBe(true);
  expect(says({ notetext: "a" }, "a\nb")).toBe(false);
  expect(says(undefined, "a")).toBe(false);
});

test("W2 W7 an annotation is made only if it is not there, and changed or taken away only as it was read", () => {
  const made = notePart(activity(1), undefined, "late", at);
  expect(made).toEqual({
    method: "PATCH",
    path: `annotations(${lateId(activity(1))})`,
    headers: { "If-None-Match": "*" },
    body: {
      subject: "Added after completion",
      notetext: "late",
      "objectid_phonecall@odata.bind": `/phonecalls(${id})`,
    },
  });
  const there = { "@odata.etag": 'W/"12"', notetext: "late" };
  expect(notePart(activity(1), there, "later", at)).toMatchObject({
    headers: { "If-Match": 'W/"12"' },
    body: { notetext: "later" },
  });
  expect(noteGone(activity(1), there)).toMatchObject({
    method: "DELETE",
    headers: { "If-Match": 'W/"12"' },
  });
});
