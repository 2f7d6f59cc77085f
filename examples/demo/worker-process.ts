import { createWrapup } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { connections, limits, sharedFromText } from "./crm.ts";
import { childSetting, tellParent } from "./processes.ts";

/** The worker's process: writes into the CRM what the app's process recorded. It is killed with -9 on the way. */
const shared = sharedFromText(childSetting());

const wrapup = await createWrapup({
  store: sqliteStore(shared.file),
  connections: connections(shared),
  work: true,
  ...limits(shared),
});
wrapup.on((event) => {
  if (event.event === "written" || event.event === "retrying" || event.event === "parked")
    tellParent({ event: event.event, interaction: event.interaction });
  if (event.event === "paused") tellParent({ event: "paused", why: event.why });
  if (event.event === "failure")
    tellParent({
      event: "failure",
      text: `${event.where}: ${event.error instanceof Error ? event.error.message : String(event.error)}`,
    });
});
tellParent({ event: "ready" });
