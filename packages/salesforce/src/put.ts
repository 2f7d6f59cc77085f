import type { Answer, Context, Write } from "@wrapup/core";
import { decisive, failed, plainAnswer, written } from "./answer.ts";
import { sendBatch } from "./batch.ts";
import type { Outcome } from "./batch.ts";
import type { Client, Request } from "./client.ts";
import type { Shape } from "./describe.ts";
import { rowOf, warningsOf } from "./encode.ts";
import type { Body } from "./encode.ts";
import type { Verdict } from "./error-codes.ts";
import type { VendorError } from "./vendor-error.ts";
import { answerForTarget, answerUnseen, linkedIn, whereNow } from "./moved.ts";
import { apiName, fitting, rowsByKey } from "./query.ts";
import { ownId, queryRows, textAt } from "./rows.ts";
import { serverLimitMs } from "./waiting.ts";
import type { Waiting } from "./waiting.ts";

/** A write that makes something exist. */
export type Put = Extract<Write, { op: "put" }>;

/** What writing needs of its surroundings. */
export type Surroundings = {
  readonly client: Client;
  readonly waiting: Waiting;
  readonly urlOf: (id: string) => string | undefined;
};

/** Rows that hold one of these keys, by key, oldest first. Throws `CrmError`. */
export const findByKeys = async (
  client: Client,
  shape: Shape,
  keys: readonly string[],
  context: Context,
  fields: readonly string[] = [],
): Promise<
  ReadonlyMap<string, readonly (Readonly<Record<string, unknown>> & { readonly Id: string })[]>
> => {
  const found = new Map<string, (Readonly<Record<string, unknown>> & { readonly Id: string })[]>();
  const wanted = new Set(keys);
  for (const group of fitting(keys, shape.keyFields.length))
    for (const row of await queryRows(
      client,
      rowsByKey(shape.type, shape.keyFields, group, fields),
      context,
    )) {
      // Salesforce compares CallObject without case; keys are compared with it.
      const key = shape.keyFields
        .map((field) => textAt(row, field))
        .find((value) => value !== undefined && wanted.has(value));
      if (key !== undefined)
        found.set(key, [...(found.get(key) ?? []), { ...row, Id: ownId(row) }]);
    }
  return found;
};

const requestFor =
  (shape: Shape) =>
  (records: readonly Body[]): Request =>
    shape.once === "key"
      ? {
          method: "PATCH",
          path: `/composite/sobjects/${apiName(shape.type)}/${apiName(shape.keyField)}`,
          body: { allOrNone: false, records },
        }
      : { method: "POST", path: "/composite/sobjects", body: { allOrNone: false, records } };

/** Several rows with one key: the oldest is taken, and it is said. */
const alreadyAs = (
  put: Put,
  rows: readonly { readonly Id: string }[],
  at: Surroundings,
): Answer | undefined => {
  const [first] = rows;
  if (first === undefined) return undefined;
  const warnings =
    rows.length > 1
      ? [
          {
            code: "degraded" as const,
            text: `${rows.length} activities hold the same key; the oldest is used. Make the key field unique.`,
          },
        ]
      : [];
  return written(put, "already", first.Id, { url: at.urlOf(first.Id), warnings });
};

/** What an error of one record asks to be looked up before it can be answered. */
const followUp = (
  error: VendorError,
  verdict: Verdict,
  shape: Shape,
): "key" | "target" | "none" => {
  if (verdict.does === "lookByKey") return "key";
  if (verdict.does === "lookAtTarget") return "target";
  // An upsert met a row that is there already, and a field that may only be set when a row is made stood in its way.
  return error.code === "INVALID_FIELD_FOR_INSERT_UPDATE" &&
    error.fields.length > 0 &&
    error.fields.every((name) => shape.createOnly.has(name))
    ? "key"
    : "none";
};

type Open = {
  readonly put: Put;
  readonly error: VendorError;
  readonly verdict: Verdict;
  readonly look: "key" | "target";
};

/**
 * Puts a batch of one type: at most one look-up, one collection call, and one look-up of what was refused. An upsert that finds a
 * row has written our values over it and is answered `already`, so that core compares the content anew (W3).
 */
