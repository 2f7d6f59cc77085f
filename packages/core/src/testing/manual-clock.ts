import type { Clock } from "../index.ts";

/** A clock that only moves when told to. */
export type ManualClock = Clock & {
  /** Moves on by `ms`; timers that come due meanwhile fire in order, each at its own time, with a turn of the event loop after each. */
  advance(ms: number): Promise<void>;
};

type Timer = { readonly at: number; readonly run: () => void };

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock for tests and demonstrations. Starts on 2026-01-05T09:00:00Z where nothing else is said. */
export function manualClock(start: number = Date.UTC(2026, 0, 5, 9)): ManualClock {
  let now = start;
  const timers = new Set<Timer>();
  const nextUpTo = (end: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + Math.max(0, ms), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: async (ms) => {
      const end = now + ms;
      for (let timer = nextUpTo(end); timer !== undefined; timer = nextUpTo(end)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
        await turn();
      }
      now = end;
      await turn();
    },
  };
}
