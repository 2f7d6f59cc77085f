import type { Channel, CustomerInput } from "@wrapup/core";

/** One agent's part of a recorded interaction. Times are epoch ms. */
export type RecordedLeg = {
  readonly agent: string;
  readonly start: number;
  /** When this agent left the conversation: the end of talk, the transfer, or the unassignment. */
  readonly end: number;
  /** Voice: when the after-contact work was over. Absent: the platform never said so. */
  readonly wrapUpEnd?: number;
  readonly disposition?: string;
};

/** A record of the CRM that the interaction belongs to; made in the emulated org where it has none of that name. */
export type RecordedLink = {
  readonly type: "Contact" | "Lead" | "Account" | "Case" | "Opportunity";
  readonly name: string;
};

/** One recorded interaction: a line of the input, see INPUT.md. */
export type Recording = {
  readonly id: string;
  readonly channel: Channel;
  readonly direction: "inbound" | "outbound";
  readonly customer: CustomerInput;
  readonly subject?: string;
  readonly legs: readonly RecordedLeg[];
  readonly messages: readonly { readonly at: number; readonly from: "customer" | "agent" }[];
  readonly links: readonly RecordedLink[];
};
