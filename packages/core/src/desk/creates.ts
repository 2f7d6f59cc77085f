import type { Clock } from "../model/clock.ts";
import type { FoundRecord } from "./search.ts";
import { Serial } from "./serial.ts";

/** By then the record is in the CRM's own search and duplicate rules, which know more than we do. */
const rememberedMs = 10 * 60_000;

type Made = { readonly draft: string; readonly record: FoundRecord; readonly at: number };

/**
 * Creates of one identity, one after another, each knowing what the ones before it made (R4). It is this process's alone: between
 * processes the CRM's keys and duplicate rules must do it.
 */
export class Creates {
  readonly #clock: Clock;
  readonly #serial = new Serial();
  /** Oldest first. */
  readonly #made = new Map<string, Made>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#serial.inTurn(key, work);
  }

  /** What another draft made of this identity moments ago. */
  madeBefore(identity: string, draft: string): FoundRecord | undefined {
    this.#forget();
    const made = this.#made.get(identity);
    return made === undefined || made.draft === draft ? undefined : made.record;
  }

  remember(identity: string, draft: string, record: FoundRecord): void {
    this.#forget();
    this.#made.delete(identity);
    this.#made.set(identity, { draft, record, at: this.#clock.now() });
  }

  #forget(): void {
    const since = this.#clock.now() - rememberedMs;
    for (const [identity, { at }] of this.#made) {
      if (at > since) return;
      this.#made.delete(identity);
    }
  }
}
