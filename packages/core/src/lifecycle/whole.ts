import { filledCard, updatedCard } from "../model/card-update.ts";
import type { Interaction, Link } from "../model/interaction.ts";
import { sameRecord } from "../model/record.ts";
import { closedLeg, closedLine, heardOf, isVoice, merged } from "./legs.ts";
import {
  type CommandOf,
  ignored,
  isOpen,
  line,
  type Outcome,
  refusal,
  type Turn,
  unchanged,
} from "./turn.ts";

/** A message came or went. It brings the card up to date (C1) and keeps the interaction awake; it never makes it due (L2). */
export function message(turn: Turn, { from, customer }: CommandOf<"message">): Outcome {
  const card = updatedCard(turn.now.card, customer, "channel", turn.time);
  const legs = turn.now.legs.map((leg) => heardOf(turn, leg));
  if (card === turn.now.card) return { next: { ...turn.now, legs }, lines: [], matters: false };
  return {
    next: { ...turn.now, card, legs },
    lines: [line(turn, `a message from the ${from} brought the card up to date`, { rule: "C1" })],
    matters: true,
  };
}

/** The conversation's own state. Closing a digital one while it is assigned closes its legs too (L2, E23). */
export function setStatus(turn: Turn, { status }: CommandOf<"setStatus">): Outcome {
  if (status === turn.now.status) return unchanged(turn);
  const said = line(turn, `the status is ${status}`, { rule: "L2" });
  const next = { ...turn.now, status };
  if (status !== "closed" || isVoice(turn.now)) return { next, lines: [said], matters: true };
  const legs = turn.now.legs.map((leg) =>
    isOpen(leg) ? closedLeg(turn, leg, "interactionClosed", turn.time) : leg,
  );
  const closed = legs.filter((leg, n) => leg !== turn.now.legs[n]);
  return {
    next: { ...next, legs },
    lines: [said, ...closed.map((leg) => closedLine(turn, leg))],
    matters: true,
  };
}

/** Deletes, in any state; what was written is retracted or kept (N5). */
export function remove(turn: Turn, { written }: CommandOf<"delete">): Outcome {
  return {
    next: { ...emptied(turn.now), deleted: { written, at: turn.at } },
    lines: [
      line(
        turn,
        `deleted; what was written is ${written === "keep" ? "kept" : "retracted"}${turn.now.mails.length > 0 ? "; a mail that was sent stays sent, any other is withdrawn" : ""}`,
        { rule: "N5" },
      ),
    ],
    matters: true,
  };
}

/** Without what it held of the customer (O4): taking back what was written needs the ledger's rows alone; ids and states stay for `explain`. */
const emptied = (now: Interaction): Interaction => ({
  ...now,
  card: { fields: {} },
  log: {},
  facts: {},
  notes: [],
  legs: now.legs.map((leg) => ({ ...leg, facts: {} })),
  links: now.links.map(({ title: _t, personRank: _p, ...link }) => link),
  drafts: now.drafts.map(({ fields: _f, ...draft }) => draft),
  mails: now.mails.map(({ cc: _c, ...mail }) => ({ ...mail, to: [], subject: "", text: "" })),
});

/** Anything after a deletion: late events do not bring it back, a person's command gets a clear error (N5). */
export function afterDeletion(
  turn: Turn,
  command: CommandOf<"delete"> | { readonly do: string },
): Outcome {
  if (command.do === "tick") return unchanged(turn);
  if ("written" in command && command.written === turn.now.deleted?.written) return unchanged(turn);
  if (turn.lenient) return ignored(turn, "the interaction was deleted; ignored", { rule: "N5" });
  throw refusal(turn.does, {
    code: "interaction_deleted",
    what: "The interaction was deleted",
    mend: "Start a new interaction under another id.",
  });
}

/** An interaction that begins, perhaps as the continuation of one with another id (L10, E31). */
export function begin(
  of: Omit<Turn, "now">,
  key: { readonly tenant: string; readonly interaction: string },
  command: CommandOf<"start">,
): Outcome {
  const { channel, direction, customer, queue, subject, facts = {}, previous } = command;
  const bare: Interaction = {
    tenant: key.tenant,
    id: key.interaction,
    version: 0,
    channel,
    direction,
    status: "new",
    per: command.per ?? of.settings.activityPer[channel],
    parentKey: key.interaction,
    startedAt: of.time,
    card: updatedCard({ fields: {} }, customer, "channel", of.time),
    log: subject === undefined ? {} : { subject },
    legs: [],
    offers: [],
    links: [],
    notes: [],
    drafts: [],
    mails: [],
    facts,
    connections: [],
    over: false,
    recordedAt: of.at,
    ...(queue !== undefined && { queue }),
  };
  const turn: Turn = { ...of, now: bare };
  const began = line(turn, `began: ${channel}, ${direction}`, { rule: "C1" });
  if (previous !== undefined)
    return { next: continued(turn, previous), lines: [began, continuesLine(turn)], matters: true };
  const waiting = unseen(turn, command);
  const lines = waiting.previousId === undefined ? [began] : [began, unseenLine(turn)];
  return { next: { ...bare, ...waiting }, lines, matters: false };
}

