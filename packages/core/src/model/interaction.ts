import type { Agent } from "./agent.ts";
import type { ActivityPer, Channel, Direction } from "./channel.ts";
import type { Card } from "./card.ts";
import type { Leg, Offer } from "./leg.ts";
import type { Fields, RecordId, RecordRef } from "./record.ts";

/** "This interaction belongs to that record." */
export type Link = {
  readonly record: RecordRef;
  /** The first leg (by position) whose activity carries it: links feed open legs, or the last closed one (K2). */
  readonly fromLeg: number;
  /** Later legs that had closed already when the link was made while others were open: it does not feed them (K2). */
  readonly skips?: readonly string[];
  /** Ids it had before the CRM merged or converted it; a ledger row may still name them. */
  readonly was?: readonly RecordId[];
  /** Rows that the CRM keeps above this one (a case's account), as far as known: they share its locks and are reached through it (K4, W4). */
  readonly parents?: readonly RecordId[];
  /** What the record was called when it was linked, for people. */
  readonly title?: string;
  /** Where its type stands among those searched for a person: the title of the lowest is the customer's name where nobody gave one. */
  readonly personRank?: number;
  readonly by?: string;
  readonly at: number;
};

/** What somebody wrote about the interaction. `internal` is never shown to the customer (N2). */
export type Note = {
  readonly id: string;
  readonly text: string;
  readonly audience: "internal" | "inbound" | "outbound";
  /** The legs whose activity carries it: those open when it was written, or the last closed one (K2). Absent where no leg existed yet: the first to come. */
  readonly legs?: readonly string[];
  readonly by?: string;
  readonly at: number;
};

/** The log an agent keeps: topic, changed date, follow-up, overrides for this interaction only (N1). */
export type InteractionLog = {
  readonly topic?: string;
  readonly subject?: string;
  /** Moves the activity's date only. ISO date or date-time. */
  readonly date?: string;
  readonly followUp?: { readonly date: string; readonly owner?: string; readonly subject?: string };
  readonly contactName?: string;
  readonly contactPhone?: string;
  readonly workAddress?: string;
  readonly salesContact?: string;
  readonly salesperson?: string;
  readonly leadSource?: string;
  readonly reference?: string;
};

/** A record an agent is creating. The draft's id is the key that makes creating twice make one (R4). */
export type DraftState = {
  readonly id: string;
  readonly connection: string;
  readonly type: string;
  /** `open`: surely not in the CRM; `saving` and `uncertain`: it may be. */
  readonly state: "open" | "saving" | "created" | "uncertain";
  /** What may have been sent: repeated unchanged until its outcome is known. */
  readonly fields?: Fields;
  readonly record?: RecordRef;
  readonly by?: string;
};

/** An email that an agent writes to the customer (C5). It stays as it was first told: what went out cannot be changed. */
export type Mail = {
  readonly id: string;
  /** The connection that sends it. */
  readonly via: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  /** It goes out from this agent's mailbox (N3). */
  readonly agent: Agent;
  readonly at: number;
};

/** A mail as it is told; without `to` it goes to the customer's address on the card. */
export type MailOrder = Omit<Mail, "at" | "to"> & { readonly to?: readonly string[] };

/** The state of the whole conversation, apart from its legs (never mixed with them). */
export type InteractionStatus = "new" | "open" | "pending" | "escalated" | "resolved" | "closed";

/** The whole conversation with a customer over one channel: what is stored, and all that planning reads. Times are epoch ms. */
export type Interaction = {
  readonly tenant: string;
  readonly id: string;
  /** Grows by one with every recorded change. */
  readonly version: number;
  readonly channel: Channel;
  readonly direction: Direction;
  readonly status: InteractionStatus;
  readonly per: ActivityPer;
  /** Text made from the first id of a chain of transfers: joins the activities in the CRM (L4, L10). */
  readonly parentKey: string;
  readonly previousId?: string;
  readonly queue?: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly abandoned?: "beforeAccept" | "inQueue" | "inTransfer";
  readonly card: Card;
  readonly log: InteractionLog;
  readonly legs: readonly Leg[];
  readonly offers: readonly Offer[];
  readonly links: readonly Link[];
  readonly notes: readonly Note[];
  readonly drafts: readonly DraftState[];
  /** Emails that agents wrote to the customer (C5). */
  readonly mails: readonly Mail[];
  readonly facts: Fields;
  /** Every connection a link or a mail ever named: its lane may hold something to take back. */
  readonly connections: readonly string[];
  /** The last leg is closed and the channel has ended: a per-interaction activity stops growing. */
  readonly over: boolean;
  readonly deleted?: { readonly written: "retract" | "keep"; readonly at: number };
  /** Store's clock at the last recorded change: silence is counted from here (L7). */
  readonly recordedAt: number;
};
