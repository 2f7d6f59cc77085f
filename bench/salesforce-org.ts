import { salesforce } from "@wrapup/salesforce";
import { emulatorControl, type EmulatorControl } from "@wrapup/salesforce/emulator";
import { startEmulator, textsIn, tokenFrom } from "./emulator.ts";
import { agents, personOf } from "./story.ts";

/** How an app reaches the org. */
export type Address = {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** An emulated Salesforce org. */
export type Org = {
  readonly address: Address;
  readonly control: EmulatorControl;
  /** Empties it, then adds the agents and so many contacts; answers the contacts' ids. */
  readonly refill: (contacts: number) => Promise<readonly string[]>;
  /** An access token, for peers. */
  readonly token: () => Promise<string>;
  readonly close: () => Promise<void>;
};

/** Starts it. */
export async function startOrg(): Promise<Org> {
  const { said, close } = await startEmulator("@wrapup/salesforce/emulator");
  const { clientId = "", clientSecret = "" } = textsIn(said["credentials"]);
  const address: Address = { url: String(said["url"]), clientId, clientSecret };
  const control = emulatorControl(address.url);
  return {
    address,
    control,
    refill: async (contacts) => {
      await control.reset();
      await control.seed(agents.map(({ name, email }, n) => userRow(name, email, n)));
      return control.seed(Array.from({ length: contacts }, (_, n) => contactRow(n)));
    },
    token: () =>
      tokenFrom(`${address.url}/services/oauth2/token`, {
        client_id: clientId,
        client_secret: clientSecret,
      }),
    close,
  };
}

/** The adapter for that org, with every default. */
export const adapterFor = ({ url, clientId, clientSecret }: Address) =>
  salesforce({ signIn: { clientId, clientSecret, domain: url } });

const userRow = (name: string, email: string, n: number) => ({
  sobject: "User",
  fields: { LastName: name, Username: email, Email: email, Alias: `b${n}` },
});

/** The contact that the nth call belongs to. */
function contactRow(n: number) {
  const { phone, email } = personOf(n);
  return {
    sobject: "Contact",
    fields: { FirstName: "Cora", LastName: `Customer ${n}`, Phone: phone, Email: email },
  };
}
