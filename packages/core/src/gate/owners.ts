import type { Agent } from "../model/agent.ts";
import type { Clock } from "../model/clock.ts";
import type { CrmAdapter } from "../adapter/contract.ts";
import type { Gate } from "./gate.ts";

/** Who owns an activity; `fallback` when the agent has no user of their own there (W10). */
export type Owner = { readonly owner?: string; readonly fallback: boolean };

/** How an administrator maps agents to users of the CRM (W10). */
export type OwnerSettings = {
  /** Finds the CRM user of an agent instead of looking by email. */
  readonly ownerOf?: (agent: Agent) => string | undefined;
  /** The CRM user who owns activities of agents without one. */
  readonly ownerFallback?: string;
};

const hourMs = 60 * 60_000;

/** Agents' CRM users of one connection, looked up many at a time and remembered for an hour. */
export class Owners {
  readonly #adapter: CrmAdapter;
  readonly #gate: Gate;
  readonly #settings: OwnerSettings;
  readonly #clock: Clock;
  readonly #found = new Map<string, { readonly user: string | undefined; readonly at: number }>();

  constructor(of: {
    readonly adapter: CrmAdapter;
    readonly gate: Gate;
    readonly settings: OwnerSettings;
    readonly clock: Clock;
  }) {
    this.#adapter = of.adapter;
    this.#gate = of.gate;
    this.#settings = of.settings;
    this.#clock = of.clock;
  }

  /** Looks up whoever is not remembered. Throws `CrmError` when the CRM does not answer. */
  async learn(agents: readonly Agent[]): Promise<void> {
    const now = this.#clock.now();
    const unknown = new Map<string, Agent>();
    for (const agent of agents) {
      const found = this.#found.get(keyOf(agent));
      if (found === undefined || now - found.at > hourMs) unknown.set(keyOf(agent), agent);
    }
    if (unknown.size === 0) return;
    const asked = [...unknown.values()];
    const own = this.#settings.ownerOf;
    const reads = this.#adapter.reads;
    const users =
      own !== undefined
        ? asked.map((agent) => own(agent))
        : reads === undefined
          ? []
          : await this.#gate.run("background", (context) => reads.usersOf(asked, context));
    for (const [n, agent] of asked.entries())
      this.#found.set(keyOf(agent), { user: users[n], at: now });
  }

  /** The owner of an agent's activities, from what was learnt. */
  ownerOf(agent: Agent | undefined): Owner {
    const user = agent === undefined ? undefined : this.#found.get(keyOf(agent))?.user;
    if (user !== undefined) return { owner: user, fallback: false };
    const fallback = this.#settings.ownerFallback;
    return { ...(fallback !== undefined && { owner: fallback }), fallback: true };
  }
}

const keyOf = (agent: Agent): string => `${agent.id}\n${agent.email ?? ""}`;
