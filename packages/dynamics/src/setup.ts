import type { AdapterDefaults } from "@wrapup/core";
import { defaultsOf } from "./mapping.ts";

/** What a security role must allow on one table. */
export type TablePrivileges = {
  /** Logical name. Activities share their privileges: what stands for one stands for all. */
  readonly table: string;
  /** Without these nothing is written or found. */
  readonly needed: readonly Right[];
  /** Without these Wrapup does less, and says so. */
  readonly better: readonly Right[];
};

/** What a privilege allows, as Dataverse names it. */
type Right = "Create" | "Read" | "Write" | "Delete" | "Append" | "AppendTo" | "Assign";

/** What an environment needs: no change of its schema, but a user with rights. Data, and the same in words for people. */
export type Setup = {
  readonly privileges: readonly TablePrivileges[];
  /** Application permissions of the app registration in Microsoft Graph; only for what is used. */
  readonly graphPermissions: readonly { readonly name: string; readonly for: string }[];
  readonly steps: readonly string[];
};

const activityRights: Omit<TablePrivileges, "table"> = {
  needed: ["Create", "Read", "Write", "Append", "AppendTo"],
  better: ["Assign", "Delete"],
};

/** What the application user's role must allow. `linked`: tables that activities name, `creatable`: those of which agents make rows. */
export const privilegesFor = (
  activities: readonly string[],
  { searchOrder, creatable }: Pick<AdapterDefaults, "searchOrder" | "creatable">,
): readonly TablePrivileges[] => [
  ...activities.map((table) => ({ table, ...activityRights })),
  // Late facts of a completed activity (L8).
  { table: "annotation", needed: [], better: ["Create", "Read", "Write", "Append", "Delete"] },
  ...[...new Set([...searchOrder, ...creatable, "account", "opportunity"])].map(
    (table): TablePrivileges => ({
      table,
      needed: searchOrder.includes(table) ? ["Read", "AppendTo"] : [],
      better: [
        ...(searchOrder.includes(table) ? [] : (["Read", "AppendTo"] as const)),
        ...(creatable.includes(table) ? (["Create", "Append"] as const) : []),
      ],
    }),
  ),
  { table: "systemuser", needed: [], better: ["Read"] },
];

const graphPermissions = [
  {
    name: "User.Read.All",
    for: "agents whose email is not that of a Dataverse user (directory), and the mailboxes of graphMail",
  },
  { name: "Mail.ReadWrite", for: "drafts of mail to customers (graphMail)" },
  { name: "Mail.Send", for: "sending them (graphMail)" },
] as const;

/**
 * What an administrator does once. There is nothing to deploy: an activity's own id keeps it from being written twice (W2).
 * `chatTable` must be the one given to `dynamics()`.
 */
export const setup = (names: { readonly chatTable?: string } = {}): Setup => {
  const activities = [...new Set(["phonecall", "email", "task", names.chatTable ?? "task"])];
  return {
    privileges: privilegesFor(activities, defaultsOf("task")),
    graphPermissions,
    steps: [
      "Register an app in Microsoft Entra ID (App registrations, New registration), without a redirect address. Its Application (client) ID is signIn.clientId, its Directory (tenant) ID is signIn.tenantId.",
      "Give it a certificate, or a client secret (Certificates & secrets): its value, not its id, is signIn.clientSecret. Note when it ends.",
      "In the Power Platform admin center, add the app as an application user of the environment (Settings, Users + permissions, Application users). It needs no licence.",
      "Make a security role with the privileges listed, at the depth of the business units that agents work in, and give it to the application user.",
      "Give agents who are to own activities a role that lets them read activities: Dataverse refuses owners without one.",
      "Only where directory or graphMail is used: add the application permissions listed to the app registration and grant admin consent; limit the mailboxes it may use with an application access policy of Exchange. (Exchange's RBAC for Applications limits nothing that was consented to in Entra: with it, grant the mail permissions there only.)",
      "Let Wrapup check the connection: what is still missing is listed.",
    ],
  };
};
