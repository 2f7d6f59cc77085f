import type { Channel } from "./channel.ts";
import type { FieldValue } from "./record.ts";

/** What a mapping can name about an interaction and one of its legs (K3). Facts the app taught (`learn`) are named `facts.NAME`. */
export const factNames = [
  "interaction.id",
  "interaction.parentKey",
  "interaction.channel",
  "interaction.direction",
  "interaction.status",
  "interaction.queue",
  "leg.id",
  "leg.closed",
  "customer.name",
  "customer.address",
  "customer.email",
  "customer.phone",
  "customer.company",
  "agent.id",
  "agent.name",
  "agent.email",
  "start",
  "end",
  "date",
  "talkSeconds",
  "holdSeconds",
  "wrapUpSeconds",
  "callSeconds",
  "handleSeconds",
  "disposition",
  "subject",
  "topic",
  "notes.internal",
  "notes.inbound",
  "notes.outbound",
  "followUp.date",
  "followUp.owner",
  "recordingUrl",
  "transcript",
  "summary",
  "workAddress",
  "contactName",
  "contactPhone",
  "salesContact",
  "salesperson",
  "leadSource",
  "reference",
] as const;

/** The name of a built-in fact, or of one the app taught. */
export type FactName = (typeof factNames)[number] | `facts.${string}`;

/** Where one CRM field's value comes from. */
export type FieldSource =
  /**
   * The fact as it is; `values` translates it, `as` gives dates a form in the connection's time zone, and durations as started
   * minutes: Wrapup counts seconds, many CRMs count minutes.
   */
  | {
      readonly fact: FactName;
      readonly values?: Readonly<Record<string, FieldValue>>;
      readonly as?: "date" | "dateTime" | "minutes";
    }
  | { readonly constant: FieldValue }
  /** Text with facts in braces, such as `{interaction.channel} with {customer.name}`. */
  | { readonly template: string };

/** How one kind of interaction becomes one activity. */
export type ActivityMapping = {
  /** The CRM's type of row. */
  readonly type: string;
  readonly fields: Readonly<Record<string, FieldSource>>;
  /** A long text field that receives a labelled line for every fact that has a value and no field of its own. */
  readonly body?: { readonly field: string; readonly facts: readonly FactName[] };
};

/** A connection's whole mapping: declarative, checked against the CRM's own description of its fields. */
export type Mapping = {
  readonly activities: Readonly<Partial<Record<Channel, ActivityMapping>>>;
  /** For channels without an entry of their own. */
  readonly otherwise: ActivityMapping;
  /** Labels of body lines in the connection's language; English where absent. */
  readonly labels?: Readonly<Partial<Record<FactName, string>>>;
};
