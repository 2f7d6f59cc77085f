type Place<T> = { readonly item: T; readonly at: number; readonly turn: number };

const before = (a: Place<unknown>, b: Place<unknown>): boolean =>
  a.at < b.at || (a.at === b.at && a.turn < b.turn);

/** Items in order of a time; first come, first among equals. A sorted array with a moving head: taking from the head costs what is taken. */
export class ByTime<T> {
  readonly #places = new Map<T, Place<T>>();
  readonly #order: (Place<T> | undefined)[] = [];
  #head = 0;
  #turns = 0;

  /** Puts an item at a time, or moves it there; `undefined` takes it out. */
  set(item: T, at: number | undefined): void {
    const old = this.#places.get(item);
    if (old?.at === at) return;
    if (old !== undefined) {
      this.#remove(this.#indexOf(old));
      this.#places.delete(item);
    }
    if (at === undefined) return;
    const place = { item, at, turn: this.#turns++ };
    this.#order.splice(this.#indexOf(place), 0, place);
    this.#places.set(item, place);
  }

  /** The earliest `limit` items that are not later than `now`. */
  upTo(now: number, limit: number): readonly T[] {
    const found: T[] = [];
    for (let index = this.#head; found.length < limit; index += 1) {
      const place = this.#order[index];
      if (place === undefined || place.at > now) break;
      found.push(place.item);
    }
    return found;
  }

  /** When the earliest item comes. */
  next(): number | undefined {
    return this.#order[this.#head]?.at;
  }

  get size(): number {
    return this.#places.size;
  }

  #remove(index: number): void {
    if (index - this.#head > this.#order.length - index) {
      this.#order.splice(index, 1);
      return;
    }
    for (let at = index; at > this.#head; at -= 1) this.#order[at] = this.#order[at - 1];
    this.#order[this.#head] = undefined;
    this.#head += 1;
    if (this.#head * 2 > this.#order.length) this.#head -= this.#order.splice(0, this.#head).length;
  }

  #indexOf(place: Place<T>): number {
    let low = this.#head;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#order[middle];
      if (there !== undefined && before(there, place)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
