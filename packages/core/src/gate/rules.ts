import type { Trouble } from "../adapter/contract.ts";
import type { GateState } from "../store/contract.ts";

/** How much of a CRM's API allowance Wrapup may spend, and when it says so (W5). Shares of the CRM's own limit, 0 to 1. */
export type BudgetSettings = {
  /** Kept for agents' interactive calls: background writing stops there. */
  readonly reserve: number;
  /** From here on a warning, and one request at a time. */
  readonly warnAt: number;
};

/** A tenth stays for agents; a warning at four fifths. */
export const defaultBudget: BudgetSettings = { reserve: 0.1, warnAt: 0.8 };

const second = 1_000;
const minute = 60 * second;

/** First pause and longest pause of each trouble: a signed-out or mis-mapped connection needs a person, so it is asked seldom. */
const pauses: Readonly<Record<Trouble, readonly [first: number, longest: number]>> = {
  throttled: [2 * second, 5 * minute],
  budget: [5 * minute, 30 * minute],
  auth: [15 * second, 15 * minute],
  schema: [1 * minute, 60 * minute],
  unreachable: [1 * second, 5 * minute],
  transient: [1 * second, 5 * minute],
  lock: [1 * second, 1 * minute],
};

/** What a CRM, or something before it, may ask for at the most. */
const longestPause = 24 * 60 * minute;

/** How stale a usage figure may be before one background call is let through to refresh it: the CRM's window rolls. */
const usageStaleAfter = 10 * minute;

/** Which troubles concern the whole connection, so that nothing is parked for them. */
export const pausesConnection = (why: Trouble): boolean => why !== "lock" && why !== "transient";

/**
 * The breaker: each failure in a row doubles the pause; where the CRM's own word (`afterMs`) is longer, it wins, up to a day.
 * A pause only ever moves later.
 */
export function troubled(
  state: GateState,
  trouble: { readonly why: Trouble; readonly reason: string; readonly afterMs?: number },
  now: number,
  jitter: number,
): GateState {
  const [first, longest] = pauses[trouble.why];
  const doubled = 2 ** Math.min(state.failures, 20) * (0.75 + jitter / 2);
  // Where the CRM says how long, its word counts; but failure upon failure waits longer, whatever it says.
  const backoff = Math.min(longest, (trouble.afterMs === undefined ? first : second) * doubled);
  const until = Math.round(now + Math.min(longestPause, Math.max(trouble.afterMs ?? 0, backoff)));
  return {
    ...state,
    // A spent budget is no sign of ill health.
    failures: state.failures + (trouble.why === "budget" ? 0 : 1),
    pausedUntil: Math.max(state.pausedUntil ?? 0, until),
    ...(trouble.why !== "budget" && {
      agentsPausedUntil: Math.max(state.agentsPausedUntil ?? 0, until),
    }),
    why: trouble.why,
    reason: trouble.reason,
  };
}

/** After an answer from a healthy CRM. The same object when there was nothing to heal. */
export function healed(state: GateState): GateState {
  if (state.failures === 0 && state.pausedUntil === undefined) return state;
  const { pausedUntil: _p, agentsPausedUntil: _a, why: _w, reason: _r, ...rest } = state;
  return { ...rest, failures: 0 };
}

/** What a call of this urgency may do now. */
export type Leave =
  | { readonly is: "open"; readonly slow: boolean }
  | {
      readonly is: "closed";
      /** Whether the pause is stored, so that no lane is offered until it ends. */
      readonly stored: boolean;
      readonly until: number;
      readonly why: string;
      readonly reason: string;
    };

/** Whether the gate lets a call pass: pause first, then budget (W5). */
export function leaveFor(
  state: GateState,
  urgency: "agent" | "background",
  budget: BudgetSettings,
  now: number,
): Leave {
  // A budget pause stops background writing only: the reserve is for agents.
  const pausedUntil = urgency === "agent" ? state.agentsPausedUntil : state.pausedUntil;
  if (pausedUntil !== undefined && pausedUntil > now)
    return {
      is: "closed",
      stored: true,
      until: pausedUntil,
      why: state.why ?? "paused",
      reason: state.reason ?? "",
    };
  const usage = state.usage;
  const probing = state.failures > 0;
  if (usage === undefined || usage.limit <= 0 || now - usage.at >= usageStaleAfter)
    return { is: "open", slow: probing };
  const share = usage.used / usage.limit;
  if (share >= 1 - (urgency === "agent" ? 0 : budget.reserve))
    return {
      is: "closed",
      stored: false,
      until: usage.at + usageStaleAfter,
      why: "budget",
      reason: `${usage.used} of ${usage.limit} API calls are used; the rest is kept for agents`,
    };
  return { is: "open", slow: probing || share >= budget.warnAt };
}
