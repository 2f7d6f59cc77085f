import type { Connection } from "../gate/connection.ts";
import type { ConnectionKey } from "../store/contract.ts";
import { Pump, type PumpOptions } from "./pump.ts";

/** What finding a pump needs of the world. */
export type PumpsOptions = Omit<PumpOptions, "connection"> & {
  readonly connectionOf: (key: ConnectionKey) => Promise<Connection | undefined>;
};

/** How long lanes are set aside that nobody can write now: their connection is not configured, or its settings cannot be read. */
const asideMs = 60_000;

/** A pump per connection. Asking for a connection's settings never holds up another connection. */
export class Pumps {
  readonly #options: PumpsOptions;
  readonly #made = new Map<string, Pump>();
  readonly #asked = new Map<string, Promise<void>>();
  readonly #told = new Set<string>();

  constructor(options: PumpsOptions) {
    this.#options = options;
  }

  /** The pump of a connection. `undefined` while its settings are asked for; `then` is called when they came or did not. */
  find(key: ConnectionKey, then: () => void): Pump | undefined {
    const name = nameOf(key);
    const made = this.#made.get(name);
    if (made !== undefined || this.#asked.has(name)) return made;
    const asked = this.#ask(key, name).finally(() => {
      this.#asked.delete(name);
      then();
    });
    this.#asked.set(name, asked);
    return undefined;
  }

  /** Pumps with claims under way or held, whatever is ready elsewhere. */
  get working(): readonly Pump[] {
    return [...this.#made.values()].filter((pump) => pump.working);
  }

  /** What there is to wait for; empty when nothing goes on. */
  progress(): readonly Promise<void>[] {
    return [...this.#asked.values(), ...this.working.map((pump) => pump.progress())];
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#made.values()].map((pump) => pump.stop()));
  }

  async #ask(key: ConnectionKey, name: string): Promise<void> {
    const { connectionOf, observer } = this.#options;
    try {
      const connection = await connectionOf(key);
      if (connection !== undefined) {
        this.#made.set(name, new Pump({ ...this.#options, connection }));
        return;
      }
      if (!this.#told.has(name)) observer.event({ event: "unknownConnection", ...key });
      this.#told.add(name);
      await this.#setAside(key, "nobody configured this connection");
    } catch (error) {
      observer.event({ event: "failure", where: "sync.connection", error });
      await this.#setAside(key, "the connection's settings could not be read").catch(
        () => undefined,
      );
    }
  }

  /** Out of the way of what can be written; agents are not held up by it. */
  async #setAside(key: ConnectionKey, reason: string): Promise<void> {
    await this.#options.store.changeGate(key, (now, at) => ({
      why: "unconfigured",
      reason,
      ...now,
      pausedUntil: Math.max(now.pausedUntil ?? 0, at + asideMs),
    }));
  }
}

/** One text for a connection of a tenant: ids may hold any separator. */
export const nameOf = ({ tenant, connection }: ConnectionKey): string =>
  JSON.stringify([tenant, connection]);
