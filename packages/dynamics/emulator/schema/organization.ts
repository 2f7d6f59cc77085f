import {
  flag,
  guid,
  lookup,
  memo,
  owned,
  pick,
  readOnly,
  states,
  text,
  texts,
  tracked,
} from "./columns.ts";
import type { TableDefinition } from "./definition.ts";

const required = { required: "SystemRequired" } as const;

const systemuser: TableDefinition = {
  name: "systemuser",
  entitySet: "systemusers",
  label: "User",
  primaryId: "systemuserid",
  primaryName: "fullname",
  // [D8, S4 facts §1.2] built in; the named form of the primary key is not valid.
  alternateKeys: [["azureactivedirectoryobjectid"]],
  columns: [
    guid("systemuserid", { ...required, update: false }),
    ...tracked,
    text("fullname", 200, readOnly),
    ...["firstname", "lastname"].map((name) => text(name, 64, { required: "ApplicationRequired" })),
    text("middlename", 50),
    text("domainname", 1024, { ...required, label: "User Name" }),
    ...texts(
      100,
      "internalemailaddress",
      "personalemailaddress",
      "mobilealertemail",
      "jobtitle",
      "employeeid",
    ),
    text("windowsliveid", 1024),
    text("title", 128),
    text("mobilephone", 64),
    text("homephone", 50),
    text("address1_telephone1", 64),
    guid("azureactivedirectoryobjectid"),
    guid("applicationid"),
    flag("isdisabled", ["Enabled", "Disabled"]),
    pick(
      "accessmode",
      "0=Read-Write;1=Administrative;2=Read;3=Support User;4=Non-interactive;5=Delegated Admin",
      { defaultValue: 0 },
    ),
    lookup("businessunitid", "businessunit"),
    lookup("parentsystemuserid", "systemuser"),
    lookup("queueid", "queue"),
  ],
};

const team: TableDefinition = {
  name: "team",
  entitySet: "teams",
  label: "Team",
  primaryId: "teamid",
  primaryName: "name",
  columns: [
    guid("teamid", { ...required, update: false }),
    ...tracked,
    text("name", 160, required),
    memo("description", 2000),
    lookup("businessunitid", "businessunit"),
    lookup("administratorid", "systemuser"),
  ],
};

const queue: TableDefinition = {
  name: "queue",
  entitySet: "queues",
  label: "Queue",
  primaryId: "queueid",
  primaryName: "name",
  columns: [
    guid("queueid", { ...required, update: false }),
    // [T CSDL] its owner has no navigations of its own.
    ...owned.filter(({ name }) => name !== "owninguser" && name !== "owningteam"),
    text("name", 200, { required: "ApplicationRequired" }),
    memo("description", 2000),
    text("emailaddress", 100),
    pick("queueviewtype", "0=Public;1=Private", { defaultValue: 0 }),
    ...states("0=Active;1=Inactive", "1=Active@0;2=Inactive@1", 1),
  ],
};

const businessunit: TableDefinition = {
  name: "businessunit",
  entitySet: "businessunits",
  label: "Business Unit",
  primaryId: "businessunitid",
  primaryName: "name",
  columns: [
    guid("businessunitid", { ...required, update: false }),
    ...tracked,
    text("name", 160, required),
    lookup("parentbusinessunitid", "businessunit"),
  ],
};

const organization: TableDefinition = {
  name: "organization",
  entitySet: "organizations",
  label: "Organization",
  primaryId: "organizationid",
  primaryName: "name",
  columns: [
    guid("organizationid", { ...required, update: false }),
    ...tracked,
    text("name", 160, required),
  ],
};

const transactioncurrency: TableDefinition = {
  name: "transactioncurrency",
  entitySet: "transactioncurrencies",
  label: "Currency",
  primaryId: "transactioncurrencyid",
  primaryName: "currencyname",
  columns: [
    guid("transactioncurrencyid", { ...required, update: false }),
    ...tracked,
    text("currencyname", 100, required),
    text("isocurrencycode", 5, required),
    text("currencysymbol", 13, required),
  ],
};

// [D13 facts §1.4] its ids stand in the address of a row.
const appmodule: TableDefinition = {
  name: "appmodule",
  entitySet: "appmodules",
  label: "Model-driven App",
  primaryId: "appmoduleid",
  primaryName: "name",
  columns: [
    guid("appmoduleid", { ...required, update: false }),
    ...tracked,
    text("name", 100, required),
    text("uniquename", 100, required),
    text("url", 2048),
  ],
};

/** Who works here, and with what. */
export const organizationTables: readonly TableDefinition[] = [
  systemuser,
  team,
  queue,
  businessunit,
  organization,
  transactioncurrency,
  appmodule,
];
