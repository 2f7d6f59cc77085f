/** Steps that take a call's writes back, for allOrNone. */
export class Undo {
  readonly #steps: (() => void)[] = [];

  /** Remembers how to take one write back. */
  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** Takes every write back, the last one first. */
  rollBack(): void {
    for (const step of this.#steps.splice(0).toReversed()) step();
  }
}
