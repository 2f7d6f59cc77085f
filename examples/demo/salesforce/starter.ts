import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import type { Starter } from "../crm.ts";
import { refusedDisposition } from "../story.ts";

/** An emulated org whose commit times are on the demo's clock. */
export const startSalesforce: Starter = async ({ clock, seed, latencyMs }) => {
  const { url, credentials } = await startSalesforceEmulator({
    clock: () => clock.now(),
    seed,
    latencyMs,
    validationRules: [
      {
        sobject: "Task",
        when: { field: "CallDisposition", equals: refusedDisposition },
        message: "Test calls are not logged in this org.",
      },
    ],
  });
  return { url, clientId: credentials.clientId, clientSecret: credentials.clientSecret };
};
