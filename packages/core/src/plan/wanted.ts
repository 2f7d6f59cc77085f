import type { Abilities, LinkRules } from "../adapter/contract.ts";
import type { Agent } from "../model/agent.ts";
import type { Entry } from "../model/entry.ts";
import type { Interaction, Link } from "../model/interaction.ts";
import type { Row } from "../model/ledger.ts";
import { writesActivity } from "../model/leg.ts";
import { recordKey } from "../model/record.ts";
import type { Warning } from "../model/warning.ts";
import { factsOf, ofLeg, ofWhole, type Facts, type Subject } from "./facts.ts";
import { entryKey } from "./key.ts";
import type { CompiledMapping } from "./map.ts";
import { mails } from "./mails.ts";
import { seat, type Seating, type Slot } from "./slots.ts";
import { latest, writtenAs } from "./standing.ts";

/** Whose an activity is; `fallback` when the agent has no user of their own in the CRM (W10). */
type Owner = { readonly owner?: string; readonly fallback: boolean };

/** All that planning needs to know of one connection. Made once per connection, not per interaction. */
export type Setup = {
  readonly tenant: string;
  /** The connection's stable id, part of every key. */
  readonly connection: string;
  /** What links call the connection. */
  readonly connectionName: string;
  readonly abilities: Abilities;
  /** Absent: it writes no activities. */
  readonly mapping?: CompiledMapping;
  /** An interaction nobody linked to this connection: `hold` waits for a link, as `skip` does, and is explained as waiting (K8). */
  readonly unlinked: "skip" | "log" | "hold";
  /** What happens to an activity whose last link is taken away (K5). */
  readonly onUnlink: "retract" | "keep";
  readonly ownerOf: (agent: Agent | undefined) => Owner;
  /** An interaction that no agent ever had (L5). Default `none`; `log` writes it linked or not. */
  readonly abandoned?: "none" | "log";
};

/**
 * What should exist in one CRM about one interaction: activities as far as legs have closed (L3, L9), mails at once. Pure: the ledger's rows only say
 * which link already has which slot, and what is kept though nobody wishes it any more (`keep`, K5 and N5).
 */
export function wanted(
  interaction: Interaction,
  setup: Setup,
  rows: readonly Row[],
): readonly Entry[] {
  const letters = mails(interaction, setup, rows);
  const others = rows.filter((row) => latest(row)?.kind !== "notice");
  if (interaction.deleted !== undefined)
    return interaction.deleted.written === "keep"
      ? [...standing(others, [], true), ...letters]
      : letters;
  const { mapping, abilities } = setup;
  const entries =
    mapping !== undefined && abilities.kinds.includes("activity")
      ? partsOf(interaction, setup).flatMap((part) =>
          activities(part, interaction, { ...setup, mapping }, others),
        )
      : [];
  return setup.onUnlink === "keep" && others.length > 0
    ? [...entries, ...standing(others, entries, interaction.over), ...letters]
    : [...entries, ...letters];
}

/** The setup of a connection that writes activities. */
type Writing = Setup & { readonly mapping: CompiledMapping };

/**
 * What is in the CRM and not among the entries: it stays as it is. What was never answered for is not kept but taken back. `over`: what
 * was left open to grow is completed, as nothing will come any more, and people would find it open for ever.
 */
function standing(
  rows: readonly Row[],
  entries: readonly Entry[],
  over: boolean,
): readonly Entry[] {
  const keys = new Set(entries.map((entry) => entry.key));
  return rows.flatMap((row) => {
    const entry = latest(row);
    const stays =
      row.receipt !== undefined &&
      row.removing !== true &&
      row.state !== "removed" &&
      row.state !== "gone";
    if (entry === undefined || !stays || keys.has(row.key)) return [];
    return [over && !entry.final ? { ...entry, final: true } : entry];
  });
}

/** One activity's worth of an interaction: a leg of it, or the whole. */
type Part = {
  readonly leg: string;
  readonly subject: Subject;
  readonly links: readonly Link[];
  readonly final: boolean;
  readonly evenUnlinked: boolean;
};

