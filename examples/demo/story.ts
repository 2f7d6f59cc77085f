import type { Channel, CustomerInput, Direction } from "@wrapup/core";

/** The CRMs that the demo can play against. */
export const crmNames = ["salesforce", "dynamics"] as const;
export type CrmName = (typeof crmNames)[number];

/** What people call them. */
export const crmLabels: Readonly<Record<CrmName, string>> = {
  salesforce: "Salesforce",
  dynamics: "Dynamics 365",
};

/** Kinds of records that stories are about; each CRM calls them by its own names. */
export const recordKinds = ["Account", "Contact", "Lead", "Opportunity", "Case"] as const;
export type RecordKind = (typeof recordKinds)[number];

/** A record by the story's own name for it, such as `Contact:12`; its id is known only once the CRM is seeded, and is another one in each CRM. */
export type RecordName = `${RecordKind}:${string}`;

/** What kind of record a name stands for. */
export function kindOf(name: RecordName): RecordKind {
  const kind = recordKinds.find((each) => name.startsWith(`${each}:`));
  if (kind === undefined) throw new Error(`"${name}" names no kind of record`);
  return kind;
}

/** A person who takes interactions. In each CRM there is one user with the same email. */
export type DemoAgent = { readonly id: string; readonly name: string; readonly email: string };

/** What the story knows of a record; each CRM has its own names for it. */
export type SeedFacts = {
  readonly name?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly company?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly subject?: string;
};

/** A record that every CRM has before the story begins. `refs` point at other records by name. */
export type SeedRecord = {
  readonly name: RecordName;
  readonly facts: SeedFacts;
  readonly refs?: { readonly contact?: RecordName; readonly account?: RecordName };
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
  /** `inCrm`: it is part of the activity; others are for colleagues in the contact center only. */
  | { readonly do: "note"; readonly text: string; readonly inCrm?: true }
  /** The agent creates a case in the CRM; saving links it. */
  | { readonly do: "createCase"; readonly record: RecordName; readonly subject: string }
  /** A colleague deletes, merges or converts a record in the CRM itself. */
  | { readonly do: "crmDeletes"; readonly record: RecordName }
  | { readonly do: "crmMerges"; readonly winner: RecordName; readonly loser: RecordName }
  | { readonly do: "crmConverts"; readonly lead: RecordName; readonly into: RecordName };

/** An action, and the CRMs in which it happens where it does not happen in every CRM of its story. */
export type Act = Action & { readonly in?: readonly CrmName[] };

/** One action at its moment, ms since the half hour began. `platformTime`: when a recorded interaction really did it. */
export type Scene = Act & {
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
  /** The CRMs that know its customer: what is linked, is linked there. */
  readonly crms: readonly CrmName[];
  readonly scenes: readonly Scene[];
};

/** Whether a scene of a story happens in that CRM. */
export const happensIn = (crm: CrmName, { crms }: Pick<Story, "crms">, scene: Scene): boolean =>
  crms.includes(crm) && (scene.in ?? crms).includes(crm);

/** What one kind of story is called, and when its activities become due, for people. */
export type PlotLabel = { readonly plot: string; readonly title: string; readonly due: string };

/** Everything that will happen, and the CRMs it happens in. Pure data. */
export type Scenario = {
  readonly crms: readonly CrmName[];
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

/** Every CRM refuses activities with this disposition: a rule of its administrator. */
export const refusedDisposition = "Test call";
