import type { ActivityMapping, Mapping } from "@wrapup/core";
import { dynamics } from "@wrapup/dynamics";
import type { Connector } from "../crm.ts";
import { ownColumns } from "./columns.ts";

/** Dynamics 365 as the app is configured for it: the adapter's own mapping, and two columns of this organisation beside it. */
export const dynamicsConnector: Connector = {
  connection: "service",
  connect: (org, { clock, timeoutMs }) => {
    const { url = "", authority = "", tenantId = "", clientId = "", clientSecret = "" } = org;
    const adapter = dynamics({
      environment: url,
      signIn: { tenantId, clientId, clientSecret, authority },
      timeoutMs,
      clock,
    });
    const { mapping } = adapter.defaults;
    return {
      adapter,
      ...(mapping !== undefined && { mapping: withOwnColumns(mapping) }),
      creatable: ["incident"],
    };
  },
};

const withOwnColumns = ({ activities, otherwise }: Mapping): Mapping => ({
  activities: Object.fromEntries(
    Object.entries(activities).map(([channel, one]) => [channel, widened(one)]),
  ),
  otherwise: widened(otherwise),
});

const widened = (activity: ActivityMapping): ActivityMapping => ({
  ...activity,
  fields: {
    ...activity.fields,
    [ownColumns.interaction]: { fact: "interaction.id" },
    [ownColumns.disposition]: { fact: "disposition" },
  },
});
