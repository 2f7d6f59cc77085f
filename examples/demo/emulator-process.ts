import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import { fastClock, timeFromText } from "./fast-clock.ts";
import { childSetting, tellParent } from "./processes.ts";
import { refusedDisposition } from "./story.ts";

/** The CRM's process: an emulated org whose commit times are on the demo's clock. */
const setting = childSetting();
const clock = fastClock(timeFromText(setting));

const emulator = await startSalesforceEmulator({
  clock: () => clock.now(),
  seed: Number(setting.get("seed")),
  latencyMs: Number(setting.get("latencyMs")),
  validationRules: [
    {
      sobject: "Task",
      when: { field: "CallDisposition", equals: refusedDisposition },
      message: "Test calls are not logged in this org.",
    },
  ],
});
const { clientId, clientSecret } = emulator.credentials;
tellParent({ url: emulator.url, clientId, clientSecret });
