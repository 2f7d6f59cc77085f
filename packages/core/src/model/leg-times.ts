import type { Leg } from "./leg.ts";

/** When a leg was and how long its parts took. Times in epoch ms, durations in whole seconds; what is not known is absent. */
export type LegTimes = {
  readonly start?: number;
  /** The agent's end with the leg, after-contact work included. */
  readonly end?: number;
  /** The end of the conversation part of a voice leg. */
  readonly talkEnd?: number;
  /** Without holds. Zero for a call that nobody answered. */
  readonly talkSeconds?: number;
  readonly holdSeconds?: number;
  readonly wrapUpSeconds?: number;
};

/**
 * The times of one leg. Durations that the platform counted win (K3); a gap between talk end and wrap-up start is neither talk
 * nor wrap-up (E18); a leg whose end never came has no computed length (L7).
 */
export function legTimes(leg: Leg): LegTimes {
  const start = leg.startedAt ?? leg.answeredAt;
  const talkEnd = talkEndOf(leg);
  const end = endOf(leg, start, talkEnd);
  const talkSeconds = leg.durations?.talkSeconds ?? talkOf(leg, talkEnd);
  const holdSeconds = leg.durations?.holdSeconds ?? holdOf(leg, talkEnd);
  const wrapUpSeconds = leg.durations?.wrapUpSeconds ?? wrapUpOf(leg, talkEnd);
  return {
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(talkEnd !== undefined && { talkEnd }),
    ...(talkSeconds !== undefined && { talkSeconds }),
    ...(holdSeconds !== undefined && { holdSeconds }),
    ...(wrapUpSeconds !== undefined && { wrapUpSeconds }),
  };
}

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1000));

/** The start of wrap-up implies talk end; a lone wrap-up end counts as both, so talk ended before the wrap-up that the platform counted (L6). */
function talkEndOf(leg: Leg): number | undefined {
  const seen = leg.talkEndedAt ?? leg.wrapUpStartedAt;
  if (seen !== undefined) return seen;
  if (leg.closed === undefined || leg.endedAt === undefined || isDigital(leg)) return undefined;
  if (leg.closed === "deadline" && leg.answeredAt === undefined) return undefined;
  return leg.endedAt - (leg.durations?.wrapUpSeconds ?? 0) * 1000;
}

/** After a deadline the last that was seen of the leg stands in for its end. */
function endOf(
  leg: Leg,
  start: number | undefined,
  talkEnd: number | undefined,
): number | undefined {
  const end =
    leg.endedAt ?? talkEnd ?? (leg.closed === "deadline" ? leg.recorded.lastEvent : undefined);
  return end === undefined || start === undefined ? end : Math.max(start, end);
}

function talkOf(leg: Leg, talkEnd: number | undefined): number | undefined {
  if (talkEnd === undefined) return undefined;
  if (leg.answeredAt !== undefined) return seconds(talkEnd - leg.answeredAt - leg.heldMs);
  return leg.startedAt === undefined ? undefined : 0;
}

function holdOf(leg: Leg, talkEnd: number | undefined): number | undefined {
  return talkEnd === undefined || leg.startedAt === undefined ? undefined : seconds(leg.heldMs);
}

function wrapUpOf(leg: Leg, talkEnd: number | undefined): number | undefined {
  const from = leg.wrapUpStartedAt ?? talkEnd;
  if (leg.endedAt === undefined || leg.closed === undefined || from === undefined) return undefined;
  return seconds(leg.endedAt - from);
}

/** Digital legs have no talk: they are assigned, for minutes or for days, and never answered. */
const isDigital = (leg: Leg): boolean =>
  leg.closed === "transferred" ||
  leg.closed === "unassigned" ||
  leg.closed === "interactionClosed" ||
  leg.state === "assigned";
