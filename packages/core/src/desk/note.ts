import { readInput } from "../model/door.ts";
import { commandOf } from "./command-of.ts";
import { record } from "./commands.ts";
import type { Desk } from "./desk.ts";
import * as handed from "./handed.ts";
import type { When } from "./leg-handle.ts";
import { freeId } from "./which-leg.ts";

/** A note somebody writes about the interaction (N2). */
export type NoteInput = When & {
  readonly text: string;
  /** `internal` (default) is never shown to the customer. */
  readonly audience?: "internal" | "inbound" | "outbound";
  /** Makes writing it twice write it once. */
  readonly id?: string;
};

/** Records a note; one that nobody named is counted. */
export async function note(
  desk: Desk,
  of: { readonly interaction: string; readonly place: string },
  input: unknown,
): Promise<void> {
  const { interaction, place } = of;
  const { text, audience = "internal", id, ...given } = readInput(handed.named, input, place);
  const own = { note: { id: id ?? "unnamed", text, audience } };
  const command = commandOf(desk, interaction, { does: "note", place, given, own });
  await record(desk, interaction, command, (told, now) =>
    id === undefined ? { ...told, note: { ...told.note, id: freeId(now?.notes ?? []) } } : told,
  );
}
