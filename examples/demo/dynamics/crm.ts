import { emulatorControl } from "@wrapup/dynamics/emulator";
import type { Crm } from "../crm.ts";
import { crmLabels, type RecordKind } from "../story.ts";
import { dynamicsConnector } from "./connector.ts";
import { probeOf } from "./probe.ts";
import { tables } from "./tables.ts";

/** The emulated Dynamics 365. */
export const dynamicsCrm: Crm = {
  ...dynamicsConnector,
  name: "dynamics",
  label: crmLabels.dynamics,
  typeOf: (kind: RecordKind) => tables[kind],
  newCase: (subject, contact) => ({
    title: subject,
    caseorigincode: "1",
    ...(contact !== undefined && { customerid: `contact/${contact}` }),
  }),
  probe: ({ url = "" }) => probeOf(emulatorControl(url)),
};
