import type { Channel, Direction } from "@wrapup/core";
import type { Cast, Customer } from "./cast.ts";
import { type Act, type CrmName, type Scene, second, type Story } from "./story.ts";

/** Writes one story down, scene after scene. Times are seconds since the last scene, so a story reads like one. */
export class Script {
  readonly cast: Cast;
  readonly #scenes: Scene[] = [];
  #at: number;

  constructor(cast: Cast, startsAt: number) {
    this.cast = cast;
    this.#at = startsAt;
    this.now({ do: "start" });
  }

  /** Right after what happened last. */
  now(action: Act, eventId?: string): this {
    return this.later(0, action, eventId);
  }

  /** That many seconds later. */
  later(seconds: number, action: Act, eventId?: string): this {
    this.#at += seconds * second;
    this.#scenes.push({ ...action, at: this.#at, ...(eventId !== undefined && { eventId }) });
    return this;
  }

  /** Between so many and so many seconds later. */
  about(from: number, to: number, action: Act): this {
    return this.later(this.cast.random.between(from, to), action);
  }

  /** Rings at an agent and is taken. */
  rings(leg: string, agent: string): this {
    return this.later(2, { do: "offer", offer: `offer-${leg}`, agent }).about(3, 12, {
      do: "accept",
      leg,
      agent,
    });
  }

  /** The agent is done talking, and some time later with the after-contact work. */
  wrapsUp(leg: string, disposition = this.disposition()): this {
    return this.now({ do: "endTalk", leg }).about(20, 90, {
      do: "completeWrapUp",
      leg,
      disposition,
    });
  }

  disposition(): string {
    return this.cast.random.pick([
      "Resolved",
      "Information given",
      "Call back",
      "Order placed",
      "Complaint",
      "Escalated",
    ]);
  }

  /** Talks for a while. */
  talks(from = 60, to = 240): this {
    this.#at += this.cast.random.between(from, to) * second;
    return this;
  }

  told(of: {
    readonly id: string;
    readonly plot: string;
    readonly channel: Channel;
    readonly customer: Customer;
    readonly direction?: Direction;
    readonly crms: readonly CrmName[];
  }): Story {
    const { name, phone, email } = of.customer;
    const address =
      of.channel === "email" ? { email } : of.channel === "chat" ? { email, phone } : { phone };
    return {
      id: of.id,
      plot: of.plot,
      channel: of.channel,
      direction: of.direction ?? "inbound",
      customer: { name, ...address },
      crms: of.crms,
      scenes: this.#scenes,
    };
  }
}

/** What a plot gets to tell its story. */
export type Telling = {
  readonly id: string;
  readonly plot: string;
  readonly at: number;
  readonly cast: Cast;
  /** The CRMs that know the customer, at least one. */
  readonly crms: readonly CrmName[];
  /** How many stories of this kind were told before. */
  readonly nth: number;
};

/** One kind of story. `everywhere`: its customers are in every CRM, others' in one or all of them. `weight`: how many of 200 are of this kind. `latest`: the last minute in which it may begin, where it needs more time than others. */
export type Plot = {
  readonly plot: string;
  readonly title: string;
  readonly due: string;
  readonly weight: number;
  readonly latest?: number;
  readonly everywhere?: true;
  readonly tell: (telling: Telling) => Story;
};
