import type { SeedRow } from "./options.ts";
import { seededRandom } from "./random.ts";

const firstNames = [
  "Ada",
  "Bruno",
  "Carla",
  "Dev",
  "Elif",
  "Femi",
  "Greta",
  "Hugo",
  "Ines",
  "Jonas",
  "Keiko",
  "Liam",
  "Mara",
  "Nils",
  "Oona",
  "Pavel",
];
const lastNames = [
  "Abel",
  "Brandt",
  "Castillo",
  "Dunn",
  "Egger",
  "Fischer",
  "Garcia",
  "Huber",
  "Ito",
  "Jensen",
  "Kovacs",
  "Lindt",
  "Moreau",
  "Novak",
  "Okafor",
  "Petrov",
];
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
const agents = 15;
const tables = { accounts: 30, contacts: 150, leads: 20, cases: 60, opportunities: 20 };

// Seeded rows need ids that the others can point at: a fixed body per row, and the checksum of ids.ts is not needed for 15 characters.
function id15(prefix: string, row: number): string {
  return `${prefix}de${String(row).padStart(10, "0")}`;
}

function pick<T>(list: readonly T[], at: number): T {
  const found = list[at % list.length];
  if (found === undefined) throw new Error("demo org: an empty list");
  return found;
}

/** Numbers as people type them: the formats that search has to cope with. 555-01xx is set aside for invented numbers. */
function phone(row: number): string {
  const last = String(100 + (row % 100)).padStart(4, "0");
  const area = pick(["415", "212", "646", "312", "206"], row);
  const forms = [
    `(${area}) 555-${last}`,
    `+1${area}555${last}`,
    `${area}-555-${last}`,
    `${area}.555.${last}`,
    `1 ${area} 555 ${last}`,
    `${area}555${last}`,
  ];
  return pick(forms, Math.floor(row / 5));
}

function users(): readonly SeedRow[] {
  const rows: SeedRow[] = [];
  for (let row = 1; row <= agents; row += 1) {
    const email = `a${row}@wrapup.example`;
    const name = { FirstName: pick(firstNames, row), LastName: pick(lastNames, row * 3) };
    rows.push({
      sobject: "User",
      fields: { Id: id15("005", row), ...name, Username: email, Email: email, Alias: `a${row}` },
    });
  }
  const gone = {
    Id: id15("005", 99),
    FirstName: "Gone",
    LastName: "Agent",
    Username: "gone@wrapup.example",
    Email: "gone@wrapup.example",
  };
  return [...rows, { sobject: "User", fields: { ...gone, Alias: "gone", IsActive: false } }];
}

function accounts(): readonly SeedRow[] {
  return Array.from({ length: tables.accounts }, (_one, row) => ({
    sobject: "Account",
    fields: {
      Id: id15("001", row + 1),
      Name: `${pick(places, row)} ${pick(trades, Math.floor(row / 3))}`,
      Phone: phone(row * 7),
      Website: `https://${pick(places, row).toLowerCase()}-${pick(trades, Math.floor(row / 3)).toLowerCase()}.example`,
      BillingCity: pick(["San Francisco", "New York", "Chicago"], row),
      OwnerId: id15("005", (row % agents) + 1),
    },
  }));
}

function contacts(random: () => number): readonly SeedRow[] {
  return Array.from({ length: tables.contacts }, (_one, row) => {
    const account = row % tables.accounts;
    const [first, last] = [
      pick(firstNames, row),
      pick(lastNames, Math.floor(random() * lastNames.length)),
    ];
    return {
      sobject: "Contact",
      fields: {
        Id: id15("003", row + 1),
        FirstName: first,
        LastName: last,
        AccountId: id15("001", account + 1),
        Email: `${first}.${last}.${row + 1}@customer.example`.toLowerCase(),
        // Every fourth contact is reached through the account's switchboard, so that number belongs to several people.
        Phone: row % 4 === 0 ? phone(account * 7) : phone(row * 11 + 3),
        ...(row % 3 === 0 ? { MobilePhone: phone(row * 13 + 5) } : {}),
      },
    };
  });
}

function leads(): readonly SeedRow[] {
  return Array.from({ length: tables.leads }, (_one, row) => ({
    sobject: "Lead",
    fields: {
      Id: id15("00Q", row + 1),
      FirstName: pick(firstNames, row * 5),
      LastName: pick(lastNames, row + 7),
      Company: `${pick(trades, row)} & Co`,
      Email: `lead${row + 1}@prospect.example`,
      Phone: phone(row * 17 + 11),
    },
  }));
}

function cases(): readonly SeedRow[] {
  return Array.from({ length: tables.cases }, (_one, row) => ({
    sobject: "Case",
    fields: {
      Id: id15("500", row + 1),
      Subject: pick(
        ["Wrong delivery", "Refund", "Password reset", "Invoice question", "Broken part"],
        row,
      ),
      ContactId: id15("003", (row % tables.contacts) + 1),
      AccountId: id15("001", (row % tables.accounts) + 1),
      Status: pick(["New", "Working", "Escalated", "Closed"], row),
      Origin: pick(["Phone", "Email", "Web"], row),
      Priority: pick(["High", "Medium", "Low"], row),
    },
  }));
}

function opportunities(): readonly SeedRow[] {
  return Array.from({ length: tables.opportunities }, (_one, row) => ({
    sobject: "Opportunity",
    fields: {
      Id: id15("006", row + 1),
      Name: `${pick(trades, row)} renewal ${row + 1}`,
      AccountId: id15("001", (row % tables.accounts) + 1),
      StageName: pick(["Prospecting", "Qualification", "Negotiation/Review", "Closed Won"], row),
      CloseDate: `2027-0${(row % 9) + 1}-15`,
      Amount: 1000 * (row + 1),
    },
  }));
}

/**
 * An invented org to show things with: agents a1@wrapup.example to a15@wrapup.example and one who left, 30 accounts, 150 contacts with
 * phones as people type them (some share a switchboard), 20 leads, 60 cases, 20 opportunities. Give it to `control.seed`.
 */
export function demoOrg(): readonly SeedRow[] {
  const random = seededRandom(7);
  return [
    ...users(),
    ...accounts(),
    ...contacts(random),
    ...leads(),
    ...cases(),
    ...opportunities(),
  ];
}
