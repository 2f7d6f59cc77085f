import type { Entry, RecordId } from "@wrapup/core";
import type { VendorType } from "../odata/table.ts";
import type { Part } from "../odata/multipart.ts";
import { bindTo, isGuid } from "../query.ts";
import type { Expand } from "../query.ts";
import { idAt, targetAt } from "../rows.ts";
import type { VendorRow } from "../rows.ts";

/** participationtypemask (facts §1.4). 8 and 9 are Dataverse's own copies of the regarding record and the owner. */
const masks = { from: 1, to: 2, cc: 3, regarding: 8, owner: 9, customers: 11 } as const;

/** How a table is named in addresses; `undefined` for one that nobody described. */
export type SetOf = (type: string) => string | undefined;

/** Who takes part in an activity, and as what. Without a record: an address of an e-mail that Dataverse knows nobody for. */
export type Party = {
  readonly mask: number;
  readonly ref?: RecordId;
  readonly address?: string;
};

/** Which way an activity went: columns of Dataverse say outgoing where they say nothing (facts §1.4). */
export const isInbound = (entry: Entry): boolean =>
  entry.fields["directioncode"] === false || entry.fields["directioncode"] === "false";

/** The collection through which parties are read and written; `undefined` for an activity without any, such as a task. */
export const partiesName = (type: Pick<VendorType, "name" | "parties">): string | undefined =>
  type.parties.size === 0 ? undefined : `${type.name}_activity_parties`;

/** The customers' places. Only a phone call may come from several people. */
const customerMask = (entry: Entry, type: VendorType, place: number): number => {
  const directed = type.columns.some(({ name }) => name === "directioncode");
  if (!directed) return type.parties.has("customers") ? masks.customers : masks.to;
  if (!isInbound(entry)) return masks.to;
  return type.name === "phonecall" || place === 0 ? masks.from : masks.cc;
};

/** The agent's place across from the customers; `undefined` where the type knows no direction. */
const agentMask = (entry: Entry, type: VendorType): number | undefined => {
  if (!type.columns.some(({ name }) => name === "directioncode")) return undefined;
  return isInbound(entry) ? masks.to : masks.from;
};

/** Each once: ids are the same in upper and lower case, and links may come in either. */
const distinct = (refs: readonly RecordId[]): readonly RecordId[] =>
  [...new Map(refs.toReversed().map((ref) => [ref.id.toLowerCase(), ref])).values()].toReversed();

/** The records that take part, without the agent. */
export const customersOf = (entry: Entry, type: VendorType): readonly Party[] =>
  type.parties.size === 0
    ? []
    : distinct(entry.roles["party"] ?? []).map((ref, place) => ({
        mask: customerMask(entry, type, place),
        ref,
      }));

/** Everybody who takes part as we wish it: customers, and the agent's user across from them. Pure. */
export const partiesOf = (entry: Entry, type: VendorType): readonly Party[] => {
  if (type.parties.size === 0) return [];
  const mask = agentMask(entry, type);
  const agent: readonly Party[] =
    entry.owner === undefined || mask === undefined
      ? []
      : [{ mask, ref: { type: "systemuser", id: entry.owner } }];
  return [...customersOf(entry, type), ...agent];
};

/** A party as a write names it. Throws `RangeError` for a table nobody described. */
export const partyBody = (
  { mask, ref, address }: Party,
  setOf: SetOf,
): Readonly<Record<string, unknown>> => {
  const set = ref === undefined ? undefined : setOf(ref.type);
  if (ref !== undefined && set === undefined) throw new RangeError("A party of an unknown table");
  return {
    participationtypemask: mask,
    ...(ref !== undefined &&
      set !== undefined && { [`partyid_${ref.type}@odata.bind`]: bindTo(set, ref.id) }),
    ...(address !== undefined && { addressused: address }),
  };
};

/** What must be read of a party to write it back. */
const partyColumns = ["participationtypemask", "_partyid_value", "addressused"] as const;

