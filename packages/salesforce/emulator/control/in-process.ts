import { integrationUsername } from "../http/oauth.ts";
import { toId18 } from "../ids.ts";
import type { EmulatorControl, SeedRow, StoredRecord } from "../options.ts";
import type { Org } from "../org.ts";
import type { Row } from "../store/table.ts";
import { valueOf } from "../store/table.ts";
import type { Json, Writer } from "../write/prepare.ts";
import type { Saved, WriteContext } from "../write/save.ts";
import { insert, remove, update } from "../write/save.ts";
import { Undo } from "../write/undo.ts";
import { convertLead, mergeRecords } from "./people.ts";

function context(org: Org, writer: Writer, userId: string): WriteContext {
  return {
    org,
    writer,
    duplicates: { allowSave: true, includeRecordDetails: false },
    undo: new Undo(),
    userId,
  };
}

function rowOrThrow(saved: Saved, what: string): Row {
  if ("row" in saved) return saved.row;
  const [problem] = saved.problems;
  throw new Error(`emulator: ${what}: ${problem?.code ?? ""} ${problem?.message ?? ""}`);
}

function liveRow(org: Org, id: string): Row {
  const row = org.store.row(id);
  if (row === undefined || row.deleted) throw new Error(`emulator: no record ${id}`);
  return row;
}

/** A person who is not the integration user, so that edits can be told apart by LastModifiedById. */
function somePerson(org: Org): string {
  const users = org.schema.find("User");
  const rows = users === undefined ? [] : org.store.table(users).rows.values();
  for (const row of rows)
    if (row.id !== org.userId && valueOf(row, "IsActive") === true) return row.id;
  return org.userId;
}

function seedOne(org: Org, { sobject, fields }: SeedRow): string {
  const target = org.schema.find(sobject);
  if (target === undefined) throw new Error(`emulator: no object ${sobject}`);
  const given = fields["Id"];
  if (
    given !== undefined &&
    (typeof given !== "string" || toId18(given) === undefined || org.store.row(given) !== undefined)
  ) {
    throw new Error(`emulator: cannot seed ${sobject}: bad or taken Id`);
  }
  const json: Json = typeof given === "string" ? { ...fields, Id: toId18(given) } : fields;
  return rowOrThrow(
    insert(context(org, "seed", org.userId), target, json),
    `cannot seed ${sobject}`,
  ).id;
}

/** Users and a queue, which every org has. */
export function seedBase(org: Org): void {
  const fields = {
    Username: integrationUsername,
    Email: integrationUsername,
    LastName: "Integration",
    Alias: "integ",
  };
  org.userId = "005dM0000000001";
  org.userId = seedOne(org, { sobject: "User", fields });
  seedOne(org, {
    sobject: "Group",
    fields: { Name: "Support Queue", DeveloperName: "Support_Queue", Type: "Queue" },
  });
}

function storedRecord(row: Row): StoredRecord {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of row.values) if (value !== null && name !== "Id") fields[name] = value;
  const { createdAt, modifiedAt, modifications, deleted } = row;
  return { Id: row.id, fields, createdAt, modifiedAt, modifications, deleted };
}

function reset(org: Org): void {
  org.store.clear();
  org.faults.clear();
  org.cursors.clear();
  org.kept.clear();
  org.calls = [];
  org.counted = 0;
  org.usage = 0;
  org.latencyMs = org.options.latencyMs ?? 0;
  seedBase(org);
}

/** The probe of an org in this process. Its calls are synchronous inside, so what they answer is one consistent moment. */
export function createControl(org: Org): EmulatorControl {
  const person = (): WriteContext => context(org, "person", somePerson(org));
  // Wrapped in async functions so that a mistake is a rejected promise, here as over HTTP.
  return {
    seed: async (rows) => rows.map((row) => seedOne(org, row)),
    records: async (sobject) => {
      const target = org.schema.find(sobject);
      if (target === undefined) throw new Error(`emulator: no object ${sobject}`);
      return [...org.store.table(target).rows.values()].map(storedRecord);
    },
    calls: async () => [...org.calls],
    callCount: async () => org.counted,
    fault: async (fault) => org.faults.arm(fault),
    clearFaults: async () => org.faults.clear(),
    removeRecord: async (id) => remove(person(), liveRow(org, id)),
    editRecord: async (id, fields) => {
      rowOrThrow(update(person(), liveRow(org, id), fields), `cannot edit ${id}`);
    },
    merge: async (winner, loser) =>
      mergeRecords(person(), liveRow(org, winner), liveRow(org, loser)),
    convertLead: async (id) => convertLead(person(), liveRow(org, id)),
    expireSessions: async () => org.sessions.closeAll(),
    setLatency: async (ms) => {
      org.latencyMs = ms;
    },
    setUsage: async (used) => {
      org.usage = used;
    },
    reset: async () => reset(org),
  };
}
