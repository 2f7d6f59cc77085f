import type { CallRecord, EmulatorControl, StoredRow } from "@wrapup/dynamics/emulator";
import type { Probe, Spent } from "../crm.ts";
import type { Found } from "../proof.ts";
import { activityTables, ownColumns } from "./columns.ts";
import { badMomentsOf } from "./hostility.ts";
import { seedRow, tables, userRow } from "./tables.ts";

/** Looks into the emulated Dynamics 365. */
export const probeOf = (control: EmulatorControl): Probe => ({
  seedAgents: (agents) => control.seed(agents.map(userRow)),
  seed: (rows) => control.seed(rows.map(seedRow)),
  remove: (kind, id) => control.removeRow(tables[kind], id),
  merge: (kind, winner, loser) => control.merge(tables[kind], winner, loser),
  convertLead: async (id) => (await control.qualifyLead(id)).contactId,
  activities: async () => {
    const notes = (await control.rows("annotation")).filter(isLive);
    return (await activitiesIn(control)).filter(isLive).flatMap((row) => foundOf(row, notes));
  },
  cases: async () =>
    (await control.rows("incident")).filter(isLive).map(({ columns }) => String(columns["title"])),
  spent: async () =>
    spentOn(await control.calls(), [
      ...(await activitiesIn(control)),
      ...(await control.rows("annotation")),
    ]),
  setLatency: (ms) => control.setLatency(ms),
  badMoments: badMomentsOf(control),
  behave: () => control.clearFaults(),
  damage: (how) => damage(control, how),
});

const isLive = ({ deleted }: StoredRow): boolean => !deleted;

const activitiesIn = async (control: EmulatorControl): Promise<readonly StoredRow[]> =>
  (await Promise.all(activityTables.map((table) => control.rows(table)))).flat();

const textIn = ({ columns }: StoredRow, name: string): string | undefined => {
  const value = columns[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** The id that a lookup holds. */
function idIn({ columns }: StoredRow, name: string): string | undefined {
  const value = columns[name];
  return typeof value === "object" && value !== null && "id" in value
    ? String(value.id)
    : undefined;
}

/** Participation masks of people (facts §1.4); others the platform keeps for itself. */
const partyNames = new Map([
  [1, "from"],
  [2, "to"],
  [3, "cc"],
  [4, "bcc"],
]);

/** An activity with the notes at it. A second note at one activity is a repetition, and stands for a second activity. */
function foundOf(row: StoredRow, notes: readonly StoredRow[]): readonly Found[] {
  const own = notes.filter((note) => idIn(note, "objectid") === row.id);
  const regarding = idIn(row, "regardingobjectid");
  const found: Found = {
    interaction: textIn(row, ownColumns.interaction) ?? "",
    key: row.id,
    kind: row.table,
    owner: idIn(row, "ownerid") ?? "",
    places: [
      ...row.parties.flatMap(({ mask, id }) => {
        const as = partyNames.get(mask);
        return as === undefined ? [] : [`${as} ${id}`];
      }),
      ...(regarding === undefined ? [] : [`regarding ${regarding}`]),
    ].toSorted(),
    disposition: textIn(row, ownColumns.disposition),
    says: [textIn(row, "description"), ...own.map((note) => textIn(note, "notetext"))].join("\n"),
    done: row.columns["statecode"] === 1,
    createdAt: row.createdAt,
    modifiedAt: Math.max(row.modifiedAt, ...own.map(({ modifiedAt }) => modifiedAt)),
  };
  return [found, ...own.slice(1).map(({ id }) => ({ ...found, key: id }))];
}

const isBatch = ({ path }: CallRecord): boolean => path.endsWith("$batch");

function spentOn(calls: readonly CallRecord[], rows: readonly StoredRow[]): Spent {
  const api = calls.filter(({ service }) => service === "dataverse");
  // Agents create cases one by one; who asked for a record, an agent or the worker, its address does not tell.
  const agents = api.filter((call) => call.writes > 0 && !isBatch(call)).length;
  // A table is described by a batch that only reads.
  const describing = api.filter(
    (call) => call.path.includes("WhoAmI") || (isBatch(call) && call.writes === 0),
  ).length;
  const writing = api.filter((call) => call.writes > 0 && isBatch(call)).length;
  return {
    all: api.length,
    writing,
    looking: api.length - writing - agents - describing,
    agents,
    describing,
    onePerRecord: rows.reduce(
      (sum, { modifications, deleted }) => sum + 1 + modifications + (deleted ? 1 : 0),
      0,
    ),
  };
}

/** What an integration that knows nothing of keys would write again. */
const copied = new Set([
  "subject",
  "ownerid",
  "regardingobjectid",
  "directioncode",
  "statecode",
  "statuscode",
  ...Object.values(ownColumns),
]);

async function damage(control: EmulatorControl, how: "duplicate" | "missing"): Promise<void> {
  const row = (await activitiesIn(control)).find(isLive);
  if (row === undefined) return;
  if (how === "missing") return control.removeRow(row.table, row.id);
  const columns = Object.fromEntries(
    Object.entries(row.columns).filter(([name]) => copied.has(name)),
  );
  const parties = [...partyNames].flatMap(([mask, name]) => {
    const of = row.parties.filter((party) => party.mask === mask);
    return of.length === 0 ? [] : [[name, of.map(({ table, id }) => ({ table, id }))] as const];
  });
  await control.seed([
    { table: row.table, columns: { ...columns, ...Object.fromEntries(parties) } },
  ]);
}
