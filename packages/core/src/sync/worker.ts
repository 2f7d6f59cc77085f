import type { Connection } from "../gate/connection.ts";
import type { Clock } from "../model/clock.ts";
import type { Observer } from "../model/observer.ts";
import type { ConnectionKey, InteractionKey, Store } from "../store/contract.ts";
import { Pump, type PumpOptions } from "./pump.ts";

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
  readonly #pumps = new Map<string, Pump>();
  readonly #unknown = new Set<string>();
  #turning: Promise<void> | undefined;
  #again = false;
  #stopSleeping: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  #stopped = true;
  #sweptAt = 0;

  constructor(options: WorkerOptions) {
    this.#options = options;
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
    while (!this.#stopped) {
      this.nudge();
      await this.#turning;
      const working = [...this.#pumps.values()].filter((pump) => pump.working);
      if (working.length > 0) {
        await Promise.race(working.map((pump) => pump.progress()));
        continue;
      }
      if (this.#again) continue;
      const ready = await this.#options.store.ready({ limit: 100, upTo: 1 });
      const known = await Promise.all(ready.map((key) => this.#options.connectionOf(key)));
      if (known.every((connection) => connection === undefined)) return;
    }
  }

  /** Claims no more; resolves when what is under way has been settled. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    this.#stopSleeping?.();
    await this.#turning;
    await Promise.all([...this.#pumps.values()].map((pump) => pump.stop()));
  }

  async #turn(): Promise<void> {
    const { store, observer, clock } = this.#options;
    const began = clock.now();
    try {
      await this.#passTime();
      await this.#sweepNowAndThen(began);
      const ready = await store.ready({ limit: 100, upTo: 1_000 });
      const offered = new Set(ready.map(nameOf));
      for (const key of ready) await this.#offer(key, key.lanes);
      // A pump that holds claimed lanes goes on, though its connection has nothing else to claim.
      for (const [name, pump] of this.#pumps)
        if (!offered.has(name)) pump.offer(0, () => this.nudge());
    } catch (error) {
      observer.event({ event: "failure", where: "sync.turn", error });
    }
    await this.#sleep(began);
  }

  async #offer(key: ConnectionKey, waiting: number): Promise<void> {
    const pump = await this.#pumpOf(key).catch((error: unknown) => {
      this.#options.observer.event({ event: "failure", where: "sync.connection", error });
    });
    pump?.offer(waiting, () => this.nudge());
  }

  async #pumpOf(key: ConnectionKey): Promise<Pump | undefined> {
    const name = nameOf(key);
    const made = this.#pumps.get(name);
    if (made !== undefined) return made;
    const connection = await this.#options.connectionOf(key);
    if (connection === undefined) {
      if (!this.#unknown.has(name))
        this.#options.observer.event({
          event: "unknownConnection",
          tenant: key.tenant,
          connection: key.connection,
        });
      this.#unknown.add(name);
      return undefined;
    }
    const pump = new Pump({ ...this.#options, connection });
    this.#pumps.set(name, pump);
    return pump;
  }

  /** Closes the legs that silence closes (L7). One that cannot be closed never keeps the others. */
  async #passTime(): Promise<void> {
    const { store, clock, deadlinesFrom, tick, observer } = this.#options;
    if (clock.now() < deadlinesFrom()) return;
    for (const key of await store.overdue(500))
      await tick(key).catch((error: unknown) =>
        observer.event({ event: "failure", where: "sync.deadline", error }),
      );
  }

  async #sweepNowAndThen(now: number): Promise<void> {
    if (now - this.#sweptAt < sweepEveryMs) return;
    if (this.#sweptAt > 0) await this.#options.store.sweep();
    this.#sweptAt = now;
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

const nameOf = (key: ConnectionKey): string => JSON.stringify([key.tenant, key.connection]);
