import { randomBytes } from "node:crypto";

/** Which service a token is for: one never opens the other (facts §2). */
export type Audience = "dataverse" | "graph";

/** What a service makes of a token. */
export type TokenVerdict = "good" | "expired" | "unknown";

type Given = { readonly audience: Audience; readonly expiresAt: number };

const hour = 3_600_000;

/** The access tokens that were given out. */
export class Tokens {
  readonly ttlMs: number;
  readonly #now: () => number;
  readonly #given = new Map<string, Given>();

  constructor(now: () => number, ttlMs: number = hour) {
    this.#now = now;
    this.ttlMs = ttlMs;
  }

  /** Gives out a new token for one service. */
  open(audience: Audience): string {
    const token = randomBytes(48).toString("base64url");
    this.#given.set(token, { audience, expiresAt: this.#now() + this.ttlMs });
    return token;
  }

  /** What the service says about a token: one for another service is as unknown as an invented one. */
  check(token: string, audience: Audience): TokenVerdict {
    const given = this.#given.get(token);
    if (given === undefined || given.audience !== audience) return "unknown";
    return this.#now() < given.expiresAt ? "good" : "expired";
  }

  /** Every token given out so far is expired from now on. */
  expireAll(): void {
    for (const [token, given] of this.#given) this.#given.set(token, { ...given, expiresAt: 0 });
  }
}
