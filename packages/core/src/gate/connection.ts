import { z } from "zod";
import { CrmError } from "../adapter/crm-error.ts";
import type {
  Abilities,
  CrmAdapter,
  Finding,
  Trouble,
  TypeDescription,
} from "../adapter/contract.ts";
import type { Clock } from "../model/clock.ts";
import type { Mapping } from "../model/mapping.ts";
import type { ConnectionKey, Store } from "../store/contract.ts";
import type { Gate } from "./gate.ts";
import { Owners, type OwnerSettings } from "./owners.ts";
import { withPatience } from "./patience.ts";

/** What an administrator decides about one connection. */
export type ConnectionSettings = {
  /** Part of every key, for ever: keep it when the connection is renamed. */
  readonly id: string;
  /** Absent: it writes no activities. */
  readonly mapping?: Mapping;
  /** What is written about interactions nobody linked to this connection (K8). */
  readonly unlinked: "skip" | "log" | "hold";
  /** What happens in the CRM when a link is taken away after writing (K5). */
  readonly onUnlink: "retract" | "keep";
  /** IANA name; dates are written in it, never in the server's (K3). */
  readonly timeZone: string;
  /** ISO country that local phone numbers belong to. */
  readonly country: string;
  readonly searchOrder: readonly string[];
  readonly customerNumber?: { readonly type: string; readonly field: string };
  readonly creatable: readonly string[];
  /** Whether an interaction nobody accepted is written (L5). */
  readonly abandoned: "none" | "log";
} & OwnerSettings;

/** What is known of an org: found by `check`, kept in the store, used while the CRM is away. */
export type Known = {
  readonly at: number;
  readonly abilities: Abilities;
  readonly types: readonly TypeDescription[];
  readonly findings: readonly Finding[];
};

const dayMs = 24 * 60 * 60_000;
/** We wrote it ourselves; a shape from an older version is looked up anew. */
const knownSchema = z.custom<Known>(
  (kept) => typeof kept === "object" && kept !== null && "abilities" in kept && "types" in kept,
);
const keptAs = "known";

/** One configured CRM org at run time: its adapter, settings, gate, and what is known of it. */
export class Connection {
  readonly key: ConnectionKey;
  readonly adapter: CrmAdapter;
  readonly settings: ConnectionSettings;
  readonly gate: Gate;
  /** Who owns the activities of which agent. */
  readonly owners: Owners;
  readonly #store: Pick<Store, "keep" | "kept">;
  readonly #clock: Clock;
  #known: Known | undefined;
  #checking: Promise<Known> | undefined;
  #expired = false;

  constructor(of: {
    readonly key: ConnectionKey;
    readonly adapter: CrmAdapter;
    readonly settings: ConnectionSettings;
    readonly gate: Gate;
    readonly store: Pick<Store, "keep" | "kept">;
    readonly clock: Clock;
  }) {
    this.key = of.key;
    this.adapter = of.adapter;
    this.settings = of.settings;
    this.gate = of.gate;
    this.owners = new Owners(of);
    this.#store = of.store;
    this.#clock = of.clock;
  }

  /** Signs in and looks anew; callers at the same time share one look. Throws `CrmError` or `WrapupError`. */
  check(): Promise<Known> {
    this.#checking ??= this.#look([]).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** What is known: remembered, else kept from an earlier run, else looked up. Older than a day: looked up beside the work. */
  async known(): Promise<Known> {
    if (this.#known === undefined) {
      const kept = await this.#store.kept(this.key, keptAs);
      const read = knownSchema.safeParse(kept === undefined ? undefined : JSON.parse(kept));
      if (read.success) this.#remember(read.data);
    }
    if (this.#known === undefined || this.#expired) return this.check();
    // The mapping may name types that an earlier run did not ask for.
    const described = new Set(this.#known.types.map((type) => type.name));
    if (
      this.adapter.reads !== undefined &&
      mappedTypes(this.settings.mapping).some((type) => !described.has(type)) &&
      this.#known.at + 60_000 < this.#clock.now()
    )
      return this.check();
    if (this.#clock.now() - this.#known.at > dayMs) this.check().catch(() => undefined);
    return this.#known;
  }

  /** The CRM answered as if its schema had changed: look anew before the next use. */
  expire(): void {
    this.#expired = true;
  }

  /** What is known without asking anybody. */
  get remembered(): Known | undefined {
    return this.#known;
  }

  /** How many writes one request may hold now. */
  get batchLimit(): number {
    return this.gate.doubted ? 1 : (this.#known?.abilities.maxBatch ?? 1);
  }

  /** The same for an administrator who may have mended what paused the connection: it passes those pauses. */
  checkAgain(): Promise<Known> {
    return this.#look(["schema", "auth"]);
  }

  async #look(past: readonly Trouble[]): Promise<Known> {
    const looked = await withPatience(
      this.gate,
      { place: `connection ${this.key.connection}`, repeat: "always", past },
      async (context) => {
        const { abilities, findings } = await this.adapter.check(context);
        const types =
          (await this.adapter.reads?.describe(mappedTypes(this.settings.mapping), context)) ?? [];
        return { at: this.#clock.now(), abilities, types, findings };
      },
    );
    this.#remember(looked);
    await this.#store.keep(this.key, keptAs, JSON.stringify(looked));
    return looked;
  }

  #remember(known: Known): void {
    this.#known = known;
    this.#expired = false;
    this.gate.setMaxConcurrent(known.abilities.maxConcurrent);
  }
}

/** Every CRM type that a mapping writes to. */
const mappedTypes = (mapping: Mapping | undefined): readonly string[] =>
  mapping === undefined
    ? []
    : [
        ...new Set(
          [...Object.values(mapping.activities), mapping.otherwise].map(({ type }) => type),
        ),
      ];

/** An error of the far side as the gate's trouble; a refusal of what setting up asks for is the administrator's. `undefined` for what is not the CRM's. */
export const troubleOf = (
  error: unknown,
):
  | {
      readonly why: Exclude<CrmError["why"], "refused">;
      readonly reason: string;
      readonly afterMs?: number;
    }
  | undefined =>
  error instanceof CrmError
    ? {
        why: error.why === "refused" ? "schema" : error.why,
        reason: error.message,
        ...(error.afterMs !== undefined && { afterMs: error.afterMs }),
      }
    : undefined;
