import { readRecordRef } from "../model/door.ts";
import type { RecordRef } from "../model/record.ts";
import { needConnection } from "./commands.ts";
import type { Desk } from "./desk.ts";

/** A link to open, or that nobody is signed in yet, so that a screen can say so (R6). */
export type Opened = { readonly url: string } | { readonly signedOut: true };

/** How to open a record in its CRM, as data: no request is made. Throws `unknown_connection`, `invalid_input`. */
export async function openRecord(desk: Desk, input: RecordRef): Promise<Opened> {
  const record = readRecordRef(input, "open");
  const { adapter } = await needConnection(desk, record.connection, "open");
  const url = adapter.openUrl?.({ type: record.type, id: record.id });
  return url === undefined ? { signedOut: true } : { url };
}
