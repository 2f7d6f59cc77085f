import type { Org } from "../org.ts";
import type { Table } from "../schema/schema.ts";
import type { Party } from "../store/row.ts";
import { boundRow } from "./bind.ts";
import {
  invalidArgument,
  invalidProperty,
  payloadRefusal,
  undeclaredProperty,
} from "./refusals.ts";

type Json = Readonly<Record<string, unknown>>;

/** True for a JSON object. */
export function isObject(json: unknown): json is Json {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

// [T CSDL, facts §1.4]: who may be a party.
const partyTables: ReadonlyMap<string, string> = new Map(
  ["account", "contact", "incident", "lead", "opportunity", "queue", "systemuser"].map((table) => [
    `partyid_${table}`,
    table,
  ]),
);
const longestAddress = 200;

function addressOf(activity: Table, json: unknown): string | undefined {
  if (json === null || json === undefined || json === "") return undefined;
  if (typeof json !== "string")
    throw payloadRefusal(
      activity,
      "Cannot convert the literal of addressused to the expected type 'Edm.String'.",
    );
  if (json.length > longestAddress)
    throw invalidArgument(
      `A validation error occurred.  The length of the 'addressused' attribute of the 'activityparty' entity exceeded the maximum allowed length of '${longestAddress}'.`,
      "0x80044331",
    );
  return json;
}

function maskOf(activity: Table, json: unknown): number {
  if (json === undefined || json === null)
    throw invalidArgument("Participation type is missing from an activity", "0x80040b06");
  if (typeof json !== "number" || !Number.isInteger(json))
    throw payloadRefusal(
      activity,
      "Cannot convert the literal of participationtypemask to the expected type 'Edm.Int32'.",
    );
  // Which kinds an activity takes is data (Microsoft's table of activity party types); [U] the code.
  if (!activity.masks.has(json))
    throw invalidArgument(
      `participationtypemask ${json} is not valid for an activity of type ${activity.name}.`,
    );
  return json;
}

function readParty(
  org: Org,
  activity: Table,
  json: unknown,
  references: ReadonlyMap<string, string>,
): Party {
  if (!isObject(json)) throw payloadRefusal(activity, "A party must be an object.");
  let bound: { readonly table: string; readonly id: string } | undefined;
  for (const [name, value] of Object.entries(json)) {
    if (name === "participationtypemask" || name === "addressused" || name.startsWith("@odata."))
      continue;
    const party = org.schema.find("activityparty") ?? activity;
    if (!name.endsWith("@odata.bind")) throw invalidProperty(party, name);
    const navigation = name.slice(0, -"@odata.bind".length);
    const target = partyTables.get(navigation);
    if (target === undefined) throw undeclaredProperty(party, navigation);
    if (bound !== undefined) throw invalidArgument("A party has one partyid.", "0x80043505");
    bound = boundRow(org, value, [target], references);
  }
  const mask = maskOf(activity, json["participationtypemask"]);
  const address = addressOf(activity, json["addressused"]);
  if (bound === undefined)
    throw invalidArgument("Activity party object Id or type is missing", "0x80043504");
  return {
    id: org.nextId(),
    mask,
    table: bound.table,
    partyId: bound.id,
    ...(address !== undefined && { addressUsed: address }),
  };
}

/** Refuses what the kind of activity does not take: an email has one sender only (brief; [U] the code). */
export function checkParties(activity: Table, parties: readonly Party[]): void {
  const senders = parties.filter(({ mask }) => mask === 1).length;
  if (activity.name === "email" && senders > 1)
    throw invalidArgument("An email can have only one sender.");
}

/** Reads the deep-inserted or PUT list of an activity's parties. Throws Refusal. */
export function readParties(
  org: Org,
  activity: Table,
  json: unknown,
  references: ReadonlyMap<string, string>,
): readonly Party[] {
  if (!Array.isArray(json)) throw payloadRefusal(activity, "A list of parties must be an array.");
  const parties = json.map((one: unknown) => readParty(org, activity, one, references));
  checkParties(activity, parties);
  return parties;
}
