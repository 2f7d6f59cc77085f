import type { ObjectDefinition } from "./definition.ts";
import { field, systemFields } from "./definition.ts";

/** Task as a real org describes it [R facts §2.3-2.4, checked against the describe by a test]. */
export const taskObject: ObjectDefinition = {
  name: "Task",
  label: "Task",
  labelPlural: "Tasks",
  keyPrefix: "00T",
  without: ["activateable", "feedEnabled", "mergeable"],
  fields: [
    ...systemFields("Activity ID"),
    field("WhoId", "reference", "CUN", {
      label: "Name ID",
      referenceTo: ["Contact", "Lead"],
      relationshipName: "Who",
    }),
    field("WhatId", "reference", "CUN", {
      label: "Related To ID",
      referenceTo: ["Account", "Campaign", "Case", "Opportunity", "Invoice__c"],
      relationshipName: "What",
    }),
    field("Subject", "combobox", "CUNMg", {
      length: 255,
      values: ["Call", "Email", "Send Letter", "Send Quote", "Other"],
    }),
    field("ActivityDate", "date", "CUN", { label: "Due Date Only" }),
    field("Status", "picklist", "CUD", {
      length: 255,
      values: ["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"],
      defaultValue: "Not Started",
    }),
    field("Priority", "picklist", "CUD", {
      length: 20,
      values: ["High", "Normal", "Low"],
      defaultValue: "Normal",
    }),
    field("IsHighPriority", "boolean", "D", { label: "High Priority" }),
    field("OwnerId", "reference", "CUD", {
      label: "Assigned To ID",
      referenceTo: ["Group", "User"],
      relationshipName: "Owner",
    }),
    field("Description", "textarea", "CUNfsg", { length: 32000 }),
    field("AccountId", "reference", "N", { referenceTo: ["Account"], relationshipName: "Account" }),
    field("IsClosed", "boolean", "D", { label: "Closed" }),
    field("IsArchived", "boolean", "D", { label: "Archived" }),
    field("CallDurationInSeconds", "int", "CUN", { digits: 8, label: "Call Duration" }),
    field("CallType", "picklist", "CUNR", {
      length: 40,
      values: ["Internal", "Inbound", "Outbound"],
    }),
    field("CallDisposition", "string", "CUN", { length: 255, label: "Call Result" }),
    field("CallObject", "string", "CUN", { length: 255, label: "Call Object Identifier" }),
    field("ReminderDateTime", "datetime", "CUNg", { label: "Reminder Date/Time" }),
    field("IsReminderSet", "boolean", "CUD", { label: "Reminder Set" }),
    field("IsRecurrence", "boolean", "CD", { label: "Create Recurring Series of Tasks" }),
    field("TaskSubtype", "picklist", "CNR", {
      length: 40,
      values: ["Task", "Email", "ListEmail", "Cadence", "Call", "LinkedIn"],
    }),
    field("CompletedDateTime", "datetime", "Ng", { label: "Completed Date/Time" }),
  ],
};
