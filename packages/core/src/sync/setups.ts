import { checkMapping } from "../plan/check-mapping.ts";
import { compileMapping } from "../plan/map.ts";
import type { Setup } from "../plan/wanted.ts";
import { type Connection, type Known } from "../gate/connection.ts";
import { CrmError } from "../adapter/crm-error.ts";
import type { Agent } from "../model/agent.ts";
import type { Observer } from "../model/observer.ts";
import type { Claim } from "../store/contract.ts";

/** Makes what planning reads of a connection: its abilities, the mapping compiled and checked, and the owners (K3, W10). */
export class Setups {
  readonly #connection: Connection;
  readonly #observer: Observer;
  #made: { readonly of: Known; readonly setup: Setup } | undefined;

  constructor({
    connection,
    observer,
  }: {
    readonly connection: Connection;
    readonly observer: Observer;
  }) {
    this.#connection = connection;
    this.#observer = observer;
  }

  /** Throws `CrmError` where nothing is known of the org yet and it does not answer, or where the mapping does not fit it. */
  async current(): Promise<Setup> {
    const known = await this.#connection.known();
    if (this.#made?.of === known) return this.#made.setup;
    const { settings, key } = this.#connection;
    const { mapping } = settings;
    const findings = [
      ...known.findings,
      ...(mapping === undefined
        ? []
        : checkMapping(
            mapping,
            this.#connection.adapter.reads === undefined ? undefined : known.types,
          )),
    ];
    for (const { severity, place, text } of findings)
      this.#observer.event({ event: "finding", ...key, severity, place, text });
    const wrong = findings.find((finding) => finding.severity === "error");
    if (wrong !== undefined) {
      // The administrator may be mending it right now: the next try looks anew before it judges.
      this.#connection.expire();
      throw new CrmError("schema", "no", `${wrong.place}: ${wrong.text} ${wrong.mend}`);
    }
    const setup: Setup = {
      tenant: key.tenant,
      connection: settings.id,
      connectionName: key.connection,
      abilities: known.abilities,
      ...(mapping !== undefined && {
        mapping: compileMapping(mapping, known.types, settings.timeZone),
      }),
      unlinked: settings.unlinked,
      onUnlink: settings.onUnlink,
      abandoned: settings.abandoned,
      ownerOf: (agent) => this.#connection.owners.ownerOf(agent),
    };
    this.#made = { of: known, setup };
    return setup;
  }

  /** Whoever worked on these interactions, where that is written, and whoever wrote a mail. */
  async learnOwners(claims: readonly Claim[]): Promise<void> {
    const agents: Agent[] = [];
    const { key, settings } = this.#connection;
    for (const { interaction } of claims) {
      const { legs, mails, deleted } = interaction;
      if (settings.mapping !== undefined) agents.push(...legs.flatMap(({ agent }) => agent ?? []));
      for (const { via, agent } of mails)
        if (via === key.connection && deleted === undefined) agents.push(agent);
    }
    await this.#connection.owners.learn(agents);
  }
}
