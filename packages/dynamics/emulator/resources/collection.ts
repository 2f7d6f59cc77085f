import type { Answer, ApiCall } from "../http/call.ts";
import { preferencesOf } from "../http/prefer.ts";
import { parseQuery } from "../query/options.ts";
import type { QueryOptions } from "../query/options.ts";
import { buildProjector } from "../query/project.ts";
import { matchingRows } from "../query/run.ts";
import type { Table } from "../schema/schema.ts";
import { checkPrivilege } from "../write/privileges.ts";
import { apiRoot, strike } from "./rows.ts";

const largestPage = 5000;

function nextLink(call: ApiCall, page: number, from: number): string {
  const kept = call.query
    .split("&")
    .filter((part) => part !== "" && !/^(?:\$|%24)skiptoken=/i.test(part));
  const token = encodeURIComponent(`pagenumber=${page}&from=${from}`);
  return `${apiRoot(call)}${call.path}?${[...kept, `$skiptoken=${token}`].join("&")}`;
}

function contextOf(call: ApiCall, table: Table, options: QueryOptions): string {
  const columns = options.select === undefined ? "" : `(${options.select.join(",")})`;
  return `${apiRoot(call)}$metadata#${table.entitySet}${columns}`;
}

/** GET of a collection: filter, order, count, pages with `@odata.nextLink` (facts §1.9). */
export function queryTable(call: ApiCall, table: Table): Answer {
  strike(call, table.name);
  checkPrivilege(call.org, call.userId, table.name, "read");
  const options = parseQuery(call.query);
  const preferences = preferencesOf(call.headers["prefer"]);
  const project = buildProjector(call.org, table, options, preferences.annotated, true);
  const matches = matchingRows(call.org, table, options);
  // [D20] $top wins over a page size.
  const size = options.top ?? preferences.pageSize ?? largestPage;
  const end = options.skip + size;
  const more = options.top === undefined && end < matches.length;
  const body = {
    "@odata.context": contextOf(call, table, options),
    ...(options.count && { "@odata.count": Math.min(matches.length, largestPage) }),
    value: matches.slice(options.skip, end).map(project),
    ...(more && { "@odata.nextLink": nextLink(call, Math.floor(end / size) + 1, end) }),
  };
  const { applied } = preferences;
  return {
    status: 200,
    ...(applied !== undefined && { headers: { "Preference-Applied": applied } }),
    body,
  };
}
