import type { RecordId } from "@wrapup/core";
import { isRecordId } from "./query.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const holdsMore = (value: unknown): boolean => typeof value === "object" && value !== null;

/** The type that stands beside a part of an answer, else that of the part around it. */
const typeIn = (value: Readonly<Record<string, unknown>>, around: string): string => {
  const { apiName, entityType } = value;
  if (typeof apiName === "string") return apiName;
  return typeof entityType === "string" ? entityType : around;
};

const recordsIn = (value: Readonly<Record<string, unknown>>, type: string): readonly RecordId[] => {
  const { record, matchRecordIds } = value;
  const attributes = isObject(record) ? record["attributes"] : undefined;
  const named =
    isObject(attributes) && typeof attributes["type"] === "string" ? attributes["type"] : type;
  const matched: readonly unknown[] = Array.isArray(matchRecordIds) ? matchRecordIds : [];
  const own = isObject(record) ? (record["Id"] ?? record["id"]) : undefined;
  return [...matched, own].flatMap((id) =>
    typeof id === "string" && isRecordId(id) ? [{ type: isObject(record) ? named : type, id }] : [],
  );
};

/**
 * Ids of similar records anywhere in an answer: `duplicateResut` is Salesforce's own spelling (facts §2.6). Goes on a list of what
 * is left to see, as no depth of an answer may exhaust the stack. Pure.
 */
export const duplicatesIn = (
  body: unknown,
  type: string,
): { readonly refs: readonly RecordId[]; readonly mayOverride: boolean } => {
  const refs = new Map<string, RecordId>();
  let mayOverride = false;
  const left: { readonly value: unknown; readonly around: string }[] = [
    { value: body, around: type },
  ];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value, around } = next;
    const here = isObject(value) ? typeIn(value, around) : around;
    if (isObject(value)) {
      if (value["allowSave"] === true || value["isAllowSave"] === true) mayOverride = true;
      for (const ref of recordsIn(value, here)) refs.set(ref.id, ref);
    }
    if (typeof value === "object" && value !== null)
      for (const one of Object.values(value).filter(holdsMore).toReversed())
        left.push({ value: one, around: here });
  }
  return { refs: [...refs.values()], mayOverride };
};
