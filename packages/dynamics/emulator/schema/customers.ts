import {
  decimal,
  flag,
  guid,
  lookup,
  lookups,
  memo,
  money,
  owned,
  pick,
  readOnly,
  states,
  text,
  texts,
  time,
  whole,
} from "./columns.ts";
import type { ColumnDefinition, TableDefinition } from "./definition.ts";

const yesNo = ["Allow", "Do Not Allow"] as const;

/** What a postal address is made of (facts §1.4; lengths as on lead, whose schema is known). */
export const address: readonly ColumnDefinition[] = [
  text("address1_name", 100),
  text("address1_line1", 250),
  text("address1_line2", 250),
  text("address1_line3", 250),
  text("address1_city", 80),
  text("address1_stateorprovince", 50),
  text("address1_postalcode", 20),
  text("address1_county", 50),
  text("address1_country", 80),
  text("address1_telephone1", 50),
  text("address1_telephone2", 50),
  memo("address1_composite", 1000, readOnly),
];

/** How somebody is reached, and how they do not want to be. */
export const reach: readonly ColumnDefinition[] = [
  ...texts(50, "telephone1", "telephone2", "telephone3", "fax"),
  ...texts(100, "emailaddress1", "emailaddress2", "emailaddress3"),
  text("websiteurl", 200),
  flag("donotphone", yesNo),
  flag("donotemail", yesNo),
  flag("donotbulkemail", yesNo),
  flag("donotfax", yesNo),
  flag("donotpostalmail", yesNo),
  pick("preferredcontactmethodcode", "1=Any;2=Email;3=Phone;4=Fax;5=Mail", { defaultValue: 1 }),
];

/** What the loser of a merge carries. */
export const mergeable = (table: string): readonly ColumnDefinition[] => [
  flag("merged", ["No", "Yes"], { ...readOnly, defaultValue: false }),
  lookup("masterid", table, readOnly),
];

/** Currency columns that the system fills. */
export const currency: readonly ColumnDefinition[] = [
  lookup("transactioncurrencyid", "transactioncurrency"),
  decimal("exchangerate", readOnly),
];

const activeStates = states("0=Active;1=Inactive", "1=Active@0;2=Inactive@1", 1);

const contact: TableDefinition = {
  name: "contact",
  entitySet: "contacts",
  label: "Contact",
  primaryId: "contactid",
  primaryName: "fullname",
  hasActivities: true,
  hasNotes: true,
  columns: [
    guid("contactid", { update: false, required: "SystemRequired" }),
    ...owned,
    text("firstname", 50, { required: "Recommended" }),
    text("middlename", 50),
    text("lastname", 50, { required: "ApplicationRequired" }),
    text("fullname", 160, readOnly),
    text("salutation", 100),
    text("suffix", 10),
    text("nickname", 100),
    text("jobtitle", 100),
    text("department", 100),
    memo("description", 2000),
    ...texts(
      50,
      "mobilephone",
      "company",
      "home2",
      "business2",
      "callback",
      "assistantphone",
      "managerphone",
      "pager",
    ),
    ...reach,
    ...address,
    time("birthdate", { dayOnly: true }),
    pick("gendercode", "1=Male;2=Female"),
    pick("accountrolecode", "1=Decision Maker;2=Employee;3=Influencer"),
    text("employeeid", 50),
    text("governmentid", 50),
    text("externaluseridentifier", 50),
    flag("creditonhold"),
    money("creditlimit"),
    ...mergeable("contact"),
    ...currency,
    lookups("parentcustomerid", "Customer", [
      { table: "account", navigation: "parentcustomerid_account" },
      { table: "contact", navigation: "parentcustomerid_contact" },
    ]),
    lookup("originatingleadid", "lead", { update: false }),
    lookup("preferredsystemuserid", "systemuser"),
    ...activeStates,
  ],
};

const account: TableDefinition = {
  name: "account",
  entitySet: "accounts",
  label: "Account",
  primaryId: "accountid",
  primaryName: "name",
  hasActivities: true,
  hasNotes: true,
  columns: [
    guid("accountid", { update: false, required: "SystemRequired" }),
    ...owned,
    text("name", 160, { required: "ApplicationRequired", label: "Account Name" }),
    text("accountnumber", 20),
    memo("description", 2000),
    ...reach,
    ...address,
    whole("numberofemployees", { min: 0 }),
    money("revenue"),
    money("creditlimit"),
    flag("creditonhold"),
    text("sic", 20),
    text("tickersymbol", 10),
    pick("accountcategorycode", "1=Preferred Customer;2=Standard"),
    pick(
      "customertypecode",
      "1=Competitor;2=Consultant;3=Customer;4=Investor;5=Partner;6=Influencer;7=Press;8=Prospect;9=Reseller;10=Supplier;11=Vendor;12=Other",
    ),
    pick("ownershipcode", "1=Public;2=Private;3=Subsidiary;4=Other"),
    ...mergeable("account"),
    ...currency,
    lookup("primarycontactid", "contact"),
    lookup("parentaccountid", "account"),
    lookup("originatingleadid", "lead", { update: false }),
    lookup("preferredsystemuserid", "systemuser"),
    ...activeStates,
  ],
};

/** Who the organisation sells to. */
export const customerTables: readonly TableDefinition[] = [contact, account];
