/** Time as the library sees it, so that tests and demonstrations control it. */
export type Clock = {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Runs once after `ms`; the answer cancels it. It never keeps a process alive by itself. */
  after(ms: number, run: () => void): () => void;
};

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, 2_147_483_647));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
