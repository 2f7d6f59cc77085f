import { createHash } from "node:crypto";
import type { Context, Created, CrmRecord, Draft, FieldValue, RecordId } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import type { Reply } from "./client.ts";
import type { VendorType } from "./describe.ts";
import { crmErrorOf, reasonOf, verdictOf } from "./errors.ts";
import { errorsIn } from "./vendor-error.ts";
import type { VendorError } from "./vendor-error.ts";
import { lookAlikes } from "./look-alikes.ts";
import { apiName, isRecordId } from "./query.ts";
import { getRecords, recordOf } from "./records.ts";
import type { Desk } from "./records.ts";
import { duplicatesIn } from "./duplicates.ts";
import type { Waiting } from "./waiting.ts";

/**
 * The Idempotency-Key of a draft, a version 4 UUID by its bits (facts §3.2): the same draft with the same values always sends the
 * same key, so Salesforce makes one record however often it is sent. Values are part of it, because an answer is kept for 30 days
 * and a corrected form must not receive the refusal of the one before. Pure.
 */
export const idempotencyKey = (draft: Draft): string => {
  const content = JSON.stringify([
    draft.key,
    draft.type,
    draft.allowDuplicate,
    Object.entries(draft.fields).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  const hash = createHash("sha256").update(content).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x40, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const values = (draft: Draft): Readonly<Record<string, FieldValue>> =>
  Object.fromEntries(
    Object.entries(draft.fields).filter(([, value]) => value !== null && value !== ""),
  );

/** Honoured by REST; the UI API has `allowSaveOnDuplicate` in its body (UIAPI Record Input). */
const duplicateHeader = (draft: Draft): Readonly<Record<string, string>> => ({
  "Sforce-Duplicate-Rule-Header": `allowSave=${draft.allowDuplicate}`,
});

/** Creating for agents. Whether the org can make it once is asked once per type. */
export const createCreating = (desk: Desk, waiting: Waiting) => {
  const idempotent = new Map<string, boolean>();

  const canRepeat = async (type: string, context: Context): Promise<boolean> => {
    const known = idempotent.get(type);
    if (known !== undefined) return known;
    const reply = await desk.client.ask(
      { method: "GET", path: `/ui-api/object-info/${apiName(type)}` },
      context,
    );
    idempotent.set(type, reply.status === 200);
    return reply.status === 200;
  };

  const existing = async (
    refs: readonly RecordId[],
    context: Context,
  ): Promise<readonly CrmRecord[]> =>
    (await getRecords(desk, refs, context)).flatMap((one) =>
      one === undefined || "movedTo" in one ? [] : [one],
    );

  const made = async (
    type: VendorType,
    draft: Draft,
    id: string,
    context: Context,
  ): Promise<Created> => {
    const is = draft.maybeSent ? "already" : "created";
    try {
      const [record] = await getRecords(desk, [{ type: type.name, id }], context);
      if (record !== undefined && !("movedTo" in record)) return { is, record };
    } catch (error) {
      // It is made; that it could not be read back must not look like a failure.
      if (!(error instanceof CrmError)) throw error;
    }
    const bare = recordOf(type, { ...draft.fields, Id: id }, desk.urlOf);
    return {
      is,
      record: bare ?? {
        ref: { type: type.name, id },
        title: id,
        url: desk.urlOf(id) ?? "",
        fields: draft.fields,
      },
    };
  };

  const refusal = async (draft: Draft, reply: Reply, context: Context): Promise<Created> => {
    const errors = errorsIn(reply.body);
    if (
      errors.some(({ code }) => code === "DUPLICATES_DETECTED") ||
      duplicatesIn(reply.body, draft.type).refs.length > 0
    ) {
      const { refs, mayOverride } = duplicatesIn(reply.body, draft.type);
      return {
        is: "duplicate",
        candidates: await existing(refs, context),
        mayOverride: mayOverride && !draft.allowDuplicate,
      };
    }
    const unique = errors.find(({ code }) => code === "DUPLICATE_VALUE");
    const id = /\b[A-Za-z0-9]{15,18}\b/.exec(unique?.message.split("id:")[1] ?? "")?.[0];
    if (unique !== undefined && id !== undefined)
      return {
        is: "duplicate",
        candidates: await existing([{ type: draft.type, id }], context),
        mayOverride: false,
      };
    const busy = errors.find(
      (error) => verdictOf(error).does === "retry" && !verdictIsSchema(error),
    );
    if (errors.length === 0 || busy !== undefined) throw crmErrorOf(reply);
    return {
      is: "refused",
      problems: errors.map(problemOf),
    };
  };

  /** By UI API with a key; `undefined` when this org or type does not take one. */
  const withKey = async (
    type: VendorType,
    draft: Draft,
    context: Context,
  ): Promise<Created | undefined> => {
    if (!(await canRepeat(type.name, context))) return undefined;
    const body = {
      apiName: type.name,
      fields: values(draft),
      ...(draft.allowDuplicate && { allowSaveOnDuplicate: true }),
    };
    const reply = await desk.client.ask(
      {
        method: "POST",
        path: "/ui-api/records",
        body,
        headers: { ...duplicateHeader(draft), "Idempotency-Key": idempotencyKey(draft) },
      },
      context,
    );
    if (reply.status < 300) return made(type, draft, idIn(reply.body, "id"), context);
    if (
      !errorsIn(reply.body).some(
        ({ code, message }) => code === "INVALID_TYPE" || /idempoten/i.test(`${code} ${message}`),
      )
    )
      return refusal(draft, reply, context);
    idempotent.set(type.name, false);
    return undefined;
  };

  /** By REST, where nothing keeps it from happening twice: an unknown outcome is looked up and put to the agent (R4). */
  const withoutKey = async (type: VendorType, draft: Draft, context: Context): Promise<Created> => {
    if (draft.maybeSent && !draft.allowDuplicate) {
      const candidates = await lookAlikes(desk, type, draft, context);
      if (candidates.length > 0 || waiting.leftMs(draft.key) > 0)
        return { is: "uncertain", candidates };
    }
    const headers = duplicateHeader(draft);
    try {
      const reply = await desk.client.ask(
        { method: "POST", path: `/sobjects/${apiName(type.name)}`, body: values(draft), headers },
        context,
      );
      waiting.ended(draft.key);
      return reply.status < 300
        ? await made(type, { ...draft, maybeSent: false }, idIn(reply.body, "id"), context)
        : await refusal(draft, reply, context);
    } catch (error) {
      if (error instanceof CrmError && error.sent === "maybe") waiting.began(draft.key);
      throw error;
    }
  };

  /** One record per draft (R3, R4, R5). Throws `CrmError` when Salesforce did not answer. */
  return async (draft: Draft, context: Context): Promise<Created> => {
    const type = await desk.describes.of(draft.type, context);
    if (type === undefined || !type.createable)
      return {
        is: "refused",
        problems: [{ reason: `The integration user may not create ${draft.type} in this org` }],
      };
    const strange = Object.keys(draft.fields).filter(
      (name) => !type.fields.some((field) => field.name === name && field.createable),
    );
    if (strange.length > 0)
      return {
        is: "refused",
        problems: strange.map((field) => ({
          field,
          reason: "There is no such field, or it may not be set",
        })),
      };
    return (await withKey(type, draft, context)) ?? withoutKey(type, draft, context);
  };
};

/** One problem for the form, at its field where Salesforce names it. */
const problemOf = (error: VendorError): { readonly field?: string; readonly reason: string } => {
  const [field] = error.fields;
  const reason = reasonOf(error);
  return field === undefined ? { reason } : { field, reason };
};

const verdictIsSchema = (error: VendorError): boolean => {
  const verdict = verdictOf(error);
  return verdict.does === "retry" && verdict.why === "schema";
};

const idIn = (body: unknown, name: string): string => {
  const id = isObject(body) ? body[name] : undefined;
  if (typeof id !== "string" || !isRecordId(id))
    throw new CrmError(
      "transient",
      "maybe",
      "Salesforce answered a create in a form that is not understood",
    );
  return id;
};
