import type { Context, Seen, Trouble } from "../adapter/contract.ts";
import type { Clock } from "../model/clock.ts";
import type { Observer } from "../model/observer.ts";
import type { ConnectionKey, GateState, Store } from "../store/contract.ts";
import { allowed, type Concurrency, firstConcurrency, grown, halved } from "./concurrency.ts";
import { type BudgetSettings, healed, type Leave, leaveFor, troubled } from "./rules.ts";

/** What a gate is made of. */
export type GateOptions = {
  readonly of: ConnectionKey;
  readonly store: Pick<Store, "changeGate">;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly budget: BudgetSettings;
  readonly timeoutMs: number;
  readonly random: () => number;
};

/** Usage figures are written at most this often, unless they cross a border that matters. */
const usageEveryMs = 1_000;

/** A clock more than this off the CRM's is worth a warning (O3). */
const skewWarnMs = 5 * 60_000;

/**
 * The one gate of a (tenant, connection): every call of workers and agents passes it. Pause, budget and breaker are shared
 * through the store; how many requests are under way is this process's own.
 */
export class Gate {
  readonly #options: GateOptions;
  #state: GateState = { failures: 0 };
  #concurrency: Concurrency = firstConcurrency(4);
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #live = new Set<AbortController>();
  #usageWrittenAt = 0;
  #warnedBudget = false;
  #warnedSkew = false;
  #failedInARow = 0;
  readonly #failedKeys = new Set<string>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** What the CRM takes gladly, once `check` has said it. */
  setMaxConcurrent(max: number): void {
    if (max !== this.#concurrency.max)
      this.#concurrency = {
        ...firstConcurrency(max),
        limit: Math.min(max, Math.max(4, this.#concurrency.limit)),
      };
  }

  /** The shared state, read anew from the store. */
  async state(): Promise<GateState> {
    this.#state = await this.#options.store.changeGate(this.#options.of, (now) => now);
    return this.#state;
  }

  /** Whether a call of this urgency may go now. */
  async leave(urgency: Context["urgency"]): Promise<Leave> {
    return leaveFor(await this.state(), urgency, this.#options.budget, this.#options.clock.now());
  }

  /** Background requests that may be under way at once, as things stand. */
  get places(): number {
    return this.#limit();
  }

  #limit(): number {
    const leave = leaveFor(
      this.#state,
      "background",
      this.#options.budget,
      this.#options.clock.now(),
    );
    return leave.is === "open" && leave.slow ? 1 : allowed(this.#concurrency);
  }

  /** Runs one request. Background ones wait for a place; agents' never do. `outer` ends it early. */
  async run<T>(
    urgency: Context["urgency"],
    work: (context: Context) => Promise<T>,
    outer?: AbortSignal,
  ): Promise<T> {
    while (urgency === "background" && this.#underWay >= this.#limit())
      await new Promise<void>((resume) => this.#waiting.push(resume));
    this.#underWay += 1;
    const stop = new AbortController();
    this.#live.add(stop);
    const cancel = this.#options.clock.after(this.#options.timeoutMs, () =>
      stop.abort(new DOMException("The CRM did not answer in time", "TimeoutError")),
    );
    const signal = outer === undefined ? stop.signal : AbortSignal.any([stop.signal, outer]);
    try {
      return await work({ signal, urgency, observe: (seen) => this.#observe(seen) });
    } finally {
      cancel();
      this.#live.delete(stop);
      this.#underWay -= 1;
      this.#fillPlaces();
    }
  }

  /** As many as there is room for: a place that becomes free, or a limit that rises, must not leave the others asleep. */
  #fillPlaces(): void {
    const free = Math.max(0, this.#limit() - this.#underWay);
    for (const resume of this.#waiting.splice(0, free)) resume();
  }

  /** Ends every request under way; what may have been sent stays marked so. */
  abort(): void {
    for (const stop of this.#live) stop.abort();
  }

  /** After an answer from a healthy CRM. */
  async succeeded(): Promise<void> {
    this.#failedInARow = 0;
    this.#failedKeys.clear();
    this.#concurrency = grown(this.#concurrency);
    if (healed(this.#state) !== this.#state) await this.#heal();
    this.#fillPlaces();
  }

  async #heal(): Promise<void> {
    const wasPaused = this.#state.pausedUntil !== undefined;
    this.#state = await this.#options.store.changeGate(this.#options.of, (now, at) =>
      now.pausedUntil !== undefined && now.pausedUntil > at ? now : healed(now),
    );
    if (wasPaused && this.#state.pausedUntil === undefined)
      this.#options.observer.event({ event: "resumed", ...this.#options.of });
  }

  /** Pauses the whole connection, for all workers and agents. Answers until when. */
  async pause(trouble: {
    readonly why: Trouble;
    readonly reason: string;
    readonly afterMs?: number;
  }): Promise<number> {
    if (trouble.why === "throttled") this.#concurrency = halved(this.#concurrency);
    const { of, observer, store, random } = this.#options;
    // Siblings in flight fail together: one failure is counted, the latest end stands.
    this.#state = await store.changeGate(of, (now, at) => {
      const next = troubled(now, trouble, at, random());
      const isSibling = now.why === trouble.why && (now.pausedUntil ?? 0) > at;
      if (!isSibling) return next;
      return trouble.afterMs === undefined ? now : { ...next, failures: now.failures };
    });
    const until = this.#state.pausedUntil ?? this.#options.clock.now();
    observer.event({ event: "paused", ...of, why: trouble.why, reason: trouble.reason, until });
    return until;
  }

  /** A request failed as a whole without saying why. Answers whether that is the CRM's state by now, rather than one write's. */
  failedWhole(keys: readonly string[]): boolean {
    this.#failedInARow += 1;
    for (const key of keys) this.#failedKeys.add(key);
    return this.#failedInARow >= 3 && this.#failedKeys.size >= 2;
  }

  /** Requests fail as a whole, and one write may be what sinks them: until one succeeds, each goes alone. */
  get doubted(): boolean {
    return this.#failedInARow >= 2;
  }

  /** A person says that the reason is gone. */
  async resume(): Promise<void> {
    this.#state = await this.#options.store.changeGate(this.#options.of, (now) => {
      // The usage figure may be what was wrong; the next call brings a new one.
      const { usage: _u, ...rest } = healed(now);
      return rest;
    });
    this.#fillPlaces();
    this.#options.observer.event({ event: "resumed", ...this.#options.of });
  }

  #observe(seen: Seen): void {
    const { clock, observer, of, budget, store } = this.#options;
    const now = clock.now();
    if (
      seen.serverTime !== undefined &&
      !this.#warnedSkew &&
      Math.abs(seen.serverTime - now) > skewWarnMs
    ) {
      this.#warnedSkew = true;
      observer.event({ event: "clockSkew", ...of, ms: now - seen.serverTime });
    }
    const usage = seen.usage;
    if (usage === undefined || usage.limit <= 0) return;
    const share = usage.used / usage.limit;
    if (share >= budget.warnAt && !this.#warnedBudget)
      observer.event({ event: "budgetLow", ...of, ...usage });
    this.#warnedBudget = share >= budget.warnAt;
    this.#state = { ...this.#state, usage: { ...usage, at: now } };
    if (now - this.#usageWrittenAt < usageEveryMs && share < 1 - budget.reserve) return;
    this.#usageWrittenAt = now;
    void store
      .changeGate(of, (state, at) => ({ ...state, usage: { ...usage, at } }))
      .catch((error: unknown) => observer.event({ event: "failure", where: "gate.usage", error }));
  }
}
