import type { Leg } from "../model/leg.ts";
import { type Told, toldLeg } from "./legs.ts";
import { ignored, line, type Outcome, type Turn, withLeg } from "./turn.ts";

/** Which end of a closed leg is told once more, or late. */
export type LateEnd = "talk" | "wrapUpStart" | "wrapUpEnd" | "digital";

/**
 * An end for a leg that is closed: the close stands, and what the end tells anew amends the same activity (L7, L8, E15).
 * It never closes twice and never opens again.
 */
export function amendEnd(turn: Turn, leg: Leg, told: Told, which: LateEnd): Outcome {
  const next = withTimes(turn, toldLeg(leg, { dispositionBy: "agent", ...told }), which);
  if (next === leg)
    return ignored(turn, "the leg was closed already; nothing new", { leg: leg.id });
  const late = leg.closed === "deadline";
  const text = late
    ? "the real end came after the timeout; amends"
    : "told after the close; amends";
  return {
    next: withLeg(turn.now, next),
    lines: [line(turn, text, { what: "amended", leg: leg.id, rule: late ? "L7" : "L8" })],
    matters: true,
  };
}

const withTimes = (turn: Turn, leg: Leg, which: LateEnd): Leg => {
  if (which === "talk") return withTalkEnd(turn, leg);
  return which === "wrapUpStart" ? withWrapUpStart(turn, leg) : withEnd(turn, leg);
};

/** Fills a talk end that was only implied. Without the sender's word for it, now is a fair guess only where a timeout closed the leg. */
export function withTalkEnd(turn: Turn, leg: Leg): Leg {
  if (leg.talkEndedAt !== undefined) return leg;
  const time = leg.closed === "deadline" ? turn.time : turn.told;
  const before = leg.wrapUpStartedAt ?? leg.endedAt;
  if (time === undefined || (before !== undefined && time > before)) return leg;
  return { ...leg, talkEndedAt: time };
}

function withWrapUpStart(turn: Turn, leg: Leg): Leg {
  const { told } = turn;
  if (told === undefined || leg.wrapUpStartedAt !== undefined) return leg;
  const fits = leg.endedAt === undefined || told <= leg.endedAt || leg.closed === "noWrapUp";
  return fits ? { ...leg, wrapUpStartedAt: told } : leg;
}

/** A timeout left the end open; a leg closed at talk end may turn out to have had after-contact work. */
function withEnd(turn: Turn, leg: Leg): Leg {
  if (leg.endedAt === undefined) return { ...leg, endedAt: turn.time };
  const { told } = turn;
  const later = leg.closed === "noWrapUp" && told !== undefined && told > leg.endedAt;
  return later ? { ...leg, endedAt: told } : leg;
}
