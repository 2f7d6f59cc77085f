import type { DynamicsEmulator, EmulatorOptions } from "@wrapup/dynamics/emulator";
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import { onTestFinished } from "vitest";

/** One answer of the emulator: JSON where it is JSON, else text. */
export type Reply = {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
  readonly headers: Headers;
};

/** A signed-in client of an emulator. Paths are below /api/data/v9.2, without a slash in front. */
export type Api = {
  readonly emulator: DynamicsEmulator;
  readonly token: string;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply>;
  /** Sends a text as it is to $batch. */
  batch(text: string, boundary: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
};

/** Reads an answer. */
export async function read(response: Response): Promise<Reply> {
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

/** Asks the token endpoint; what is left out of the form is right. */
export async function askToken(
  emulator: DynamicsEmulator,
  form: Readonly<Record<string, string | undefined>> = {},
  tenant = emulator.credentials.tenantId,
): Promise<Reply> {
  const { clientId, clientSecret } = emulator.credentials;
  const body = new URLSearchParams();
  const whole = {
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${emulator.url}/.default`,
    ...form,
  };
  for (const [name, value] of Object.entries(whole)) if (value !== undefined) body.set(name, value);
  return read(await fetch(`${emulator.url}/${tenant}/oauth2/v2.0/token`, { method: "POST", body }));
}

/** A token for Dataverse or for Graph. */
export async function tokenFor(emulator: DynamicsEmulator, origin: string): Promise<string> {
  return String(
    at((await askToken(emulator, { scope: `${origin}/.default` })).json, "access_token"),
  );
}

async function signIn(emulator: DynamicsEmulator): Promise<Api> {
  const token = await tokenFor(emulator, emulator.url);
  const root = `${emulator.url}/api/data/v9.2/`;
  const authorization = `Bearer ${token}`;
  return {
    emulator,
    token,
    call: async (method, path, body, headers = {}) => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const type = body === undefined ? {} : { "content-type": "application/json" };
      const all = { authorization, ...type, ...headers };
      return read(await fetch(root + path, { method, headers: all, ...sent }));
    },
    batch: async (text, boundary, headers = {}) => {
      const type = `multipart/mixed; boundary=${boundary}`;
      const all = { authorization, "content-type": type, ...headers };
      return read(await fetch(`${root}$batch`, { method: "POST", headers: all, body: text }));
    },
  };
}

/** Starts an emulator for one test and signs in. */
export async function startApi(options: EmulatorOptions = {}): Promise<Api> {
  const emulator = await startDynamicsEmulator(options);
  onTestFinished(() => emulator.close());
  return signIn(emulator);
}

/** Seeds one row and answers its id. */
export async function seedOne(
  api: Api,
  table: string,
  columns: Readonly<Record<string, unknown>>,
): Promise<string> {
  const [id] = await api.emulator.control.seed([{ table, columns }]);
  if (id === undefined) throw new Error("nothing was seeded");
  return id;
}
