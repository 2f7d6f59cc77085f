import type { Channel, CustomerInput, Direction } from "@wrapup/core";

/** A record of the CRM by the story's own name for it, such as `Contact:12`; its id is known only once the org is seeded. */
export type RecordName = `${string}:${string}`;

/** A person who takes interactions. In the CRM there is one user with the same email. */
export type DemoAgent = { readonly id: string; readonly name: string; readonly email: string };

/** A row the org has before the story begins. `refs` point at other rows by name. */
export type SeedRecord = {
  readonly name: RecordName;
  readonly sobject: "Account" | "Contact" | "Lead" | "Case" | "Opportunity";
  readonly fields: Readonly<Record<string, string>>;
  readonly refs?: Readonly<Record<string, RecordName>>;
};

/** What somebody does: an agent, the platform, or a colleague who works in the CRM. */
export type Action =
  | { readonly do: "start" }
  | { readonly do: "offer"; readonly offer: string; readonly agent: string }
  | {
      readonly do: "endOffer";
      readonly offer: string;
      readonly outcome: "missed" | "rejected" | "timedOut";
    }
  | { readonly do: "abandon" }
  | {
      readonly do: "accept";
      readonly leg: string;
      readonly agent: string;
      readonly role?: "agent" | "consult";
    }
  | { readonly do: "dial"; readonly leg: string; readonly agent: string }
  | {
      readonly do: "answer" | "hold" | "resume" | "joinCustomer" | "startWrapUp";
      readonly leg: string;
    }
  | { readonly do: "endTalk"; readonly leg: string; readonly wrapUp?: "none" }
  | { readonly do: "transfer"; readonly leg: string; readonly to?: string }
  | { readonly do: "completeWrapUp"; readonly leg: string; readonly disposition: string }
  | {
      readonly do: "unassign";
      readonly leg: string;
      readonly disposition?: string;
      readonly by?: string;
    }
  | { readonly do: "message"; readonly from: "customer" | "agent" }
  | { readonly do: "setStatus"; readonly status: "open" | "resolved" | "closed" }
  | {
      readonly do: "link";
      readonly record: RecordName;
      readonly parents?: readonly RecordName[];
      readonly search?: true;
    }
  | { readonly do: "unlink"; readonly record: RecordName }
  | { readonly do: "note"; readonly text: string }
  /** The agent creates a case in the CRM; saving links it. */
  | { readonly do: "createCase"; readonly record: RecordName; readonly subject: string }
  /** A colleague deletes, merges or converts a record in the CRM itself. */
  | { readonly do: "crmDeletes"; readonly record: RecordName }
  | { readonly do: "crmMerges"; readonly winner: RecordName; readonly loser: RecordName }
  | { readonly do: "crmConverts"; readonly lead: RecordName; readonly into: RecordName };

/** One action at its moment, ms since the half hour began. `platformTime`: when a recorded interaction really did it. */
export type Scene = Action & {
  readonly at: number;
  readonly eventId?: string;
  readonly platformTime?: number;
};

/** One interaction from its first ring to its last click, in the order in which the app hears of it. */
export type Story = {
  readonly id: string;
  /** Which kind of story; a row of the table. */
  readonly plot: string;
  readonly channel: Channel;
  readonly direction: Direction;
  readonly customer: CustomerInput;
  readonly subject?: string;
  readonly scenes: readonly Scene[];
};

/** What one kind of story is called, and when its activities become due, for people. */
export type PlotLabel = { readonly plot: string; readonly title: string; readonly due: string };

/** Everything that will happen, and the org it happens in. Pure data. */
export type Scenario = {
  readonly agents: readonly DemoAgent[];
  readonly records: readonly SeedRecord[];
  readonly stories: readonly Story[];
  readonly labels: readonly PlotLabel[];
  /** Told to the reader before the run: which facts are real, which invented. */
  readonly remarks: readonly string[];
};

export const second = 1_000;
export const minute = 60 * second;

/** How much of the contact center's day is played. */
export const playedMs = 30 * minute;

/** L7's default: how long after the end of talk a lost wrap-up closes by itself. Said here anew, so that the proof does not ask core. */
export const lostWrapUpMs = 15 * minute;

/** The org refuses activities with this disposition: an administrator's validation rule. */
export const refusedDisposition = "Test call";
