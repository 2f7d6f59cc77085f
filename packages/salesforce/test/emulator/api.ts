import type { EmulatorOptions, SalesforceEmulator } from "@wrapup/salesforce/emulator";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import { onTestFinished } from "vitest";

/** One answer of the emulator: JSON where it is JSON, else text. */
export type Reply = {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
  readonly headers: Headers;
};

/** A signed-in client of an emulator. Paths are below /services/data/v63.0. */
export type Api = {
  readonly emulator: SalesforceEmulator;
  readonly token: string;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply>;
  query(soql: string): Promise<Reply>;
  search(sosl: string): Promise<Reply>;
};

/** Asks the token endpoint. */
export async function askToken(
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<Reply> {
  return read(
    await fetch(`${url}/services/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams(form),
    }),
  );
}

async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, json, text, headers: response.headers };
}

/** Reads a path of keys and indexes out of JSON. */
export function at(json: unknown, ...path: readonly (string | number)[]): unknown {
  let value: unknown = json;
  for (const step of path)
    value = typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
  return value;
}

/** Signs in to a running emulator by client credentials. */
async function signIn(emulator: SalesforceEmulator): Promise<Api> {
  const { clientId, clientSecret } = emulator.credentials;
  const reply = await askToken(emulator.url, {
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
  });
  const token = String(at(reply.json, "access_token"));
  const call: Api["call"] = async (method, path, body, headers = {}) => {
    const url = /^\/(?:services|__emulator__)\//.test(path)
      ? `${emulator.url}${path}`
      : `${emulator.url}/services/data/v63.0${path}`;
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const all = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    return read(await fetch(url, { method, headers: all, ...sent }));
  };
  return {
    emulator,
    token,
    call,
    query: (soql) => call("GET", `/query?q=${encodeURIComponent(soql)}`),
    search: (sosl) => call("GET", `/search?q=${encodeURIComponent(sosl)}`),
  };
}

/** Starts an emulator for one test and signs in. */
export async function startApi(options: EmulatorOptions = {}): Promise<Api> {
  const emulator = await startSalesforceEmulator(options);
  onTestFinished(() => emulator.close());
  return signIn(emulator);
}

/** Seeds one row and answers its id. */
export async function seedOne(
  api: Api,
  sobject: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<string> {
  const [id] = await api.emulator.control.seed([{ sobject, fields }]);
  if (id === undefined) throw new Error("nothing was seeded");
  return id;
}

/** Task records for a collections call. */
export function tasks(
  ...fields: readonly Readonly<Record<string, unknown>>[]
): readonly Readonly<Record<string, unknown>>[] {
  return fields.map((one) => Object.assign({ attributes: { type: "Task" } }, one));
}

/** Where a collections upsert by Wrapup's key goes. */
export const byKey = "/composite/sobjects/Task/Wrapup_Key__c";
