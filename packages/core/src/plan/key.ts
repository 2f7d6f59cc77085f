import { hash } from "node:crypto";
import type { EntryKind } from "../model/entry.ts";

/** What makes an entry the same entry, for ever (W2). Never a record or a card: links and customers change. */
export type KeyParts = {
  readonly tenant: string;
  /** The connection's stable id, which survives renaming. */
  readonly connection: string;
  readonly interaction: string;
  /** The leg's id, or `*` for the interaction as a whole. */
  readonly leg: string;
  readonly kind: EntryKind;
  readonly slot: number;
};

/** The key of an entry: `wu` and 64 hex digits. Each part is preceded by its length, so ids may hold any separator. */
export function entryKey(of: KeyParts): string {
  const parts = [of.tenant, of.connection, of.interaction, of.leg, of.kind, String(of.slot)];
  return `wu${hash("sha256", parts.map((part) => `${part.length}:${part}`).join("|"), "hex")}`;
}

/** The namespace of our version 5 UUIDs; made once, never changed. */
const namespace = Buffer.from("6f1c9a2e4b7d5e03a8f2d9417c60b35e", "hex");

/**
 * A key as a UUID, for CRMs whose rows have ids that the client chooses: version 5 of RFC 9562 §5.5 (once RFC 4122).
 * `part` names a second row that belongs to the same entry, such as an annotation beside its activity (L8).
 */
export function keyUuid(key: string, part = ""): string {
  const name = Buffer.concat([namespace, Buffer.from(part === "" ? key : `${key}#${part}`)]);
  const hex = hash("sha1", name, "hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
