import type { EmulatorOptions } from "../options.ts";
import type { Problem } from "../problem.ts";
import { problem } from "../problem.ts";

const windowMs = 300_000;
const windowSeconds = windowMs / 1000;
const executionLimitMs = 1_200_000;

/** A sum over the last five minutes. */
class SlidingSum {
  #entries: { readonly at: number; readonly amount: number }[] = [];
  #head = 0;
  #sum = 0;

  add(at: number, amount: number): void {
    this.#entries.push({ at, amount });
    this.#sum += amount;
  }

  total(now: number): number {
    for (;;) {
      const oldest = this.#entries[this.#head];
      if (oldest === undefined || oldest.at + windowMs > now) break;
      this.#sum -= oldest.amount;
      this.#head += 1;
    }
    if (this.#head > 10_000) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return this.#sum;
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#sum = 0;
  }

  /** Seconds until the oldest entry leaves the window, at least one. */
  secondsUntilRoom(now: number): number {
    const oldest = this.#entries[this.#head];
    return oldest === undefined ? 1 : Math.max(1, Math.ceil((oldest.at + windowMs - now) / 1000));
  }
}

/**
 * Service protection (facts §1.8): requests and execution time in a sliding window of five minutes, and requests at once. What is over
 * a limit is answered 429 with Retry-After, which grows for those who keep pushing (by how much is not known: a second each). There is
 * one user and one web server here.
 */
export class Protection {
  readonly #now: () => number;
  readonly #requestLimit: number;
  readonly #concurrencyLimit: number;
  readonly #requests = new SlidingSum();
  readonly #execution = new SlidingSum();
  #active = 0;
  #pushed = 0;

  constructor(now: () => number, options: EmulatorOptions) {
    this.#now = now;
    this.#requestLimit = options.requestLimit ?? 6000;
    this.#concurrencyLimit = options.concurrencyLimit ?? 52;
  }

  /** Lets a request in, or says why not. Whoever was let in must `leave`. */
  enter(): Problem | undefined {
    const now = this.#now();
    const refused = this.#refusal(now);
    if (refused !== undefined) return refused;
    this.#pushed = 0;
    this.#active += 1;
    this.#requests.add(now, 1);
    return undefined;
  }

  /** A request is done after that much work. */
  leave(workedMs: number): void {
    this.#active -= 1;
    this.#execution.add(this.#now(), workedMs);
  }

  /** Forgets what was counted; requests under way stay under way. */
  reset(): void {
    this.#requests.clear();
    this.#execution.clear();
    this.#pushed = 0;
  }

  /** The headers that tell how much is left, "for debugging, not pacing" (facts §1.8). */
  headers(): Readonly<Record<string, string>> {
    const now = this.#now();
    const requests = this.#requestLimit - this.#requests.total(now);
    const seconds = (executionLimitMs - this.#execution.total(now)) / 1000;
    return {
      ...(Number.isFinite(requests) && {
        "x-ms-ratelimit-burst-remaining-xrm-requests": String(Math.max(0, requests)),
      }),
      "x-ms-ratelimit-time-remaining-xrm-requests": Math.max(0, seconds).toLocaleString("en-US", {
        minimumFractionDigits: 2,
        maximumFractionDigits: 2,
      }),
    };
  }

  #refusal(now: number): Problem | undefined {
    if (this.#active >= this.#concurrencyLimit)
      return this.#tooMany(
        "0x80072326",
        `Number of concurrent requests exceeded the limit of ${this.#concurrencyLimit}.`,
        1,
      );
    if (this.#requests.total(now) >= this.#requestLimit)
      return this.#tooMany(
        "0x80072322",
        `Number of requests exceeded the limit of ${this.#requestLimit} over time window of ${windowSeconds} seconds.`,
        this.#requests.secondsUntilRoom(now),
      );
    if (this.#execution.total(now) >= executionLimitMs)
      return this.#tooMany(
        "0x80072321",
        `Combined execution time of incoming requests exceeded limit of ${executionLimitMs} milliseconds over time window of ${windowSeconds} seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.`,
        this.#execution.secondsUntilRoom(now),
      );
    return undefined;
  }

  #tooMany(code: string, message: string, seconds: number): Problem {
    const wait = Math.min(windowSeconds, seconds + this.#pushed);
    this.#pushed += 1;
    return problem(429, code, message, { "Retry-After": String(wait) });
  }
}
