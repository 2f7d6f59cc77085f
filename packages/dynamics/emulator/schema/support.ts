import {
  flag,
  guid,
  lookup,
  lookups,
  memo,
  owned,
  pick,
  readOnly,
  states,
  text,
  time,
} from "./columns.ts";
import { currency, mergeable } from "./customers.ts";
import type { TableDefinition } from "./definition.ts";

const incident: TableDefinition = {
  name: "incident",
  entitySet: "incidents",
  label: "Case",
  primaryId: "incidentid",
  primaryName: "title",
  hasActivities: true,
  hasNotes: true,
  columns: [
    guid("incidentid", { update: false, required: "SystemRequired" }),
    ...owned,
    text("title", 200, { required: "ApplicationRequired", label: "Case Title" }),
    text("ticketnumber", 100, { update: false, label: "Case Number" }),
    memo("description", 2000),
    text("productserialnumber", 100),
    pick("caseorigincode", "1=Phone;2=Email;3=Web;2483=Facebook;3986=Twitter"),
    pick("casetypecode", "1=Question;2=Problem;3=Request"),
    pick("prioritycode", "1=High;2=Normal;3=Low", { defaultValue: 2 }),
    pick("severitycode", "1=Default Value", { defaultValue: 1 }),
    pick(
      "customersatisfactioncode",
      "5=Very Satisfied;4=Satisfied;3=Neutral;2=Dissatisfied;1=Very Dissatisfied",
    ),
    pick("servicestage", "0=Identify;1=Research;2=Resolve"),
    flag("isescalated"),
    flag("firstresponsesent"),
    time("escalatedon", readOnly),
    time("followupby"),
    time("responseby"),
    time("resolveby"),
    ...mergeable("incident"),
    ...currency,
    lookups(
      "customerid",
      "Customer",
      [
        { table: "account", navigation: "customerid_account" },
        { table: "contact", navigation: "customerid_contact" },
      ],
      { required: "SystemRequired", label: "Customer" },
    ),
    lookup("primarycontactid", "contact"),
    lookup("parentcaseid", "incident"),
    lookup("existingcase", "incident"),
    ...states(
      "0=Active;1=Resolved;2=Canceled",
      "1=In Progress@0;2=On Hold@0;3=Waiting for Details@0;4=Researching@0;5=Problem Solved@1;1000=Information Provided@1;6=Canceled@2;2000=Merged@2",
      1,
    ),
  ],
};

const noted = [
  "account",
  "appointment",
  "contact",
  "email",
  "incident",
  "lead",
  "letter",
  "opportunity",
  "phonecall",
  "task",
] as const;

const annotation: TableDefinition = {
  name: "annotation",
  entitySet: "annotations",
  label: "Note",
  primaryId: "annotationid",
  primaryName: "subject",
  columns: [
    guid("annotationid", { update: false, required: "SystemRequired" }),
    ...owned,
    text("subject", 500, { required: "ApplicationRequired", label: "Title" }),
    memo("notetext", 100_000),
    text("filename", 255),
    text("mimetype", 256),
    text("documentbody", 1_073_741_823),
    text("langid", 2),
    flag("isdocument", ["No", "Yes"], { required: "SystemRequired" }),
    lookups(
      "objectid",
      "Lookup",
      noted.map((table) => ({ table, navigation: `objectid_${table}` })),
      { label: "Regarding" },
    ),
  ],
};

/** What the organisation answers customers with. */
export const supportTables: readonly TableDefinition[] = [incident, annotation];
