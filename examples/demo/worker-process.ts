import { createWrapup } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { childSetting, tellParent } from "./processes.ts";
import { connections, limits, sharedFromText } from "./shared.ts";

/** The worker's process: writes into the CRMs what the app's process recorded. It is killed with -9 on the way. */
const shared = sharedFromText(childSetting());

const wrapup = await createWrapup({
  store: sqliteStore(shared.file),
  connections: await connections(shared),
  work: true,
  ...limits(shared),
});
wrapup.on((event) => {
  if (event.event === "written" || event.event === "retrying" || event.event === "parked")
    tellParent({ event: event.event, connection: event.connection });
  if (event.event === "paused")
    tellParent({ event: "paused", connection: event.connection, why: event.why });
  if (event.event === "failure")
    tellParent({
      event: "failure",
      text: `${event.where}: ${event.error instanceof Error ? event.error.message : String(event.error)}`,
    });
});
tellParent({ event: "ready" });
