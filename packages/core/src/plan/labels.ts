import type { FactName } from "../model/mapping.ts";

/** What body lines are called where the mapping gives no label of its own (K3). */
const english: Readonly<Partial<Record<FactName, string>>> = {
  "interaction.id": "Interaction",
  "interaction.parentKey": "Conversation",
  "interaction.channel": "Channel",
  "interaction.direction": "Direction",
  "interaction.status": "Status",
  "interaction.queue": "Queue",
  "leg.id": "Leg",
  "leg.closed": "Closed by",
  "customer.name": "Customer",
  "customer.address": "Address used",
  "customer.email": "Email",
  "customer.phone": "Phone",
  "customer.company": "Company",
  "agent.id": "Agent ID",
  "agent.name": "Agent",
  "agent.email": "Agent's email",
  start: "Start",
  end: "End",
  date: "Date",
  talkSeconds: "Talk time",
  holdSeconds: "Hold time",
  wrapUpSeconds: "After-contact work",
  callSeconds: "Call time",
  handleSeconds: "Handling time",
  disposition: "Disposition",
  subject: "Subject",
  topic: "Topic",
  "notes.internal": "Internal notes",
  "notes.inbound": "Customer's words",
  "notes.outbound": "Replies",
  "followUp.date": "Follow-up",
  "followUp.owner": "Follow-up owner",
  recordingUrl: "Recording",
  transcript: "Transcript",
  summary: "Summary",
  workAddress: "Work address",
  contactName: "Contact name",
  contactPhone: "Contact phone",
  salesContact: "Sales contact",
  salesperson: "Salesperson",
  leadSource: "Lead source",
  reference: "Reference",
};

/** The label of a fact's body line: the mapping's, else English, else the name that the app taught. */
export const labelOf = (
  fact: FactName,
  own: Readonly<Partial<Record<FactName, string>>> = {},
): string =>
  own[fact] ?? english[fact] ?? (fact.startsWith("facts.") ? fact.slice("facts.".length) : fact);
