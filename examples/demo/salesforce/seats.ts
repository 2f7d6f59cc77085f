import type { Linked, Seat } from "../seat.ts";
import { kindOf, type RecordName } from "../story.ts";

/** Things take their places in this order (K4). */
const whatOrder = ["Case", "Opportunity", "Account"];

/**
 * The Tasks that these links need, said from Salesforce's rule alone: one person and one thing per Task, and nothing beside a lead.
 * The first contact shares a Task with the first thing, the second with the second.
 */
export function seatsInSalesforce(links: readonly Linked[]): readonly Seat[] {
  const covered = new Set(links.flatMap(({ parents }) => parents));
  const records = links.map(({ record }) => record).filter((record) => !covered.has(record));
  const contacts = records.filter((record) => kindOf(record) === "Contact");
  const leads = records.filter((record) => kindOf(record) === "Lead");
  const things = records
    .filter((record) => !contacts.includes(record) && !leads.includes(record))
    .toSorted((a, b) => whatOrder.indexOf(kindOf(a)) - whatOrder.indexOf(kindOf(b)));
  const shared = Array.from({ length: Math.max(contacts.length, things.length) }, (_, n) => ({
    who: contacts[n],
    what: things[n],
  }));
  // People first: the first of them is the one whose activity counts the call.
  return [
    ...shared.filter(({ who }) => who !== undefined),
    ...leads.map((who) => ({ who, what: undefined })),
    ...shared.filter(({ who }) => who === undefined),
  ].map(({ who, what }) => ({
    kind: "Task",
    places: [...named("who", who), ...named("what", what)],
  }));
}

const named = (as: string, record: RecordName | undefined): Seat["places"] =>
  record === undefined ? [] : [{ as, record }];
