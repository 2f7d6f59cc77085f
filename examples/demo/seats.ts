import type { RecordName } from "./story.ts";

/** Who and what one Task names. */
export type Seat = { readonly who?: RecordName; readonly what?: RecordName };

const typeOf = (record: RecordName): string => record.slice(0, record.indexOf(":"));

/** Things take their places in this order (K4). */
const whatOrder = ["Case", "Opportunity", "Account"];

/** A record somebody linked; `parents` are reached through it and need no place of their own. */
export type Linked = { readonly record: RecordName; readonly parents: readonly RecordName[] };

/**
 * The Tasks that these links need, said from Salesforce's rule alone: one person and one thing per Task, and nothing beside a lead.
 * The first contact shares a Task with the first thing, the second with the second.
 */
export function seatsFor(links: readonly Linked[]): readonly Seat[] {
  const covered = new Set(links.flatMap(({ parents }) => parents));
  const records = links.map(({ record }) => record).filter((record) => !covered.has(record));
  const contacts = records.filter((record) => typeOf(record) === "Contact");
  const leads = records.filter((record) => typeOf(record) === "Lead");
  const things = records
    .filter((record) => !contacts.includes(record) && !leads.includes(record))
    .toSorted((a, b) => whatOrder.indexOf(typeOf(a)) - whatOrder.indexOf(typeOf(b)));
  const shared = Array.from({ length: Math.max(contacts.length, things.length) }, (_, n): Seat => {
    const [who, what] = [contacts[n], things[n]];
    return { ...(who !== undefined && { who }), ...(what !== undefined && { what }) };
  });
  // People first: the first of them is the one whose activity counts the call.
  return [
    ...shared.filter(({ who }) => who !== undefined),
    ...leads.map((who): Seat => ({ who })),
    ...shared.filter(({ who }) => who === undefined),
  ];
}
