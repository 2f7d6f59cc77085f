import { once } from "node:events";
import { createControl, seedBase } from "./control/in-process.ts";
import { credentials } from "./http/oauth.ts";
import { createEmulatorServer } from "./http/server.ts";
import type { EmulatorOptions, SalesforceEmulator } from "./options.ts";
import { createOrg } from "./org.ts";

/**
 * Starts an emulated Salesforce org on a real HTTP port of this machine. It is for tests, examples and offline work: it refuses what
 * Salesforce is known to refuse, and emulator/README.md lists what nobody knows.
 *
 * @throws when the port is taken, or an option names an object that the emulator does not have.
 */
export async function startSalesforceEmulator(
  options: EmulatorOptions = {},
): Promise<SalesforceEmulator> {
  const org = createOrg(options);
  seedBase(org);
  const control = createControl(org);
  const server = createEmulatorServer(org, control);
  const host = options.host ?? "127.0.0.1";
  server.listen(options.port ?? 0, host);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  org.url = `http://${host}:${String(port)}`;
  return {
    url: org.url,
    credentials,
    control,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
