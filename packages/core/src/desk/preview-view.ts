import type { Connection } from "../gate/connection.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Warning } from "../model/warning.ts";
import type { Fields } from "../model/record.ts";
import { compileMapping } from "../plan/map.ts";
import { preview } from "../plan/preview.ts";
import type { Desk } from "./desk.ts";
import { readLanes } from "./lanes.ts";

/** One activity that would be written. */
export type PreviewedActivity = {
  readonly leg: string;
  readonly type: string;
  readonly fields: Fields;
  /** The CRM user it would belong to (W10). */
  readonly owner?: string;
  readonly records: readonly {
    readonly type: string;
    readonly id: string;
    readonly role: string;
  }[];
  readonly warnings: readonly Warning[];
};

/** What would be written where, and what is missing; advisory, it never blocks (W9). */
export type PreviewView = {
  readonly connections: readonly {
    readonly connection: string;
    readonly activities: readonly PreviewedActivity[];
    readonly missing: readonly ("disposition" | "link")[];
    /** Set where nothing is known of the CRM yet. */
    readonly unavailable?: string;
  }[];
};

/** What each connection would receive if every open leg closed now. Throws `unknown_interaction`. */
export async function previewOf(desk: Desk, id: string): Promise<PreviewView> {
  const { interaction, lanes } = await readLanes(desk, id);
  const all = await desk.connections.of(desk.tenant);
  const connections = await Promise.all(
    all.map(async (connection) => {
      const name = connection.key.connection;
      try {
        const known = await connection.known();
        const { settings } = connection;
        await learnOwners(connection, interaction);
        const shown = preview(
          interaction,
          {
            tenant: desk.tenant,
            connection: settings.id,
            connectionName: name,
            abilities: known.abilities,
            mapping: compileMapping(settings.mapping, known.types, settings.timeZone),
            unlinked: settings.unlinked,
            onUnlink: settings.onUnlink,
            abandoned: settings.abandoned,
            ownerOf: (agent) => connection.owners.ownerOf(agent),
          },
          lanes.find((lane) => lane.connection === name)?.rows ?? [],
          desk.clock.now(),
        );
        return {
          connection: name,
          activities: shown.entries.map((entry) => ({
            leg: entry.leg,
            type: entry.type,
            fields: entry.fields,
            ...(entry.owner !== undefined && { owner: entry.owner }),
            records: Object.entries(entry.roles).flatMap(([role, records]) =>
              records.map((record) => ({ ...record, role })),
            ),
            warnings: entry.warnings,
          })),
          missing: shown.missing,
        };
      } catch (error) {
        return {
          connection: name,
          activities: [],
          missing: [],
          unavailable: error instanceof Error ? error.message : "the CRM did not answer",
        };
      }
    }),
  );
  return { connections };
}

/** Best effort: a CRM that does not answer leaves only the owner out of a preview. */
async function learnOwners(connection: Connection, { legs }: Interaction): Promise<void> {
  await connection.owners.learn(legs.flatMap(({ agent }) => agent ?? [])).catch(() => undefined);
}
