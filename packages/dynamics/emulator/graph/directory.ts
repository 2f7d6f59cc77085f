import type { SeedUser } from "../options.ts";

/** One user of the tenant's directory. */
export type DirectoryUser = {
  /** Entra object id. */
  readonly id: string;
  readonly userPrincipalName: string;
  readonly mail: string | null;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  /** Whether Exchange Online has a mailbox for this user; guests and users without a licence have none. */
  readonly mailbox: boolean;
};

const sameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The users of the emulated tenant: shared mailboxes are users too, with sign-in switched off. */
export class Directory {
  readonly #nextId: () => string;
  readonly #users = new Map<string, DirectoryUser>();

  constructor(nextId: () => string) {
    this.#nextId = nextId;
  }

  /** Adds a user and answers its object id; throws for an id or principal name that is taken. */
  add(seed: SeedUser): string {
    const id = (seed.id ?? this.#nextId()).toLowerCase();
    if (this.#users.has(id) || this.byPrincipalName(seed.userPrincipalName) !== undefined)
      throw new Error("emulator: cannot seed user: id or userPrincipalName is taken");
    this.#users.set(id, {
      id,
      userPrincipalName: seed.userPrincipalName,
      mail: seed.mail === undefined ? seed.userPrincipalName : seed.mail,
      displayName: seed.displayName ?? seed.userPrincipalName,
      accountEnabled: seed.accountEnabled ?? true,
      mailbox: seed.mailbox ?? true,
    });
    return id;
  }

  byPrincipalName(name: string): DirectoryUser | undefined {
    return this.all().find((user) => sameText(user.userPrincipalName, name));
  }

  /** As `/users/{key}` finds it: by object id or principal name, not by another address. */
  find(key: string): DirectoryUser | undefined {
    return this.#users.get(key.toLowerCase()) ?? this.byPrincipalName(key);
  }

  /** As mail paths find it: by address too ("a user can be identified by id, email address …", mail-api-overview). */
  findMailbox(key: string): DirectoryUser | undefined {
    return (
      this.find(key) ??
      this.all().find((user) => user.mailbox && user.mail !== null && sameText(user.mail, key))
    );
  }

  /** Its addresses as Entra keeps them: the primary one has the prefix in capitals. */
  static proxyAddresses(user: DirectoryUser): readonly string[] {
    if (user.mail === null) return [];
    return sameText(user.mail, user.userPrincipalName)
      ? [`SMTP:${user.mail}`]
      : [`SMTP:${user.mail}`, `smtp:${user.userPrincipalName}`];
  }

  all(): readonly DirectoryUser[] {
    return [...this.#users.values()];
  }

  clear(): void {
    this.#users.clear();
  }
}
