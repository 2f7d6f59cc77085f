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
  #failures = 0;

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
    for (;;) {
      this.nudge();
      await this.#turning;
      const pumps = [...this.#pumps.values()];
      if (pumps.some((pump) => pump.flying))
        await new Promise<void>((resolve) => this.#landed.push(resolve));
      if (this.#again || pumps.some((pump) => pump.working)) continue;
      const ready = await this.#options.store.ready({ limit: 100, upTo: 1 });
      const workable = await Promise.all(ready.map((key) => this.#options.connectionOf(key)));
      if (this.#stopped || workable.every((connection) => connection === undefined)) return;
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

  readonly #landed: (() => void)[] = [];

  async #turn(): Promise<void> {
    const { store, observer } = this.#options;
    try {
      await this.#passTime();
      const ready = await store.ready({ limit: 100, upTo: 1_000 });
      const known = new Set(ready.map(nameOf));
      for (const key of ready) await this.#offer(key, key.lanes);
      // A pump that holds claimed lanes goes on, though its connection has nothing else to claim.
      for (const [name, pump] of this.#pumps)
        if (!known.has(name)) await pump.offer(0, () => this.#onLanded());
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      observer.event({ event: "failure", where: "sync.turn", error });
    }
    await this.#sleep();
  }

  async #offer(key: ConnectionKey, waiting: number): Promise<void> {
    const name = nameOf(key);
    let pump = this.#pumps.get(name);
    if (pump === undefined) {
      const connection = await this.#options.connectionOf(key);
      if (connection === undefined) {
        if (!this.#unknown.has(name))
          this.#options.observer.event({
            event: "unknownConnection",
            tenant: key.tenant,
            connection: key.connection,
          });
        this.#unknown.add(name);
        return;
      }
      pump = new Pump({ ...this.#options, connection });
      this.#pumps.set(name, pump);
    }
    await pump.offer(waiting, () => this.#onLanded());
  }

  #onLanded(): void {
    for (const resolve of this.#landed.splice(0)) resolve();
    this.nudge();
  }

  /** Closes the legs that silence closes (L7). */
  async #passTime(): Promise<void> {
    const { store, clock, deadlinesFrom, tick } = this.#options;
    if (clock.now() < deadlinesFrom()) return;
    for (const key of await store.overdue(500)) await tick(key);
  }

  async #sleep(): Promise<void> {
    if (this.#stopped) return;
    const { store, clock, pollMs, deadlinesFrom } = this.#options;
    const now = clock.now();
    const next = this.#failures > 0 ? undefined : await store.nextDueAt().catch(() => undefined);
    // A deadline that already passed but does not count yet must not keep us awake.
    const floor =
      next !== undefined && next <= now ? Math.min(pollMs, Math.max(50, deadlinesFrom() - now)) : 0;
    const ms = next === undefined ? pollMs : Math.min(pollMs, Math.max(floor, next - now));
    this.#stopSleeping = clock.after(Math.max(1, ms), () => this.nudge());
  }
}

const nameOf = (key: ConnectionKey): string => `${key.tenant}\n${key.connection}`;
