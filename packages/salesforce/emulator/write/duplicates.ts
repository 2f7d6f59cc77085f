import type { Org } from "../org.ts";
import type { DuplicateRule } from "../options.ts";
import type { Problem } from "../problem.ts";
import type { Row, Value } from "../store/table.ts";
import { comparable, valueOf } from "../store/table.ts";
import type { Draft } from "./rules.ts";

/** What the header `Sforce-Duplicate-Rule-Header` says; all default false [D facts §2.6]. */
export type DuplicateHeader = {
  readonly allowSave: boolean;
  readonly includeRecordDetails: boolean;
};

/** Reads "allowSave=true; includeRecordDetails=true". */
export function parseDuplicateHeader(header: string | undefined): DuplicateHeader {
  const on = new Set(
    (header ?? "").split(";").map((part) => part.replaceAll(" ", "").toLowerCase()),
  );
  return {
    allowSave: on.has("allowsave=true"),
    includeRecordDetails: on.has("includerecorddetails=true"),
  };
}

function matches(org: Org, draft: Draft, rule: DuplicateRule): readonly Row[] {
  const table = org.store.table(draft.sobject);
  const wanted: (readonly [string, Value])[] = [];
  for (const name of rule.fields) {
    const field = draft.sobject.byName.get(name.toLowerCase());
    const value = field === undefined ? null : (draft.after.get(field.name) ?? null);
    if (field === undefined || value === null) return [];
    wanted.push([field.name, comparable(field, value)]);
  }
  const [first] = wanted;
  if (first === undefined) return [];
  const candidates = table.lookup(first[0], first[1]) ?? [];
  return candidates.filter(
    (row) =>
      row !== draft.before && wanted.every(([name, value]) => sameText(valueOf(row, name), value)),
  );
}

function sameText(left: Value, right: Value): boolean {
  return typeof left === "string" && typeof right === "string"
    ? left.toLowerCase() === right.toLowerCase()
    : left === right;
}

function matchRecord(row: Row, details: boolean): Readonly<Record<string, unknown>> {
  const url = `/services/data/v63.0/sobjects/${row.sobject.name}/${row.id}`;
  const shown: Record<string, unknown> = {
    attributes: { type: row.sobject.name, url },
    Id: row.id,
  };
  if (details) {
    for (const field of row.sobject.fields) {
      const value = valueOf(row, field.name);
      if (value !== null && field.name !== "Id") shown[field.name] = value;
    }
  }
  return {
    additionalInformation: [],
    fieldDiffs: [],
    matchConfidence: 100,
    record: shown,
  };
}

/**
 * Runs the duplicate rules. A hit is HTTP 400 DUPLICATES_DETECTED whose key is misspelt `duplicateResut` [R facts §2.6; shape from
 * public logs of real answers]; allowSave passes alerts, not blocks [D].
 */
export function duplicateProblem(
  org: Org,
  draft: Draft,
  header: DuplicateHeader,
): Problem | undefined {
  for (const rule of org.options.duplicateRules ?? []) {
    if (rule.sobject !== draft.sobject.name || !rule.fields.some((name) => draft.changes.has(name)))
      continue;
    if (rule.action === "alert" && header.allowSave) continue;
    const found = matches(org, draft, rule);
    if (found.length > 0) return describeMatches(rule, found, header);
  }
  return undefined;
}

function describeMatches(
  rule: DuplicateRule,
  found: readonly Row[],
  header: DuplicateHeader,
): Problem {
  const message = rule.message ?? "Use one of these records?";
  const duplicateResut = {
    allowSave: rule.action === "alert",
    duplicateRule: `Standard_${rule.sobject}_Duplicate_Rule`,
    duplicateRuleEntityType: rule.sobject,
    errorMessage: message,
    matchResults: [
      {
        entityType: rule.sobject,
        errors: [],
        matchEngine: "ExactMatchEngine",
        matchRecords: found.map((row) => matchRecord(row, header.includeRecordDetails)),
        rule: `Standard_${rule.sobject}_Match_Rule_v1_0`,
        size: found.length,
        success: true,
      },
    ],
  };
  return { code: "DUPLICATES_DETECTED", message, extra: { duplicateResut } };
}
