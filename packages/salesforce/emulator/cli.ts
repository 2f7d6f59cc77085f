#!/usr/bin/env node
import { parseArgs } from "node:util";
import { demoOrg } from "./demo-org.ts";
import { startSalesforceEmulator } from "./start.ts";

const help = `An emulator of Salesforce's REST API, for development without an org.

  --port <n>       port to listen on (any free one)
  --host <name>    address to listen on (127.0.0.1)
  --latency <ms>   wait before each API call (0)
  --limit <n>      API calls a day (100000)
  --no-key-field   an org where Task.Wrapup_Key__c is not installed
  --seed-demo      start with the invented demo org
  --json           print {"url", "credentials"} as the first line
  --help`;

const options = {
  port: { type: "string", default: "0" },
  host: { type: "string", default: "127.0.0.1" },
  latency: { type: "string", default: "0" },
  limit: { type: "string", default: "100000" },
  "no-key-field": { type: "boolean", default: false },
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
  const emulator = await startSalesforceEmulator({
    port: wholeNumber("port", values.port),
    host: values.host,
    latencyMs: wholeNumber("latency", values.latency),
    dailyLimit: wholeNumber("limit", values.limit),
    keyField: !values["no-key-field"],
  });
  const { url, credentials } = emulator;
  if (values["seed-demo"]) await emulator.control.seed(demoOrg());
  if (values.json)
    console.log(
      JSON.stringify({ url, credentials: { ...credentials, privateKey: credentials.privateKey } }),
    );
  console.log(`
*** THIS IS AN EMULATOR, NOT SALESFORCE. Its data is invented and gone when it stops. ***

url            ${url}
client id      ${credentials.clientId}
client secret  ${credentials.clientSecret}

A token:
  curl -s ${url}/services/oauth2/token -d grant_type=client_credentials \\
    -d client_id=${credentials.clientId} \\
    -d client_secret=${credentials.clientSecret}

With its access_token:
  curl -s ${url}/services/data/v66.0/limits -H "Authorization: Bearer $TOKEN"
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
