import type { Agent } from "../model/agent.ts";
import type { HistoryLine } from "../model/command.ts";
import type { CloseReason, Durations, Leg, LegRole, LegState } from "../model/leg.ts";
import { writesActivity } from "../model/leg.ts";
import type { Interaction } from "../model/interaction.ts";
import type { Fields } from "../model/record.ts";
import { line, type Turn, withLeg } from "./turn.ts";

/** What an end, or a late fact, can tell about a leg. */
export type Told = {
  readonly agent?: Agent | undefined;
  readonly disposition?: string | undefined;
  readonly dispositionBy?: "agent" | "system" | undefined;
  readonly durations?: Durations | undefined;
  readonly facts?: Fields | undefined;
};

/** A leg nothing has happened to yet. */
export const newLeg = (
  turn: Turn,
  {
    id,
    role = "agent",
    state,
  }: { readonly id: string; readonly role?: LegRole | undefined; readonly state: LegState },
): Leg => ({ id, role, state, heldMs: 0, recorded: { lastEvent: turn.at }, facts: {} });

/** Whether the interaction's channel has talk and after-contact work. */
export const isVoice = ({ channel }: Interaction): boolean => channel === "voice";

/** The same leg, heard of just now: silence is counted from here (L7). A closed leg stays as it ended. */
export const heardOf = (turn: Turn, leg: Leg): Leg =>
  leg.state === "closed" ? leg : { ...leg, recorded: { ...leg.recorded, lastEvent: turn.at } };

/** Ends a hold that is running, at `time`. */
export function withoutHold(leg: Leg, time: number): Leg {
  const { heldSince, ...rest } = leg;
  if (heldSince === undefined) return leg;
  return { ...rest, heldMs: leg.heldMs + Math.max(0, time - heldSince) };
}

/** Closes a leg: from now on it is due, for ever. `endedAt` is left out where the end was never seen. */
export function closedLeg(turn: Turn, leg: Leg, reason: CloseReason, endedAt?: number): Leg {
  const { heldSince: _h, wrapUpEndHeldUntil: _u, heldReason: _r, ...rest } = leg;
  return {
    ...rest,
    state: "closed",
    closed: reason,
    recorded: { ...leg.recorded, closed: turn.at },
    ...(endedAt !== undefined && { endedAt }),
  };
}

/** The leg with what was told of it. Answers the same object where nothing is new. What a system says never overwrites an agent's disposition. */
export function toldLeg(leg: Leg, told: Told): Leg {
  let next = leg;
  if (told.agent !== undefined && leg.agent === undefined) next = { ...next, agent: told.agent };
  if (dispositionIsNews(leg, told)) {
    const { dispositionBy: _b, ...rest } = next;
    next = {
      ...rest,
      ...(told.disposition !== undefined && { disposition: told.disposition }),
      ...(told.dispositionBy !== undefined && { dispositionBy: told.dispositionBy }),
    };
  }
  const durations = merged(leg.durations ?? {}, told.durations);
  if (durations !== undefined) next = { ...next, durations };
  const facts = merged(leg.facts, told.facts);
  if (facts !== undefined) next = { ...next, facts };
  return next;
}

function dispositionIsNews(leg: Leg, { disposition, dispositionBy }: Told): boolean {
  if (disposition === undefined) return false;
  const agentSpoke = leg.disposition !== undefined && leg.dispositionBy !== "system";
  if (agentSpoke && dispositionBy === "system") return false;
  return disposition !== leg.disposition;
}

/** `old` with `more` laid over it, or nothing where that changes nothing. */
export function merged<Value>(
  old: Readonly<Record<string, Value>>,
  more: Readonly<Record<string, Value>> | undefined,
): Readonly<Record<string, Value>> | undefined {
  if (more === undefined) return undefined;
  const news = Object.keys(more).some(
    (name) => !Object.hasOwn(old, name) || old[name] !== more[name],
  );
  return news ? { ...old, ...more } : undefined;
}

/** The interaction with a new leg in it: it goes on, whatever was thought before (E24, L9). */
export function withNewLeg(now: Interaction, leg: Leg): Interaction {
  const { endedAt: _e, abandoned, ...rest } = now;
  const keeps = abandoned !== undefined && !writesActivity(leg);
  return withLeg({ ...rest, over: false, ...(keeps && { abandoned }) }, leg);
}

const closings: Readonly<Record<CloseReason, readonly [rule: string, text: string]>> = {
  completed: ["L1", "closed: after-contact work is complete"],
  noWrapUp: ["L1", "closed at talk end: no after-contact work is expected"],
  wrapUpTimer: ["L1", "closed: the platform's wrap-up timer ran out"],
  statusChange: ["L1", "closed: the agent's change of status ended the after-contact work"],
  transferred: ["L2", "closed: transferred"],
  unassigned: ["L2", "closed: unassigned"],
  interactionClosed: ["L2", "closed: the interaction was closed while assigned"],
  deadline: ["L7", "closed by timeout: its end never came"],
};

/** The line that says a leg closed, and whether that makes something due. */
export function closedLine(turn: Turn, leg: Leg): HistoryLine {
  const [rule, text] = closings[leg.closed ?? "completed"];
  return writesActivity(leg)
    ? line(turn, `${text}; due`, { what: "closed", leg: leg.id, rule })
    : line(turn, `${text}; a ${leg.role} leg writes nothing`, {
        what: "closed",
        leg: leg.id,
        rule: "L4",
      });
}
