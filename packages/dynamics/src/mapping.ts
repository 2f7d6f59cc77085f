import type {
  ActivityMapping,
  AdapterDefaults,
  FactName,
  FieldSource,
  LinkRules,
} from "@wrapup/core";
import type { VendorType } from "./odata/table.ts";

/**
 * Facts without a column of their own: each becomes a labelled line of description (K3). Internal notes are not among them (N2).
 * Long ones come last: where the column is too short, they are what is shortened (W8).
 */
const bodyFacts: readonly FactName[] = [
  "topic",
  "customer.name",
  "customer.address",
  "interaction.direction",
  "agent.name",
  "start",
  "end",
  "talkSeconds",
  "holdSeconds",
  "wrapUpSeconds",
  "contactName",
  "contactPhone",
  "reference",
  "followUp.date",
  "followUp.owner",
  "interaction.parentKey",
  "recordingUrl",
  "workAddress",
  "notes.inbound",
  "notes.outbound",
  "summary",
  "transcript",
];

/** Outgoing or not; a call between agents is one that an agent made. */
const outgoing = { inbound: false, outbound: true, internal: true } as const;

const activity = (
  type: string,
  fields: Readonly<Record<string, FieldSource>>,
  facts: readonly FactName[] = bodyFacts,
): ActivityMapping => ({ type, fields, body: { field: "description", facts } });

/**
 * Dataverse shows the day of both (facts §1.4), so they are the activity's date, which agents may move (N1). The exact times stand in
 * lines of description.
 */
const times: Readonly<Record<string, FieldSource>> = {
  actualstart: { fact: "date", as: "dateTime" },
  actualend: { fact: "date", as: "dateTime" },
  actualdurationminutes: { fact: "callSeconds", as: "minutes" },
};

/** `category` is a column of the tables that Dataverse comes with; a custom one has none, and says it in a line. */
const withDisposition = { category: { fact: "disposition" } } as const;

/**
 * What is written where the app configures nothing: a phone call for voice, an e-mail for mail, `chatTable` for the rest. State and
 * status, owner and parties are the adapter's.
 */
export const defaultsOf = (chatTable: string): AdapterDefaults => ({
  mapping: {
    activities: {
      voice: activity("phonecall", {
        subject: { template: "Call: {subject}" },
        phonenumber: { fact: "customer.address" },
        directioncode: { fact: "interaction.direction", values: outgoing },
        ...times,
        ...withDisposition,
      }),
      email: activity("email", {
        subject: { fact: "subject" },
        directioncode: { fact: "interaction.direction", values: outgoing },
        ...times,
        ...withDisposition,
      }),
    },
    otherwise: activity(
      chatTable,
      {
        subject: { template: "{interaction.channel}: {subject}" },
        ...times,
        ...(chatTable === "task" && withDisposition),
      },
      chatTable === "task" ? bodyFacts : ["disposition", ...bodyFacts],
    ),
  },
  searchOrder: ["contact", "lead", "account"],
  creatable: ["incident", "contact", "lead"],
});

const order = ["incident", "opportunity", "*", "contact", "lead", "account"] as const;

/** One record that the activity is about: a task, and a table that nothing is known of, name nobody else (table of party types). */
export const linkRules: LinkRules = {
  roles: [{ name: "regarding", types: "others", max: 1 }],
  apart: [],
  order,
};

/** People take part in calls and mails; the rest is what they are about (facts §1.4). */
const withParties: LinkRules = {
  roles: [
    { name: "party", types: ["contact", "account", "lead"], max: 50 },
    { name: "regarding", types: "others", max: 1 },
  ],
  apart: [],
  order,
};

/** Rules by type of activity: of every one that takes parties. */
export const linkRulesOf = (
  activities: readonly Pick<VendorType, "name" | "parties">[],
): Readonly<Record<string, LinkRules>> => {
  const named = activities.filter(({ parties }) => parties.size > 0).map(({ name }) => name);
  return Object.fromEntries(["phonecall", "email", ...named].map((type) => [type, withParties]));
};
