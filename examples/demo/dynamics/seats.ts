import type { Seat, SeatRule } from "../seat.ts";
import { kindOf, type Story } from "../story.ts";

/** Things take their places in this order (K4). */
const order = ["Case", "Opportunity", "Contact", "Lead", "Account"];

/** Who can be a party of a phone call or an email (facts §1.4). */
const people = new Set(["Contact", "Lead", "Account"]);

/**
 * The activities that these links need, said from Dataverse's rule alone: a phone call and an email name people as parties, by the
 * direction, and regard one thing; a task has no parties and regards one record, so several records are several tasks.
 */
export const seatsInDynamics: SeatRule = (links, of) => {
  const covered = new Set(links.flatMap(({ parents }) => parents));
  const records = links
    .map(({ record }) => record)
    .toSorted((a, b) => order.indexOf(kindOf(a)) - order.indexOf(kindOf(b)));
  const kind = kindIn(of);
  if (kind === "task")
    return records
      .filter((record) => !covered.has(record))
      .map((record) => ({ kind, places: [{ as: "regarding", record }] }));
  // A party takes nobody's place: who is linked is named, though a linked case knows them too.
  const parties = records.filter((record) => people.has(kindOf(record)));
  const things = records.filter((record) => !people.has(kindOf(record)) && !covered.has(record));
  const [ours, theirs] = of.direction === "outbound" ? ["from", "to"] : ["to", "from"];
  const seats = Math.max(things.length, Math.min(1, parties.length));
  return Array.from({ length: seats }, (_, n): Seat => ({
    kind,
    places: [
      ...(n === 0
        ? parties.map((record, place) => ({ as: asParty(kind, theirs, place), record }))
        : []),
      ...things.slice(n, n + 1).map((record) => ({ as: "regarding", record })),
    ],
    agentAs: ours,
  }));
};

/** An email has one sender only; further customers of an inbound one stand in its copies. */
const asParty = (kind: string, as: string, place: number): string =>
  kind === "email" && as === "from" && place > 0 ? "cc" : as;

function kindIn({ channel }: Pick<Story, "channel">): string {
  if (channel === "voice") return "phonecall";
  return channel === "email" ? "email" : "task";
}
