import type { Random } from "./random.ts";
import type { DemoAgent, RecordName, SeedFacts, SeedRecord } from "./story.ts";

const firstNames = [
  "Ada",
  "Ben",
  "Cleo",
  "Dario",
  "Edda",
  "Farid",
  "Gina",
  "Hana",
  "Ivo",
  "Jana",
  "Kofi",
  "Lena",
  "Milo",
  "Nora",
  "Omar",
  "Pia",
  "Quinn",
  "Rosa",
  "Sven",
  "Tara",
  "Uwe",
  "Vera",
  "Wim",
  "Yara",
];
const lastNames = [
  "Adler",
  "Bauer",
  "Costa",
  "Dahl",
  "Engel",
  "Ferrari",
  "Gruber",
  "Horvat",
  "Ilic",
  "Jansen",
  "Keller",
  "Lopez",
  "Maier",
  "Novak",
  "Ortiz",
  "Patel",
  "Rossi",
  "Silva",
  "Tanaka",
  "Urban",
  "Vogel",
  "Weiss",
];
const companies = [
  "Alder Books",
  "Birch Bikes",
  "Cedar Foods",
  "Dune Travel",
  "Elm Optics",
  "Fern Labs",
  "Gale Energy",
  "Heron Tools",
  "Iris Clinics",
  "Juniper Toys",
  "Kestrel Air",
  "Larch Homes",
];

/** An agent and what the CRM knows of them. */
export const agentOf = (n: number): DemoAgent => {
  const name = `${firstNames[n % firstNames.length] ?? "Alex"} ${lastNames[(n * 5) % lastNames.length] ?? "Agent"}`;
  return { id: `agent-${n + 1}`, name, email: `agent${n + 1}@center.example` };
};

/** A customer of the story, with the CRM's record of them. */
export type Customer = {
  readonly record: RecordName;
  readonly name: string;
  readonly phone: string;
  readonly email: string;
};

/** Hands out people and records, and remembers what the org must hold. */
export class Cast {
  readonly random: Random;
  readonly agents: readonly DemoAgent[];
  readonly #records: SeedRecord[] = [];
  readonly #accounts: readonly RecordName[];
  #next = 1;

  constructor(random: Random, agents: number) {
    this.random = random;
    this.agents = Array.from({ length: agents }, (_, n) => agentOf(n));
    this.#accounts = companies.map((company, n) => {
      const name: RecordName = `Account:${n + 1}`;
      this.#records.push({ name, facts: { name: company } });
      return name;
    });
  }

  get records(): readonly SeedRecord[] {
    return this.#records;
  }

  /** That many different agents. */
  team(size: number): readonly string[] {
    const first = this.random.between(0, this.agents.length - 1);
    return Array.from(
      { length: size },
      (_, n) => this.agents[(first + n * 7) % this.agents.length]?.id ?? "",
    );
  }

  account(): RecordName {
    return this.random.pick(this.#accounts);
  }

  /** Somebody no other story knows. */
  contact(account: RecordName = this.account()): Customer {
    return this.#person("Contact", {}, { account });
  }

  lead(): Customer {
    return this.#person("Lead", { company: this.random.pick(companies) });
  }

  /** A case of that customer, open since before the half hour. */
  openCase(of: Customer, account: RecordName): RecordName {
    const name: RecordName = `Case:${this.#number()}`;
    this.#records.push({
      name,
      facts: { subject: `Delivery of order ${name.slice(5)}` },
      refs: { contact: of.record, account },
    });
    return name;
  }

  /** A name for a record an agent will create. */
  newCase(): RecordName {
    return `Case:new-${this.#number()}`;
  }

  #person(kind: "Contact" | "Lead", more: SeedFacts, refs?: SeedRecord["refs"]): Customer {
    const n = this.#number();
    const first = firstNames[n % firstNames.length] ?? "Sam";
    const last = lastNames[Math.floor(n / firstNames.length) % lastNames.length] ?? "Doe";
    const record: RecordName = `${kind}:${n}`;
    // 555-01xx is set aside for invented numbers; the area code makes them different people's.
    const phone = `+1 ${200 + Math.floor(n / 100)} 555 ${String(100 + (n % 100)).padStart(4, "0")}`;
    const email = `${first}.${last}.${n}@customer.example`.toLowerCase();
    const facts = { firstName: first, lastName: last, email, phone, ...more };
    this.#records.push({ name: record, facts, ...(refs !== undefined && { refs }) });
    return { record, name: `${first} ${last}`, phone, email };
  }

  #number(): number {
    this.#next += 1;
    return this.#next;
  }
}
