import type { EmulatorControl, SeedRow } from "@wrapup/salesforce/emulator";
import type { RecordName, Scenario, SeedRecord } from "./story.ts";

/** The CRM's ids of what the story calls by its own names. It grows as agents create records. */
export type Names = Map<RecordName, string>;

/** Parents before children, so that references have ids. */
const order: readonly SeedRecord["sobject"][] = [
  "Account",
  "Contact",
  "Lead",
  "Opportunity",
  "Case",
];

/** Fills the org with the scenario's agents and records. Answers the agents' CRM users, and the records' ids. */
export async function seedOrg(
  control: EmulatorControl,
  { agents, records }: Scenario,
): Promise<{ readonly users: ReadonlyMap<string, string>; readonly names: Names }> {
  const userIds = await control.seed(
    agents.map(({ name, email, id }) => ({
      sobject: "User",
      fields: {
        FirstName: name.split(" ")[0] ?? "",
        LastName: name.split(" ").slice(1).join(" ") || name,
        Username: email,
        Email: email,
        Alias: id.slice(-8),
      },
    })),
  );
  const names: Names = new Map();
  for (const sobject of order) {
    const rows = records.filter((record) => record.sobject === sobject);
    const ids = rows.length === 0 ? [] : await control.seed(rows.map((row) => seedRow(row, names)));
    for (const [n, row] of rows.entries()) names.set(row.name, ids[n] ?? "");
  }
  return { users: new Map(agents.map(({ id }, n) => [id, userIds[n] ?? ""])), names };
}

const seedRow = ({ sobject, fields, refs = {} }: SeedRecord, names: Names): SeedRow => ({
  sobject,
  fields: {
    ...fields,
    ...Object.fromEntries(Object.entries(refs).map(([field, name]) => [field, idOf(names, name)])),
  },
});

/** The CRM's id of a record, which must be known by now. */
export function idOf(names: Names, name: RecordName): string {
  const id = names.get(name);
  if (id === undefined) throw new Error(`the CRM has no record for "${name}" yet`);
  return id;
}
