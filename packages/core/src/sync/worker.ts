import type { Connection } from "../gate/connection.ts";
import type { Clock } from "../model/clock.ts";
import type { Observer } from "../model/observer.ts";
import type { ConnectionKey, InteractionKey, Store } from "../store/contract.ts";
import type { PumpOptions } from "./pump.ts";
import { nameOf, Pumps } from "./pumps.ts";
import { Silence } from "./silence.ts";

/** What the worker needs of the world. */
export type WorkerOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly random: () => number;
  readonly leaseMs: number;
  /** Longest sleep: finds what other processes wrote. */
  readonly pollMs: number;
  readonly maxAttempts: number;
  /** No deadline is counted before then: what passed while the app was down waits for late events (L7). */
  readonly deadlinesFrom: () => number;
  readonly connectionOf: (key: ConnectionKey) => Promise<Connection | undefined>;
  /** Records that time has passed for one interaction. */
  readonly tick: (key: InteractionKey) => Promise<void>;
  readonly relink: PumpOptions["relink"];
};

/** Sleeps until something may be ready, then offers each connection its work. One per process. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #pumps: Pumps;
  readonly #silence: Silence;
  #turning: Promise<void> | undefined;
  #again = false;
  #stopSleeping: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  #stopped = true;
  #sweptAt = 0;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#pumps = new Pumps(options);
    this.#silence = new Silence(options);
  }

  start(): void {
    this.#stopped = false;
    this.#stopListening = this.#options.store.onWake(() => this.nudge());
    this.nudge();
  }

  /** Something may be ready. Cheap, and safe to call at any time. */
  nudge(): void {
    if (this.#stopped) return;
    if (this.#turning !== undefined) {
      this.#again = true;
      return;
    }
    this.#stopSleeping?.();
    this.#turning = this.#turn().finally(() => {
      this.#turning = undefined;
      if (this.#again) {
        this.#again = false;
        this.nudge();
      }
    });
  }

  /** Works until nothing is ready; what waits for a later moment, a paused connection or a person stays. */
  async drain(): Promise<void> {
    // Ready, and yet nobody here can start it: another worker is about to, or it is being set aside.
    let idle = 0;
    while (!this.#stopped && idle < 3) {
      this.nudge();
      await this.#turning;
      const going = [...this.#silence.progress(), ...this.#pumps.progress()];
      if (going.length > 0) {
        idle = 0;
        await Promise.race(going);
      } else if (!this.#again) {
        const ready = await this.#options.store.ready({ limit: 1, upTo: 1 });
        if (ready.length === 0) return;
        idle += 1;
      }
    }
  }

  /** Claims no more; resolves when what is under way has been settled. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    this.#stopSleeping?.();
    this.#silence.stop();
    await this.#turning;
    await this.#pumps.stop();
  }

  async #turn(): Promise<void> {
    const { store, observer, clock } = this.#options;
    const began = clock.now();
    const again = (): void => this.nudge();
    try {
      await this.#silence.pass(again);
      await this.#sweepNowAndThen(began);
      const ready = await store.ready({ limit: 100, upTo: 1_000 });
      const offered = new Set(ready.map(nameOf));
      for (const key of ready) this.#pumps.find(key, again)?.offer(key.lanes, again);
      // A pump that holds claimed lanes goes on, though its connection has nothing else to claim.
      for (const pump of this.#pumps.working)
        if (!offered.has(nameOf(pump.connection.key))) pump.offer(0, again);
    } catch (error) {
      observer.event({ event: "failure", where: "sync.turn", error });
    }
    await this.#sleep(began);
  }

  async #sweepNowAndThen(now: number): Promise<void> {
    if (now - this.#sweptAt < sweepEveryMs) return;
    const first = this.#sweptAt === 0;
    // Counted whether or not it succeeds: a sweep that always fails must not stand before the work of every turn.
    this.#sweptAt = now;
    if (!first) await this.#options.store.sweep();
  }

  /** What was ready has been offered: whatever waits beyond that waits for a landing, which nudges, or for a later moment. */
  async #sleep(began: number): Promise<void> {
    if (this.#stopped) return;
    const { store, clock, pollMs } = this.#options;
    const next = await store.nextDueAt().catch(() => undefined);
    const ms =
      next === undefined || next <= began
        ? pollMs
        : Math.min(pollMs, Math.max(1, next - clock.now()));
    this.#stopSleeping = clock.after(ms, () => this.nudge());
  }
}

/** How often what the store derives is rebuilt, and what it may forget is forgotten. */
const sweepEveryMs = 60 * 60_000;
