/** Work of one key, one after another in the order it was asked for; other keys go on beside it. In this process only. */
export class Serial {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` once all earlier work of this key has ended, however it ended. */
  async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(
      () => work(),
      () => work(),
    );
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
