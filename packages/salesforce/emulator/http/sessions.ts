import { createHmac, randomBytes } from "node:crypto";

/** What the token endpoint gives out [R-shape facts §1.4]: there is no expires_in, expiry shows as 401. */
export type TokenAnswer = {
  readonly access_token: string;
  readonly instance_url: string;
  readonly id: string;
  readonly token_type: "Bearer";
  readonly issued_at: string;
  readonly signature: string;
};

/** The access tokens that were given out. */
export class Sessions {
  readonly #now: () => number;
  readonly #ttlMs: number;
  readonly #expiry = new Map<string, number>();
  readonly #signingKey = randomBytes(16);

  constructor(now: () => number, ttlMs = Number.POSITIVE_INFINITY) {
    this.#now = now;
    this.#ttlMs = ttlMs;
  }

  /** Gives out a new token. */
  open(organizationId: string, userId: string, instanceUrl: string): TokenAnswer {
    const issuedAt = this.#now();
    const token = `${organizationId.slice(0, 15)}!${randomBytes(48).toString("base64url")}`;
    this.#expiry.set(token, issuedAt + this.#ttlMs);
    const id = `${instanceUrl}/id/${organizationId}/${userId}`;
    const signature = createHmac("sha256", this.#signingKey)
      .update(`${id}${issuedAt}`)
      .digest("base64");
    return {
      access_token: token,
      signature,
      instance_url: instanceUrl,
      id,
      token_type: "Bearer",
      issued_at: String(issuedAt),
    };
  }

  /** True while the token is good. */
  isOpen(token: string): boolean {
    const expiry = this.#expiry.get(token);
    return expiry !== undefined && this.#now() < expiry;
  }

  /** Ends one session. */
  close(token: string): void {
    this.#expiry.delete(token);
  }

  /** Ends every session. */
  closeAll(): void {
    this.#expiry.clear();
  }
}
