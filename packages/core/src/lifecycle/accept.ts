import type { Agent } from "../model/agent.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Leg, LegRole, LegState } from "../model/leg.ts";
import { isTalking } from "./handover.ts";
import { offersAccepted } from "./offers.ts";
import { heardOf, isVoice, newLeg, withNewLeg } from "./legs.ts";
import {
  type CommandOf,
  findLeg,
  ignored,
  impossible,
  line,
  type Outcome,
  type Turn,
  unchanged,
  unknownLeg,
  withLeg,
} from "./turn.ts";

/** An agent took the interaction: a new leg, always, unless this very leg is known already (L9, E25). */
export function accept(turn: Turn, command: CommandOf<"accept">): Outcome {
  const { leg: id, agent, role = "agent", queue } = command;
  const found = findLeg(turn.now, id);
  if (found !== undefined) return acceptedAgain(turn, found, { agent, role, queue });
  const voice = isVoice(turn.now);
  const leg: Leg = {
    ...newLeg(turn, { id, role, state: voice ? "connected" : "assigned" }),
    agent,
    startedAt: turn.time,
    ...(voice && { answeredAt: turn.time }),
    ...(queue !== undefined && { queue }),
  };
  return began(turn, leg, offersAccepted(turn.now, agent, command.offer));
}

/** An outbound leg starts at dialling (L5). */
export function dial(turn: Turn, { leg: id, agent, queue }: CommandOf<"dial">): Outcome {
  const found = findLeg(turn.now, id);
  if (found !== undefined) return acceptedAgain(turn, found, { agent, queue, dialled: true });
  if (!isVoice(turn.now))
    return impossible(turn, {
      code: "not_supported",
      what: "Only voice can be dialled",
      mend: "Use accept on this channel.",
      leg: id,
    });
  const leg: Leg = {
    ...newLeg(turn, { id, state: "dialling" }),
    agent,
    startedAt: turn.time,
    ...(queue !== undefined && { queue }),
  };
  return began(turn, leg, turn.now);
}

/** A consulted agent, or a supervisor, joins the customer: from now on this is a leg that is written (E2, L4). */
export function joinCustomer(turn: Turn, { leg: id }: CommandOf<"joinCustomer">): Outcome {
  const leg = findLeg(turn.now, id);
  if (leg === undefined) return unknownLeg(turn, id);
  if (leg.role === "agent" || leg.role === "bargeIn") return unchanged(turn);
  if (leg.state === "closed")
    return impossible(turn, {
      code: "leg_closed",
      what: "The leg is closed",
      mend: "Accept a new leg with an id of its own.",
      leg: id,
    });
  const voice = isVoice(turn.now);
  const { heldSince: _h, ...rest } = heardOf(turn, leg);
  const state: LegState = voice ? "connected" : "assigned";
  const role: LegRole = leg.role === "consult" ? "agent" : "bargeIn";
  const joined: Leg = {
    ...rest,
    role,
    state,
    heldMs: 0,
    startedAt: turn.time,
    ...(voice && { answeredAt: turn.time }),
  };
  return {
    next: withNewLeg(turn.now, joined),
    lines: [
      line(turn, `joined the customer; the ${leg.role} leg is a leg of its own from here`, {
        leg: id,
        rule: "L4",
      }),
    ],
    matters: false,
  };
}

function began(turn: Turn, leg: Leg, now: Interaction): Outcome {
  const text =
    leg.state === "dialling"
      ? "an outbound leg began at dialling"
      : `a leg began, role ${leg.role}`;
  const rule = leg.state === "dialling" ? "L5" : "L9";
  return {
    next: withNewLeg(now, leg),
    lines: [line(turn, text, { leg: leg.id, rule })],
    matters: now.abandoned !== undefined,
  };
}

type Accepted = {
  readonly agent: Agent;
  readonly role?: LegRole;
  readonly queue?: string | undefined;
  readonly dialled?: boolean;
};

/** The leg is known: a repetition, or the start of a leg that was seen to end first (L6). */
function acceptedAgain(turn: Turn, leg: Leg, of: Accepted): Outcome {
  if (leg.agent !== undefined && leg.agent.id !== of.agent.id)
    return impossible(turn, {
      code: "ambiguous_leg",
      what: "The leg is another agent's",
      mend: "Give every agent's leg an id of its own.",
      leg: leg.id,
    });
  if (leg.agent !== undefined && leg.startedAt !== undefined && leg.state === "closed")
    return turn.lenient
      ? ignored(turn, "accepted before, and closed since", { leg: leg.id })
      : impossible(turn, {
          code: "leg_closed",
          what: "The leg is closed",
          mend: "Accept a new leg with an id of its own.",
          leg: leg.id,
        });
  const next = filled(turn, leg, of);
  if (next === leg) return unchanged(turn);
  return {
    next: withLeg(turn.now, next),
    lines: [
      line(turn, "the start of a leg that was seen to end first", {
        what: "amended",
        leg: leg.id,
        rule: "L6",
      }),
    ],
    matters: leg.state === "closed",
  };
}

/** Fills what the end could not tell. After the end, only the sender's word tells when the start was. */
function filled(turn: Turn, leg: Leg, { agent, role, queue, dialled = false }: Accepted): Leg {
  const unseen = leg.startedAt === undefined;
  const end = leg.talkEndedAt ?? leg.endedAt;
  const known = turn.told !== undefined && turn.told <= (end ?? turn.told) ? turn.told : undefined;
  const start = unseen
    ? (known ?? (isTalking(leg) && end === undefined ? (leg.answeredAt ?? turn.time) : undefined))
    : undefined;
  const voice = isVoice(turn.now);
  const fresh: Partial<Leg> = {
    ...(leg.agent === undefined && { agent }),
    ...(unseen && role !== undefined && role !== leg.role && { role }),
    ...(leg.queue === undefined && queue !== undefined && { queue }),
    ...(start !== undefined && { startedAt: start }),
    ...(start !== undefined &&
      voice &&
      !dialled &&
      leg.answeredAt === undefined && { answeredAt: start }),
  };
  return Object.keys(fresh).length === 0 ? leg : { ...leg, ...fresh };
}
