import type { Answer, ApiCall } from "../http/call.ts";
import { isObject } from "../http/call.ts";
import { callProblem, Refusal } from "../problem.ts";
import { readTail } from "../query/parse-tail.ts";
import { Reader } from "../query/reader.ts";
import type { NameToken, Tail } from "../query/syntax.ts";
import { runSearch } from "../search/run.ts";
import type { Returning } from "../search/sosl.ts";
import { emptyTail, parseSosl, scopeOf, searchLimit } from "../search/sosl.ts";
import { compilePlain, compileSosl, searchProblem } from "../search/terms.ts";
import type { Scope } from "../search/tokens.ts";
import { methodNotAllowed } from "./targets.ts";

/** search?q=FIND {…} [R search-records]. */
export function searchResource(call: ApiCall): Answer {
  if (call.method !== "GET") throw methodNotAllowed(call, "HEAD,GET");
  const sosl = parseSosl(call.query.get("q") ?? "");
  const search = { ...sosl, test: compileSosl(sosl.term), version: call.version };
  return { status: 200, body: runSearch(call.org, search) };
}

type Plain = {
  readonly q: string;
  readonly scope: Scope;
  readonly returning: readonly Returning[] | undefined;
  readonly limit: number;
};

function nameTokens(list: readonly string[]): readonly NameToken[] {
  return list.map((text) => ({ kind: "word", text, at: 0 }));
}

function tailOf(where: unknown, limit: unknown): { readonly tail: Tail; readonly source: string } {
  const source = typeof where === "string" ? `WHERE ${where}` : "";
  const reader = new Reader(source);
  const tail = source === "" ? emptyTail : readTail(reader);
  if (reader.ahead.kind !== "end") throw reader.unexpected(reader.ahead);
  return { tail: { ...tail, limit: typeof limit === "number" ? limit : tail.limit }, source };
}

function textOf(json: unknown): string {
  return typeof json === "string" ? json : "";
}

function scopeOrRefuse(word: unknown): Scope {
  const scope = word === undefined || word === null ? "ALL" : scopeOf(textOf(word));
  if (scope === undefined) throw searchProblem("unknown search group");
  return scope;
}

function texts(json: unknown): readonly string[] {
  return Array.isArray(json) ? json.map(String) : [];
}

const bodyKeys = new Set(["q", "in", "fields", "sobjects", "overallLimit", "defaultLimit"]);
const objectKeys = new Set(["name", "fields", "limit", "where"]);

function checkKeys(json: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): void {
  const unknown = Object.keys(json).find((key) => !known.has(key));
  // [U] the wording; Salesforce's other keys (orderBy, dataCategories …) are not emulated.
  if (unknown !== undefined)
    throw new Refusal(
      callProblem(
        400,
        "JSON_PARSER_ERROR",
        `Unrecognized field "${unknown}" at [line:1, column:1]`,
      ),
    );
}

function readBody(body: unknown): Plain {
  if (!isObject(body) || typeof body["q"] !== "string") throw searchProblem("q is missing");
  checkKeys(body, bodyKeys);
  const sobjects = body["sobjects"];
  const returning = !Array.isArray(sobjects)
    ? undefined
    : sobjects.filter(isObject).map((one): Returning => {
        checkKeys(one, objectKeys);
        const fields = texts(one["fields"] ?? body["fields"]);
        const { tail, source } = tailOf(one["where"], one["limit"] ?? body["defaultLimit"]);
        return { sobject: textOf(one["name"]), fields: nameTokens(fields), tail, source };
      });
  const limit = body["overallLimit"];
  return {
    q: body["q"],
    scope: scopeOrRefuse(body["in"]),
    returning,
    limit: typeof limit === "number" ? limit : searchLimit,
  };
}

function readQuery(call: ApiCall): Plain {
  const names = [...call.query]
    .filter(([key]) => key.toLowerCase() === "sobject")
    .flatMap(([, value]) => value.split(","));
  const fields = nameTokens(
    (call.query.get("fields") ?? "").split(",").filter((name) => name !== ""),
  );
  const returning =
    names.length === 0
      ? undefined
      : names.map((sobject) => ({ sobject, fields, tail: emptyTail, source: "" }));
  const limit = call.query.get("overallLimit");
  return {
    q: call.query.get("q") ?? "",
    scope: scopeOrRefuse(call.query.get("in")),
    returning,
    limit: limit === null ? searchLimit : Number(limit),
  };
}

/** parameterizedSearch: GET with parameters [R parameterized-search-records], POST with a body [D facts §2.5]. */
export function parameterizedSearchResource(call: ApiCall): Answer {
  if (call.method !== "GET" && call.method !== "POST") throw methodNotAllowed(call, "GET,POST");
  const { q, ...rest } = call.method === "GET" ? readQuery(call) : readBody(call.body);
  return {
    status: 200,
    body: runSearch(call.org, { ...rest, test: compilePlain(q), version: call.version }),
  };
}
