import type { ObjectDefinition } from "./definition.ts";
import { field, systemFields } from "./definition.ts";

/** Campaign, basic: only there so that a Task.WhatId may point at one. [U] lengths. */
export const campaignObject: ObjectDefinition = {
  name: "Campaign",
  label: "Campaign",
  labelPlural: "Campaigns",
  keyPrefix: "701",
  without: ["activateable", "mergeable"],
  fields: [
    ...systemFields("Campaign ID"),
    field("Name", "string", "CUM", { length: 80 }),
    field("IsActive", "boolean", "CUD", { label: "Active" }),
    field("Status", "picklist", "CUN", {
      length: 40,
      values: ["Planned", "In Progress", "Completed", "Aborted"],
    }),
    field("Type", "picklist", "CUN", {
      length: 40,
      values: ["Conference", "Webinar", "Email", "Other"],
    }),
    field("StartDate", "date", "CUN"),
    field("EndDate", "date", "CUN"),
    field("Description", "textarea", "CUNfsg", { length: 32000 }),
    field("OwnerId", "reference", "CUD", { referenceTo: ["User"], relationshipName: "Owner" }),
  ],
};

/** RecordType, basic and read-only; [U] lengths. */
export const recordTypeObject: ObjectDefinition = {
  name: "RecordType",
  label: "Record Type",
  labelPlural: "Record Types",
  keyPrefix: "012",
  without: [
    "activateable",
    "createable",
    "updateable",
    "deletable",
    "undeletable",
    "mergeable",
    "feedEnabled",
    "searchable",
  ],
  fields: [
    ...systemFields("Record Type ID").filter((one) => one.name !== "IsDeleted"),
    field("Name", "string", "CUM", { length: 80 }),
    field("DeveloperName", "string", "CU", { length: 80 }),
    field("SobjectType", "picklist", "C", { length: 40, label: "SObject Type Name" }),
    field("IsActive", "boolean", "CUD", { label: "Active", defaultValue: true }),
    field("Description", "string", "CUN", { length: 255 }),
  ],
};

/** Invoice__c: an invented custom object with lookups, an auto-number name and an external id, as an administrator would make it. */
export const invoiceObject: ObjectDefinition = {
  name: "Invoice__c",
  label: "Invoice",
  labelPlural: "Invoices",
  keyPrefix: "a00",
  without: ["activateable", "feedEnabled", "mergeable"],
  fields: [
    ...systemFields("Record ID"),
    field("OwnerId", "reference", "CUD", {
      referenceTo: ["Group", "User"],
      relationshipName: "Owner",
    }),
    field("Name", "string", "DLMA", { length: 80, label: "Invoice Number" }),
    field("Account__c", "reference", "CUN", {
      referenceTo: ["Account"],
      relationshipName: "Account__r",
    }),
    field("Contact__c", "reference", "CUN", {
      referenceTo: ["Contact"],
      relationshipName: "Contact__r",
    }),
    field("Case__c", "reference", "CUN", { referenceTo: ["Case"], relationshipName: "Case__r" }),
    field("Amount__c", "currency", "CUN", { precision: 18, scale: 2 }),
    field("Due_Date__c", "date", "CUN"),
    field("Status__c", "picklist", "CUNR", {
      length: 255,
      values: ["Draft", "Sent", "Paid", "Overdue"],
    }),
    field("External_Number__c", "string", "CUNLXQ", { length: 40 }),
    field("Notes__c", "textarea", "CUNfsg", { length: 32768 }),
  ],
};
