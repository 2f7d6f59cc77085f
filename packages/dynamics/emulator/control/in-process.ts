import { clientId } from "../http/authority.ts";
import { toGuid } from "../ids.ts";
import type { EmulatorControl, SeedRow, StoredRow } from "../options.ts";
import type { Org } from "../org.ts";
import { Refusal } from "../problem.ts";
import type { Row } from "../store/row.ts";
import { mergeRows } from "../write/merge.ts";
import { editRow, seedRow, storedRow } from "../write/plain.ts";
import { qualifyLead } from "../write/qualify.ts";
import { removeRow } from "../write/save.ts";
import type { WriteContext } from "../write/save.ts";
import { Undo } from "../write/undo.ts";

/** Fixed, so that a test may name the application user without asking. */
const applicationUserId = "a99e0000-0000-4000-8000-7e4a47000003";

/** Carries one control call out whole or not at all, with a plain error. */
function write<T>(
  org: Org,
  writer: WriteContext["writer"],
  what: string,
  work: (context: WriteContext) => T,
): T {
  const undo = new Undo();
  const userId = writer === "seed" ? org.userId : somePerson(org);
  try {
    return work({ org, writer, userId, undo });
  } catch (error) {
    undo.rollback();
    if (!(error instanceof Refusal)) throw error;
    throw new Error(`emulator: ${what}: ${error.message}`, { cause: error });
  }
}

/** A person who is not the application user, so that edits can be told apart by modifiedby. */
function somePerson(org: Org): string {
  for (const row of org.store.live("systemuser").values())
    if (row.id !== org.userId && row.values.get("isdisabled") !== true) return row.id;
  return org.userId;
}

function seedOne(org: Org, { table, columns }: SeedRow): string {
  return write(org, "seed", `cannot seed ${table}`, (context) => seedRow(context, table, columns));
}

function tableOrThrow(org: Org, table: string): void {
  if (org.schema.find(table) === undefined) throw new Error(`emulator: no table ${table}`);
}

function liveRow(org: Org, table: string, id: string): Row {
  tableOrThrow(org, table);
  const row = org.store.row(table, toGuid(id) ?? "");
  if (row === undefined) throw new Error(`emulator: no ${table} ${id}`);
  return row;
}

/** What every organisation has: itself, its business unit, a queue, and the application user that the API acts as. */
export function seedBase(org: Org): void {
  org.userId = applicationUserId;
  const businessUnitId = org.nextId();
  const rows: readonly SeedRow[] = [
    { table: "organization", columns: { organizationid: org.organizationId, name: "Emulated" } },
    { table: "businessunit", columns: { businessunitid: businessUnitId, name: "Emulated" } },
    {
      table: "systemuser",
      columns: {
        systemuserid: applicationUserId,
        fullname: "# Wrapup",
        firstname: "#",
        lastname: "Wrapup",
        domainname: "wrapup@emulator.example",
        applicationid: clientId,
        businessunitid: { table: "businessunit", id: businessUnitId },
        isdisabled: false,
      },
    },
    { table: "queue", columns: { name: "Support Queue" } },
  ];
  for (const row of rows) seedOne(org, row);
}

function reset(org: Org): void {
  org.store.clear();
  org.faults.clear();
  org.protection.reset();
  org.directory.clear();
  org.mailboxes.clear();
  org.calls = [];
  org.counted = 0;
  org.latencyMs = org.options.latencyMs ?? 0;
  org.operationMs = 0;
  seedBase(org);
}

function rowsOf(org: Org, table: string): readonly StoredRow[] {
  tableOrThrow(org, table);
  return org.store.all(table).map(storedRow);
}

/** The probe of an organisation in this process. Its calls are synchronous inside, so what they answer is one consistent moment. */
export function createControl(org: Org): EmulatorControl {
  // Wrapped in async functions so that a mistake is a rejected promise, here as over HTTP.
  return {
    seed: async (rows) => rows.map((row) => seedOne(org, row)),
    rows: async (table) => rowsOf(org, table),
    calls: async () => [...org.calls],
    callCount: async () => org.counted,
    fault: async (fault) => org.faults.arm(fault),
    clearFaults: async () => org.faults.clear(),
    removeRow: async (table, id) => {
      const row = liveRow(org, table, id);
      write(org, "person", `cannot remove ${id}`, (context) => removeRow(context, row));
    },
    editRow: async (table, id, columns) => {
      const row = liveRow(org, table, id);
      write(org, "person", `cannot edit ${id}`, (context) =>
        editRow(context, table, row.id, columns),
      );
    },
    merge: async (table, winner, loser) => {
      const [to, from] = [liveRow(org, table, winner), liveRow(org, table, loser)];
      write(org, "person", `cannot merge ${loser} into ${winner}`, (context) =>
        mergeRows(context, table, to.id, from.id),
      );
    },
    qualifyLead: async (leadId) => {
      const lead = liveRow(org, "lead", leadId);
      return write(org, "person", `cannot qualify ${leadId}`, (context) =>
        qualifyLead(context, lead.id),
      );
    },
    expireTokens: async () => org.tokens.expireAll(),
    setLatency: async (ms, operationMs = 0) => {
      org.latencyMs = ms;
      org.operationMs = operationMs;
    },
    seedUsers: async (users) => users.map((user) => org.directory.add(user)),
    mails: async () => org.mailboxes.all(),
    removeMail: async (id) => org.mailboxes.remove(id),
    reset: async () => reset(org),
  };
}
