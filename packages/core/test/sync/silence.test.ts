import { manualClock } from "@wrapup/core/testing";
import { expect, test } from "vitest";
import { Silence } from "../../src/sync/silence.ts";

test("O2 L7 a tenant whose deadlines fail slowly rests between rounds: whoever waits for a round comes back", async () => {
  const clock = manualClock(0);
  const keys = Array.from({ length: 20 }, (_, n) => ({ tenant: "t", interaction: `i${n}` }));
  const failures: string[] = [];
  const silence = new Silence({
    store: { overdue: async (limit) => keys.slice(0, limit) },
    clock,
    observer: {
      event: (event) => void failures.push(event.event),
      span: (_name, _attributes, work) => work(),
    },
    deadlinesFrom: () => 0,
    tick: async () => {
      await clock.advance(10_000);
      throw new Error("the settings did not come");
    },
  });
  let rounds = 0;
  for (; rounds < 50; rounds += 1) {
    await silence.pass(() => undefined);
    const going = silence.progress();
    if (going.length === 0) break;
    await Promise.race(going);
  }
  expect(rounds).toBe(1);
  expect(failures).toEqual(["failure"]);
});
