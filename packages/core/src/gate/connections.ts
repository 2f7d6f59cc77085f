import { shown } from "../model/shown.ts";
import type { Clock } from "../model/clock.ts";
import type { Observer } from "../model/observer.ts";
import type { CrmAdapter } from "../adapter/contract.ts";
import { WrapupError } from "../errors.ts";
import type { ConnectionKey, Store } from "../store/contract.ts";
import { Connection, type ConnectionSettings } from "./connection.ts";
import { Gate } from "./gate.ts";
import type { BudgetSettings } from "./rules.ts";

/** One connection as configured: its adapter and every setting filled in. */
export type ConfiguredConnection = {
  readonly adapter: CrmAdapter;
  readonly settings: ConnectionSettings;
  readonly budget: BudgetSettings;
  readonly timeoutMs: number;
};

/** What each tenant has configured, by connection name. */
export type Configured = (tenant: string) => Promise<ReadonlyMap<string, ConfiguredConnection>>;

/** Every connection of every tenant at run time, made when first asked for, shared by workers and agents. */
export class Connections {
  readonly #configured: Configured;
  readonly #world: {
    readonly store: Store;
    readonly clock: Clock;
    readonly observer: Observer;
    readonly random: () => number;
  };
  readonly #made = new Map<string, Connection>();

  constructor(
    configured: Configured,
    world: {
      readonly store: Store;
      readonly clock: Clock;
      readonly observer: Observer;
      readonly random: () => number;
    },
  ) {
    this.#configured = configured;
    this.#world = world;
  }

  /** `undefined` when the tenant has no connection of that name. */
  async find(key: ConnectionKey): Promise<Connection | undefined> {
    const name = JSON.stringify([key.tenant, key.connection]);
    const made = this.#made.get(name);
    if (made !== undefined) return made;
    const configured = (await this.#configured(key.tenant)).get(key.connection);
    if (configured === undefined) return undefined;
    const { adapter, settings, budget, timeoutMs } = configured;
    const gate = new Gate({ of: key, ...this.#world, budget, timeoutMs });
    const connection =
      this.#made.get(name) ?? new Connection({ key, adapter, settings, gate, ...this.#world });
    this.#made.set(name, connection);
    return connection;
  }

  /** Throws `unknown_connection` when the tenant has no connection of that name (K7). */
  async need(key: ConnectionKey, place: string): Promise<Connection> {
    const connection = await this.find(key);
    if (connection !== undefined) return connection;
    const names = [...(await this.#configured(key.tenant)).keys()];
    throw new WrapupError(
      "unknown_connection",
      `There is no connection named "${shown(key.connection)}"`,
      {
        place,
        mend:
          names.length === 0
            ? "Configure one in createWrapup({ connections })."
            : `Configured are: ${names.join(", ")}.`,
      },
    );
  }

  /** All connections of a tenant, in the order they are configured. */
  async of(tenant: string): Promise<readonly Connection[]> {
    const names = [...(await this.#configured(tenant)).keys()];
    const all = await Promise.all(names.map((connection) => this.find({ tenant, connection })));
    return all.flatMap((connection) => connection ?? []);
  }

  /** Ends requests under way (`now`) or only lets adapters go. */
  async close(): Promise<void> {
    await Promise.all(
      [...new Set([...this.#made.values()].map((connection) => connection.adapter))].map(
        (adapter) => adapter.close(),
      ),
    );
  }

  abort(): void {
    for (const connection of this.#made.values()) connection.gate.abort();
  }
}
