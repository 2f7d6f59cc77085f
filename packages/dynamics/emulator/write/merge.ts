import type { Row, Value } from "../store/row.ts";
import { isReference } from "../store/row.ts";
import { checkPrivilege } from "./privileges.ts";
import { doesNotExist, invalidArgument } from "./refusals.ts";
import type { Changes, WriteContext } from "./save.ts";
import { updateRow } from "./save.ts";

const mergeable: ReadonlySet<string> = new Set(["account", "contact", "lead", "incident"]);
// These stay with the loser: they say what it was.
const kept: ReadonlySet<string> = new Set(["masterid", "createdby", "modifiedby"]);

function moved(referrer: Row, loser: Row, winner: Row): Changes {
  const values = new Map<string, Value | null>();
  for (const [name, value] of referrer.values) {
    if (isReference(value) && value.id === loser.id && !kept.has(name))
      values.set(name, { table: winner.table.name, id: winner.id });
  }
  const parties = referrer.parties.map((party) =>
    party.partyId === loser.id ? { ...party, partyId: winner.id } : party,
  );
  return { values, parties };
}

function rowOf(context: WriteContext, table: string, id: string): Row {
  const row = context.org.store.row(table, id.toLowerCase());
  if (row === undefined) throw doesNotExist(table, id);
  return row;
}

/**
 * Merges two rows of account, contact, lead or incident: the loser is deactivated and names the winner; its children, notes, activities
 * and parties move, closed activities too (facts §1.5). `update`: columns that the winner takes over. Throws Refusal.
 */
export function mergeRows(
  context: WriteContext,
  tableName: string,
  winnerId: string,
  loserId: string,
  update?: Changes,
): void {
  const { org } = context;
  if (!mergeable.has(tableName)) throw invalidArgument(`Rows of ${tableName} cannot be merged.`);
  const winner = rowOf(context, tableName, winnerId);
  const loser = rowOf(context, tableName, loserId);
  if (winner === loser)
    throw invalidArgument(
      "Merge cannot be performed on master and sub-entities that are identical.",
      "0x80045305",
    );
  if (loser.values.get("statecode") !== 0 || winner.values.get("statecode") !== 0)
    throw invalidArgument("Merge cannot be performed on entity that is inactive.", "0x80045304");
  if (context.writer === "api") checkPrivilege(org, context.userId, tableName, "write");
  const person: WriteContext = { ...context, writer: "person" };
  if (update !== undefined) updateRow(person, winner, update);
  for (const referrer of org.store.referrers(loser.id)) {
    const changes = moved(referrer, loser, winner);
    if (changes.values.size > 0 || referrer.parties.some(({ partyId }) => partyId === loser.id))
      updateRow(person, referrer, changes);
  }
  const closed: readonly (readonly [string, Value])[] =
    tableName === "incident"
      ? [
          ["statecode", 2],
          ["statuscode", 2000],
        ]
      : tableName === "lead"
        ? [
            ["statecode", 2],
            ["statuscode", 7],
          ]
        : [
            ["statecode", 1],
            ["statuscode", 2],
          ];
  updateRow(person, loser, {
    values: new Map<string, Value>([
      ...closed,
      ["merged", true],
      ["masterid", { table: tableName, id: winner.id }],
    ]),
  });
}
