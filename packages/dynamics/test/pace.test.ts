import { fc, test as property } from "@fast-check/vitest";
import type { Write } from "@wrapup/core";
import { expect, test } from "vitest";
import { createPace, nextBatch, tiedTogether } from "../src/odata/pace.ts";
import type { Pace } from "../src/odata/pace.ts";
import { activity, put } from "./client/org.ts";

const sized = (pace: Pace, times: number, perWriteMs: number, wayMs = 0): number => {
  for (let n = 0; n < times; n += 1) pace.took(pace.size(), wayMs + pace.size() * perWriteMs, true);
  return pace.size();
};

test("W4 batches begin at 50, grow where the environment is quick and shrink where each write takes long", () => {
  const pace = createPace(200);
  expect(pace.size()).toBe(50);
  expect(sized(pace, 1, 1)).toBe(200);
  expect(sized(pace, 1, 12)).toBe(25);
  expect(sized(pace, 1, 100)).toBe(10);
  expect(sized(pace, 2, 1)).toBe(200);
});

test("W4 a long way to the environment is a reason for larger batches: lone writes tell how long it is", () => {
  const far = createPace(200);
  far.took(1, 101, true);
  expect(sized(far, 1, 0.5, 100)).toBe(200);
  const slow = createPace(200);
  slow.took(1, 110, true);
  expect(sized(slow, 3, 10, 100)).toBe(31);
});

test("W4 a batch that was small for want of writes does not shrink the next, unless it was slow", () => {
  const pace = createPace(200);
  sized(pace, 2, 1);
  pace.took(12, 12, true);
  expect(pace.size()).toBe(200);
  pace.took(12, 400, true);
  expect(pace.size()).toBe(10);
});

test("W4 a few writes say more of the way than of the work, and alone change nothing", () => {
  const pace = createPace(200);
  for (let n = 0; n < 50; n += 1) pace.took(1, 5_000, true);
  expect(pace.size()).toBe(50);
});

test("W4 what was turned away, or found nothing left to send, does not pass for a short way", () => {
  const pace = createPace(200);
  pace.took(0, 0, true);
  pace.took(5, 2, false);
  pace.took(50, 1, false);
  expect(pace.size()).toBe(50);
  pace.took(1, 101, true);
  expect(sized(pace, 1, 0.5, 100)).toBe(200);
  const far = createPace(200);
  far.took(0, 0, true);
  far.took(1, 400, true);
  expect(sized(far, 3, 1, 400)).toBe(200);
});

test("W4 a batch that ran out of time makes the next one smaller", () => {
  const pace = createPace(200);
  pace.took(50, 30_000, false);
  expect(pace.size()).toBe(10);
});

test("W4 an administrator's limit holds from the first batch on", () => {
  const pace = createPace(3);
  expect(pace.size()).toBe(3);
  pace.took(3, 60_000, true);
  expect(pace.size()).toBe(3);
});

property.prop([fc.integer({ min: 1, max: 200 }), fc.array(fc.tuple(fc.nat(300), fc.nat(90_000)))])(
  "W4 whatever was measured, a batch has between one write and the most",
  (most, samples) => {
    const pace = createPace(most);
    for (const [writes, ms] of samples) pace.took(writes, ms, true);
    expect(pace.size()).toBeGreaterThanOrEqual(Math.min(10, most));
    expect(pace.size()).toBeLessThanOrEqual(most);
  },
);

const touching = (n: number, ...touches: readonly string[]) => put({ ...activity(n), touches });

test("W4 writes that touch the same record stay together, however they are tied", () => {
  const writes = [
    touching(1, "a"),
    touching(2, "b"),
    touching(3, "c"),
    touching(4, "a", "b"),
    touching(5),
    touching(6, "c"),
  ];
  const keys = (groups: readonly (readonly Write[])[]) =>
    groups.map((group) => group.map((write) => writes.indexOf(write) + 1));
  expect(keys(tiedTogether(writes))).toEqual([[1, 2, 4], [3, 6], [5]]);
  const queue = [...tiedTogether(writes)];
  const size = () => 4;
  expect(
    keys([nextBatch(queue, { size }), nextBatch(queue, { size }), nextBatch(queue, { size })]),
  ).toEqual([[1, 2, 4], [3, 6, 5], []]);
});

property.prop([
  fc.array(fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 2 }), {
    maxLength: 60,
  }),
  fc.integer({ min: 1, max: 40 }),
])("W4 every write is in one batch, and no record in two", (touches, most) => {
  const writes = touches.map((keys, n) => touching(n, ...keys));
  const queue = [...tiedTogether(writes)];
  const batches: (readonly Write[])[] = [];
  while (queue.length > 0) batches.push(nextBatch(queue, { size: () => most }));
  expect(new Set(batches.flat())).toEqual(new Set(writes));
  expect(batches.flat()).toHaveLength(writes.length);
  const homes = new Map<string, number>();
  for (const [n, batch] of batches.entries())
    for (const { entry } of batch)
      for (const key of entry.touches) expect(homes.set(key, homes.get(key) ?? n).get(key)).toBe(n);
});
