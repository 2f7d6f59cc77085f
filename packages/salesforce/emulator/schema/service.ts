import type { ObjectDefinition } from "./definition.ts";
import { field, systemFields } from "./definition.ts";

/**
 * CaseComment [D facts §2.4, R describe-minimal]: ParentId required and not changed later, CommentBody 4,000 BYTES and filterable,
 * IsNotificationSelected on create only.
 */
export const caseCommentObject: ObjectDefinition = {
  name: "CaseComment",
  label: "Case Comment",
  labelPlural: "Case Comments",
  keyPrefix: "00a",
  without: ["activateable", "feedEnabled", "mergeable", "layoutable"],
  fields: [
    ...systemFields("Case Comment ID"),
    field("ParentId", "reference", "C", { referenceTo: ["Case"], relationshipName: "Parent" }),
    field("IsPublished", "boolean", "CUD", { label: "Published" }),
    field("CommentBody", "textarea", "CUNg", { label: "Body", length: 4000, bytes: true }),
    field("IsNotificationSelected", "boolean", "CDf", { label: "Notification Selected" }),
  ],
};

/**
 * EmailMessage, basic [D facts §2.4]: Subject 3000, bodies 32000, addresses 4000; Status 0 new … 5 draft; MessageIdentifier is the
 * filterable natural key. [U] which of its fields may change after sending, beyond what write/rules.ts refuses.
 */
export const emailMessageObject: ObjectDefinition = {
  name: "EmailMessage",
  label: "Email Message",
  labelPlural: "Email Messages",
  keyPrefix: "02s",
  without: ["activateable", "mergeable"],
  fields: [
    ...systemFields("Email Message ID"),
    field("ParentId", "reference", "CUN", {
      label: "Case ID",
      referenceTo: ["Case"],
      relationshipName: "Parent",
    }),
    field("RelatedToId", "reference", "CUN", {
      referenceTo: ["Account", "Campaign", "Case", "Opportunity", "Invoice__c"],
      relationshipName: "RelatedTo",
    }),
    field("ActivityId", "reference", "CN", { referenceTo: ["Task"], relationshipName: "Activity" }),
    field("Subject", "string", "CUNM", { length: 3000 }),
    field("TextBody", "textarea", "CUNfsg", { length: 32000 }),
    field("HtmlBody", "textarea", "CUNfsg", { length: 131072, label: "HTML Body" }),
    field("Headers", "textarea", "CUNfsg", { length: 32000 }),
    field("FromName", "string", "CUN", { length: 1000 }),
    field("FromAddress", "email", "CUN", { length: 1000 }),
    field("ToAddress", "string", "CUN", { length: 4000 }),
    field("CcAddress", "string", "CUN", { length: 4000 }),
    field("BccAddress", "string", "CUN", { length: 4000 }),
    field("Incoming", "boolean", "CUD", { label: "Is Incoming" }),
    field("Status", "picklist", "CUDR", {
      length: 40,
      values: ["0", "1", "2", "3", "4", "5"],
      defaultValue: "0",
    }),
    field("MessageDate", "datetime", "CUNg"),
    field("MessageIdentifier", "string", "CUN", { length: 765, label: "Message ID" }),
    field("ThreadIdentifier", "string", "CUN", { length: 765, label: "Thread ID" }),
    field("IsExternallyVisible", "boolean", "CUD", { label: "Is Externally Visible" }),
  ],
};

/** TaskRelation: more people on one task, only where Shared Activities is on [D facts §2.3]; [U] field details. */
export const taskRelationObject: ObjectDefinition = {
  name: "TaskRelation",
  label: "Task Relation",
  labelPlural: "Task Relations",
  keyPrefix: "0RT",
  without: [
    "activateable",
    "updateable",
    "feedEnabled",
    "mergeable",
    "searchable",
    "layoutable",
    "undeletable",
  ],
  fields: [
    ...systemFields("Task Relation ID"),
    field("RelationId", "reference", "C", {
      referenceTo: ["Account", "Campaign", "Case", "Contact", "Lead", "Opportunity", "Invoice__c"],
      relationshipName: "Relation",
    }),
    field("TaskId", "reference", "C", { referenceTo: ["Task"], relationshipName: "Task" }),
    field("IsWhat", "boolean", "CD", { label: "Is What" }),
    field("AccountId", "reference", "N", { referenceTo: ["Account"], relationshipName: "Account" }),
  ],
};
