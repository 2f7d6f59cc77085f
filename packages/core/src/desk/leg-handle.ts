import type { Agent } from "../model/agent.ts";
import type { Durations } from "../model/leg.ts";
import type { Fields } from "../model/record.ts";

/** When it happened and under which event of the platform; both may be left out. */
export type When = {
  /** ISO text, epoch ms or s, or a Date. Never decides a deadline. */
  readonly at?: string | number | Date;
  /** The platform's event id: a repeat changes nothing (L6). */
  readonly eventId?: string;
  readonly by?: string;
};

/** What ends the conversation part of a leg. */
export type TalkEnd = When & {
  /** Whether after-contact work follows; else the queue's or the channel's setting decides (L1). */
  readonly wrapUp?: "expected" | "none";
  readonly disposition?: string;
  readonly durations?: Durations;
};

/** What the agent says when done. */
export type WrapUpEnd = When & {
  readonly disposition?: string;
  readonly durations?: Durations;
  readonly reason?: "completed" | "wrapUpTimer" | "statusChange";
};

/** Sends one command that names this leg. */
export type LegSender = (command: Readonly<Record<string, unknown>>) => Promise<void>;

/** One agent's handling of an interaction. Every call is recorded durably before it resolves; throws `WrapupError` (`leg_closed`, `interaction_deleted`, `invalid_input`). */
export class LegHandle {
  readonly id: string;
  readonly #send: LegSender;

  constructor(id: string, send: LegSender) {
    this.id = id;
    this.#send = (command) => send({ ...command, leg: id });
  }

  /** The customer answered an outbound call. */
  answer(when: When = {}): Promise<void> {
    return this.#send({ do: "answer", ...when });
  }

  hold(when: When = {}): Promise<void> {
    return this.#send({ do: "hold", ...when });
  }

  resume(when: When = {}): Promise<void> {
    return this.#send({ do: "resume", ...when });
  }

  /** A consulted agent joins the customer: from now on this leg is written. */
  joinCustomer(when: When = {}): Promise<void> {
    return this.#send({ do: "joinCustomer", ...when });
  }

  /** This agent left the conversation. Nothing waits for the customer's own disconnect (L1). */
  endTalk(end: TalkEnd = {}): Promise<void> {
    return this.#send({ do: "endTalk", ...end });
  }

  startWrapUp(when: When = {}): Promise<void> {
    return this.#send({ do: "startWrapUp", ...when });
  }

  /** After-contact work has ended: the leg closes and is due (L1). */
  completeWrapUp(end: WrapUpEnd = {}): Promise<void> {
    return this.#send({ do: "completeWrapUp", ...end });
  }

  /** Handed on. A digital leg closes; a voice leg's talk ends and its wrap-up runs (L2, L4). */
  transfer(
    to: When & {
      readonly to?: Agent | { readonly queue: string };
      readonly wrapUp?: "expected" | "none";
      readonly disposition?: string;
    } = {},
  ): Promise<void> {
    return this.#send({ do: "transfer", ...to });
  }

  /** The target did not answer: the same leg goes on. */
  transferFailed(when: When = {}): Promise<void> {
    return this.#send({ do: "transferFailed", ...when });
  }

  /** Taken off the agent: a digital leg closes (L2). */
  unassign(when: When & { readonly disposition?: string } = {}): Promise<void> {
    return this.#send({ do: "unassign", ...when });
  }

  /** Late facts of this leg: recordingUrl, transcript, summary, or the app's own (L8). */
  learn(
    facts: Fields,
    more: When & { readonly disposition?: string; readonly durations?: Durations } = {},
  ): Promise<void> {
    return this.#send({ do: "learn", facts, ...more });
  }
}
