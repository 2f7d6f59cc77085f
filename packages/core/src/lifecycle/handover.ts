import type { CloseReason, Leg } from "../model/leg.ts";
import { writesActivity } from "../model/leg.ts";
import { amendEnd } from "./amend.ts";
import { leave } from "./leave.ts";
import { closedLeg, closedLine, isVoice, newLeg, type Told, toldLeg, withNewLeg } from "./legs.ts";
import {
  type CommandOf,
  findLeg,
  isOpen,
  line,
  type Outcome,
  type Turn,
  unchanged,
  unknownLeg,
  withLeg,
} from "./turn.ts";

/** This agent handed the customer over: in voice the talk ends here and wrap-up runs on (E1), a digital leg is due (L2). */
export function transfer(turn: Turn, command: CommandOf<"transfer">): Outcome {
  if (!isVoice(turn.now)) return closeDigital(turn, command.leg, "transferred", command);
  return leave(turn, {
    ...command,
    handedOver: { inside: command.to !== undefined, mayReturn: true },
  });
}

/** The interaction was taken off this agent, by itself, a supervisor or the system (E21, E22); `by` says who. */
export function unassign(turn: Turn, command: CommandOf<"unassign">): Outcome {
  if (!isVoice(turn.now)) return closeDigital(turn, command.leg, "unassigned", command);
  return leave(turn, command);
}

/** The customer left a digital conversation; the agent still has it, so nothing is due (L2). */
export function endTalk(turn: Turn, command: CommandOf<"endTalk">): Outcome {
  if (isVoice(turn.now)) return leave(turn, command);
  const leg = findLeg(turn.now, command.leg);
  if (leg === undefined) return unknownLeg(turn, command.leg);
  const next = toldLeg(leg, { ...command, dispositionBy: "agent" });
  const lines = [
    line(turn, "digital work is due on transfer or unassignment", { leg: leg.id, rule: "L2" }),
  ];
  if (next === leg) return unchanged(turn, lines);
  return { next: withLeg(turn.now, next), lines, matters: !isOpen(leg) };
}

function closeDigital(turn: Turn, id: string, reason: CloseReason, told: Told): Outcome {
  const found = findLeg(turn.now, id);
  if (found?.state === "closed") return amendEnd(turn, found, told, "digital");
  const leg = toldLeg(found ?? newLeg(turn, { id, state: "assigned" }), {
    ...told,
    dispositionBy: "agent",
  });
  const closed = closedLeg(turn, leg, reason, turn.time);
  return {
    next: found === undefined ? withNewLeg(turn.now, closed) : withLeg(turn.now, closed),
    lines: [closedLine(turn, closed)],
    matters: true,
  };
}

/**
 * Nobody took the transfer: the same leg goes on where its agent is still there; where that agent has left, nobody is, and the
 * interaction is abandoned in transfer (E4). A digital customer waits on, for the next assignment.
 */
export function transferFailed(turn: Turn, { leg: id }: CommandOf<"transferFailed">): Outcome {
  const leg = findLeg(turn.now, id);
  if (leg === undefined) return unknownLeg(turn, id);
  if (leg.state === "wrapUp" && leg.handedOver?.mayReturn === true) return goesOn(turn, leg);
  const somebody = turn.now.legs.some((each) => isTalking(each) && writesActivity(each));
  if (somebody || !isVoice(turn.now) || turn.now.abandoned !== undefined)
    return unchanged(turn, [
      line(turn, "the transfer failed; nothing changes", { leg: id, rule: "E4" }),
    ]);
  return {
    next: { ...turn.now, abandoned: "inTransfer" },
    lines: [
      line(turn, "the transfer failed after the agent had left: abandoned in transfer", {
        leg: id,
        rule: "E4",
      }),
    ],
    matters: turn.settings.abandoned === "log",
  };
}

/** Whether an agent is with the customer in this leg, or calling. */
export const isTalking = ({ state }: Leg): boolean => state !== "closed" && state !== "wrapUp";

function goesOn(turn: Turn, leg: Leg): Outcome {
  const { talkEndedAt: _t, expectsWrapUp: _e, handedOver: _h, recorded, ...rest } = leg;
  const { talkEnd: _r, ...before } = recorded;
  const state =
    leg.answeredAt === undefined && leg.startedAt !== undefined ? "dialling" : "connected";
  return {
    next: withLeg(turn.now, { ...rest, state, recorded: { ...before, lastEvent: turn.at } }),
    lines: [line(turn, "the transfer failed; the same leg goes on", { leg: leg.id, rule: "E4" })],
    matters: false,
  };
}
