import type { Answer, ApiCall } from "../http/call.ts";
import { methodNotAllowed } from "./targets.ts";

/** GET limits, the part that a client needs [R get-limits]: each entry is {Max, Remaining}. */
export function limitsResource(call: ApiCall): Answer {
  if (call.method !== "GET") throw methodNotAllowed(call, "HEAD,GET");
  const max = call.org.options.dailyLimit ?? 100_000;
  return {
    status: 200,
    body: {
      DailyApiRequests: { Max: max, Remaining: Math.max(0, max - call.org.usage) },
      DailyBulkApiBatches: { Max: 15_000, Remaining: 15_000 },
      DailyAsyncApexExecutions: { Max: 250_000, Remaining: 250_000 },
      DataStorageMB: { Max: 10_240, Remaining: 10_240 },
      FileStorageMB: { Max: 10_240, Remaining: 10_240 },
      SingleEmail: { Max: 5000, Remaining: 5000 },
      StreamingApiConcurrentClients: { Max: 2000, Remaining: 2000 },
    },
  };
}

/** GET /services/data/vXX.0: what there is. */
export function resourceList(call: ApiCall): Answer {
  const names = [
    "composite",
    "limits",
    "parameterizedSearch",
    "query",
    "queryAll",
    "search",
    "sobjects",
    "ui-api",
  ];
  return {
    status: 200,
    body: Object.fromEntries(names.map((name) => [name, `/services/data/${call.version}/${name}`])),
  };
}
