import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import type { Starter } from "../crm.ts";
import { refusedDisposition } from "../story.ts";
import { activityTables, ownColumns } from "./columns.ts";

/** An emulated organisation whose commit times are on the demo's clock. */
export const startDynamics: Starter = async ({ clock, seed, latencyMs }) => {
  const { url, authority, credentials } = await startDynamicsEmulator({
    clock: () => clock.now(),
    seed,
    latencyMs,
    plugIns: activityTables.map((table) => ({
      table,
      when: { column: ownColumns.disposition, equals: refusedDisposition },
      message: "Test calls are not logged in this organisation.",
    })),
    customColumns: activityTables.flatMap((table) =>
      Object.values(ownColumns).map((name) => ({ table, column: { name, kind: "String" } })),
    ),
  });
  const { tenantId, clientId, clientSecret } = credentials;
  return { url, authority, tenantId, clientId, clientSecret };
};
