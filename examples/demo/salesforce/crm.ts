import { emulatorControl } from "@wrapup/salesforce/emulator";
import type { Crm } from "../crm.ts";
import { crmLabels } from "../story.ts";
import { salesforceConnector } from "./connector.ts";
import { probeOf } from "./probe.ts";

/** The emulated Salesforce. */
export const salesforceCrm: Crm = {
  ...salesforceConnector,
  name: "salesforce",
  label: crmLabels.salesforce,
  typeOf: (kind) => kind,
  newCase: (subject) => ({ Subject: subject, Origin: "Phone" }),
  probe: ({ url = "" }) => probeOf(emulatorControl(url)),
};
