import { z } from "zod";
import { agent, id, recordId, recordRef, recordType, text, typed } from "../model/door-schemas.ts";

// What the desk's methods may be handed (O5), beside commands: those have schemas of their own in the model.

/** More than anybody picks by hand: a whole outage's worth. */
const mostKeys = 100_000;
/** A longer list is an export, not a search. */
const mostFound = 2_000;

/** Anything with named values; what they may be is for the command's own schema. */
export const named = z.record(z.string(), z.unknown());

/** What begins an interaction; the rest is for the command's own schema. */
export const start = z.looseObject({ id, previousId: id.exactOptional() });

/** Nothing but when, by whom and under which event; `at` is read, and mended, with the command. */
export const when = z.strictObject({
  at: z.unknown().optional(),
  eventId: id.exactOptional(),
  by: id.exactOptional(),
});

/** A reference; apps may keep more around it. */
export const ref = z.object(recordRef.shape);

/** A record that a search or a draft gave. */
export const found = z.object({
  ref,
  title: text.exactOptional(),
  parents: z.array(z.object(recordId.shape)).max(50).exactOptional(),
});

/** What to look for. */
export const find = z.strictObject({
  customerNumber: text.exactOptional(),
  phone: text.exactOptional(),
  email: text.exactOptional(),
  name: text.exactOptional(),
  text: text.exactOptional(),
  types: z.array(recordType).min(1).max(100).exactOptional(),
  limit: z.number().int().min(1).max(mostFound).exactOptional(),
});

/** Which parked writes. */
export const parkedFilter = z.strictObject({
  connection: id.exactOptional(),
  state: z.enum(["parked", "gone"]).exactOptional(),
  reasonIncludes: typed.exactOptional(),
});

/** Parked writes by their keys. */
export const keys = z.array(id).max(mostKeys);

/** Without `by`: the leg says whose it is. What the rest may be is for the command's own schema. */
export const legEmail = z.strictObject({
  via: z.string(),
  to: z.unknown().optional(),
  cc: z.unknown().optional(),
  subject: z.unknown().optional(),
  text: z.unknown().optional(),
  id: id.exactOptional(),
  at: z.unknown().optional(),
  eventId: id.exactOptional(),
});

/** A mail of an interaction. */
export const email = legEmail.extend({ by: z.union([id, agent]).optional() });

/** Which draft, and whose. */
export const draft = z.strictObject({ id: id.exactOptional(), by: id.exactOptional() });

/** How to save a draft. */
export const saving = z.strictObject({ allowDuplicate: z.boolean().exactOptional() });