function partsOf(interaction: Interaction, setup: Setup): readonly Part[] {
  const { legs, links, over } = interaction;
  const mine = links.filter(({ record }) => record.connection === setup.connectionName);
  const evenUnlinked = setup.unlinked === "log";
  const growsOpen = !over && setup.abilities.completedIsFrozen;
  if (!legs.some(writesActivity)) {
    if (interaction.abandoned === undefined || setup.abandoned !== "log") return [];
    return [
      { leg: "*", subject: ofWhole(interaction, []), links: mine, final: true, evenUnlinked: true },
    ];
  }
  const closed = legs.filter((leg) => leg.closed !== undefined && writesActivity(leg));
  if (closed.length === 0) return [];
  if (interaction.per === "leg")
    return closed.map((leg) => {
      const at = legs.indexOf(leg);
      return {
        leg: leg.id,
        subject: ofLeg(interaction, leg),
        links: mine.filter((link) => link.fromLeg <= at && link.skips?.includes(leg.id) !== true),
        final: true,
        evenUnlinked,
      };
    });
  // L3: what is linked during a leg waits for that leg's end, also where the activity exists already.
  const feeds = (link: Link): boolean =>
    closed.some(
      (leg) => legs.indexOf(leg) >= link.fromLeg && link.skips?.includes(leg.id) !== true,
    );
  return [
    {
      leg: "*",
      subject: ofWhole(interaction, closed),
      links: mine.filter(feeds),
      final: !growsOpen,
      evenUnlinked,
    },
  ];
}

function activities(
  part: Part,
  interaction: Interaction,
  setup: Writing,
  rows: readonly Row[],
): readonly Entry[] {
  if (part.links.length === 0 && !part.evenUnlinked) return [];
  const own = rows.filter(
    (row) => latest(row)?.kind === "activity" && latest(row)?.leg === part.leg,
  );
  const seating = seat({
    rules: rulesFor(setup, interaction, own),
    links: part.links,
    rows: own,
    evenUnlinked: part.evenUnlinked,
  });
  if (seating.slots.length === 0) return [];
  const facts = factsOf(part.subject);
  return seating.slots.map((slot, n) =>
    activity({ part, slot, seating, first: n === 0, facts, interaction, setup, rows: own }),
  );
}

/** As the type that is written allows: a row that is there keeps its type, whatever the mapping says by now. */
function rulesFor(
  { abilities, mapping }: Writing,
  { channel }: Interaction,
  rows: readonly Row[],
): LinkRules {
  const { linkRules, linkRulesOf } = abilities;
  if (linkRulesOf === undefined) return linkRules;
  const there = rows.find((row) => row.receipt !== undefined || row.maybeSent);
  const type =
    (there === undefined ? undefined : latest(there)?.type) ?? mapping.activityFor(channel).type;
  return Object.hasOwn(linkRulesOf, type) ? (linkRulesOf[type] ?? linkRules) : linkRules;
}

type Making = {
  readonly part: Part;
  readonly slot: Slot;
  readonly seating: Seating;
  /** The lowest live slot carries durations and disposition (K4): of a retracted or deleted slot 0 the next one takes them over. */
  readonly first: boolean;
  readonly facts: Facts;
  readonly interaction: Interaction;
  readonly setup: Writing;
  readonly rows: readonly Row[];
};

function activity({ part, slot, seating, first, facts, interaction, setup, rows }: Making): Entry {
  const { tenant, connection, mapping } = setup;
  const key = entryKey({
    tenant,
    connection,
    interaction: interaction.id,
    leg: part.leg,
    kind: "activity",
    slot: slot.n,
  });
  const touches = touchesOf(slot, part.links);
  const compiled = mapping.activityFor(interaction.channel);
  const old = writtenAs(rows, key);
  // A row cannot change its type: what was written before the mapping named another one keeps its content, and follows its links.
  if (old !== undefined && old.type !== compiled.type)
    return { ...old, roles: slot.roles, final: part.final, touches };
  const { fields, warnings } = compiled.fill(facts, first);
  const { owner, fallback } = setup.ownerOf(part.subject.last?.agent);
  const more: readonly Warning[] = [
    ...(fallback ? [ownerFallback] : []),
    ...(first ? seating.unplaced.map(noPlace) : []),
  ];
  return {
    key,
    kind: "activity",
    leg: part.leg,
    slot: slot.n,
    type: compiled.type,
    fields,
    roles: slot.roles,
    ...(owner !== undefined && { owner }),
    final: part.final,
    touches,
    warnings: more.length === 0 ? warnings : [...warnings, ...more],
  };
}

/** Linked records and the rows above them, which the CRM locks along (W4). */
function touchesOf(slot: Slot, links: readonly Link[]): readonly string[] {
  const seated = new Set<string>();
  for (const records of Object.values(slot.roles))
    for (const record of records) seated.add(recordKey(record));
  const touches = new Set(seated);
  for (const { record, parents } of links)
    if (parents !== undefined && seated.has(recordKey(record)))
      for (const parent of parents) touches.add(recordKey(parent));
  return [...touches];
}

const ownerFallback: Warning = {
  code: "ownerFallback",
  text: "The agent has no single active user in the CRM, so the activity belongs to the fallback owner.",
};

const noPlace = ({ record }: Link): Warning => ({
  code: "noPlaceForLink",
  text: `A linked ${record.type} has no place in this CRM's activities; it stays linked in Wrapup only.`,
});
