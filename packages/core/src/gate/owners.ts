import type { Agent } from "../model/agent.ts";
import type { Clock } from "../model/clock.ts";
import { CrmError } from "../adapter/crm-error.ts";
import type { CrmAdapter } from "../adapter/contract.ts";
import type { Gate } from "./gate.ts";
import { withPatience } from "./patience.ts";

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
    const users = await this.#usersOf(asked);
    for (const [n, agent] of asked.entries())
      this.#found.set(keyOf(agent), { user: users[n], at: now });
  }

  /**
   * The user of one agent while somebody waits for it: as remembered, else asked for now. Throws `CrmError`, or `crm_unavailable` while
   * the connection is paused.
   */
  async find(agent: Agent, place: string): Promise<Owner> {
    const adapter = this.#adapter;
    const found = this.#found.get(keyOf(agent));
    const isKnown = found?.user !== undefined && this.#clock.now() - found.at <= hourMs;
    if (isKnown) return this.ownerOf(agent);
    if (this.#settings.ownerOf !== undefined || adapter.usersOf === undefined)
      await this.learn([agent]);
    else {
      const [user] = await withPatience(
        this.#gate,
        { place, repeat: "always" },
        async (context) => (await adapter.usersOf?.([agent], context)) ?? [],
      );
      this.#found.set(keyOf(agent), { user, at: this.#clock.now() });
    }
    return this.ownerOf(agent);
  }

  async #usersOf(asked: readonly Agent[]): Promise<readonly (string | undefined)[]> {
    const { ownerOf } = this.#settings;
    if (ownerOf !== undefined) return asked.map((agent) => guarded(() => ownerOf(agent)));
    const adapter = this.#adapter;
    if (adapter.usersOf === undefined) return [];
    try {
      return await this.#gate.run(
        "background",
        async (context) => (await adapter.usersOf?.(asked, context)) ?? [],
      );
    } catch (error) {
      if (!(error instanceof CrmError) || error.why !== "refused") throw error;
    }
    // One of them cannot be asked for: the others still get their own user, and that one the fallback.
    if (asked.length === 1) return [undefined];
    const users: (string | undefined)[] = [];
    for (const agent of asked) users.push(...(await this.#usersOf([agent])));
    return users;
  }

  /** The owner of an agent's activities, from what was learnt. */
  ownerOf(agent: Agent | undefined): Owner {
    const user = agent === undefined ? undefined : this.#found.get(keyOf(agent))?.user;
    if (user !== undefined) return { owner: user, fallback: false };
    const fallback = this.#settings.ownerFallback;
    return { ...(fallback !== undefined && { owner: fallback }), fallback: true };
  }
}

/** The app's own function may fail for one agent: that one gets the fallback, and the receipt says so. */
function guarded(own: () => string | undefined): string | undefined {
  try {
    return own();
  } catch {
    return undefined;
  }
}

const keyOf = (agent: Agent): string => `${agent.id}\n${agent.email ?? ""}`;
