import type { Org } from "../org.ts";
import { callProblem, Refusal } from "../problem.ts";
import { selectRows } from "../query/filter.ts";
import { compileProjection } from "../query/project.ts";
import { attributesOf } from "../resources/record-body.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row } from "../store/table.ts";
import type { Returning } from "./sosl.ts";
import type { TermTest } from "./terms.ts";
import type { Scope } from "./tokens.ts";
import { rowTokens } from "./tokens.ts";

/** A search that is ready to run. `returning` undefined looks into every searchable object. */
export type Search = {
  readonly test: TermTest;
  readonly scope: Scope;
  readonly returning: readonly Returning[] | undefined;
  readonly limit: number;
  readonly version: string;
};

type Found = Readonly<Record<string, unknown>>;

function hits(org: Org, sobject: SObject, search: Search): readonly Row[] {
  // The index is written after the record [U facts §2.5]: `searchDelayMs` says how late.
  const newest = org.now() - (org.options.searchDelayMs ?? 0);
  const found: Row[] = [];
  for (const row of org.store.table(sobject).rows.values()) {
    if (!row.deleted && row.modifiedAt <= newest && search.test(rowTokens(row, search.scope)))
      found.push(row);
  }
  return found;
}

function searchable(org: Org, name: string): SObject {
  const sobject = org.schema.find(name);
  if (sobject === undefined || !sobject.can("searchable")) {
    throw new Refusal(callProblem(400, "INVALID_TYPE", `sObject type '${name}' is not supported.`));
  }
  return sobject;
}

function returned(org: Org, search: Search, one: Returning): readonly Found[] {
  const sobject = searchable(org, one.sobject);
  const rows = selectRows(org, one.source, sobject, one.tail, false, hits(org, sobject, search));
  if (one.fields.length === 0) return rows.map((row) => bare(sobject, row, search.version));
  return rows.map(compileProjection(org, one.source, sobject, one.fields, search.version));
}

function bare(sobject: SObject, row: Row, version: string): Found {
  return { attributes: attributesOf(sobject, row.id, version), Id: row.id };
}

/** Runs a search: `{"searchRecords": […]}` [R search-records]. */
export function runSearch(org: Org, search: Search): { readonly searchRecords: readonly Found[] } {
  const found =
    search.returning === undefined
      ? org.schema.objects
          .filter((sobject) => sobject.can("searchable"))
          .flatMap((sobject) =>
            hits(org, sobject, search).map((row) => bare(sobject, row, search.version)),
          )
      : search.returning.flatMap((one) => returned(org, search, one));
  return { searchRecords: found.slice(0, search.limit) };
}
