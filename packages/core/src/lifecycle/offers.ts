import type { Agent } from "../model/agent.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Offer } from "../model/leg.ts";
import { writesActivity } from "../model/leg.ts";
import { isTalking } from "./handover.ts";
import {
  type CommandOf,
  ignored,
  impossible,
  line,
  type Outcome,
  type Turn,
  unchanged,
} from "./turn.ts";

/** A queue that offers in a loop must not make the interaction grow for ever. */
const mostOffers = 50;

/** Ringing, or assigned and not yet accepted. An offer is not a leg. */
export function offer(turn: Turn, command: CommandOf<"offer">): Outcome {
  const { agent, queue } = command;
  if (turn.now.offers.some(({ id }) => id === command.offer)) return unchanged(turn);
  const made: Offer = {
    id: command.offer,
    offeredAt: turn.time,
    ...(agent !== undefined && { agent }),
    ...(queue !== undefined && { queue }),
  };
  return offersChanged(turn, [...turn.now.offers, made], "offered");
}

/** Missed, rejected, timed out or taken back: writes nothing (L5, E7). */
export function endOffer(turn: Turn, { offer: id, outcome }: CommandOf<"endOffer">): Outcome {
  const { offers } = turn.now;
  const found = offers.find((each) => each.id === id);
  if (found?.ended === "accepted")
    return impossible(turn, {
      code: "invalid_input",
      what: "The offer was accepted, so it cannot be missed or rejected",
      mend: "End the leg that came of it instead.",
    });
  if (found?.ended !== undefined) return ignored(turn, "the offer had ended already");
  const ended: Offer = { ...(found ?? { id, offeredAt: turn.time }), ended: outcome };
  const rest = offers.filter((each) => each.id !== id);
  return offersChanged(turn, [...rest, ended], `the offer ended: ${outcome}; nothing is written`);
}

function offersChanged(turn: Turn, offers: readonly Offer[], text: string): Outcome {
  return {
    next: { ...turn.now, offers: offers.slice(-mostOffers) },
    lines: [line(turn, text, { rule: "L5" })],
    matters: false,
  };
}

/** Marks the accepted offer: the named one, else the only open one of this agent. */
export function offersAccepted(
  now: Interaction,
  agent: Agent,
  offerId: string | undefined,
): Interaction {
  const mine = now.offers.filter(
    ({ ended, agent: to }) => ended === undefined && to?.id === agent.id,
  );
  const id = offerId ?? (mine.length === 1 ? mine[0]?.id : undefined);
  if (id === undefined || !now.offers.some((each) => each.id === id)) return now;
  return {
    ...now,
    offers: now.offers.map((each) => (each.id === id ? { ...each, ended: "accepted" } : each)),
  };
}

/** The customer gave up: before any accept, in a queue, or in a transfer (L5, E5, E6). An agent's leg is written as usual. */
export function abandon(turn: Turn): Outcome {
  const { legs, abandoned } = turn.now;
  const mine = legs.filter(writesActivity);
  if (abandoned !== undefined) return unchanged(turn);
  if (mine.some(isTalking))
    return impossible(turn, {
      code: "invalid_input",
      what: "An agent has the customer, so this is no abandoned interaction",
      mend: "End the agent's leg: endTalk for voice, unassign or setStatus closed for digital channels.",
    });
  const log = turn.settings.abandoned === "log";
  const where = mine.length === 0 ? "beforeAccept" : "inQueue";
  const text =
    mine.length === 0
      ? `abandoned before any accept; policy: ${turn.settings.abandoned}`
      : "abandoned in queue";
  return {
    next: { ...turn.now, abandoned: where, endedAt: turn.time },
    lines: [line(turn, text, { rule: "L5" })],
    matters: log,
  };
}
