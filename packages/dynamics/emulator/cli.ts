#!/usr/bin/env node
import { parseArgs } from "node:util";
import { demoOrg, demoUsers } from "./demo-org.ts";
import { startDynamicsEmulator } from "./start.ts";

const help = `An emulator of Dataverse's Web API, its sign-in and Microsoft Graph's mail, for development without an organisation.

  --port <n>         port of Dataverse and of sign-in (any free one)
  --graph-port <n>   port of Graph (any free one)
  --host <name>      address to listen on (127.0.0.1)
  --latency <ms>     wait before each API call (0)
  --limit <n>        requests in five minutes (6000)
  --no-app-user      the app registration is no application user of the organisation
  --seed-demo        start with the invented demo organisation
  --json             print {"url", "authority", "graphUrl", "credentials"} as the first line
  --help`;

const options = {
  port: { type: "string", default: "0" },
  "graph-port": { type: "string", default: "0" },
  host: { type: "string", default: "127.0.0.1" },
  latency: { type: "string", default: "0" },
  limit: { type: "string", default: "6000" },
  "no-app-user": { type: "boolean", default: false },
  "seed-demo": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} needs a whole number, not "${text}"`);
  return Number(text);
}

/** Throws where the command line, or a port in it, cannot be used. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(help);
  const emulator = await startDynamicsEmulator({
    port: wholeNumber("port", values.port),
    graphPort: wholeNumber("graph-port", values["graph-port"]),
    host: values.host,
    latencyMs: wholeNumber("latency", values.latency),
    requestLimit: wholeNumber("limit", values.limit),
    applicationUser: !values["no-app-user"],
  });
  const { url, authority, graphUrl, credentials, control } = emulator;
  if (values["seed-demo"]) {
    await control.seed(demoOrg());
    await control.seedUsers(demoUsers());
  }
  if (values.json) {
    const { tenantId, clientId, clientSecret, certificate } = credentials;
    const told = { tenantId, clientId, clientSecret, certificate };
    console.log(JSON.stringify({ url, authority, graphUrl, credentials: told }));
  }
  console.log(`
*** THIS IS AN EMULATOR, NOT DYNAMICS 365. Its data is invented and gone when it stops. ***

url            ${url}
authority      ${authority}
graph          ${graphUrl}
tenant         ${credentials.tenantId}
client id      ${credentials.clientId}
client secret  ${credentials.clientSecret}

A token:
  curl -s ${authority}/${credentials.tenantId}/oauth2/v2.0/token -d grant_type=client_credentials \\
    -d client_id=${credentials.clientId} \\
    -d client_secret=${credentials.clientSecret} \\
    -d scope=${url}/.default

With its access_token:
  curl -s ${url}/api/data/v9.2/WhoAmI -H "Authorization: Bearer $TOKEN"
`);
  const stop = (): void => {
    emulator.close().catch((error: unknown) => console.error(error));
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

try {
  await main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}. See --help.`);
  process.exit(2);
}
