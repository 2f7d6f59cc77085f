import type { Clock } from "../model/clock.ts";
import type { Observer } from "../model/observer.ts";
import type { Claim, Store } from "../store/contract.ts";

/** What keeping leases needs of the world. */
export type LeasesOptions = {
  readonly store: Pick<Store, "extend">;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly leaseMs: number;
};

/** Lengthens the leases of claims at half their life, for as long as they are held. */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #held = new Set<Claim>();
  #stop: (() => void) | undefined;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  hold(claims: readonly Claim[]): void {
    for (const claim of claims) this.#held.add(claim);
    if (this.#held.size > 0) this.#watch();
  }

  drop(claims: readonly Claim[]): void {
    for (const claim of claims) this.#held.delete(claim);
  }

  stop(): void {
    this.#stop?.();
  }

  #watch(): void {
    if (this.#stop !== undefined) return;
    const { clock, leaseMs, store, observer } = this.#options;
    this.#stop = clock.after(leaseMs / 2, () => {
      this.#stop = undefined;
      if (this.#held.size === 0) return;
      store
        .extend([...this.#held], leaseMs)
        .catch((error: unknown) =>
          observer.event({ event: "failure", where: "sync.extend", error }),
        );
      this.#watch();
    });
  }
}
