import { stoppedBefore } from "../http.ts";

type Line = { busy: number; readonly waiting: (() => void)[] };

/**
 * Lets a few at a time through for each key. Who no longer waits, because its signal ended, is not let through: it throws `CrmError`.
 * `service`: for the words of that.
 */
export const createTurns = (most: () => number, service?: string) => {
  const lines = new Map<string, Line>();
  const leave = (key: string, line: Line): void => {
    const next = line.waiting.shift();
    if (next !== undefined) return next();
    line.busy -= 1;
    if (line.busy === 0) lines.delete(key);
  };
  const enter = async (line: Line, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) throw stoppedBefore(signal, service);
    if (line.busy < most()) {
      line.busy += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = (): void => {
      const place = line.waiting.indexOf(resolve);
      if (place !== -1) line.waiting.splice(place, 1);
      reject(stoppedBefore(signal, service));
    };
    line.waiting.push(resolve);
    signal.addEventListener("abort", stop, { once: true });
    await promise.finally(() => signal.removeEventListener("abort", stop));
  };
  return async <T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const line = lines.get(key) ?? { busy: 0, waiting: [] };
    lines.set(key, line);
    await enter(line, signal);
    try {
      return await work();
    } finally {
      leave(key, line);
    }
  };
};
