import { agents, cast, firstNames, lastNames, phone, pick } from "./demo-people.ts";
import type { SeedRow, SeedUser } from "./options.ts";
import { seededRandom } from "./random.ts";

const trades = [
  "Classics",
  "Logistics",
  "Bakery",
  "Optics",
  "Press",
  "Dental",
  "Travel",
  "Foods",
  "Works",
  "Studio",
];
const places = ["Alder", "Birch", "Cedar"];
const counts = { accounts: 30, contacts: 150, leads: 20, cases: 60, opportunities: 20 };

// Seeded rows need ids that the others can point at: a group per table, and a fixed number per row.
const groups = {
  user: "0005",
  object: "00e1",
  account: "0001",
  contact: "0003",
  lead: "00a0",
  incident: "0500",
  opportunity: "0006",
} as const;

function guid(group: keyof typeof groups, row: number): string {
  return `de300000-${groups[group]}-4000-8000-${String(row).padStart(12, "0")}`;
}

const to = (table: "account" | "contact" | "systemuser", row: number): unknown => ({
  table,
  id: guid(table === "systemuser" ? "user" : table, row),
});

function users(): readonly SeedRow[] {
  return cast().map(({ row, email, first, last, gone }) => ({
    table: "systemuser",
    columns: {
      systemuserid: guid("user", row),
      firstname: first,
      lastname: last,
      fullname: `${first} ${last}`,
      domainname: email,
      internalemailaddress: email,
      azureactivedirectoryobjectid: guid("object", row),
      isdisabled: gone,
    },
  }));
}

function accounts(): readonly SeedRow[] {
  return Array.from({ length: counts.accounts }, (_one, row) => {
    const [place, trade] = [pick(places, row), pick(trades, Math.floor(row / 3))];
    return {
      table: "account",
      columns: {
        accountid: guid("account", row + 1),
        name: `${place} ${trade}`,
        telephone1: phone(row * 7),
        websiteurl: `https://${place.toLowerCase()}-${trade.toLowerCase()}.example`,
        address1_city: pick(["San Francisco", "New York", "Chicago"], row),
        // One in ten is behind with its bills, so that the agent's screen has something to warn of.
        creditonhold: row % 10 === 9,
        ownerid: to("systemuser", (row % agents) + 1),
      },
    };
  });
}

function contacts(random: () => number): readonly SeedRow[] {
  return Array.from({ length: counts.contacts }, (_one, row) => {
    const account = row % counts.accounts;
    const first = pick(firstNames, row);
    const last = pick(lastNames, Math.floor(random() * lastNames.length));
    return {
      table: "contact",
      columns: {
        contactid: guid("contact", row + 1),
        firstname: first,
        lastname: last,
        fullname: `${first} ${last}`,
        parentcustomerid: to("account", account + 1),
        emailaddress1: `${first}.${last}.${row + 1}@customer.example`.toLowerCase(),
        // Every fourth contact is reached through the account's switchboard, so that number belongs to several people.
        telephone1: row % 4 === 0 ? phone(account * 7) : phone(row * 11 + 3),
        ...(row % 3 === 0 ? { mobilephone: phone(row * 13 + 5) } : {}),
      },
    };
  });
}

function leads(): readonly SeedRow[] {
  return Array.from({ length: counts.leads }, (_one, row) => {
    const [first, last] = [pick(firstNames, row * 5), pick(lastNames, row + 7)];
    return {
      table: "lead",
      columns: {
        leadid: guid("lead", row + 1),
        subject: `${pick(trades, row)} interest`,
        firstname: first,
        lastname: last,
        fullname: `${first} ${last}`,
        companyname: `${pick(trades, row)} & Co`,
        emailaddress1: `lead${row + 1}@prospect.example`,
        telephone1: phone(row * 17 + 11),
      },
    };
  });
}

function incidents(): readonly SeedRow[] {
  return Array.from({ length: counts.cases }, (_one, row) => {
    const status = pick([1, 2, 3, 5], row);
    return {
      table: "incident",
      columns: {
        incidentid: guid("incident", row + 1),
        title: pick(
          ["Wrong delivery", "Refund", "Password reset", "Invoice question", "Broken part"],
          row,
        ),
        customerid: to("contact", (row % counts.contacts) + 1),
        caseorigincode: pick([1, 2, 3], row),
        prioritycode: pick([1, 2, 3], row),
        statecode: status === 5 ? 1 : 0,
        statuscode: status,
      },
    };
  });
}

function opportunities(): readonly SeedRow[] {
  return Array.from({ length: counts.opportunities }, (_one, row) => {
    const won = row % 4 === 3;
    return {
      table: "opportunity",
      columns: {
        opportunityid: guid("opportunity", row + 1),
        name: `${pick(trades, row)} renewal ${row + 1}`,
        customerid: to("account", (row % counts.accounts) + 1),
        estimatedclosedate: `2027-0${(row % 9) + 1}-15`,
        estimatedvalue: 1000 * (row + 1),
        statecode: won ? 1 : 0,
        statuscode: won ? 3 : 1,
      },
    };
  });
}

/**
 * An invented organisation to show things with: agents a1@wrapup.example to a15@wrapup.example and one who left, 30 accounts,
 * 150 contacts with phones as people type them (some share a switchboard), 20 leads, 60 cases, 20 opportunities. Give it to
 * `control.seed`.
 */
export function demoOrg(): readonly SeedRow[] {
  const random = seededRandom(7);
  return [
    ...users(),
    ...accounts(),
    ...contacts(random),
    ...leads(),
    ...incidents(),
    ...opportunities(),
  ];
}

/** The agents of `demoOrg` as Entra users with mailboxes, and the shared mailbox support@wrapup.example. Give it to `control.seedUsers`. */
export function demoUsers(): readonly SeedUser[] {
  const people = cast().map(({ row, email, first, last, gone }) => ({
    id: guid("object", row),
    userPrincipalName: email,
    displayName: `${first} ${last}`,
    mailbox: !gone,
    accountEnabled: !gone,
  }));
  const shared = {
    id: guid("object", 500),
    userPrincipalName: "support@wrapup.example",
    displayName: "Support",
    accountEnabled: false,
  };
  return [...people, shared];
}
