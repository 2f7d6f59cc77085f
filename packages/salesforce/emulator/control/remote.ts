import type { CallRecord, EmulatorControl, StoredRecord } from "../options.ts";

async function post(url: string, name: string, given: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify(given, (_key, value: unknown) =>
    value === Number.POSITIVE_INFINITY ? "Infinity" : value,
  );
  const response = await fetch(`${url}/__emulator__/${name}`, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json" },
  });
  const json: unknown = await response.json();
  const answer =
    typeof json === "object" && json !== null
      ? new Map(Object.entries(json))
      : new Map<string, unknown>();
  if (!response.ok) throw new Error(`emulator control ${name}: ${String(answer.get("error"))}`);
  return answer.get("value");
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("emulator control: expected a list");
  return value;
}

function isStored(json: unknown): json is StoredRecord {
  return typeof json === "object" && json !== null && "Id" in json && "fields" in json;
}

function isCall(json: unknown): json is CallRecord {
  return typeof json === "object" && json !== null && "method" in json && "path" in json;
}

function convertedIds(value: unknown): { readonly contactId: string; readonly accountId: string } {
  const found =
    typeof value === "object" && value !== null
      ? new Map<string, unknown>(Object.entries(value))
      : new Map<string, unknown>();
  return { contactId: String(found.get("contactId")), accountId: String(found.get("accountId")) };
}

/** The control of an emulator that runs in another process, over its /__emulator__/ address. Throws an Error that names the call. */
export function emulatorControl(url: string): EmulatorControl {
  const base = url.replace(/\/$/, "");
  const call = (name: string, ...given: readonly unknown[]): Promise<unknown> =>
    post(base, name, given);
  const run = async (name: string, ...given: readonly unknown[]): Promise<void> => {
    await call(name, ...given);
  };
  return {
    seed: async (rows) => list(await call("seed", rows)).map(String),
    records: async (sobject) => list(await call("records", sobject)).filter(isStored),
    calls: async () => list(await call("calls")).filter(isCall),
    callCount: async () => Number(await call("callCount")),
    fault: async (fault) => String(await call("fault", fault)),
    clearFaults: () => run("clearFaults"),
    removeRecord: (id) => run("removeRecord", id),
    editRecord: (id, fields) => run("editRecord", id, fields),
    merge: (winner, loser) => run("merge", winner, loser),
    convertLead: async (id) => convertedIds(await call("convertLead", id)),
    expireSessions: () => run("expireSessions"),
    setLatency: (ms) => run("setLatency", ms),
    setUsage: (used) => run("setUsage", used),
    reset: () => run("reset"),
  };
}
