import type { Connector, Crm, Starter } from "./crm.ts";
import type { CrmName } from "./story.ts";

/** Each process loads what it needs of the CRMs that are played, and of no other. */
type Parts = {
  readonly crm: () => Promise<Crm>;
  readonly connector: () => Promise<Connector>;
  readonly starter: () => Promise<Starter>;
};

/** The CRMs of the demo, by name. */
export const crmParts: Readonly<Record<CrmName, Parts>> = {
  salesforce: {
    crm: async () => (await import("./salesforce/crm.ts")).salesforceCrm,
    connector: async () => (await import("./salesforce/connector.ts")).salesforceConnector,
    starter: async () => (await import("./salesforce/starter.ts")).startSalesforce,
  },
  dynamics: {
    crm: async () => (await import("./dynamics/crm.ts")).dynamicsCrm,
    connector: async () => (await import("./dynamics/connector.ts")).dynamicsConnector,
    starter: async () => (await import("./dynamics/starter.ts")).startDynamics,
  },
};
