import { expect, test } from "vitest";
import { legTimes } from "../../src/model/leg-times.ts";
import type { Leg } from "../../src/model/leg.ts";
import { dawn, minute, second } from "./story.ts";

const leg = (of: Partial<Leg>): Leg => ({
  id: "A",
  role: "agent",
  state: "closed",
  heldMs: 0,
  recorded: { lastEvent: dawn },
  facts: {},
  ...of,
});

test("K3 an open leg has a start and no end", () => {
  expect(legTimes(leg({ state: "connected", startedAt: dawn, answeredAt: dawn }))).toEqual({
    start: dawn,
  });
});

test("K3 no duration is below zero, and no end before its start, whatever the clocks say", () => {
  const times = legTimes(
    leg({
      closed: "completed",
      startedAt: dawn + minute,
      answeredAt: dawn + minute,
      talkEndedAt: dawn,
      endedAt: dawn - minute,
    }),
  );

  expect(times).toMatchObject({
    start: dawn + minute,
    end: dawn + minute,
    talkSeconds: 0,
    wrapUpSeconds: 0,
  });
});

test("K3 durations are whole seconds", () => {
  expect(
    legTimes(
      leg({
        closed: "noWrapUp",
        startedAt: dawn,
        answeredAt: dawn,
        talkEndedAt: dawn + 1499,
        endedAt: dawn + 1499,
      }),
    ).talkSeconds,
  ).toBe(1);
});

test("K3 ringing is not talk", () => {
  const times = legTimes(
    leg({
      closed: "noWrapUp",
      startedAt: dawn,
      answeredAt: dawn + 20 * second,
      talkEndedAt: dawn + 50 * second,
      endedAt: dawn + 50 * second,
    }),
  );

  expect(times).toMatchObject({ start: dawn, talkSeconds: 30 });
});

test("K3 the platform's zero is a figure, not an absence", () => {
  expect(
    legTimes(
      leg({
        closed: "completed",
        startedAt: dawn,
        answeredAt: dawn,
        talkEndedAt: dawn + minute,
        endedAt: dawn + minute,
        durations: { talkSeconds: 0 },
      }),
    ).talkSeconds,
  ).toBe(0);
});

test("L7 a digital leg has no talk, no hold and no wrap-up", () => {
  expect(legTimes(leg({ closed: "transferred", startedAt: dawn, endedAt: dawn + minute }))).toEqual(
    { start: dawn, end: dawn + minute },
  );
});
