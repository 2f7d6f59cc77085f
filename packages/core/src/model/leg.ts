import type { Agent } from "./agent.ts";
import type { Fields } from "./record.ts";

/** What somebody does on an interaction. Only `agent` and `bargeIn` legs are written (L4). */
export type LegRole = "agent" | "bargeIn" | "consult" | "monitor" | "coach";

/** Whether a leg in this role is written into a CRM once it is closed (L4). */
export const writesActivity = ({ role }: { readonly role: LegRole }): boolean =>
  role === "agent" || role === "bargeIn";

/** Where a leg is: voice `dialling → connected ⇄ held → wrapUp → closed`; digital `assigned → closed`. */
export type LegState = "dialling" | "connected" | "held" | "wrapUp" | "assigned" | "closed";

/** Why a leg closed. Closing is what makes it due, and is never taken back. */
export type CloseReason =
  | "completed"
  | "noWrapUp"
  | "wrapUpTimer"
  | "statusChange"
  | "transferred"
  | "unassigned"
  | "interactionClosed"
  | "deadline";

/** Seconds as the platform counted them; they win over what Wrapup computes (K3). */
export type Durations = {
  readonly talkSeconds?: number;
  readonly holdSeconds?: number;
  readonly wrapUpSeconds?: number;
};

/** One agent's handling, from acceptance until that agent is done; a transfer starts a new leg. All times are epoch ms. */
export type Leg = {
  readonly id: string;
  readonly role: LegRole;
  readonly state: LegState;
  /** Absent when the end was seen before the start (L6). */
  readonly agent?: Agent;
  readonly queue?: string;
  /** When it happened, by the platform's word if that is sane, else by the store's clock. */
  readonly startedAt?: number;
  readonly answeredAt?: number;
  readonly talkEndedAt?: number;
  readonly wrapUpStartedAt?: number;
  /** Absent in a leg that a deadline closed, until its real end is learnt. */
  readonly endedAt?: number;
  readonly heldSince?: number;
  /** Sum of finished holds, ms. */
  readonly heldMs: number;
  readonly durations?: Durations;
  /** When it was recorded, by the store's clock: deadlines count from here, never from platform times (L7). */
  readonly recorded: {
    readonly lastEvent: number;
    readonly talkEnd?: number;
    readonly wrapUpStart?: number;
    /** The moment it became due. */
    readonly closed?: number;
  };
  readonly expectsWrapUp?: boolean;
  /** A lone wrap-up end is held until then, waiting for the talk end that should precede it (L6). */
  readonly wrapUpEndHeldUntil?: number;
  /** How that held wrap-up end wants the leg closed. */
  readonly heldReason?: CloseReason;
  /**
   * This agent handed the customer over. `inside`: to an agent or queue, so that another leg should follow.
   * `mayReturn`: nothing has shown yet that this agent has left, so a failed transfer goes on with this leg (E4).
   */
  readonly handedOver?: { readonly inside: boolean; readonly mayReturn: boolean };
  readonly closed?: CloseReason;
  readonly disposition?: string;
  readonly dispositionBy?: "agent" | "system";
  /** What was learnt of this leg, late facts included: recordingUrl, transcript, summary and the app's own. */
  readonly facts: Fields;
};

/** Ringing or assigned, not yet accepted. An offer is not a leg; its end alone writes nothing (L5). */
export type Offer = {
  readonly id: string;
  readonly agent?: Agent;
  readonly queue?: string;
  readonly offeredAt: number;
  readonly ended?: "accepted" | "missed" | "rejected" | "timedOut" | "rescinded";
};
