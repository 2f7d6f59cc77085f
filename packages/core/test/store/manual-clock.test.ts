import { expect, test } from "vitest";
import { manualClock } from "../../src/testing/manual-clock.ts";

test("A2 a manual clock stands still until it is told to move", async () => {
  const clock = manualClock(1_000);
  const fired: string[] = [];
  clock.after(5, () => fired.push("five"));
  expect(clock.now()).toBe(1_000);
  await clock.advance(4);
  expect([clock.now(), fired]).toEqual([1_004, []]);
  await clock.advance(1);
  expect([clock.now(), fired]).toEqual([1_005, ["five"]]);
});

test("A2 timers fire in order, each at its own time, and those they set as well", async () => {
  const clock = manualClock(0);
  const fired: (readonly [string, number])[] = [];
  const note = (name: string): void => void fired.push([name, clock.now()]);
  clock.after(30, () => note("last"));
  clock.after(10, () => {
    note("first");
    void Promise.resolve().then(() => clock.after(5, () => note("set by the first")));
  });
  const cancel = clock.after(20, () => note("cancelled"));
  cancel();
  await clock.advance(30);
  expect(fired).toEqual([
    ["first", 10],
    ["set by the first", 15],
    ["last", 30],
  ]);
});

test("A2 a timer in the past fires at the next move, and time never goes back", async () => {
  const clock = manualClock(0);
  const fired: number[] = [];
  clock.after(-50, () => fired.push(clock.now()));
  await clock.advance(0);
  expect(fired).toEqual([0]);
});
