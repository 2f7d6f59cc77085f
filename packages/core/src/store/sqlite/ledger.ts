import { replayedRow } from "../../model/ledger.ts";
import type { Lane, Row } from "../../model/ledger.ts";
import type { RowFilter, StoreStats } from "../contract.ts";
import { replayLine, rowsPerPage } from "../keeping.ts";
import { int, intMaybe, rowIn, rowText, text } from "./columns.ts";
import type { Sql, SqlValue } from "./sql.ts";
import type { Work } from "./writer.ts";

/** What waits for a person is written out, so that SQLite sees that a partial index serves. */
const inState = {
  parked: "e.state = 'parked'",
  gone: "e.state = 'gone'",
} as const;

const stateTerm = (state: Row["state"]): readonly [string, readonly SqlValue[]] =>
  state === "parked" || state === "gone" ? [inState[state], []] : ["e.state = ?", [state]];

/** Ledger rows by filter, in key order. Only what waits for a person is indexed: any other filter costs a walk over the ledger. */
export function rows(
  sql: Sql,
  filter: RowFilter,
): readonly { readonly lane: Lane; readonly row: Row }[] {
  const terms: (readonly [string, readonly SqlValue[]])[] = [
    ["e.key > ?", [filter.after ?? ""]],
    ...(filter.state === undefined ? [] : [stateTerm(filter.state)]),
    ...(filter.tenant === undefined ? [] : [["i.tenant = ?", [filter.tenant]] as const]),
    ...(filter.connection === undefined
      ? []
      : [["g.connection = ?", [filter.connection]] as const]),
  ];
  const found = sql.all(
    `select i.tenant, g.connection, i.name as interaction, e.row
     from entry e cross join lane l on l.id = e.lane cross join gate g on g.id = l.gate cross join interaction i on i.id = l.interaction
     where ${terms.map(([term]) => term).join(" and ")} order by e.key limit ?`,
    ...terms.flatMap(([, values]) => values),
    filter.limit ?? rowsPerPage,
  );
  return found.map((each) => ({
    lane: {
      tenant: text(each, "tenant"),
      connection: text(each, "connection"),
      interaction: text(each, "interaction"),
    },
    row: rowIn(each),
  }));
}

const replayable = (state: keyof typeof inState): string =>
  `select e.lane, e.key, l.interaction, e.row
   from json_each(?1) j cross join entry e on e.key = j.value cross join lane l on l.id = e.lane cross join interaction i on i.id = l.interaction
   where i.tenant = ?2 and ${inState[state]}`;

/** Puts parked and gone rows back to work, wakes their lanes and says so in the history. Answers how many changed. */
export function replay(
  { sql, woke }: Work,
  {
    tenant,
    keys,
    by,
  }: { readonly tenant: string; readonly keys: readonly string[]; readonly by: string },
  now: number,
): number {
  const found = sql.all(
    `${replayable("parked")} union all ${replayable("gone")} order by 1, 2`,
    JSON.stringify([...new Set(keys)]),
    tenant,
  );
  for (const each of found) {
    const [lane, interaction, row] = [int(each, "lane"), int(each, "interaction"), rowIn(each)];
    const next = replayedRow(row);
    sql.run(
      "update entry set state = ?, row = ? where lane = ? and key = ?",
      next.state,
      rowText(next),
      lane,
      row.key,
    );
    sql.run(
      "insert into history (interaction, lines) values (?, ?)",
      interaction,
      JSON.stringify([replayLine(row, by, now)]),
    );
    sql.run(
      "update lane set woken_at = coalesce(woken_at, ?), wake_at = min(coalesce(wake_at, ?), ?) where id = ?",
      now,
      now,
      now,
      lane,
    );
    woke();
  }
  return found.length;
}

/** Counts for an operator; costs a walk over what waits. */
export function stats(sql: Sql, now: number): StoreStats {
  const count = (query: string): number => {
    const found = sql.one(query);
    return found === undefined ? 0 : int(found, "n");
  };
  const waiting = count(
    "select count(*) as n from lane where lease_until = 0 and wake_at is not null",
  );
  const ready = sql.one(
    `select count(*) as n, min(l.wake_at) as oldest from gate g cross join lane l on l.gate = g.id
     where g.paused_until <= ? and l.lease_until = 0 and l.wake_at <= ?`,
    now,
    now,
  ) ?? { n: 0, oldest: null };
  const oldest = intMaybe(ready, "oldest");
  return {
    interactions: count("select count(*) as n from interaction where deleted_at is null"),
    ready: int(ready, "n"),
    claimed: count("select count(*) as n from lane where lease_until > 0"),
    later: waiting - int(ready, "n"),
    parked: count("select count(*) as n from entry where state = 'parked'"),
    oldestWaitMs: oldest === undefined ? 0 : now - oldest,
  };
}
