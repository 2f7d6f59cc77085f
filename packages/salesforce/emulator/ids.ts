const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const suffixDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/** The three-character checksum that makes a 15-character id safe where case is lost. */
function suffixOf(id15: string): string {
  let suffix = "";
  for (let block = 0; block < 3; block += 1) {
    let bits = 0;
    for (let place = 0; place < 5; place += 1) {
      const letter = id15.codePointAt(block * 5 + place) ?? 0;
      if (letter >= 65 && letter <= 90) bits |= 1 << place;
    }
    suffix += suffixDigits.charAt(bits);
  }
  return suffix;
}

/**
 * Brings a 15- or 18-character id to its 18-character form; undefined when it is malformed. The suffix of an 18-character id repairs
 * lost case in Salesforce; the emulator is stricter and refuses a suffix that does not fit.
 */
export function toId18(id: string): string | undefined {
  if (!/^[A-Za-z0-9]+$/.test(id)) return undefined;
  if (id.length === 15) return id + suffixOf(id);
  if (id.length !== 18) return undefined;
  const id15 = id.slice(0, 15);
  const suffix = suffixOf(id15);
  return id.slice(15) === suffix ? id : undefined;
}

/** Gives out ids that look like a real org's: prefix, instance "dM", a counter in base 62, checksum. */
export class IdSource {
  #next: number;

  constructor(seed: number) {
    this.#next = 1_000_000_000 + (Math.abs(Math.trunc(seed)) % 1000) * 1_000_000;
  }

  /** The next id for an object with this key prefix. */
  next(prefix: string): string {
    let rest = this.#next;
    this.#next += 1;
    let tail = "";
    while (tail.length < 10) {
      tail = digits.charAt(rest % 62) + tail;
      rest = Math.floor(rest / 62);
    }
    const id15 = `${prefix}dM${tail}`;
    return id15 + suffixOf(id15);
  }
}
