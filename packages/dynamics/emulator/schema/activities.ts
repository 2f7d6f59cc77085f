import {
  decimal,
  entityName,
  flag,
  guid,
  lookup,
  lookups,
  memo,
  owned,
  parties,
  pick,
  readOnly,
  states,
  text,
  time,
  whole,
} from "./columns.ts";
import type { ColumnDefinition, TableDefinition } from "./definition.ts";

/** Standard tables that an activity may regard (facts §1.3). */
export const regardable = ["contact", "account", "incident", "lead", "opportunity"] as const;

const activityState = "0=Open;1=Completed;2=Canceled";

/** What all activities share. `regards`: tables that this one may regard; the navigation is named after both (facts §1.3). */
export function activityColumns(
  name: string,
  regards: readonly string[],
): readonly ColumnDefinition[] {
  return [
    guid("activityid", { update: false, required: "SystemRequired" }),
    ...owned,
    entityName("activitytypecode", { ...readOnly, label: "Activity Type" }),
    memo("activityadditionalparams", 8192),
    whole("actualdurationminutes", { min: 0 }),
    time("actualend"),
    time("actualstart"),
    flag("isbilled"),
    flag("isworkflowcreated"),
    flag("leftvoicemail"),
    pick("prioritycode", "0=Low;1=Normal;2=High", { defaultValue: 1 }),
    whole("scheduleddurationminutes", readOnly),
    time("scheduledend"),
    time("scheduledstart"),
    time("senton", readOnly),
    time("sortdate"),
    lookups(
      "regardingobjectid",
      "Lookup",
      regards.map((table) => ({ table, navigation: `regardingobjectid_${table}_${name}` })),
    ),
    lookup("transactioncurrencyid", "transactioncurrency", readOnly),
    decimal("exchangerate", readOnly),
  ];
}

const activity = (
  name: string,
  label: string,
  columns: readonly ColumnDefinition[],
): TableDefinition => ({
  name,
  entitySet: `${name}s`,
  label,
  primaryId: "activityid",
  primaryName: "subject",
  activity: true,
  hasNotes: true,
  columns: [...activityColumns(name, regardable), ...columns],
});

const subject = text("subject", 200, { required: "ApplicationRequired" });
const categories = [text("category", 250), text("subcategory", 250)];
const required = { required: "ApplicationRequired" } as const;

const phonecall = activity("phonecall", "Phone Call", [
  subject,
  memo("description", 2000),
  text("phonenumber", 200),
  ...categories,
  // [D10 facts §1.4] outgoing unless said otherwise.
  flag("directioncode", ["Incoming", "Outgoing"], { defaultValue: true }),
  ...states(activityState, "1=Open@0;2=Made@1;4=Received@1;3=Canceled@2", 1),
  parties("from", 1, { ...required, label: "Call From" }),
  parties("to", 2, { ...required, label: "Call To" }),
]);

const email = activity("email", "Email", [
  subject,
  memo("description", 1_073_741_823),
  ...categories,
  flag("directioncode", ["Incoming", "Outgoing"], { defaultValue: true }),
  text("messageid", 320),
  text("inreplyto", 320, readOnly),
  text("mimetype", 256),
  text("sender", 250),
  text("submittedby", 250),
  text("torecipients", 500),
  text("trackingtoken", 50),
  flag("readreceiptrequested"),
  flag("deliveryreceiptrequested"),
  whole("attachmentcount", { ...readOnly, required: "SystemRequired", defaultValue: 0 }),
  lookups(
    "emailsender",
    "Lookup",
    ["account", "contact", "lead", "queue", "systemuser"].map((table) => ({
      table,
      navigation: `emailsender_${table}`,
    })),
    readOnly,
  ),
  lookup("parentactivityid", "email", { update: false }),
  ...states(
    activityState,
    "1=Draft@0;8=Failed@0;2=Completed@1;3=Sent@1;4=Received@1;6=Pending Send@1;7=Sending@1;5=Canceled@2",
    1,
  ),
  parties("from", 1, { label: "From" }),
  parties("to", 2, { label: "To" }),
  parties("cc", 3, { label: "CC" }),
  parties("bcc", 4, { label: "BCC" }),
]);

