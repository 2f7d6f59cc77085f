import type { ObjectDefinition } from "./definition.ts";
import { field, systemFields } from "./definition.ts";

/** Case as a real org describes it [R facts §2.3-2.4, checked against the describe by a test]. */
export const caseObject: ObjectDefinition = {
  name: "Case",
  label: "Case",
  labelPlural: "Cases",
  keyPrefix: "500",
  without: ["activateable", "mergeable"],
  fields: [
    ...systemFields("Case ID"),
    field("MasterRecordId", "reference", "N", {
      referenceTo: ["Case"],
      relationshipName: "MasterRecord",
    }),
    field("CaseNumber", "string", "DLMAg", { length: 30 }),
    field("ContactId", "reference", "CUN", {
      referenceTo: ["Contact"],
      relationshipName: "Contact",
    }),
    field("AccountId", "reference", "CUN", {
      referenceTo: ["Account"],
      relationshipName: "Account",
    }),
    field("ParentId", "reference", "CUN", {
      label: "Parent Case ID",
      referenceTo: ["Case"],
      relationshipName: "Parent",
    }),
    field("SuppliedName", "string", "CUN", { length: 80, label: "Name" }),
    field("SuppliedEmail", "email", "CUN", { length: 80, label: "Email Address" }),
    field("SuppliedPhone", "string", "CUN", { length: 40, label: "Phone" }),
    field("SuppliedCompany", "string", "CUN", { length: 80, label: "Company" }),
    field("Type", "picklist", "CUN", {
      length: 40,
      label: "Case Type",
      values: ["Mechanical", "Electrical", "Electronic", "Structural", "Other"],
    }),
    field("Status", "picklist", "CUND", {
      length: 40,
      values: ["New", "Working", "Escalated", "Closed"],
      defaultValue: "New",
    }),
    field("Reason", "picklist", "CUN", {
      length: 40,
      label: "Case Reason",
      values: [
        "Installation",
        "Equipment Complexity",
        "Performance",
        "Breakdown",
        "Equipment Design",
        "Feedback",
        "Other",
      ],
    }),
    field("Origin", "picklist", "CUN", {
      length: 40,
      label: "Case Origin",
      values: ["Phone", "Email", "Web"],
    }),
    field("Subject", "string", "CUN", { length: 255 }),
    field("Priority", "picklist", "CUND", {
      length: 40,
      values: ["High", "Medium", "Low"],
      defaultValue: "Medium",
    }),
    field("Description", "textarea", "CUNfsg", { length: 32000 }),
    field("IsClosed", "boolean", "D", { label: "Closed" }),
    field("ClosedDate", "datetime", "Ng"),
    field("IsEscalated", "boolean", "CUD", { label: "Escalated" }),
    field("OwnerId", "reference", "CUD", {
      referenceTo: ["Group", "User"],
      relationshipName: "Owner",
    }),
    field("ContactPhone", "phone", "N", { length: 40 }),
    field("ContactMobile", "phone", "N", { length: 40 }),
    field("ContactEmail", "email", "N", { length: 80 }),
    field("ContactFax", "phone", "N", { length: 40 }),
    field("Comments", "textarea", "CUNfg", {
      length: 4000,
      bytes: true,
      label: "Internal Comments",
    }),
    field("LastViewedDate", "datetime", "Ng"),
    field("LastReferencedDate", "datetime", "Ng"),
  ],
};
