import { salesforce } from "@wrapup/salesforce";
import type { Connector } from "../crm.ts";

/** Salesforce as the app is configured for it. */
export const salesforceConnector: Connector = {
  connection: "sales",
  connect: ({ url = "", clientId = "", clientSecret = "" }, { clock, timeoutMs }) => ({
    adapter: salesforce({
      signIn: { clientId, clientSecret, domain: url },
      interactionField: "Wrapup_Interaction__c",
      timeoutMs,
      clock,
    }),
    creatable: ["Case"],
  }),
};
