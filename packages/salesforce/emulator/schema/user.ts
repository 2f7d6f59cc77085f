import type { ObjectDefinition } from "./definition.ts";
import { field, systemFields } from "./definition.ts";

/**
 * User, the part that owner mapping needs. [U] lengths are general knowledge: no describe of User is at hand. Users are set up by an
 * administrator, so the emulator refuses to create or change them over REST; tests seed them. Username, Email and Alias are required in
 * a real org; a seed may leave them out.
 */
export const userObject: ObjectDefinition = {
  name: "User",
  label: "User",
  labelPlural: "Users",
  keyPrefix: "005",
  without: [
    "activateable",
    "createable",
    "updateable",
    "deletable",
    "undeletable",
    "mergeable",
    "feedEnabled",
  ],
  fields: [
    ...systemFields("User ID"),
    field("Username", "string", "CUDL", { length: 80 }),
    field("LastName", "string", "CU", { length: 80, compound: "Name" }),
    field("FirstName", "string", "CUN", { length: 40, compound: "Name" }),
    field("Name", "string", "M", { length: 121, label: "Full Name" }),
    field("Email", "email", "CUD", { length: 128 }),
    field("Alias", "string", "CUD", { length: 8 }),
    field("Phone", "phone", "CUN", { length: 40 }),
    field("Title", "string", "CUN", { length: 80 }),
    field("Department", "string", "CUN", { length: 80 }),
    field("IsActive", "boolean", "CUD", { label: "Active", defaultValue: true }),
    field("UserType", "picklist", "NR", {
      length: 40,
      values: ["Standard"],
      defaultValue: "Standard",
    }),
    field("FederationIdentifier", "string", "CUNK", { length: 512, label: "SAML Federation ID" }),
    field("EmployeeNumber", "string", "CUN", { length: 20 }),
    field("TimeZoneSidKey", "picklist", "CUR", {
      length: 40,
      values: ["America/Los_Angeles", "Europe/Vienna", "GMT"],
      defaultValue: "GMT",
      defaultedOnCreate: true,
    }),
  ],
};

/** Group: queues own cases, leads and tasks [R Task.OwnerId]. [U] for lengths. */
export const groupObject: ObjectDefinition = {
  name: "Group",
  label: "Group",
  labelPlural: "Groups",
  keyPrefix: "00G",
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
    ...systemFields("Group ID").filter((one) => one.name !== "IsDeleted"),
    field("Name", "string", "CUM", { length: 40 }),
    field("DeveloperName", "string", "CUN", { length: 80 }),
    field("Type", "picklist", "CDR", {
      length: 40,
      values: ["Regular", "Queue"],
      defaultValue: "Queue",
    }),
    field("Email", "email", "CUN", { length: 255 }),
  ],
};
