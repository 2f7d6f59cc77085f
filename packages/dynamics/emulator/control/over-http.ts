import type { Answer } from "../http/call.ts";
import type { Incoming } from "../http/operation.ts";
import type { EmulatorControl, Fault, SeedRow, SeedUser } from "../options.ts";

/** Control calls live here: POST /__emulator__/<name> with a JSON list of arguments. */
export const controlPrefix = "/__emulator__/";

type Arguments = readonly unknown[];

function text(json: unknown): string {
  if (typeof json !== "string") throw new TypeError("this control call needs a text argument");
  return json;
}

function number(json: unknown): number {
  if (typeof json !== "number") throw new TypeError("this control call needs a number argument");
  return json;
}

function isRecord(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function seedRows(json: unknown): readonly SeedRow[] {
  if (!Array.isArray(json)) throw new TypeError("seed needs a list of rows");
  return json.map((row: unknown) => {
    if (!isRecord(row) || typeof row["table"] !== "string" || !isRecord(row["columns"])) {
      throw new TypeError("a seed row needs table and columns");
    }
    return { table: row["table"], columns: row["columns"] };
  });
}

function isUser(json: unknown): json is SeedUser {
  return isRecord(json) && typeof json["userPrincipalName"] === "string";
}

function seedUsers(json: unknown): readonly SeedUser[] {
  if (!Array.isArray(json) || !json.every(isUser))
    throw new TypeError("seedUsers needs a list of users with a userPrincipalName");
  return json;
}

const kinds: ReadonlySet<string> = new Set([
  "status",
  "reset",
  "replyLost",
  "lock",
  "partial",
  "html",
  "brokenBody",
  "hang",
]);

function isFault(json: unknown): json is Fault {
  return isRecord(json) && typeof json["kind"] === "string" && kinds.has(json["kind"]);
}

function fault(json: unknown): Fault {
  // JSON has no Infinity: it travels as the text "Infinity".
  const brought =
    isRecord(json) && json["times"] === "Infinity"
      ? { ...json, times: Number.POSITIVE_INFINITY }
      : json;
  if (!isFault(brought)) throw new TypeError(`a fault needs a kind: ${[...kinds].join(", ")}`);
  return brought;
}

const calls: Readonly<
  Record<string, (control: EmulatorControl, given: Arguments) => Promise<unknown>>
> = {
  seed: (control, [rows]) => control.seed(seedRows(rows)),
  rows: (control, [table]) => control.rows(text(table)),
  calls: (control) => control.calls(),
  callCount: (control) => control.callCount(),
  fault: (control, [one]) => control.fault(fault(one)),
  clearFaults: (control) => control.clearFaults(),
  removeRow: (control, [table, id]) => control.removeRow(text(table), text(id)),
  editRow: (control, [table, id, columns]) =>
    control.editRow(text(table), text(id), isRecord(columns) ? columns : {}),
  merge: (control, [table, winner, loser]) => control.merge(text(table), text(winner), text(loser)),
  qualifyLead: (control, [id]) => control.qualifyLead(text(id)),
  expireTokens: (control) => control.expireTokens(),
  setLatency: (control, [ms, operationMs]) =>
    control.setLatency(number(ms), operationMs === undefined ? 0 : number(operationMs)),
  seedUsers: (control, [users]) => control.seedUsers(seedUsers(users)),
  mails: (control) => control.mails(),
  removeMail: (control, [id]) => control.removeMail(text(id)),
  reset: (control) => control.reset(),
};

/** Serves one control call: 200 {"value": …} or 400 {"error": …}. */
export async function serveControl(control: EmulatorControl, request: Incoming): Promise<Answer> {
  const name = request.path.slice(controlPrefix.length);
  const run = Object.hasOwn(calls, name) ? calls[name] : undefined;
  if (run === undefined)
    return {
      status: 404,
      body: { error: `no control call ${name}; there are ${Object.keys(calls).join(", ")}` },
    };
  try {
    const given: unknown = request.text === "" ? [] : JSON.parse(request.text);
    const value = await run(control, Array.isArray(given) ? given : [given]);
    return { status: 200, body: { value: value ?? null } };
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : "unknown" } };
  }
}
