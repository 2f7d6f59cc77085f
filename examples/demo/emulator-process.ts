import { crmParts } from "./crms.ts";
import { fastClock, timeFromText } from "./fast-clock.ts";
import { childSetting, tellParent } from "./processes.ts";
import { crmNames } from "./story.ts";

/** A CRM's process. */
const setting = childSetting();
const crm = crmNames.find((name) => name === setting.get("crm"));
if (crm === undefined) throw new Error("The parent did not say which CRM to emulate.");

const start = await crmParts[crm].starter();
const org = await start({
  clock: fastClock(timeFromText(setting)),
  seed: Number(setting.get("seed")),
  latencyMs: Number(setting.get("latencyMs")),
});
tellParent(org);
