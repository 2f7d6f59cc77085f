/** Steps that take writes back: those of one operation, or of a whole change set. */
export class Undo {
  readonly #steps: (() => void)[] = [];

  /** Remembers how to take one write back. */
  record(step: () => void): void {
    this.#steps.push(step);
  }

  /** Takes every write back, the last one first; afterwards nothing is remembered. */
  rollback(): void {
    for (const step of this.#steps.splice(0).toReversed()) step();
  }
}