export const putBatch = async (
  puts: readonly Put[],
  shape: Shape,
  at: Surroundings,
  context: Context,
): Promise<ReadonlyMap<Put, Answer>> => {
  const answers = new Map<Put, Answer>();
  const left = await lookFirst(puts, shape, at, context, answers);
  if (left.length === 0) return answers;
  const bodies = new Map(left.map((put) => [rowOf(put.entry, shape), put]));
  const records = [...bodies.keys()];
  const outcomes = await sendBatch(at.client, records, requestFor(shape), context);
  const open: Open[] = [];
  for (const [n, body] of records.entries()) {
    const put = bodies.get(body);
    const outcome = outcomes[n];
    if (put === undefined || outcome === undefined) continue;
    const answer = answerTo(put, outcome, shape, at);
    if ("look" in answer) open.push(answer);
    else answers.set(put, answer);
  }
  await closeOpen(open, shape, at, context, answers);
  return answers;
};

/** Answers what is there already, and what must wait. Answers the rest. */
const lookFirst = async (
  puts: readonly Put[],
  shape: Shape,
  at: Surroundings,
  context: Context,
  answers: Map<Put, Answer>,
): Promise<readonly Put[]> => {
  const unsure = puts.filter((put) => put.maybeSent || shape.once === "lookFirst");
  if (unsure.length === 0) return puts;
  const found = await findByKeys(
    at.client,
    shape,
    unsure.map((put) => put.entry.key),
    context,
  );
  for (const put of unsure) {
    const there = alreadyAs(put, found.get(put.entry.key) ?? [], at);
    const waitMs =
      there === undefined && put.maybeSent && shape.once === "lookFirst"
        ? at.waiting.leftMs(put.entry.key)
        : 0;
    if (there !== undefined) answers.set(put, there);
    else if (waitMs > 0)
      answers.set(put, {
        is: "retry",
        why: "transient",
        sent: "maybe",
        afterMs: waitMs,
        reason:
          "The org has no key field, so an attempt without an answer waits out Salesforce's ten minutes before it is repeated",
      });
    if (there !== undefined) at.waiting.ended(put.entry.key);
  }
  return puts.filter((put) => !answers.has(put));
};

const answerTo = (put: Put, outcome: Outcome, shape: Shape, at: Surroundings): Answer | Open => {
  if ("error" in outcome) {
    const answer = failed(outcome.error);
    if (shape.once === "key" || answer.is !== "retry" || answer.sent === "no") return answer;
    at.waiting.began(put.entry.key);
    // Of this write alone: a pause of the whole connection must not last as long.
    return { ...answer, why: "transient", afterMs: Math.max(answer.afterMs ?? 0, serverLimitMs) };
  }
  at.waiting.ended(put.entry.key);
  const { result } = outcome;
  if (result.success) {
    const how = shape.once === "lookFirst" || result.created ? "created" : "already";
    return written(put, how, result.id, {
      url: at.urlOf(result.id),
      warnings: warningsOf(put.entry, shape),
    });
  }
  const { error, verdict } = decisive(result.errors);
  const look = followUp(error, verdict, shape);
  return look === "none" ? plainAnswer(error, verdict) : { put, error, verdict, look };
};

/** Answers what Salesforce refused, after a look why. What cannot be looked up is answered too, each kind by itself. */
const closeOpen = async (
  open: readonly Open[],
  shape: Shape,
  at: Surroundings,
  context: Context,
  answers: Map<Put, Answer>,
): Promise<void> => {
  const byKey = open.filter(({ look }) => look === "key");
  const byTarget = open.filter(({ look }) => look === "target");
  await answerByKey(byKey, shape, at, context, answers).catch((cause: unknown) => {
    // Looked up first next time: another writer may have made it.
    for (const { put, error, verdict } of byKey)
      answers.set(put, answerUnseen(error, verdict, "maybe", cause));
  });
  await answerByTarget(byTarget, at, context, answers).catch((cause: unknown) => {
    for (const { put, error, verdict } of byTarget)
      answers.set(put, answerUnseen(error, verdict, "no", cause));
  });
};

const answerByKey = async (
  open: readonly Open[],
  shape: Shape,
  at: Surroundings,
  context: Context,
  answers: Map<Put, Answer>,
): Promise<void> => {
  const keys = open.map(({ put }) => put.entry.key);
  const found = await findByKeys(at.client, shape, keys, context);
  for (const { put, error, verdict } of open)
    answers.set(
      put,
      alreadyAs(put, found.get(put.entry.key) ?? [], at) ?? plainAnswer(error, verdict),
    );
};

const answerByTarget = async (
  open: readonly Open[],
  at: Surroundings,
  context: Context,
  answers: Map<Put, Answer>,
): Promise<void> => {
  const refs = open.flatMap(({ put }) => linkedIn(put.entry));
  const now = await whereNow(at.client, refs, context);
  for (const { put, error, verdict } of open)
    answers.set(put, answerForTarget(put.entry, error, verdict, now));
};
