import type {
  ActivityMapping,
  AdapterDefaults,
  FactName,
  FieldSource,
  LinkRules,
} from "@wrapup/core";

/**
 * Facts without a field of their own on a Task: each becomes a labelled line of Description (K3). Internal notes are not among them (N2).
 * Long ones come last: where the field is too short, they are what is shortened (W8).
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

const callTypes = { inbound: "Inbound", outbound: "Outbound", internal: "Internal" } as const;

const task = (
  fields: Readonly<Record<string, FieldSource>>,
  interactionField: string | undefined,
): ActivityMapping => ({
  type: "Task",
  fields: {
    ...fields,
    ActivityDate: { fact: "date", as: "date" },
    CallDisposition: { fact: "disposition" },
    ...(interactionField !== undefined && {
      [interactionField]: { fact: "interaction.parentKey" },
    }),
  },
  body: { field: "Description", facts: bodyFacts },
});

/**
 * What is written where the app configures nothing: a Task per activity. Status is the adapter's (`statuses`), CallObject is left
 * free for the key of an org without a key field (W2).
 */
export const defaultsOf = (interactionField: string | undefined): Required<AdapterDefaults> => ({
  mapping: {
    activities: {
      voice: task(
        {
          Subject: { template: "Call: {subject}" },
          TaskSubtype: { constant: "Call" },
          CallType: { fact: "interaction.direction", values: callTypes },
          CallDurationInSeconds: { fact: "callSeconds" },
        },
        interactionField,
      ),
      email: task(
        { Subject: { template: "Email: {subject}" }, TaskSubtype: { constant: "Email" } },
        interactionField,
      ),
    },
    otherwise: task(
      { Subject: { template: "{interaction.channel}: {subject}" } },
      interactionField,
    ),
  },
  searchOrder: ["Contact", "Lead", "Account"],
  creatable: ["Case", "Contact", "Lead"],
});

/**
 * One person and one thing per Task; a lead excludes a thing (facts §2.3). Several contacts need Shared Activities, which is not
 * used. A person account stands in `what` as the account it is; its hidden contact may be linked as a Contact (PersonContactId).
 */
export const linkRules: LinkRules = {
  roles: [
    { name: "who", types: ["Contact", "Lead"], max: 1 },
    { name: "what", types: "others", max: 1 },
  ],
  apart: [["Lead", "what"]],
  order: ["Contact", "Lead", "Case", "Opportunity", "*", "Account"],
};