/** The same start once more, or late: it changes nothing but fills what is missing. */
export function startAgain(turn: Turn, command: CommandOf<"start">): Outcome {
  const { now } = turn;
  const { customer, queue, subject, facts, previous } = command;
  const fresh = updatedCard({ fields: {} }, customer, "channel", turn.time);
  const missing = Object.fromEntries(
    Object.entries(fresh.fields).filter(([field]) => !Object.hasOwn(now.card.fields, field)),
  );
  const moreFacts = merged(now.facts, facts === undefined ? undefined : { ...facts, ...now.facts });
  const parts: Partial<Interaction> = {
    ...(Object.keys(missing).length > 0 && {
      card: { fields: { ...now.card.fields, ...missing } },
    }),
    ...(now.queue === undefined && queue !== undefined && { queue }),
    ...(now.log.subject === undefined && subject !== undefined && { log: { ...now.log, subject } }),
    ...(moreFacts !== undefined && { facts: moreFacts }),
    ...unseen(turn, command),
  };
  if (
    previous !== undefined &&
    (now.previousId === undefined || (now.previousId === previous.id && waitsToJoin(now)))
  )
    return joined({ ...turn, now: { ...now, ...parts } }, previous);
  if (Object.keys(parts).length === 0) return unchanged(turn);
  return {
    next: { ...now, ...parts },
    lines: [line(turn, "had begun already; filled what was missing", { rule: "L6" })],
    matters: true,
  };
}

/** Learnt late that this one continues another: links, card and parent key carry over (L10). */
export function join(turn: Turn, { previous }: CommandOf<"join">): Outcome {
  return turn.now.previousId === previous.id && !waitsToJoin(turn.now)
    ? unchanged(turn)
    : joined(turn, previous);
}

/** The id of an earlier interaction that has not begun yet; the first one told stands. */
function unseen(turn: Turn, { previousId }: CommandOf<"start">): { readonly previousId?: string } {
  if (previousId === undefined || turn.now.previousId !== undefined) return {};
  if (previousId === turn.now.id) throw continuesAnother(turn);
  return { previousId };
}

/** What was joined has the parent key of the earlier one. */
const waitsToJoin = ({ id, parentKey, previousId }: Interaction): boolean =>
  previousId !== undefined && parentKey === id;

const unseenLine = (turn: Turn) =>
  line(turn, "the earlier interaction that it continues has not begun yet: join it once it has", {
    rule: "L10",
  });

function joined(turn: Turn, previous: Interaction): Outcome {
  return { next: continued(turn, previous), lines: [continuesLine(turn)], matters: true };
}

const continuesLine = (turn: Turn) =>
  line(turn, "continues an earlier interaction: links, card and parent key carry over", {
    what: "join",
    rule: "L10",
  });

/** Nothing but the parent key comes from a deleted one. */
function continued(turn: Turn, previous: Interaction): Interaction {
  const { now } = turn;
  if (previous.tenant !== now.tenant || previous.id === now.id) throw continuesAnother(turn);
  const chained = { ...now, previousId: previous.id, parentKey: previous.parentKey };
  if (previous.deleted !== undefined) return chained;
  const more = previous.links.filter((link) => !now.links.some((mine) => sameLink(mine, link)));
  return {
    ...chained,
    card: filledCard(now.card, previous.card),
    links: [...now.links, ...more.map((link) => ({ ...link, fromLeg: 0 }))],
    connections: [...new Set([...now.connections, ...more.map((link) => link.record.connection)])],
  };
}

const continuesAnother = (turn: Turn) =>
  refusal(turn.does, {
    code: "invalid_input",
    what: "An interaction continues another one of the same tenant",
    mend: "Give the id that the conversation had before the transfer.",
  });

const sameLink = (a: Link, b: Link): boolean =>
  a.record.connection === b.record.connection && sameRecord(a.record, b.record);
