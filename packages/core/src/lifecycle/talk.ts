import type { Leg } from "../model/leg.ts";
import { unansweredDisposition } from "./leave.ts";
import { heardOf, isVoice, newLeg, withNewLeg, withoutHold } from "./legs.ts";
import {
  type CommandOf,
  findLeg,
  impossible,
  line,
  type Outcome,
  type Turn,
  unchanged,
  unknownLeg,
  withLeg,
} from "./turn.ts";

/** The other side answered an outbound call. */
export function answer(turn: Turn, { leg: id }: CommandOf<"answer">): Outcome {
  const leg = findLeg(turn.now, id);
  if (leg === undefined) return answeredFirst(turn, id);
  if (leg.answeredAt !== undefined) return unchanged(turn);
  if (leg.state === "dialling") {
    const next: Leg = { ...heardOf(turn, leg), state: "connected", answeredAt: turn.time };
    return {
      next: withLeg(turn.now, next),
      lines: [line(turn, "answered", { leg: id, rule: "L1" })],
      matters: false,
    };
  }
  return answeredLate(turn, leg);
}

/** The answer overtook the dialling: the leg begins here, and the dialling fills in the rest (L6). */
function answeredFirst(turn: Turn, id: string): Outcome {
  if (!turn.lenient || !isVoice(turn.now)) return unknownLeg(turn, id);
  const leg: Leg = { ...newLeg(turn, { id, state: "connected" }), answeredAt: turn.time };
  return {
    next: withNewLeg(turn.now, leg),
    lines: [line(turn, "answered before it was seen to start", { leg: id, rule: "L6" })],
    matters: false,
  };
}

/** The answer comes after the end it preceded: the call was answered after all. */
function answeredLate(turn: Turn, leg: Leg): Outcome {
  const { told } = turn;
  const end = leg.talkEndedAt ?? leg.wrapUpStartedAt ?? leg.endedAt;
  if (told === undefined || end === undefined || told > end || !turn.lenient)
    return talkIsOver(turn, leg);
  const { disposition, dispositionBy, ...rest } = leg;
  const keeps = !(dispositionBy === "system" && disposition === unansweredDisposition);
  const next: Leg = {
    ...rest,
    answeredAt: told,
    ...(keeps && disposition !== undefined && { disposition }),
    ...(keeps && dispositionBy !== undefined && { dispositionBy }),
  };
  return {
    next: withLeg(turn.now, next),
    lines: [line(turn, "answered, as learnt late", { what: "amended", leg: leg.id, rule: "L6" })],
    matters: leg.state === "closed",
  };
}

const talkIsOver = (turn: Turn, leg: Leg): Outcome =>
  leg.state === "closed"
    ? impossible(turn, {
        code: "leg_closed",
        what: "The leg is closed",
        mend: "Accept a new leg with an id of its own.",
        leg: leg.id,
      })
    : impossible(turn, {
        code: "leg_closed",
        what: "Talk has ended in this leg",
        mend: "Only its after-contact work can go on.",
        leg: leg.id,
      });

/** The customer was put on hold, or taken off it. A hold of a call that only rang shows that it was answered. */
export function hold(
  turn: Turn,
  { leg: id, do: does }: CommandOf<"hold"> | CommandOf<"resume">,
): Outcome {
  const leg = findLeg(turn.now, id);
  if (leg === undefined) return unknownLeg(turn, id);
  if (leg.state === "closed" || leg.state === "wrapUp") return talkIsOver(turn, leg);
  if (leg.state === "assigned")
    return impossible(turn, {
      code: "not_supported",
      what: "Only voice can be held",
      mend: "Leave hold and resume out on this channel.",
      leg: id,
    });
  const held = does === "hold";
  if ((leg.state === "held") === held && leg.state !== "dialling") return unchanged(turn);
  const next: Leg = {
    ...withoutHold(heardOf(turn, leg), turn.time),
    state: held ? "held" : "connected",
    answeredAt: leg.answeredAt ?? turn.time,
    ...(held && { heldSince: turn.time }),
  };
  return {
    next: withLeg(turn.now, next),
    lines: [line(turn, held ? "held" : "resumed", { leg: id, rule: "L1" })],
    matters: false,
  };
}
