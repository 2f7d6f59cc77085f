import type { Probe, Seed } from "./crm.ts";
import { kindOf, recordKinds, type RecordName, type Scenario, type SeedRecord } from "./story.ts";

/** One CRM's ids of what the story calls by its own names. It grows as agents create records. */
export type Names = Map<RecordName, string>;

/** Fills a CRM with the scenario's agents and records. Answers the agents' CRM users, and the records' ids. */
export async function seedOrg(
  probe: Probe,
  { agents, records }: Scenario,
): Promise<{ readonly users: ReadonlyMap<string, string>; readonly names: Names }> {
  const userIds = await probe.seedAgents(agents);
  const names: Names = new Map();
  // Parents come before children, so that references have ids.
  for (const kind of recordKinds) {
    const rows = records.filter(({ name }) => kindOf(name) === kind);
    const ids = rows.length === 0 ? [] : await probe.seed(rows.map((row) => seedOf(row, names)));
    for (const [n, row] of rows.entries()) names.set(row.name, ids[n] ?? "");
  }
  return { users: new Map(agents.map(({ id }, n) => [id, userIds[n] ?? ""])), names };
}

const seedOf = ({ name, facts, refs = {} }: SeedRecord, names: Names): Seed => ({
  kind: kindOf(name),
  facts,
  ...(refs.contact !== undefined && { contact: idOf(names, refs.contact) }),
  ...(refs.account !== undefined && { account: idOf(names, refs.account) }),
});

/** The CRM's id of a record, which must be known by now. */
export function idOf(names: Names, name: RecordName): string {
  const id = names.get(name);
  if (id === undefined) throw new Error(`the CRM has no record for "${name}" yet`);
  return id;
}
