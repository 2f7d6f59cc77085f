import { tellable } from "../adapter/crm-error.ts";
import type { Connection } from "../gate/connection.ts";
import type { Agent } from "../model/agent.ts";
import type { Entry } from "../model/entry.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Row } from "../model/ledger.ts";
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

type PreviewedConnection = PreviewView["connections"][number];

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

/** What each connection that writes activities would receive if every open leg closed now. Throws `unknown_interaction`. */
export async function previewOf(desk: Desk, id: string): Promise<PreviewView> {
  const { interaction, lanes } = await readLanes(desk, id);
  const all = await desk.connections.of(desk.tenant);
  const writing = all.filter(({ settings }) => settings.mapping !== undefined);
  const connections = await Promise.all(
    writing.map(async (connection): Promise<PreviewedConnection> => {
      const name = connection.key.connection;
      const rows = lanes.find((lane) => lane.connection === name)?.rows ?? [];
      try {
        return await previewOne(desk, connection, interaction, rows);
      } catch (error) {
        const unavailable = tellable(error);
        return { connection: name, activities: [], missing: [], unavailable };
      }
    }),
  );
  return { connections };
}

async function previewOne(
  desk: Desk,
  connection: Connection,
  interaction: Interaction,
  rows: readonly Row[],
): Promise<PreviewedConnection> {
  const known = await connection.known();
  const { settings, owners, key } = connection;
  const { mapping } = settings;
  await learnOwners(connection, interaction);
  const setup = {
    tenant: desk.tenant,
    connection: settings.id,
    connectionName: key.connection,
    abilities: known.abilities,
    ...(mapping !== undefined && {
      mapping: compileMapping(mapping, known.types, settings.timeZone),
    }),
    unlinked: settings.unlinked,
    onUnlink: settings.onUnlink,
    abandoned: settings.abandoned,
    ownerOf: (agent: Agent | undefined) => owners.ownerOf(agent),
  };
  const { entries, missing } = preview(interaction, setup, rows, desk.clock.now());
  return { connection: key.connection, activities: entries.map(previewed), missing };
}

const previewed = ({ leg, type, fields, owner, roles, warnings }: Entry): PreviewedActivity => ({
  leg,
  type,
  fields,
  ...(owner !== undefined && { owner }),
  records: Object.entries(roles).flatMap(([role, records]) =>
    records.map((record) => ({ ...record, role })),
  ),
  warnings,
});

/** Best effort: a CRM that does not answer leaves only the owner out of a preview. */
async function learnOwners(connection: Connection, { legs }: Interaction): Promise<void> {
  await connection.owners.learn(legs.flatMap(({ agent }) => agent ?? [])).catch(() => undefined);
}
