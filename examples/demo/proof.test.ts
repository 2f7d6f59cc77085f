import { describe, expect, test } from "vitest";
import { type Found, holds, prove, proveCases, type Wanted } from "./proof.ts";

const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  interaction: "i",
  kind: "Task",
  owner: "u1",
  places: ["who c1"],
  disposition: "Done",
  says: undefined,
  dueAt: 100,
  latestAt: 100,
  fate: "written",
  ...more,
});
const found = (more: Partial<Found> = {}): Found => ({
  interaction: "i",
  key: "k",
  kind: "Task",
  owner: "u1",
  places: ["who c1"],
  disposition: "Done",
  says: "",
  done: true,
  createdAt: 150,
  modifiedAt: 500,
  ...more,
});

/** How many of each fault. */
const counts = (...[w, f]: Parameters<typeof prove>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(prove(w, f)).flatMap(([name, list]) =>
      list.length === 0 ? [] : [[name, list.length]],
    ),
  );

describe("the proof", () => {
  test("holds when everything is there, once, in time, in its place", () => {
    expect(
      counts(
        [wanted(), wanted({ owner: "u2", dueAt: 200 })],
        [found(), found({ owner: "u2", createdAt: 200 })],
      ),
    ).toEqual({ right: 2 });
    expect(holds(prove([wanted()], [found()]))).toBe(true);
    expect(holds(prove([], []))).toBe(true);
  });

  test("finds what is missing", () => {
    expect(counts([wanted(), wanted({ interaction: "j" })], [found()])).toEqual({
      right: 1,
      missing: 1,
    });
    expect(holds(prove([wanted()], []))).toBe(false);
  });

  test("finds what is there twice, whatever key the copy has", () => {
    expect(counts([wanted()], [found(), found({ key: "other", createdAt: 170 })])).toEqual({
      right: 1,
      duplicates: 1,
    });
    expect(holds(prove([wanted()], [found(), found()]))).toBe(false);
  });

  test("does not take two legs of one agent for a repetition", () => {
    expect(
      counts([wanted(), wanted({ dueAt: 300 })], [found(), found({ createdAt: 300 })]),
    ).toEqual({ right: 2 });
  });

  test("finds what was committed before it was due, to the millisecond", () => {
    expect(counts([wanted()], [found({ createdAt: 99 })])).toEqual({ right: 1, early: 1 });
    expect(counts([wanted()], [found({ createdAt: 100 })])).toEqual({ right: 1 });
    expect(counts([wanted({ latestAt: 501 })], [found()])).toEqual({ right: 1, early: 1 });
    expect(holds(prove([wanted()], [found({ createdAt: 99 })]))).toBe(false);
  });

  test("finds what is on the wrong record, and what belongs to the wrong agent", () => {
    expect(counts([wanted()], [found({ places: ["who c2"] })])).toEqual({ misfiled: 1 });
    expect(counts([wanted({ places: ["what case", "who c1"] })], [found()])).toEqual({
      misfiled: 1,
    });
    expect(counts([wanted()], [found({ owner: "u9" })])).toEqual({ misfiled: 1 });
    expect(counts([wanted()], [found({ kind: "Event" })])).toEqual({ misfiled: 1 });
  });

  test("a misfiled one can be early too", () => {
    expect(counts([wanted()], [found({ places: ["who c2"], createdAt: 1 })])).toEqual({
      misfiled: 1,
      early: 1,
    });
  });

  test("finds what holds an earlier state", () => {
    expect(counts([wanted()], [found({ disposition: "Waiting" })])).toEqual({
      right: 1,
      outdated: 1,
    });
    expect(
      counts([wanted({ disposition: undefined })], [found({ disposition: "anything" })]),
    ).toEqual({ right: 1 });
  });

  test("L8 finds what lacks what was told late, and L9 what was never completed", () => {
    expect(counts([wanted({ says: "late" })], [found({ says: "early\nlate" })])).toEqual({
      right: 1,
    });
    expect(counts([wanted({ says: "late" })], [found({ says: "early" })])).toEqual({
      right: 1,
      outdated: 1,
    });
    expect(counts([wanted()], [found({ done: false })])).toEqual({ right: 1, outdated: 1 });
  });

  test("finds what nobody asked for, and what should have been refused", () => {
    expect(counts([], [found()])).toEqual({ unexpected: 1 });
    expect(counts([wanted({ fate: "parked" })], [found()])).toEqual({ unexpected: 1 });
  });

  test("what is parked is not missing", () => {
    expect(counts([wanted({ fate: "parked" })], [])).toEqual({});
  });

  test("R4 finds cases that are missing or there twice", () => {
    expect(proveCases(["a", "b", "c"], ["b", "b", "c", "somebody's"])).toEqual({
      missing: ["a"],
      twice: ["b"],
    });
  });
});
