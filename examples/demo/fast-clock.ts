import type { Clock } from "@wrapup/core";

/** What three processes need to tell the same fast time. `speed`: seconds of the contact center per second of the machine. */
export type FastTime = {
  readonly base: number;
  readonly realStart: number;
  readonly speed: number;
};

/** The three numbers as a child process is told them. */
export const timeAsText = ({
  base,
  realStart,
  speed,
}: FastTime): Readonly<Record<string, string>> => ({
  base: String(base),
  realStart: String(realStart),
  speed: String(speed),
});

/** The same, read by the child. */
export const timeFromText = (told: ReadonlyMap<string, string>): FastTime => ({
  base: Number(told.get("base")),
  realStart: Number(told.get("realStart")),
  speed: Number(told.get("speed")),
});

/** A clock that runs fast: the same in every process that is given the same three numbers. */
export function fastClock({ base, realStart, speed }: FastTime): Clock {
  const now = (): number => base + (Date.now() - realStart) * speed;
  return {
    now,
    after: (ms, run) => {
      // Rounded up: a timer that fires early would find nothing due yet.
      const timer = setTimeout(run, Math.min(Math.ceil(ms / speed), 2_147_483_647));
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

/** That many ms of the machine's clock as ms of the fast one: what is bound to the real network must be given real time. */
export const realMs = (ms: number, { speed }: FastTime): number => Math.ceil(ms * speed);

/** Waits until the fast clock shows `at`. Keeps the process alive, unlike the clock's own timers. */
export const until = (at: number, time: FastTime): Promise<void> => {
  const ms = Math.ceil((at - fastClock(time).now()) / time.speed);
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
};

/** Waits real time. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
