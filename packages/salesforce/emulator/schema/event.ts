import type { ObjectDefinition } from "./definition.ts";
import { field, systemFields } from "./definition.ts";

/** Event as a real org describes it [R facts §2.3-2.4, checked against the describe by a test]. */
export const eventObject: ObjectDefinition = {
  name: "Event",
  label: "Event",
  labelPlural: "Events",
  keyPrefix: "00U",
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
      values: ["Call", "Email", "Meeting", "Send Letter/Quote", "Other"],
    }),
    field("Location", "string", "CUN", { length: 255 }),
    field("IsAllDayEvent", "boolean", "CUD", { label: "All-Day Event" }),
    field("ActivityDateTime", "datetime", "CUNg", { label: "Due Date Time" }),
    field("ActivityDate", "date", "CUN", { label: "Due Date Only" }),
    field("DurationInMinutes", "int", "CUN", { digits: 8, label: "Duration" }),
    field("StartDateTime", "datetime", "CUNg"),
    field("EndDateTime", "datetime", "CUNg"),
    field("EndDate", "date", "N"),
    field("Description", "textarea", "CUNfsg", { length: 32000 }),
    field("AccountId", "reference", "N", { referenceTo: ["Account"], relationshipName: "Account" }),
    field("OwnerId", "reference", "CUD", {
      label: "Assigned To ID",
      referenceTo: ["User"],
      relationshipName: "Owner",
    }),
    field("IsPrivate", "boolean", "CUD", { label: "Private" }),
    field("ShowAs", "picklist", "CUNDR", {
      length: 40,
      label: "Show Time As",
      values: ["Busy", "OutOfOffice", "Free"],
      defaultValue: "Busy",
    }),
    field("IsArchived", "boolean", "D", { label: "Archived" }),
    field("IsRecurrence", "boolean", "CD", { label: "Create Recurring Series of Events" }),
    field("ReminderDateTime", "datetime", "CUNg", { label: "Reminder Date/Time" }),
    field("IsReminderSet", "boolean", "CUD", { label: "Reminder Set" }),
    field("EventSubtype", "picklist", "CNR", { length: 40, values: ["Event"] }),
  ],
};
