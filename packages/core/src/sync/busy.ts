/**
 * Rows that requests under way may lock in the CRM. Two concurrent requests of a connection never contain the same one (W4),
 * so a write that would share one waits until it is free.
 */
export class Busy {
  readonly #touched = new Map<string, number>();

  /** Whether none of these is in use. */
  free(touches: readonly string[]): boolean {
    return touches.every((touch) => !this.#touched.has(touch));
  }

  take(touches: readonly string[]): void {
    for (const touch of touches) this.#touched.set(touch, (this.#touched.get(touch) ?? 0) + 1);
  }

  give(touches: readonly string[]): void {
    for (const touch of touches) {
      const left = (this.#touched.get(touch) ?? 1) - 1;
      if (left > 0) this.#touched.set(touch, left);
      else this.#touched.delete(touch);
    }
  }
}
