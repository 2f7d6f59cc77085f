import type { Answer, ApiCall } from "../http/call.ts";
import { dataPath } from "../http/call.ts";
import { callProblem, Refusal } from "../problem.ts";
import { selectRows } from "../query/filter.ts";
import { queryProblem } from "../query/lex.ts";
import { parseQuery } from "../query/parse.ts";
import { resolvePath } from "../query/paths.ts";
import { compileProjection } from "../query/project.ts";
import { methodNotAllowed } from "./targets.ts";

type Records = readonly Readonly<Record<string, unknown>>[];

const largestPage = 2000;
const smallestPage = 200;

/** `Sforce-Query-Options: batchSize=n`, 200 to 2,000 [U that other sizes are brought into that range]. */
function pageSize(call: ApiCall): number {
  const asked = /batchSize\s*=\s*(\d+)/i.exec(call.headers["sforce-query-options"] ?? "")?.[1];
  return asked === undefined
    ? largestPage
    : Math.min(largestPage, Math.max(smallestPage, Number(asked)));
}

function page(call: ApiCall, cursor: string, records: Records, from: number): Answer {
  const to = from + pageSize(call);
  const done = to >= records.length;
  const next = done ? {} : { nextRecordsUrl: dataPath(call, `query/${cursor}-${to}`) };
  return {
    status: 200,
    body: { totalSize: records.length, done, ...next, records: records.slice(from, to) },
  };
}

function runQuery(call: ApiCall, source: string, all: boolean): Answer {
  const { org } = call;
  const query = parseQuery(source);
  const sobject = org.schema.find(query.from.text);
  if (sobject === undefined) {
    const advice =
      "If you are attempting to use a custom object, be sure to append the '__c' after the entity name.";
    throw queryProblem(
      source,
      query.from.at,
      `sObject type '${query.from.text}' is not supported. ${advice}`,
      "INVALID_TYPE",
    );
  }
  const { selection } = query;
  const project =
    selection.kind === "fields"
      ? compileProjection(org, source, sobject, selection.paths, call.version)
      : undefined;
  const rows = selectRows(org, source, sobject, query.tail, all);
  if (project !== undefined) {
    const records = rows.map(project);
    const cursor = org.nextId("01g");
    if (records.length > pageSize(call)) org.cursors.set(cursor, records);
    return page(call, cursor, records, 0);
  }
  if (selection.kind !== "countField")
    return { status: 200, body: { totalSize: rows.length, done: true, records: [] } };
  const counted = resolvePath(org, source, sobject, selection.path);
  const filled = rows.filter((row) => (row.values.get(counted.field.name) ?? null) !== null).length;
  const record = { attributes: { type: "AggregateResult" }, [selection.alias]: filled };
  return { status: 200, body: { totalSize: 1, done: true, records: [record] } };
}

/** query?q=…, queryAll?q=…, query/<locator> [R query-records]. */
export function queryResource(call: ApiCall): Answer {
  if (call.method !== "GET") throw methodNotAllowed(call, "HEAD,GET");
  const locator = call.segments[1];
  if (locator === undefined) {
    const source = call.query.get("q");
    if (source === null)
      throw new Refusal(
        callProblem(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null"),
      );
    return runQuery(call, source, call.segments[0] === "queryAll");
  }
  const [cursor = "", from = ""] = locator.split("-");
  const records = call.org.cursors.get(cursor);
  if (records === undefined || !/^\d+$/.test(from)) {
    throw new Refusal(callProblem(400, "INVALID_QUERY_LOCATOR", "invalid query locator"));
  }
  return page(call, cursor, records, Number(from));
}
