import { ConfidentialClientApplication } from "@azure/msal-node";
import type { Configuration, INetworkModule, NetworkResponse } from "@azure/msal-node";
import type { DynamicsEmulator, EmulatorOptions } from "@wrapup/dynamics/emulator";
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import { describe, expect, onTestFinished, test } from "vitest";

/*
 * Microsoft's own sign-in library as an outside client. It takes https authorities only, so its network goes through a door that
 * speaks http to this machine and tells https.
 */

async function start(options: EmulatorOptions = {}): Promise<DynamicsEmulator> {
  const emulator = await startDynamicsEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

type Asked = { readonly headers?: Record<string, string>; readonly body?: string };

function network(emulator: DynamicsEmulator): INetworkModule {
  const plain = emulator.authority;
  const secure = plain.replace("http:", "https:");
  const ask = async <T>(
    method: string,
    url: string,
    asked: Asked | undefined,
  ): Promise<NetworkResponse<T>> => {
    const response = await fetch(url.replace(secure, plain), {
      method,
      ...(asked?.headers !== undefined && { headers: asked.headers }),
      ...(asked?.body !== undefined && { body: asked.body }),
    });
    const body: T = JSON.parse((await response.text()).replaceAll(plain, secure));
    return { status: response.status, headers: Object.fromEntries(response.headers), body };
  };
  return {
    sendGetRequestAsync: (url, asked) => ask("GET", url, asked),
    sendPostRequestAsync: (url, asked) => ask("POST", url, asked),
  };
}

function app(
  emulator: DynamicsEmulator,
  auth: Partial<Configuration["auth"]>,
): ConfidentialClientApplication {
  const host = new URL(emulator.authority).host;
  const { clientId, tenantId } = emulator.credentials;
  const authority = `https://${host}/${tenantId}`;
  return new ConfidentialClientApplication({
    auth: { clientId, authority, knownAuthorities: [host], ...auth },
    system: { networkClient: network(emulator) },
  });
}

async function signIn(
  emulator: DynamicsEmulator,
  auth: Partial<Configuration["auth"]>,
  scope = `${emulator.url}/.default`,
): Promise<unknown> {
  try {
    const token = await app(emulator, auth).acquireTokenByClientCredential({ scopes: [scope] });
    return token?.accessToken;
  } catch (error) {
    return error;
  }
}

describe("A4 msal-node signs in", () => {
  test("with the secret and with the certificate, for both services", async () => {
    const emulator = await start();
    const { clientSecret, certificate } = emulator.credentials;
    const whoAmI = `${emulator.url}/api/data/v9.2/WhoAmI()`;
    for (const auth of [{ clientSecret }, { clientCertificate: certificate }]) {
      const token = await signIn(emulator, auth);
      const headers = { authorization: `Bearer ${String(token)}` };
      expect((await fetch(whoAmI, { headers })).status).toBe(200);
    }
    const forGraph = await signIn(emulator, { clientSecret }, `${emulator.graphUrl}/.default`);
    const headers = { authorization: `Bearer ${String(forGraph)}` };
    expect((await fetch(`${emulator.graphUrl}/v1.0/users/nobody`, { headers })).status).toBe(404);
  });

  test.for([
    ["a wrong secret", {}, { clientSecret: "x" }, "invalid_client", 7_000_215, 401],
    ["a secret that ran out", { secretExpired: true }, {}, "invalid_client", 7_000_222, 401],
    [
      "an unknown client",
      {},
      { clientId: "11111111-2222-4333-8444-555555555555" },
      "unauthorized_client",
      700_016,
      400,
    ],
  ] as const)("%s is what it knows it as", async ([, options, auth, errorCode, number, status]) => {
    const emulator = await start(options);
    const { clientSecret } = emulator.credentials;
    expect(await signIn(emulator, { clientSecret, ...auth })).toMatchObject({
      errorCode,
      errorNo: number,
      status,
    });
  });
});
