import type { CallRecord, EmulatorControl, StoredMail, StoredRow } from "../options.ts";

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

function isStored(json: unknown): json is StoredRow {
  return typeof json === "object" && json !== null && "columns" in json && "parties" in json;
}

function isCall(json: unknown): json is CallRecord {
  return typeof json === "object" && json !== null && "method" in json && "path" in json;
}

function isMail(json: unknown): json is StoredMail {
  return typeof json === "object" && json !== null && "mailbox" in json && "marks" in json;
}

function qualifiedIds(value: unknown): { readonly contactId: string; readonly accountId: string } {
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
    rows: async (table) => list(await call("rows", table)).filter(isStored),
    calls: async () => list(await call("calls")).filter(isCall),
    callCount: async () => Number(await call("callCount")),
    fault: async (fault) => String(await call("fault", fault)),
    clearFaults: () => run("clearFaults"),
    removeRow: (table, id) => run("removeRow", table, id),
    editRow: (table, id, columns) => run("editRow", table, id, columns),
    merge: (table, winner, loser) => run("merge", table, winner, loser),
    qualifyLead: async (id) => qualifiedIds(await call("qualifyLead", id)),
    expireTokens: () => run("expireTokens"),
    setLatency: (ms, operationMs = 0) => run("setLatency", ms, operationMs),
    seedUsers: async (users) => list(await call("seedUsers", users)).map(String),
    mails: async () => list(await call("mails")).filter(isMail),
    removeMail: (id) => run("removeMail", id),
    reset: () => run("reset"),
  };
}
