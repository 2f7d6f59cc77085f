const guidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Brings a GUID to the lower case in which it is kept; undefined when it is none. */
export function toGuid(text: string): string | undefined {
  return guidForm.test(text) ? text.toLowerCase() : undefined;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

/** Gives out GUIDs that never repeat: a counter below chance. The same in every run with the same seed. */
export class IdSource {
  readonly #random: () => number;
  #next = 1;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The next GUID, in lower case. */
  next(): string {
    const head = hex(Math.floor(this.#random() * 0x1_0000_0000), 8);
    const middle = Math.floor(this.#random() * 0x1000_0000);
    const counter = this.#next;
    this.#next += 1;
    const version = `4${hex(middle & 0xfff, 3)}`;
    return `${head}-${hex(middle >>> 12, 4)}-${version}-8${hex(Math.floor(this.#random() * 0x1000), 3)}-${hex(counter, 12)}`;
  }
}
