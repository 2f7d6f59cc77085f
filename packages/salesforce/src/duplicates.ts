import type { RecordId } from "@wrapup/core";
import { isRecordId } from "./query.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Ids of similar records anywhere in an answer: `duplicateResut` is Salesforce's own spelling (facts §2.6). Pure. */
export const duplicatesIn = (
  body: unknown,
  type: string,
): { readonly refs: readonly RecordId[]; readonly mayOverride: boolean } => {
  const refs = new Map<string, RecordId>();
  let mayOverride = false;
  const walk = (value: unknown, of: string): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, of);
    if (!isObject(value)) return;
    const here =
      typeof value["apiName"] === "string"
        ? value["apiName"]
        : typeof value["entityType"] === "string"
          ? value["entityType"]
          : of;
    if (value["allowSave"] === true || value["isAllowSave"] === true) mayOverride = true;
    const ids: readonly unknown[] = Array.isArray(value["matchRecordIds"])
      ? value["matchRecordIds"]
      : [];
    const { record } = value;
    const attributes = isObject(record) ? record["attributes"] : undefined;
    const named =
      isObject(attributes) && typeof attributes["type"] === "string" ? attributes["type"] : here;
    for (const id of [...ids, isObject(record) ? (record["Id"] ?? record["id"]) : undefined])
      if (typeof id === "string" && isRecordId(id))
        refs.set(id, { type: isObject(record) ? named : here, id });
    for (const one of Object.values(value)) walk(one, here);
  };
  walk(body, type);
  return { refs: [...refs.values()], mayOverride };
};
