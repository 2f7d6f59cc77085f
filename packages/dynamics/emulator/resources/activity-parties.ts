import type { Answer, ApiCall } from "../http/call.ts";
import { preferencesOf } from "../http/prefer.ts";
import { parseQuery } from "../query/options.ts";
import { compileFilter } from "../query/filter.ts";
import { buildProjector } from "../query/project.ts";
import { partyRows } from "../query/sources.ts";
import type { Table } from "../schema/schema.ts";
import { rowByKey } from "../write/bind.ts";
import { isObject, readParties } from "../write/parties.ts";
import { payloadRefusal } from "../write/refusals.ts";
import { updateRow } from "../write/save.ts";
import { apiRoot, strike, writeContext } from "./rows.ts";

/** PUT of an activity's parties: the documented way to rewrite them, `{"value":[…]}` (facts §1.4, D11). */
export function putParties(call: ApiCall, table: Table, key: string): Answer {
  strike(call, table.name);
  const row = rowByKey(call.org, table, key);
  if (
    !isObject(call.body) ||
    Object.keys(call.body).some((name) => name !== "value" && !name.startsWith("@"))
  )
    throw payloadRefusal(table, "A list of parties is sent as { value: [ … ] }.");
  const parties = readParties(call.org, table, call.body["value"], call.references);
  updateRow(writeContext(call), row, { values: new Map(), parties });
  return { status: 204 };
}

/** GET of an activity's parties. */
export function getParties(call: ApiCall, table: Table, key: string): Answer {
  strike(call, table.name);
  const row = rowByKey(call.org, table, key);
  const parties = call.org.schema.find("activityparty") ?? table;
  const options = parseQuery(call.query);
  const { annotated } = preferencesOf(call.headers["prefer"]);
  const project = buildProjector(call.org, parties, options, annotated);
  const test =
    options.filter === undefined ? undefined : compileFilter(call.org, parties, options.filter);
  const rows = partyRows(call.org, row);
  return {
    status: 200,
    body: {
      "@odata.context": `${apiRoot(call)}$metadata#activityparties`,
      value: (test === undefined ? rows : rows.filter(test)).map(project),
    },
  };
}
