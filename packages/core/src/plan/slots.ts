import type { LinkRules } from "../adapter/contract.ts";
import type { Link } from "../model/interaction.ts";
import type { Row } from "../model/ledger.ts";
import { recordKey, type RecordId } from "../model/record.ts";
import { latest, recordsOf } from "./standing.ts";

/** One activity's place: a number that is never used again, and the records it carries by role. */
export type Slot = {
  readonly n: number;
  readonly roles: Readonly<Record<string, readonly RecordId[]>>;
};

/** Where the links of one leg's activities went. */
export type Seating = {
  /** Lowest number first. */
  readonly slots: readonly Slot[];
  /** Links for which the CRM has no place at all: they are warned of, never silently dropped. */
  readonly unplaced: readonly Link[];
};

/** What the links of one leg become. */
export type SeatingInput = {
  readonly rules: LinkRules;
  /** Of this connection only. */
  readonly links: readonly Link[];
  /** Ledger rows of this leg's activities in this connection. */
  readonly rows: readonly Row[];
  /** Whether an activity is wanted though no link has a place (K8). */
  readonly evenUnlinked: boolean;
};

type Filling = { readonly n: number; readonly roles: Record<string, RecordId[]> };

/**
 * Seats links as the CRM's rules allow (K4). A link keeps the slot it was written in; a new one takes a slot with room, else opens one.
 * Numbers are never reused, so keys stay true. What a person deleted keeps its links: they are not written again (K6).
 * A known parent of another linked record (a case's account) counts as written with it and takes no place,
 * unless the ledger already gave it one: moving it would change what people have seen.
 */
export function seat({ rules, links, rows, evenUnlinked }: SeatingInput): Seating {
  const ordered = inOrder(links, rules);
  const kept = rows.length === 0 ? noneKept : keepSeats(rules, ordered, rows);
  const left = ordered.filter((link) => !kept.placed.has(link));
  const slots = [...kept.slots, ...kept.empty];
  let next = kept.next;
  const unplaced: Link[] = [];
  for (const link of uncovered(rules, left, kept.placed)) {
    if (slots.some((slot) => sit(rules, slot, link.record))) continue;
    const fresh: Filling = { n: next, roles: {} };
    if (sit(rules, fresh, link.record)) {
      slots.push(fresh);
      next += 1;
    } else unplaced.push(link);
  }
  const used = slots.filter((slot) => Object.keys(slot.roles).length > 0);
  if (used.length > 0) return { slots: used.toSorted((a, b) => a.n - b.n), unplaced };
  // A link without a place is a wish all the same: the activity is written without it, with a warning.
  if (unplaced.length === 0 && (!evenUnlinked || kept.placed.size > 0))
    return { slots: [], unplaced };
  const again = kept.lowest ?? (kept.deleted ? undefined : next);
  return { slots: again === undefined ? [] : [{ n: again, roles: {} }], unplaced };
}

type Kept = {
  readonly slots: readonly Filling[];
  /** Written without any link: the first link that comes takes it. */
  readonly empty: readonly Filling[];
  readonly placed: ReadonlySet<Link>;
  /** The first number that was never used. */
  readonly next: number;
  /** Lowest slot that is in the CRM or on its way. */
  readonly lowest: number | undefined;
  /** A person deleted one of them. */
  readonly deleted: boolean;
};

const noneKept: Kept = {
  slots: [],
  empty: [],
  placed: new Set(),
  next: 0,
  lowest: undefined,
  deleted: false,
};

/** Puts links back where the ledger has them. */
function keepSeats(rules: LinkRules, links: readonly Link[], rows: readonly Row[]): Kept {
  const slots: Filling[] = [];
  const empty: Filling[] = [];
  const placed = new Set<Link>();
  let next = 0;
  let deleted = false;
  let lowest: number | undefined;
  for (const row of inSlotOrder(rows)) {
    const old = latest(row);
    if (old === undefined) continue;
    next = Math.max(next, old.slot + 1);
    if (row.state === "removed" || row.removing === true) continue;
    const held = recordsOf(old);
    const slot: Filling = { n: old.slot, roles: {} };
    for (const link of links)
      if (
        !placed.has(link) &&
        names(link).some((name) => held.has(name)) &&
        (row.state === "gone" || sit(rules, slot, link.record))
      )
        placed.add(link);
    if (row.state === "gone") {
      deleted = true;
      continue;
    }
    lowest ??= old.slot;
    if (Object.keys(slot.roles).length > 0) slots.push(slot);
    else if (held.size === 0) empty.push(slot);
  }
  return { slots, empty, placed, next, lowest, deleted };
}

