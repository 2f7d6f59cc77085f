import { WrapupError } from "../errors.ts";
import type { Connection } from "../gate/connection.ts";
import type { Command } from "../model/command.ts";
import { readInput } from "../model/door.ts";
import type { RecordId, RecordRef } from "../model/record.ts";
import { shown } from "../model/shown.ts";
import * as handed from "./handed.ts";

/** What can be linked: a reference, or a record that a search or a draft gave. */
export type Linkable =
  | RecordRef
  | { readonly ref: RecordRef; readonly title?: string; readonly parents?: readonly RecordId[] };

/** What can be linked, from outside. Throws `invalid_input`. */
export const readLinkable = (input: unknown, place: string): Linkable =>
  "ref" in readInput(handed.named, input, place)
    ? readInput(handed.found, input, place)
    : readInput(handed.ref, input, place);

/** The connection to link in. Throws `not_supported` where nothing would ever be written about the record (K7). */
export function linkedIn(connection: Connection, place: string): Connection {
  if (connection.settings.mapping !== undefined) return connection;
  throw new WrapupError(
    "not_supported",
    `"${shown(connection.key.connection)}" writes no activities, so nothing can be linked there`,
    { place, mend: "Link a record of a CRM's connection, or configure a mapping on this one." },
  );
}

/** What a link command carries of a record. `personTypes`: those searched for a person, surest first. */
export function linkOf(
  record: Linkable,
  personTypes: readonly string[],
): Extract<Command, { readonly do: "link" }> {
  if (!("ref" in record)) return { do: "link", record: plainRef(record) };
  const { ref, title = "", parents } = record;
  const personRank = personTypes.indexOf(ref.type);
  return {
    do: "link",
    record: plainRef(ref),
    ...(parents !== undefined && { parents }),
    ...(title !== "" && { title }),
    ...(title !== "" && personRank !== -1 && { personRank }),
  };
}

const plainRef = ({ connection, type, id }: RecordRef): RecordRef => ({ connection, type, id });
