import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { GateState, Trouble } from "@wrapup/core";
import { allowed, firstConcurrency, grown, halved } from "../../src/gate/concurrency.ts";
import { defaultBudget, healed, leaveFor, troubled } from "../../src/gate/rules.ts";

const used = (share: number): GateState => ({
  failures: 0,
  usage: { used: share * 1_000, limit: 1_000, at: 0 },
});
const calm: GateState = { failures: 0 };
const minute = 60_000;
const troubles: readonly Trouble[] = [
  "lock",
  "transient",
  "throttled",
  "budget",
  "auth",
  "schema",
  "unreachable",
];
const anyTrouble = fc.constantFrom(...troubles);

describe("W5 the gate's rules", () => {
  test("W5 the CRM's own Retry-After wins over the backoff", () => {
    expect(
      troubled(calm, { why: "throttled", reason: "busy", afterMs: 90_000 }, 1_000, 0.5).pausedUntil,
    ).toBe(91_000);
  });

  test("W5 each failure in a row doubles the pause, up to an end", () => {
    const ends: number[] = [];
    let state = calm;
    for (let n = 0; n < 15; n += 1) {
      state = troubled(
        { ...state, pausedUntil: 0 },
        { why: "unreachable", reason: "down" },
        0,
        0.5,
      );
      ends.push(state.pausedUntil ?? 0);
    }
    expect(ends.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(ends.at(-1)).toBe(5 * minute);
  });

  test("W5 a paused connection lets nobody pass before its end, and says why", () => {
    const paused = troubled(calm, { why: "auth", reason: "signed out" }, 0, 0.5);
    expect(leaveFor(paused, "agent", defaultBudget, 1)).toMatchObject({
      is: "closed",
      why: "auth",
      reason: "signed out",
    });
    expect(leaveFor(paused, "background", defaultBudget, paused.pausedUntil ?? 0)).toMatchObject({
      is: "open",
      slow: true,
    });
  });

  test("W5 background writing stops at the reserve, agents go on to the end", () => {
    expect(leaveFor(used(0.5), "background", defaultBudget, 1)).toEqual({
      is: "open",
      slow: false,
    });
    expect(leaveFor(used(0.85), "background", defaultBudget, 1)).toEqual({
      is: "open",
      slow: true,
    });
    expect(leaveFor(used(0.95), "background", defaultBudget, 1)).toMatchObject({
      is: "closed",
      why: "budget",
    });
    expect(leaveFor(used(0.95), "agent", defaultBudget, 1)).toMatchObject({ is: "open" });
    expect(leaveFor(used(1), "agent", defaultBudget, 1)).toMatchObject({ is: "closed" });
  });

  test("W5 an old usage figure does not stop anybody for ever: one call refreshes it", () => {
    const state: GateState = { failures: 0, usage: { used: 1_000, limit: 1_000, at: 0 } };
    expect(leaveFor(state, "background", defaultBudget, 11 * minute)).toMatchObject({ is: "open" });
  });

  test("W5 a budget pause is for background writing only", () => {
    const state = troubled(
      { ...calm, usage: { used: 95, limit: 100, at: 0 } },
      { why: "budget", reason: "spent", afterMs: minute },
      0,
      0,
    );
    expect(leaveFor(state, "background", defaultBudget, 1)).toMatchObject({ is: "closed" });
    expect(leaveFor(state, "agent", defaultBudget, 1)).toMatchObject({ is: "open" });
  });

  property.prop([
    fc.array(fc.tuple(anyTrouble, fc.integer({ min: 0, max: 600_000 })), { maxLength: 30 }),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
  ])("W5 a pause only ever moves later, and healing ends it", (steps, jitter) => {
    let state = calm;
    let now = 0;
    for (const [why, passed] of steps) {
      now += passed;
      const next = troubled(state, { why, reason: "x" }, now, jitter);
      expect(next.pausedUntil ?? 0).toBeGreaterThanOrEqual(state.pausedUntil ?? 0);
      expect(next.pausedUntil ?? 0).toBeGreaterThan(now);
      expect((next.pausedUntil ?? 0) - now).toBeLessThanOrEqual(
        Math.max((state.pausedUntil ?? 0) - now, 75 * minute),
      );
      state = next;
    }
    expect(leaveFor(healed(state), "background", defaultBudget, now)).toEqual({
      is: "open",
      slow: false,
    });
  });

  test("W5 healing a healthy gate writes nothing: the same object", () => {
    expect(healed(calm)).toBe(calm);
  });
});

describe("W5 concurrency adapts by a written rule", () => {
  test("W5 it grows by one for each round of successes and halves at a throttle", () => {
    let now = firstConcurrency(8);
    expect(allowed(now)).toBe(4);
    for (let n = 0; n < 5; n += 1) now = grown(now);
    expect(allowed(now)).toBe(5);
    expect(allowed(halved(now))).toBe(2);
  });

  property.prop([fc.integer({ min: 1, max: 50 }), fc.array(fc.boolean(), { maxLength: 200 })])(
    "W5 it stays between one and the CRM's own end",
    (max, steps) => {
      let now = firstConcurrency(max);
      for (const success of steps) {
        now = success ? grown(now) : halved(now);
        expect(allowed(now)).toBeGreaterThanOrEqual(1);
        expect(allowed(now)).toBeLessThanOrEqual(max);
      }
    },
  );
});
