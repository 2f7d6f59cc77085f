import { dynamics } from "@wrapup/dynamics";
import { emulatorControl, type EmulatorControl, type StoredRow } from "@wrapup/dynamics/emulator";
import { startEmulator, textsIn, tokenFrom } from "./emulator.ts";
import { agents, personOf } from "./story.ts";

/** How an app reaches the environment. */
type Address = {
  readonly url: string;
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** What became of interactions, counted in the organisation's own rows. */
export type Tally = {
  /** Interactions without a completed phone call. */
  readonly lost: number;
  /** Phone calls beyond the first of an interaction. */
  readonly doubled: number;
};

/** An emulated Dynamics 365 organisation. */
export type Environment = {
  readonly address: Address;
  readonly control: EmulatorControl;
  /** Empties it, then adds the agents and so many contacts; answers their ids. */
  readonly refill: (
    contacts: number,
  ) => Promise<{ readonly contacts: readonly string[]; readonly users: readonly string[] }>;
  /** Compares phone calls with the contacts of whom each should have one. */
  readonly tally: (contacts: readonly string[]) => Promise<Tally>;
  /** An access token, for peers. */
  readonly token: () => Promise<string>;
  readonly close: () => Promise<void>;
};

/** Starts it. */
export async function startEnvironment(): Promise<Environment> {
  const { said, close } = await startEmulator("@wrapup/dynamics/emulator");
  const { url = "", authority = "" } = textsIn(said);
  const { tenantId = "", clientId = "", clientSecret = "" } = textsIn(said["credentials"]);
  const address: Address = { url, authority, tenantId, clientId, clientSecret };
  const control = emulatorControl(url);
  return {
    address,
    control,
    refill: async (count) => {
      await control.reset();
      const users = await control.seed(agents.map(({ name, email }) => userRow(name, email)));
      const contacts = await control.seed(Array.from({ length: count }, (_, n) => contactRow(n)));
      return { contacts, users };
    },
    tally: async (contacts) => tallyOf(await control.rows("phonecall"), contacts),
    token: () =>
      tokenFrom(`${authority}/${tenantId}/oauth2/v2.0/token`, {
        client_id: clientId,
        client_secret: clientSecret,
        scope: `${url}/.default`,
      }),
    close,
  };
}

/** The adapter for that environment, with every default but what is given. */
export const adapterFor = (
  { url, authority, tenantId, clientId, clientSecret }: Address,
  more: { readonly maxBatch?: number } = {},
) =>
  dynamics({
    environment: url,
    signIn: { tenantId, clientId, clientSecret, authority },
    ...more,
  });

const userRow = (name: string, email: string) => ({
  table: "systemuser",
  columns: {
    firstname: "Agent",
    lastname: name,
    domainname: email,
    internalemailaddress: email,
    isdisabled: false,
  },
});

function contactRow(n: number) {
  const { phone, email } = personOf(n);
  return {
    table: "contact",
    columns: {
      firstname: "Cora",
      lastname: `Customer ${n}`,
      telephone1: phone,
      emailaddress1: email,
    },
  };
}

function tallyOf(rows: readonly StoredRow[], contacts: readonly string[]): Tally {
  const calls = new Map<string, StoredRow[]>(contacts.map((contact) => [contact, []]));
  for (const row of rows) {
    const contact = row.parties.find(({ table }) => table === "contact")?.id ?? "";
    if (!row.deleted) calls.get(contact)?.push(row);
  }
  const all = [...calls.values()];
  return {
    lost: all.filter((own) => !own.some(({ columns }) => columns["statecode"] === 1)).length,
    doubled: all.reduce((sum, own) => sum + Math.max(0, own.length - 1), 0),
  };
}