/**
 * The parties that a row holds, without Dataverse's own copies; `undefined` where one cannot be told, and so could not be written back.
 */
export const partiesIn = (
  row: VendorRow,
  type: Pick<VendorType, "name" | "parties">,
): readonly Party[] | undefined => {
  const name = partiesName(type) ?? "";
  const listed = row[name];
  if (!Array.isArray(listed)) return undefined;
  // Older services list nothing and leave it to the link beside it; v9.2 lists all, and its link would only repeat them (join-tables).
  if (listed.length === 0 && row[`${name}@odata.nextLink`] !== undefined) return undefined;
  const parties = listed.map(partyIn);
  if (parties.includes(undefined)) return undefined;
  return parties
    .flatMap((party) => party ?? [])
    .filter(({ mask }) => mask !== masks.regarding && mask !== masks.owner);
};

const partyIn = (value: unknown): Party | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const row: VendorRow = { ...value };
  const mask = row["participationtypemask"];
  if (typeof mask !== "number") return undefined;
  if (mask === masks.regarding || mask === masks.owner) return { mask };
  const address = row["addressused"];
  const by = typeof address === "string" && address !== "" ? { address } : {};
  const id = idAt(row, "_partyid_value");
  if (id === undefined) return "address" in by ? { mask, ...by } : undefined;
  const target = targetAt(row, "_partyid_value");
  return target === undefined ? undefined : { mask, ref: { type: target, id }, ...by };
};

const nameOf = ({ mask, ref, address = "" }: Party): string =>
  ref === undefined ? `${mask} ${address.toLowerCase()}` : `${mask} ${ref.id.toLowerCase()}`;

const namesOf = (parties: readonly Party[]): ReadonlySet<string> => new Set(parties.map(nameOf));

/** Whether two lists name the same, in any order. */
export const sameParties = (one: readonly Party[], other: readonly Party[]): boolean =>
  namesOf(one).symmetricDifference(namesOf(other)).size === 0;

/** What the list should be. `missed`: one of ours that a person took away stays away. */
type NewParties = { readonly parties: readonly Party[]; readonly missed: boolean };

/**
 * Ours replaced by what we wish, people's kept (K5, W7): who is new is added, who is no longer wished for goes, and who was taken away by
 * a person is not brought back. `ours`: whatever the row holds is ours. Pure.
 */
export const newParties = (
  current: readonly Party[],
  made: readonly Party[],
  want: readonly Party[],
  ours: boolean,
): NewParties => {
  if (ours) return { parties: want, missed: false };
  const there = namesOf(current);
  const before = namesOf(made);
  const wished = namesOf(want);
  const kept = current.filter((party) => !before.has(nameOf(party)) || wished.has(nameOf(party)));
  const added = want.filter((party) => !there.has(nameOf(party)) && !before.has(nameOf(party)));
  return {
    parties: [...kept, ...added],
    missed: want.some((party) => before.has(nameOf(party)) && !there.has(nameOf(party))),
  };
};

/** The parties of a type's rows, to be read along. */
export const partiesExpand = (type: VendorType): readonly Expand[] => {
  const name = partiesName(type);
  return name === undefined ? [] : [{ name, select: partyColumns }];
};

/** The whole list of parties, written in this one place only: nothing here depends on whether another way appends (facts §1.4, open). */
export const partiesPart = (
  type: VendorType,
  setOf: SetOf,
  path: string,
  parties: readonly Party[],
): Part => ({
  method: "PUT",
  path: `${path}/${partiesName(type) ?? ""}`,
  body: { value: parties.map((party) => partyBody(party, setOf)) },
});

/** Whether a list can be written back whole. */
export const areKnown = (parties: readonly Party[], setOf: SetOf): boolean =>
  parties.every(({ ref }) => ref === undefined || setOf(ref.type) !== undefined);

/** Whether everybody can be named in an address. */
export const areNamed = (parties: readonly Party[]): boolean =>
  parties.every(({ ref }) => ref === undefined || isGuid(ref.id));
