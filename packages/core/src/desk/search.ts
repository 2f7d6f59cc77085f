import type { CrmRecord, SearchQuery } from "../adapter/contract.ts";
import { withPatience } from "../gate/patience.ts";
import type { Connection } from "../gate/connection.ts";
import { WrapupError } from "../errors.ts";
import { phoneForms } from "../card/address.ts";
import { readInput } from "../model/door.ts";
import type { RecordRef } from "../model/record.ts";
import { needConnection, placeOf } from "./commands.ts";
import type { Desk } from "./desk.ts";
import * as handed from "./handed.ts";

/** A record found in a CRM, ready to be linked or opened. */
export type FoundRecord = Omit<CrmRecord, "ref"> & { readonly ref: RecordRef };

/** What to look for; the first that is given is used, in this order. */
export type Find = {
  readonly customerNumber?: string;
  readonly phone?: string;
  readonly email?: string;
  readonly name?: string;
  readonly text?: string;
  /** Record types in order; the first with a hit ends the search (R1). */
  readonly types?: readonly string[];
  /** Most records to answer; 20 by default. */
  readonly limit?: number;
};

/** None, one or many; many is never silently the first (R1). */
export type Match =
  | { readonly is: "none" }
  | { readonly is: "one"; readonly record: FoundRecord }
  | { readonly is: "many"; readonly records: readonly FoundRecord[] };

/**
 * Searches one CRM. Throws `unknown_connection`, `not_supported` where the adapter cannot read, `invalid_input` where nothing to look for is given,
 * `crm_unavailable` while the connection is paused, and `CrmError` when the CRM does not answer.
 */
export async function search(desk: Desk, connectionName: string, find: Find): Promise<Match> {
  const connection = await needConnection(desk, connectionName, "find");
  const place = placeOf("find", connectionName);
  const query = queryOf(readInput(handed.find, find, place), connection, place);
  const { reads } = connection.adapter;
  if (reads === undefined)
    throw new WrapupError("not_supported", `${connection.adapter.name} cannot be searched`, {
      place,
      mend: "Link records by their id.",
    });
  const found = await withPatience(connection.gate, { place, repeat: "always" }, (context) =>
    reads.search(query, context),
  );
  const records = found.map((record) => asFound(connectionName, record));
  const [first] = records;
  if (first === undefined) return { is: "none" };
  return records.length === 1 ? { is: "one", record: first } : { is: "many", records };
}

/** A CRM's record as the desk hands it out: its ref names the connection. */
export const asFound = (connection: string, { ref, ...rest }: CrmRecord): FoundRecord => ({
  ...rest,
  ref: { ...ref, connection },
});

function queryOf(find: Find, { settings }: Connection, place: string): SearchQuery {
  const { customerNumber } = settings;
  const given = find.customerNumber?.trim() ?? "";
  if (given !== "" && customerNumber !== undefined)
    return {
      types: find.types ?? [customerNumber.type],
      limit: find.limit ?? 20,
      customerNumber: given,
      field: customerNumber.field,
    };
  const of = { types: find.types ?? settings.searchOrder, limit: find.limit ?? 20 };
  const phone = find.phone === undefined ? undefined : phoneForms(find.phone, settings.country);
  if (phone !== undefined) return { ...of, phone };
  if (find.email !== undefined && find.email.trim() !== "")
    return { ...of, email: find.email.trim().toLowerCase() };
  if (find.name !== undefined && find.name.trim() !== "") return { ...of, name: find.name.trim() };
  if (find.text !== undefined && find.text.trim() !== "") return { ...of, text: find.text.trim() };
  throw nothingToLookFor(find, place);
}

function nothingToLookFor({ customerNumber, phone }: Find, place: string): WrapupError {
  const [what, mend] =
    customerNumber === undefined && phone !== undefined
      ? ["The phone holds no number", "Give its digits, such as +14155550100, or a name or email."]
      : [
          "There is nothing to look for",
          customerNumber === undefined
            ? "Give a phone, email, name or text."
            : "Set customerNumber: { type, field } on the connection to search by customer number.",
        ];
  return new WrapupError("invalid_input", what, { place, mend });
}
