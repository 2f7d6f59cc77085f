import type { Agent } from "./agent.ts";
import type { ActivityPer, Channel, Direction } from "./channel.ts";
import type { CustomerInput } from "./card.ts";
import type { CloseReason, Durations, LegRole, Offer } from "./leg.ts";
import type {
  DraftState,
  Interaction,
  InteractionLog,
  InteractionStatus,
  MailOrder,
  Note,
} from "./interaction.ts";
import type { Fields, RecordId, RecordRef } from "./record.ts";

/** What every command may carry. */
export type CommandMeta = {
  /** The platform's event id: a repeat changes nothing (L6). */
  readonly eventId?: string;
  /** When it happened, epoch ms; the store's clock where absent. */
  readonly at?: number;
  /** Who did it: an agent's id, `platform` or `system`. */
  readonly by?: string;
};

/** A command that concerns one leg. Every one names its leg: in a conference "end talk" alone says nothing. */
export type LegCommand = { readonly leg: string } & (
  | {
      readonly do: "accept";
      readonly agent: Agent;
      readonly role?: LegRole;
      readonly queue?: string;
      readonly offer?: string;
    }
  | { readonly do: "dial"; readonly agent: Agent; readonly queue?: string }
  | { readonly do: "answer" }
  | { readonly do: "hold" }
  | { readonly do: "resume" }
  | { readonly do: "joinCustomer" }
  | {
      readonly do: "endTalk";
      readonly agent?: Agent;
      readonly wrapUp?: "expected" | "none";
      readonly disposition?: string;
      readonly durations?: Durations;
    }
  | { readonly do: "startWrapUp"; readonly agent?: Agent }
  | {
      readonly do: "completeWrapUp";
      readonly agent?: Agent;
      readonly disposition?: string;
      readonly dispositionBy?: "agent" | "system";
      readonly reason?: Extract<CloseReason, "completed" | "wrapUpTimer" | "statusChange">;
      readonly durations?: Durations;
    }
  | {
      readonly do: "transfer";
      readonly agent?: Agent;
      readonly to?: Agent | { readonly queue: string };
      readonly wrapUp?: "expected" | "none";
      readonly disposition?: string;
    }
  | { readonly do: "transferFailed" }
  | { readonly do: "unassign"; readonly agent?: Agent; readonly disposition?: string }
);

/** A command that concerns the interaction as a whole. */
export type WholeCommand =
  | {
      readonly do: "start";
      readonly channel: Channel;
      readonly direction: Direction;
      readonly customer?: CustomerInput;
      readonly queue?: string;
      readonly subject?: string;
      readonly per?: ActivityPer;
      readonly facts?: Fields;
      /** The interaction this one continues under a new id, as it stands now (L10). */
      readonly previous?: Interaction;
      /** Its id, where that one has not begun yet: it is joined later. */
      readonly previousId?: string;
    }
  | { readonly do: "join"; readonly previous: Interaction }
  | {
      readonly do: "offer";
      readonly offer: string;
      readonly agent?: Agent;
      readonly queue?: string;
    }
  | {
      readonly do: "endOffer";
      readonly offer: string;
      readonly outcome: Exclude<NonNullable<Offer["ended"]>, "accepted">;
    }
  | { readonly do: "abandon" }
  | {
      readonly do: "message";
      readonly from: "customer" | "agent";
      readonly customer?: CustomerInput;
    }
  | { readonly do: "setStatus"; readonly status: InteractionStatus }
  | {
      readonly do: "link";
      readonly record: RecordRef;
      readonly parents?: readonly RecordId[];
      readonly title?: string;
      readonly personRank?: number;
    }
  | { readonly do: "unlink"; readonly record: RecordRef }
  /** The CRM merged or converted a record: the link follows it (K9). */
  | { readonly do: "relink"; readonly from: RecordRef; readonly to: RecordRef }
  | { readonly do: "note"; readonly note: Omit<Note, "at" | "by" | "legs"> }
  /** An email to the customer, sent at once (L3, C5). The same id once more is the same mail. */
  | { readonly do: "email"; readonly mail: MailOrder }
  /** Late facts (L8), of one leg or of the whole. */
  | {
      readonly do: "learn";
      readonly leg?: string;
      readonly facts: Fields;
      readonly disposition?: string;
      readonly durations?: Durations;
    }
  | { readonly do: "edit"; readonly customer?: CustomerInput; readonly log?: InteractionLog }
  | { readonly do: "draft"; readonly draft: Omit<DraftState, "by"> }
  | { readonly do: "delete"; readonly written: "retract" | "keep" }
  /** Time has passed: close what silence closes (L7). */
  | { readonly do: "tick" };

/** Everything that can happen to an interaction. */
export type Command = CommandMeta & (LegCommand | WholeCommand);

/** One line of an interaction's history, as `explain` shows it: what happened, and by which rule. No customer data. */
export type HistoryLine = {
  readonly at: number;
  /** The command's `do`, or what followed from it: `closed`, `held`, `ignored`, ... */
  readonly what: string;
  readonly leg?: string;
  readonly by?: string;
  /** The spec's item that decided it, such as L7. */
  readonly rule?: string;
  /** One sentence for people. */
  readonly text: string;
};

/** What one command did: the next state, and what must be stored with it in the same transaction. */
export type Decision = {
  readonly next: Interaction;
  /** Connections whose lane now has something to compare. */
  readonly wake: readonly string[];
  /** When silence will close a leg, by the store's clock. */
  readonly deadline?: number;
  readonly history: readonly HistoryLine[];
};
