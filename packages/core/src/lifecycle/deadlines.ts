import type { Interaction } from "../model/interaction.ts";
import type { Leg } from "../model/leg.ts";
import type { LifecycleSettings } from "../model/settings.ts";
import { closedLeg, closedLine, isVoice } from "./legs.ts";
import { isOpen, type Outcome, type Turn, unchanged } from "./turn.ts";

/** When silence closes something next, by the store's clock (L7); nothing for an interaction that is over or deleted. */
export function deadlineOf(now: Interaction, settings: LifecycleSettings): number | undefined {
  if (now.deleted !== undefined || now.over) return undefined;
  const open = now.legs.filter(isOpen);
  if (open.length > 0) return Math.min(...open.map((leg) => legDeadline(now, leg, settings)));
  return idleEnd(now, settings);
}

/** When silence closes one open leg. It counts from what the store recorded, never from a platform's clock. */
function legDeadline(now: Interaction, leg: Leg, { deadlines }: LifecycleSettings): number {
  if (leg.state === "assigned") return now.recordedAt + deadlines.maxIdle[now.channel];
  const { lastEvent, talkEnd, wrapUpStart } = leg.recorded;
  if (leg.state === "wrapUp")
    return Math.max(talkEnd ?? 0, wrapUpStart ?? 0) + deadlines.maxAfterContactWork;
  return Math.min(
    leg.wrapUpEndHeldUntil ?? Number.POSITIVE_INFINITY,
    lastEvent + deadlines.maxTalk,
  );
}

/** When an interaction without an open leg stops waiting for another (L9). */
function idleEnd(now: Interaction, { deadlines }: LifecycleSettings): number | undefined {
  if (now.legs.length === 0) return undefined;
  const last = Math.max(...now.legs.map(({ recorded }) => recorded.closed ?? 0));
  return last + deadlines.maxIdle[now.channel];
}

/** Time has passed: closes every leg whose deadline has (L7), and counts a held wrap-up end as both ends (L6). */
export function tick(turn: Turn): Outcome {
  const { now, at, settings } = turn;
  const passed = now.legs.filter((leg) => isOpen(leg) && legDeadline(now, leg, settings) <= at);
  if (passed.length === 0) return unchanged(turn);
  const legs = now.legs.map((leg) => (passed.includes(leg) ? silenced(turn, leg) : leg));
  const closed = legs.filter((leg, n) => leg !== now.legs[n]);
  return {
    next: { ...now, legs },
    lines: closed.map((leg) => closedLine(turn, leg)),
    matters: true,
  };
}

function silenced(turn: Turn, leg: Leg): Leg {
  const held = leg.wrapUpEndHeldUntil !== undefined && leg.wrapUpEndHeldUntil <= turn.at;
  return closedLeg(turn, leg, held ? (leg.heldReason ?? "completed") : "deadline");
}

/** Sets `over` once the last leg is closed and the channel has ended, or nothing came for too long. It stays until a new leg begins. */
export function settled(turn: Turn, next: Interaction): Interaction {
  if (next.over || next.legs.some(isOpen)) return next;
  const idle = idleEnd(next, turn.settings);
  const ended = isVoice(next)
    ? voiceEnded(next)
    : next.status === "closed" || next.abandoned !== undefined;
  if (!ended && (idle === undefined || turn.at < idle)) return next;
  const ends = next.legs.map(({ endedAt, talkEndedAt }) => endedAt ?? talkEndedAt ?? 0);
  const end = next.endedAt ?? Math.max(0, ...ends);
  return { ...next, over: true, ...(end > 0 && { endedAt: end }) };
}

/** A call has ended when nobody talks, nobody is rung, and nobody was handed the customer without having begun yet. */
function voiceEnded({ abandoned, legs, offers }: Interaction): boolean {
  if (abandoned !== undefined) return true;
  const awaited =
    legs.at(-1)?.handedOver?.inside === true || offers.some(({ ended }) => ended === undefined);
  return legs.length > 0 && !awaited;
}
