import type { DraftState, Interaction, Link } from "../model/interaction.ts";
import { writesActivity } from "../model/leg.ts";
import { recordKey, type RecordRef, sameRecord } from "../model/record.ts";
import {
  refusal,
  type CommandOf,
  isOpen,
  line,
  type Outcome,
  type Turn,
  unchanged,
} from "./turn.ts";

/** Whether a link is about this record, also by an id it had before the CRM merged it. */
const isAbout = (link: Link, record: RecordRef): boolean =>
  link.record.connection === record.connection &&
  (sameRecord(link.record, record) || (link.was?.some((old) => sameRecord(old, record)) ?? false));

/** "This interaction belongs to that record" (K1). It feeds the open legs, or the last closed one (K2). */
export function link(turn: Turn, { record, ...of }: CommandOf<"link">): Outcome {
  if (turn.now.links.some((each) => isAbout(each, record))) return unchanged(turn);
  return {
    next: linked(turn, turn.now, record, of),
    lines: [
      line(turn, `linked to ${record.type} ${record.id} in ${record.connection}`, { rule: "K1" }),
    ],
    matters: true,
  };
}

function linked(
  turn: Turn,
  now: Interaction,
  record: RecordRef,
  { parents, title, personRank }: Pick<CommandOf<"link">, "parents" | "title" | "personRank">,
): Interaction {
  const fromLeg = firstFedLeg(now);
  const skips = now.legs
    .slice(fromLeg + 1)
    .flatMap((leg) => (isOpen(leg) || !writesActivity(leg) ? [] : [leg.id]));
  const made: Link = {
    record: { connection: record.connection, type: record.type, id: record.id },
    fromLeg,
    ...(skips.length > 0 && { skips }),
    at: turn.time,
    ...(turn.by !== undefined && { by: turn.by }),
    ...(parents !== undefined && parents.length > 0 && { parents }),
    ...(title !== undefined && title !== "" && { title }),
    ...(personRank !== undefined && { personRank }),
  };
  return {
    ...now,
    links: [...now.links, made],
    connections: withConnection(now.connections, record.connection),
  };
}

/** The first open leg that is written, else the last closed one, else every leg to come (K2). */
function firstFedLeg({ legs }: Interaction): number {
  const open = legs.findIndex((leg) => isOpen(leg) && writesActivity(leg));
  return open === -1 ? Math.max(0, legs.findLastIndex(writesActivity)) : open;
}

export const withConnection = (connections: readonly string[], name: string): readonly string[] =>
  connections.includes(name) ? connections : [...connections, name];

/** Takes a link away, of all legs, written ones included (K2). */
export function unlink(turn: Turn, { record }: CommandOf<"unlink">): Outcome {
  const links = turn.now.links.filter((each) => !isAbout(each, record));
  if (links.length === turn.now.links.length) return unchanged(turn);
  return {
    next: { ...turn.now, links },
    lines: [
      line(turn, `unlinked from ${record.type} ${record.id} in ${record.connection}`, {
        rule: "K1",
      }),
    ],
    matters: true,
  };
}

/** The CRM merged or converted a record: the link follows it, and meets a link to the same target there (K9). */
export function relink(turn: Turn, { from, to }: CommandOf<"relink">): Outcome {
  if (from.connection !== to.connection)
    throw refusal(turn.does, {
      code: "invalid_input",
      what: "A record cannot move into another connection",
      mend: "Unlink the one and link the other.",
    });
  const old = turn.now.links.find((each) => isAbout(each, from));
  if (old === undefined || sameRecord(old.record, to)) return unchanged(turn);
  const there = turn.now.links.find((each) => each !== old && isAbout(each, to));
  const moved = movedLink(old, there, to);
  const links = turn.now.links
    .filter((each) => each !== there)
    .map((each) => (each === old ? moved : each));
  return {
    next: { ...turn.now, links },
    lines: [
      line(turn, `the CRM moved ${recordKey(from)} to ${recordKey(to)}; the link follows`, {
        rule: "K9",
      }),
    ],
    matters: true,
  };
}

function movedLink(old: Link, there: Link | undefined, to: RecordRef): Link {
  const ids = [old.record, ...(old.was ?? []), ...(there?.was ?? [])].filter(
    (id) => !sameRecord(id, to),
  );
  const was = [
    ...new Map(ids.map(({ type, id }) => [recordKey({ type, id }), { type, id }])).values(),
  ];
  const { parents: _p, skips: _s, title: _t, ...rest } = old;
  const parents = there?.parents;
  const skips = (old.skips ?? []).filter(
    (leg) => there === undefined || there.skips?.includes(leg),
  );
  return {
    ...rest,
    record: { connection: to.connection, type: to.type, id: to.id },
    fromLeg: Math.min(old.fromLeg, there?.fromLeg ?? old.fromLeg),
    was,
    ...(skips.length > 0 && { skips }),
    ...(there?.title !== undefined && { title: there.title }),
    ...(parents !== undefined && { parents }),
  };
}

/** Keeps a draft's state; the record that came of it is linked in the same change (R4). Created is final. */
export function draft(turn: Turn, { draft: told }: CommandOf<"draft">): Outcome {
  const old = turn.now.drafts.find(({ id }) => id === told.id);
  if (old?.state === "created" || (old?.state === told.state && old.record?.id === told.record?.id))
    return unchanged(turn);
  const kept: DraftState = { ...told, ...(turn.by !== undefined && { by: turn.by }) };
  const drafts = [...turn.now.drafts.filter(({ id }) => id !== told.id), kept];
  const { record } = told;
  const now = { ...turn.now, drafts };
  const links =
    told.state === "created" &&
    record !== undefined &&
    !turn.now.links.some((each) => isAbout(each, record));
  return {
    next: links ? linked(turn, now, record, {}) : now,
    lines: [
      line(
        turn,
        `a ${told.type} in ${told.connection}: ${told.state}${links ? ", and linked" : ""}`,
        { rule: "R4" },
      ),
    ],
    matters: links,
  };
}
