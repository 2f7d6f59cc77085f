import type { Org } from "../org.ts";
import type { Problem } from "../problem.ts";
import { recordProblem } from "../problem.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row, Value } from "../store/table.ts";
import { valueOf } from "../store/table.ts";

/** One write as rules see it: the values that come in, and the record as it would be afterwards. */
export type Draft = {
  readonly sobject: SObject;
  readonly before: Row | undefined;
  readonly changes: ReadonlyMap<string, Value>;
  readonly after: ReadonlyMap<string, Value>;
};

function textOf(draft: Draft, name: string): string | undefined {
  const value = draft.after.get(name);
  return typeof value === "string" ? value : undefined;
}

function isConverted(org: Org, id: string | undefined): boolean {
  const row = id?.startsWith("00Q") === true ? org.store.row(id) : undefined;
  return row !== undefined && valueOf(row, "IsConverted") === true;
}

/** A Lead as WhoId excludes WhatId [C facts §2.3]; a converted lead takes no activity [C facts §3.5]. Wording of the first: a public report. */
function activityRules(org: Org, draft: Draft): Problem | undefined {
  const who = textOf(draft, "WhoId");
  if (who?.startsWith("00Q") === true && textOf(draft, "WhatId") !== undefined) {
    return recordProblem("FIELD_INTEGRITY_EXCEPTION", "cannot specify whatID with lead whoID", [
      "WhatId",
    ]);
  }
  if (draft.changes.has("WhoId") && isConverted(org, who)) {
    return recordProblem("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead");
  }
  return undefined;
}

function taskRules(org: Org, draft: Draft): Problem | undefined {
  if (draft.after.get("IsRecurrence") === true) {
    return recordProblem(
      "FIELD_INTEGRITY_EXCEPTION",
      "emulator: recurring tasks are not emulated",
      ["IsRecurrence"],
    );
  }
  return activityRules(org, draft);
}

/** An event needs a start and a length. [U] the code and the fields it names. */
function eventRules(org: Org, draft: Draft): Problem | undefined {
  const start = textOf(draft, "ActivityDateTime") ?? textOf(draft, "StartDateTime");
  const allDay =
    draft.after.get("IsAllDayEvent") === true && textOf(draft, "ActivityDate") !== undefined;
  const hasEnd =
    textOf(draft, "EndDateTime") !== undefined ||
    typeof draft.after.get("DurationInMinutes") === "number";
  if (!allDay && (start === undefined || !hasEnd)) {
    const missing = ["DurationInMinutes", "ActivityDateTime"];
    return recordProblem(
      "REQUIRED_FIELD_MISSING",
      `Required fields are missing: [${missing.join(", ")}]`,
      missing,
    );
  }
  return activityRules(org, draft);
}

/** A converted lead is read-only [facts §2.8; wording from public reports]. */
function leadRules(_org: Org, draft: Draft): Problem | undefined {
  if (draft.before === undefined || valueOf(draft.before, "IsConverted") !== true) return undefined;
  return recordProblem("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead");
}

/** Once not a draft, only IsExternallyVisible and custom fields may change; ActivityId is for case mail [D facts §2.4]. [U] the codes. */
function emailRules(_org: Org, draft: Draft): Problem | undefined {
  if (textOf(draft, "ActivityId") !== undefined && textOf(draft, "ParentId") === undefined) {
    return recordProblem(
      "FIELD_INTEGRITY_EXCEPTION",
      "ActivityId can be set for email messages of cases only",
      ["ActivityId"],
    );
  }
  if (draft.before === undefined || valueOf(draft.before, "Status") === "5") return undefined;
  const frozen = [...draft.changes.keys()].filter(
    (name) => name !== "IsExternallyVisible" && !name.endsWith("__c"),
  );
  return frozen.length === 0
    ? undefined
    : recordProblem(
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "insufficient access rights on object id",
        frozen,
      );
}

/** One Lead or up to 50 Contacts on one task [D facts §2.3]. [U] the codes. */
function taskRelationRules(org: Org, draft: Draft): Problem | undefined {
  const task = textOf(draft, "TaskId") ?? "";
  let people = 0;
  for (const row of org.store.table(draft.sobject).rows.values()) {
    if (!row.deleted && valueOf(row, "TaskId") === task && valueOf(row, "IsWhat") !== true)
      people += 1;
  }
  const taskRow = org.store.row(task);
  const who = taskRow === undefined ? null : valueOf(taskRow, "WhoId");
  const isLead =
    textOf(draft, "RelationId")?.startsWith("00Q") === true ||
    (typeof who === "string" && who.startsWith("00Q"));
  const total = people + (typeof who === "string" ? 1 : 0);
  if ((isLead && total > 0) || total >= 50) {
    return recordProblem(
      "FIELD_INTEGRITY_EXCEPTION",
      "a task takes one lead or up to 50 contacts",
      ["RelationId"],
    );
  }
  return undefined;
}

/** Owners must be active users or groups [facts §2.8; wording from public reports]. */
function ownerRule(org: Org, draft: Draft): Problem | undefined {
  const owner = draft.changes.get("OwnerId");
  const row =
    typeof owner === "string" && owner.startsWith("005") ? org.store.row(owner) : undefined;
  if (row === undefined || valueOf(row, "IsActive") === true) return undefined;
  const message = `operation performed with inactive user [${row.id}] as owner of ${draft.sobject.name.toLowerCase()}`;
  return recordProblem("INACTIVE_OWNER_OR_USER", message);
}

const rules: Readonly<Record<string, (org: Org, draft: Draft) => Problem | undefined>> = {
  Task: taskRules,
  Event: eventRules,
  Lead: leadRules,
  EmailMessage: emailRules,
  TaskRelation: taskRelationRules,
};

/** The platform's own rules about a record, beyond its fields one by one. */
export function platformRules(org: Org, draft: Draft): Problem | undefined {
  return ownerRule(org, draft) ?? rules[draft.sobject.name]?.(org, draft);
}

/** The org's validation rules, from the options: FIELD_CUSTOM_VALIDATION_EXCEPTION [facts §2.8]. */
export function validationRules(org: Org, draft: Draft): Problem | undefined {
  for (const rule of org.options.validationRules ?? []) {
    if (rule.sobject !== draft.sobject.name) continue;
    const value = draft.after.get(rule.when.field) ?? null;
    const same = rule.when.equals !== undefined && value === rule.when.equals;
    const holds =
      rule.when.contains !== undefined &&
      typeof value === "string" &&
      value.includes(rule.when.contains);
    if (same || holds) return recordProblem("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message);
  }
  return undefined;
}
