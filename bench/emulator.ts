import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { salesforce } from "@wrapup/salesforce";
import {
  emulatorControl,
  type EmulatorControl,
  type EmulatorCredentials,
} from "@wrapup/salesforce/emulator";
import { agents, contactRow } from "./story.ts";

/** How an app reaches the org. */
export type Address = {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** The emulated org, in a process of its own. */
export type Org = {
  readonly address: Address;
  readonly control: EmulatorControl;
  /** Empties it, then adds the agents and so many contacts; answers the contacts' ids. */
  readonly refill: (contacts: number) => Promise<readonly string[]>;
  /** An access token, for peers. */
  readonly token: () => Promise<string>;
  readonly close: () => Promise<void>;
};

const cli = fileURLToPath(import.meta.resolve("@wrapup/salesforce/emulator")).replace(
  /index\.(ts|js)$/u,
  "cli.$1",
);

/** Starts the emulator as its users do. */
export async function startOrg(): Promise<Org> {
  const child = spawn(process.execPath, [cli, "--json", "--limit", "100000000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const address = await addressFrom(child);
  const control = emulatorControl(address.url);
  return {
    address,
    control,
    refill: async (contacts) => {
      await control.reset();
      await control.seed(agents.map(({ name, email }, n) => userRow(name, email, n)));
      return control.seed(Array.from({ length: contacts }, (_, n) => contactRow(n)));
    },
    token: () => tokenFor(address),
    close: async () => {
      const closed = once(child, "exit");
      child.kill("SIGTERM");
      await closed;
    },
  };
}

/** The adapter for that org, with every default. */
export const adapterFor = ({ url, clientId, clientSecret }: Address) =>
  salesforce({ signIn: { clientId, clientSecret, domain: url } });

const userRow = (name: string, email: string, n: number) => ({
  sobject: "User",
  fields: { LastName: name, Username: email, Email: email, Alias: `b${n}` },
});

async function addressFrom(child: ChildProcess): Promise<Address> {
  if (child.stdout === null) throw new Error("the emulator has no output");
  const lines = createInterface({ input: child.stdout });
  const first: unknown[] = await once(lines, "line");
  const said: unknown = JSON.parse(String(first[0]));
  if (!isStarted(said)) throw new Error("the emulator did not say where it is");
  const { url, credentials } = said;
  return { url, clientId: credentials.clientId, clientSecret: credentials.clientSecret };
}

function isStarted(
  said: unknown,
): said is { readonly url: string; readonly credentials: EmulatorCredentials } {
  return typeof said === "object" && said !== null && "url" in said && "credentials" in said;
}

async function tokenFor({ url, clientId, clientSecret }: Address): Promise<string> {
  const reply = await fetch(`${url}/services/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  const body: unknown = await reply.json();
  if (typeof body === "object" && body !== null && "access_token" in body)
    return String(body.access_token);
  throw new Error(`the emulator gave no token (HTTP ${reply.status})`);
}