/**
 * Drops links whose record stands above another one that has a place or gets one. Children come first,
 * so that two records which name each other as parent do not drop each other. A type that a role names is never dropped:
 * the person an agent linked is written even where a linked case knows the same person.
 */
function uncovered(
  rules: LinkRules,
  left: readonly Link[],
  placed: ReadonlySet<Link>,
): readonly Link[] {
  if (
    left.every((link) => (link.parents ?? []).length === 0) &&
    [...placed].every((link) => (link.parents ?? []).length === 0)
  )
    return left;
  const above = new Set<string>();
  const cover = (link: Link): void => {
    for (const parent of link.parents ?? [])
      if (recordKey(parent) !== recordKey(link.record)) above.add(recordKey(parent));
  };
  const stays = ({ record }: Link): boolean =>
    rules.roles.some(({ types }) => types !== "others" && types.includes(record.type));
  for (const link of [...placed, ...left.filter(stays)]) cover(link);
  const chosen = new Set(left.filter(stays));
  const waiting = new Set(left.filter((link) => !stays(link)));
  while (waiting.size > 0) {
    const covered = [...waiting].filter((link) => names(link).some((name) => above.has(name)));
    for (const link of covered) {
      waiting.delete(link);
      cover(link);
    }
    if (covered.length > 0) continue;
    const under = new Set([...waiting].flatMap((link) => (link.parents ?? []).map(recordKey)));
    const first =
      [...waiting].find((link) => !under.has(recordKey(link.record))) ?? [...waiting][0];
    if (first === undefined) break;
    waiting.delete(first);
    chosen.add(first);
    cover(first);
  }
  return left.filter((link) => chosen.has(link));
}

/** Gives the record a role of this slot, if one fits and has room. */
function sit(rules: LinkRules, slot: Filling, record: RecordId): boolean {
  for (const role of rules.roles) {
    if (!fits(rules, role.types, record.type)) continue;
    const taken = slot.roles[role.name];
    if ((taken?.length ?? 0) >= role.max || clashes(rules, slot, record.type, role.name)) continue;
    const { type, id } = record;
    if (taken === undefined) slot.roles[role.name] = [{ type, id }];
    else taken.push({ type, id });
    return true;
  }
  return false;
}

const fits = (rules: LinkRules, types: readonly string[] | "others", type: string): boolean =>
  types === "others"
    ? !rules.roles.some((other) => other.types !== "others" && other.types.includes(type))
    : types.includes(type);

/** Whether one of the two would stand apart from something that is in the slot already. */
const clashes = (rules: LinkRules, slot: Filling, type: string, role: string): boolean =>
  rules.apart.some(
    ([apart, from]) =>
      (apart === type && (slot.roles[from]?.length ?? 0) > 0) ||
      (from === role &&
        Object.values(slot.roles).some((records) =>
          records.some((record) => record.type === apart),
        )),
  );

/** The record's key and the ones it had before it was merged or converted: a ledger row may still name those. */
const names = (link: Link): readonly string[] =>
  link.was === undefined
    ? [recordKey(link.record)]
    : [recordKey(link.record), ...link.was.map(recordKey)];

function inOrder(links: readonly Link[], rules: LinkRules): readonly Link[] {
  if (links.length < 2) return links;
  const rest = rules.order.indexOf("*");
  const rank = (link: Link): number => {
    const named = rules.order.indexOf(link.record.type);
    return named >= 0 ? named : rest >= 0 ? rest : rules.order.length;
  };
  return links.toSorted((a, b) => rank(a) - rank(b));
}

const inSlotOrder = (rows: readonly Row[]): readonly Row[] =>
  rows.length < 2 ? rows : rows.toSorted((a, b) => (latest(a)?.slot ?? 0) - (latest(b)?.slot ?? 0));
