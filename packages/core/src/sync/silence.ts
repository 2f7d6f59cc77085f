import type { Clock } from "../model/clock.ts";
import type { Observer } from "../model/observer.ts";
import type { InteractionKey, Store } from "../store/contract.ts";

/** What passing time needs of the world. */
export type SilenceOptions = {
  readonly store: Pick<Store, "overdue">;
  readonly clock: Clock;
  readonly observer: Observer;
  /** No deadline is counted before then (L7). */
  readonly deadlinesFrom: () => number;
  /** Records that time has passed for one interaction. */
  readonly tick: (key: InteractionKey) => Promise<void>;
};

/** Deadlines looked at in one turn. */
const atOnce = 500;

/** How long an interaction that could not be closed is left alone. */
const restMs = 60_000;

/** Closes the legs that silence closes (L7): tenant beside tenant, so that one whose settings cannot be read holds up nobody else. */
export class Silence {
  readonly #options: SilenceOptions;
  readonly #underWay = new Map<string, { readonly keys: number; readonly done: Promise<void> }>();
  /** When each interaction that could not be closed may be tried again. */
  readonly #resting = new Map<string, number>();
  #stopped = false;

  constructor(options: SilenceOptions) {
    this.#options = options;
  }

  /** Starts closing what is overdue; `then` is called whenever a tenant's are done. */
  async pass(then: () => void): Promise<void> {
    const { store, clock, deadlinesFrom } = this.#options;
    const now = clock.now();
    if (now < deadlinesFrom()) return;
    for (const [name, until] of this.#resting) if (until <= now) this.#resting.delete(name);
    const known = [...this.#underWay.values()].reduce((sum, { keys }) => sum + keys, 0);
    const overdue = await store.overdue(atOnce + known + this.#resting.size);
    const awake = overdue.filter((key) => !this.#resting.has(nameOf(key)));
    for (const [tenant, keys] of Map.groupBy(awake, (key) => key.tenant)) {
      if (this.#underWay.has(tenant)) continue;
      const done = this.#close(keys).finally(() => {
        this.#underWay.delete(tenant);
        then();
      });
      this.#underWay.set(tenant, { keys: keys.length, done });
    }
  }

  /** What there is to wait for; empty when nothing goes on. */
  progress(): readonly Promise<void>[] {
    return [...this.#underWay.values()].map(({ done }) => done);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #close(keys: readonly InteractionKey[]): Promise<void> {
    const { tick, observer, clock } = this.#options;
    let told = false;
    const failed: string[] = [];
    for (const key of keys) {
      if (this.#stopped) return;
      try {
        await tick(key);
      } catch (error) {
        // One that cannot be closed never keeps the others; a whole tenant's failure is told once.
        failed.push(nameOf(key));
        if (!told) observer.event({ event: "failure", where: "sync.deadline", error });
        told = true;
      }
    }
    // From the end of the round: one slower than the rest would else begin anew for ever, and nobody could wait for it.
    const until = clock.now() + restMs;
    for (const name of failed) this.#resting.set(name, until);
  }
}

const nameOf = ({ tenant, interaction }: InteractionKey): string =>
  JSON.stringify([tenant, interaction]);
