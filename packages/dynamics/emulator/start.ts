import { once } from "node:events";
import type { Server } from "node:http";
import { createControl, seedBase } from "./control/in-process.ts";
import { createOrg } from "./create-org.ts";
import { credentialsOf } from "./http/authority.ts";
import { createGraphServer, createMainServer } from "./http/server.ts";
import type { DynamicsEmulator, EmulatorOptions } from "./options.ts";

async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  const taken = typeof address === "object" && address !== null ? address.port : port;
  return `http://${host}:${String(taken)}`;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/**
 * Starts an emulated Dynamics 365 organisation with its sign-in authority and Microsoft Graph on real HTTP ports of this machine. It is
 * for tests, examples and offline work: it refuses what Dataverse is known to refuse, and emulator/README.md lists what nobody knows.
 *
 * @throws when a port is taken, or an option names a table that the emulator does not have.
 */
export async function startDynamicsEmulator(
  options: EmulatorOptions = {},
): Promise<DynamicsEmulator> {
  const org = createOrg(options);
  seedBase(org);
  const control = createControl(org);
  const main = createMainServer(org, control);
  const graph = createGraphServer(org);
  const host = options.host ?? "127.0.0.1";
  try {
    org.url = await listen(main, host, options.port ?? 0);
    org.graphUrl = await listen(graph, host, options.graphPort ?? 0);
  } catch (error) {
    await stop(main);
    throw error;
  }
  return {
    url: org.url,
    authority: org.url,
    graphUrl: org.graphUrl,
    credentials: credentialsOf(org),
    control,
    close: async () => {
      await Promise.all([stop(main), stop(graph)]);
    },
  };
}
