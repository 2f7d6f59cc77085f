import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import { fastClock, type FastTime } from "./fast-clock.ts";
import { childSetting, tellParent } from "./processes.ts";
import { refusedDisposition } from "./story.ts";

/** The CRM's process: an emulated org whose commit times are on the demo's clock. */
const { time, seed, latencyMs } = childSetting<{ readonly time: FastTime; readonly seed: number; readonly latencyMs: number }>();

const emulator = await startSalesforceEmulator({
  clock: fastClock(time).now,
  seed,
  latencyMs,
  validationRules: [{ sobject: "Task", when: { field: "CallDisposition", equals: refusedDisposition }, message: "Test calls are not logged in this org." }],
});
const { clientId, clientSecret } = emulator.credentials;
tellParent({ url: emulator.url, clientId, clientSecret });
