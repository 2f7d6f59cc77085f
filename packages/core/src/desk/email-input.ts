import type { Agent } from "../model/agent.ts";

/** An email to the customer, plain text (C5). */
export type EmailInput = {
  /** The connection that sends it, such as one of `graphMail`. */
  readonly via: string;
  /** One address or several, bare; the email on the customer's card by default. At most 50 together with `cc`. */
  readonly to?: string | readonly string[];
  readonly cc?: string | readonly string[];
  /** One line of at most 255 characters. */
  readonly subject: string;
  /** At most 100,000 characters. */
  readonly text: string;
  /** Whose mailbox it goes out from: an agent, or the id of one who has a leg here; by default the one agent who is on it. */
  readonly by?: Agent | string;
  /** When it was written: ISO text, epoch ms or s, or a Date. */
  readonly at?: string | number | Date;
  /** The platform's event id: a repeat changes nothing (L6). */
  readonly eventId?: string;
  /** Makes sending it twice send it once: give one, and give it again after a crash. */
  readonly id?: string;
};