// A task has no parties for people: it is not in Microsoft's table of activity party types [D facts §1.4 and brief].
const task = activity("task", "Task", [
  subject,
  memo("description", 2000),
  ...categories,
  whole("percentcomplete", { min: 0, max: 100 }),
  ...states(
    activityState,
    "2=Not Started@0;3=In Progress@0;4=Waiting on someone else@0;7=Deferred@0;5=Completed@1;6=Canceled@2",
    2,
  ),
]);

const appointment = activity("appointment", "Appointment", [
  subject,
  memo("description", 1_048_576),
  ...categories,
  text("location", 200),
  text("globalobjectid", 300),
  flag("isalldayevent"),
  ...states(
    `${activityState};3=Scheduled`,
    "1=Free@0;2=Tentative@0;3=Completed@1;4=Canceled@2;5=Busy@3;6=Out of Office@3",
    1,
  ),
  parties("requiredattendees", 5, { label: "Required Attendees" }),
  parties("optionalattendees", 6, { label: "Optional Attendees" }),
  parties("organizer", 7, { label: "Organizer" }),
]);

const letter = activity("letter", "Letter", [
  subject,
  memo("description", 2000),
  ...categories,
  text("address", 200),
  flag("directioncode", ["Incoming", "Outgoing"], { defaultValue: true }),
  ...states(activityState, "1=Open@0;2=Draft@0;3=Received@1;4=Sent@1;5=Canceled@2", 1),
  parties("from", 1, { label: "Sender" }),
  parties("to", 2, { label: "Recipient" }),
  parties("cc", 3, { label: "CC" }),
  parties("bcc", 4, { label: "BCC" }),
]);

/** What the read-only union of all activities shows. */
const activitypointer: TableDefinition = {
  name: "activitypointer",
  entitySet: "activitypointers",
  label: "Activity",
  primaryId: "activityid",
  primaryName: "subject",
  readOnly: true,
  columns: [
    ...activityColumns("activitypointer", []).filter(
      (column) =>
        column.name !== "regardingobjectid" &&
        column.name !== "overriddencreatedon" &&
        column.name !== "importsequencenumber",
    ),
    lookups(
      "regardingobjectid",
      "Lookup",
      regardable.map((table) => ({ table, navigation: `regardingobjectid_${table}` })),
    ),
    subject,
    memo("description", 2000),
    ...states(
      `${activityState};3=Scheduled`,
      "1=Open@0;2=Completed@1;3=Canceled@2;4=Scheduled@3",
      1,
    ),
  ],
};

const partyTables = [
  "account",
  "contact",
  "incident",
  "lead",
  "opportunity",
  "queue",
  "systemuser",
] as const;

/** Parties are read on their own, never written (facts §1.4). */
const activityparty: TableDefinition = {
  name: "activityparty",
  entitySet: "activityparties",
  label: "Activity Party",
  primaryId: "activitypartyid",
  readOnly: true,
  columns: [
    guid("activitypartyid"),
    text("addressused", 200),
    pick(
      "participationtypemask",
      "1=Sender;2=To Recipient;3=CC Recipient;4=BCC Recipient;5=Required attendee;6=Optional attendee;7=Organizer;8=Regarding;9=Owner;10=Resource;11=Customer",
      { required: "SystemRequired" },
    ),
    lookups(
      "partyid",
      "Lookup",
      partyTables.map((table) => ({ table, navigation: `partyid_${table}` })),
    ),
    lookups(
      "activityid",
      "Lookup",
      ["phonecall", "email", "task", "appointment", "letter"].map((table) => ({
        table,
        navigation: `activityid_${table}`,
      })),
    ),
    lookups("ownerid", "Lookup", [], readOnly),
  ],
};

/** The activities of a plain organisation. */
export const activityTables: readonly TableDefinition[] = [
  phonecall,
  email,
  task,
  appointment,
  letter,
  activitypointer,
  activityparty,
];
