import type { Agent } from "../model/agent.ts";
import type { LegCommand } from "../model/command.ts";
import type { Durations } from "../model/leg.ts";
import type { Fields } from "../model/record.ts";
import type { EmailInput } from "./email-input.ts";
import type { MailView } from "./mail-states.ts";

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

/** What a leg's handle can do in the world. */
export type LegSender = {
  /** Sends the command `does` about a leg: what the app handed over, under what the handle itself says. */
  readonly tell: (
    does: Exclude<LegCommand["do"], "accept" | "dial"> | "learn",
    given: unknown,
    own: Readonly<Record<string, unknown>>,
  ) => Promise<void>;
  readonly email: (given: unknown) => Promise<MailView>;
};

/** One agent's handling of an interaction. Every call is recorded durably before it resolves; throws `WrapupError` (`leg_closed`, `interaction_deleted`, `invalid_input`). */
export class LegHandle {
  readonly id: string;
  readonly #send: LegSender["tell"];
  readonly #email: LegSender["email"];

  constructor(id: string, { tell, email }: LegSender) {
    this.id = id;
    this.#send = (does, given, own) => tell(does, given, { ...own, leg: id });
    this.#email = email;
  }

  /** The customer answered an outbound call. */
  answer(when: When = {}): Promise<void> {
    return this.#send("answer", when, {});
  }

  /** The customer is put on hold; held time is counted until `resume`. */
  hold(when: When = {}): Promise<void> {
    return this.#send("hold", when, {});
  }

  /** The hold is over. */
  resume(when: When = {}): Promise<void> {
    return this.#send("resume", when, {});
  }

  /** A consulted agent joins the customer: from now on this leg is written. */
  joinCustomer(when: When = {}): Promise<void> {
    return this.#send("joinCustomer", when, {});
  }

  /** This agent left the conversation. Nothing waits for the customer's own disconnect (L1). */
  endTalk(end: TalkEnd = {}): Promise<void> {
    return this.#send("endTalk", end, {});
  }

  /** After-contact work has begun; it implies that the talk has ended (L6). */
  startWrapUp(when: When = {}): Promise<void> {
    return this.#send("startWrapUp", when, {});
  }

  /** After-contact work has ended: the leg closes and is due (L1). */
  completeWrapUp(end: WrapUpEnd = {}): Promise<void> {
    return this.#send("completeWrapUp", end, {});
  }

  /** Handed on. A digital leg closes; a voice leg's talk ends and its wrap-up runs (L2, L4). */
  transfer(
    to: When & {
      readonly to?: Agent | { readonly queue: string };
      readonly wrapUp?: "expected" | "none";
      readonly disposition?: string;
    } = {},
  ): Promise<void> {
    return this.#send("transfer", to, {});
  }

  /** The target did not answer: the same leg goes on. */
  transferFailed(when: When = {}): Promise<void> {
    return this.#send("transferFailed", when, {});
  }

  /** Taken off the agent: a digital leg closes (L2). */
  unassign(when: When & { readonly disposition?: string } = {}): Promise<void> {
    return this.#send("unassign", when, {});
  }

  /** Sends the customer an email at once, from the mailbox of this leg's agent (L3, C5). See `InteractionHandle.email`. */
  email(of: Omit<EmailInput, "by">): Promise<MailView> {
    return this.#email(of);
  }

  /** Late facts of this leg: recordingUrl, transcript, summary, or the app's own (L8). */
  learn(
    facts: Fields,
    more: When & { readonly disposition?: string; readonly durations?: Durations } = {},
  ): Promise<void> {
    return this.#send("learn", more, { facts });
  }
}
