import { randomUUID } from "node:crypto";
import type { FieldDescription } from "../adapter/contract.ts";
import type { Connection } from "../gate/connection.ts";
import { withPatience } from "../gate/patience.ts";
import { readInput } from "../model/door.ts";
import { recordType } from "../model/door-schemas.ts";
import type { Interaction } from "../model/interaction.ts";
import { shown } from "../model/shown.ts";
import { WrapupError } from "../errors.ts";
import { needConnection, placeOf } from "./commands.ts";
import type { Desk } from "./desk.ts";
import { RecordDraft } from "./draft.ts";
import { formOf } from "./draft-form.ts";
import * as handed from "./handed.ts";
import { createOf } from "./saving.ts";

/** Opens a draft: the form from the CRM's own description, prefilled from the card and the interaction (R3). */
export async function openDraft(
  desk: Desk,
  interaction: Interaction,
  connectionName: string,
  type: string,
  of: { readonly id?: string; readonly by?: string },
): Promise<RecordDraft> {
  const { id = randomUUID(), by } = readInput(handed.draft, of, "draft");
  readInput(recordType, type, "draft: type");
  const connection = await needConnection(desk, connectionName, "draft");
  const place = placeOf("draft", connectionName, type);
  createOf(connection.adapter, place);
  ensureCreatable(connection, type, place);
  const fields = await describe(connection, type, place);
  const form = formOf(fields, interaction, connectionName);
  return new RecordDraft(desk, {
    id,
    interaction: interaction.id,
    connection: connectionName,
    type,
    form,
    ...(by !== undefined && { by }),
  });
}

/** Agents create only what the administrator enabled (R3). */
function ensureCreatable({ key, settings }: Connection, type: string, place: string): void {
  const { creatable } = settings;
  if (creatable.includes(type)) return;
  throw new WrapupError(
    "unknown_record_type",
    `Agents may not create "${shown(type)}" in "${key.connection}"`,
    {
      place,
      mend:
        creatable.length === 0
          ? "Name the types in the connection's creatable list."
          : `Allowed are: ${creatable.join(", ")}.`,
    },
  );
}

async function describe(
  { adapter: { reads }, gate }: Connection,
  type: string,
  place: string,
): Promise<readonly FieldDescription[]> {
  if (reads === undefined) return [];
  const [description] = await withPatience(gate, { place, repeat: "always" }, (context) =>
    reads.describe([type], context),
  );
  if (description !== undefined) return description.fields;
  throw new WrapupError(
    "unknown_record_type",
    `The CRM has no type "${shown(type)}", or this user may not see it`,
    { place, mend: "Take it off the creatable list, or ask the CRM's administrator." },
  );
}
