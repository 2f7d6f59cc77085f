import type { Answer, Context, Entry, Warning, Write } from "@wrapup/core";
import { readRows, touchedByPerson } from "./amend.ts";
import { decisive, failed, plainAnswer, touchedStamp } from "./answer.ts";
import { sendBatch } from "./batch.ts";
import type { Outcome } from "./batch.ts";
import type { Request } from "./client.ts";
import type { Shape } from "./describe.ts";
import { lostLinks, unlinkingOf, updateOf } from "./encode.ts";
import type { VendorRow } from "./encode.ts";
import { followLinks } from "./moved.ts";
import { findByKeys } from "./put.ts";
import type { Surroundings } from "./put.ts";
import { ownId, shortId } from "./rows.ts";

/** A write that takes away. */
export type Retract = Extract<Write, { op: "retract" }>;

/**
 * One row that a retraction concerns; several only where an org without a unique key once made two. `entry` is the write's, with its
 * links as the row names them by now.
 */
type Target = {
  readonly write: Retract;
  readonly entry: Entry;
  readonly id: string;
  readonly row: VendorRow;
  readonly touched: boolean;
};

const readFields = ["CreatedById", "LastModifiedById", "WhoId", "WhatId"] as const;

const keptText =
  "A person changed this activity in Salesforce, so it was kept there; only Wrapup's links were removed.";
const refusedText =
  "Salesforce refused to delete this activity, so only Wrapup's links were removed.";
const leftText = "Salesforce refused to delete or change this activity, so it was left as it is.";

const warning = (text: string): readonly Warning[] => [{ code: "keptInCrm", text }];

const targetsOf = async (
  writes: readonly Retract[],
  shape: Shape,
  at: Surroundings,
  context: Context,
): Promise<readonly Target[]> => {
  const byId = writes.filter((write) => write.receipt !== undefined);
  const byKey = writes.filter((write) => write.receipt === undefined);
  const rows =
    byId.length === 0
      ? new Map<string, VendorRow>()
      : await readRows(
          at,
          shape.type,
          readFields,
          byId.map((write) => write.receipt?.ref.id ?? ""),
          context,
          false,
        );
  const found =
    byKey.length === 0
      ? new Map<string, readonly VendorRow[]>()
      : await findByKeys(
          at.client,
          shape,
          byKey.map((write) => write.entry.key),
          context,
          readFields,
        );
  const pairs = [
    ...byId.map((write) => ({ write, row: rows.get(shortId(write.receipt?.ref.id ?? "")) })),
    ...byKey.flatMap((write) => (found.get(write.entry.key) ?? []).map((row) => ({ write, row }))),
  ].flatMap(({ write, row }) => (row === undefined ? [] : [{ write, entry: write.entry, row }]));
  const follow = await followLinks(at.client, pairs, context);
  return pairs.map(({ write, row }) => {
    const entry = follow(write.entry, row);
    const touched =
      write.receipt?.stamp === touchedStamp ||
      touchedByPerson(row, at.client.userId()) ||
      // An unlinking of ours whose answer was lost makes us who changed the row last; it was kept because a person had changed it before.
      lostLinks(entry, row);
    return { write, entry, id: ownId(row), row, touched };
  });
};

const deleteRequest = (targets: readonly Target[]): Request => ({
  method: "DELETE",
  path: `/composite/sobjects?ids=${targets.map(({ id }) => id).join(",")}&allOrNone=false`,
});

const unlinkRequest =
  (type: string) =>
  (targets: readonly Target[]): Request => ({
    method: "PATCH",
    path: "/composite/sobjects",
    body: {
      allOrNone: false,
      records: targets.map(({ id, entry, row }) => updateOf(type, id, unlinkingOf(entry, row))),
    },
  });

/** An answer, or the order to remove the links instead. */
const deleted = (outcome: Outcome): Answer | "unlink" => {
  if ("error" in outcome) return failed(outcome.error);
  if (outcome.result.success) return { is: "removed", how: "deleted" };
  const { error, verdict } = decisive(outcome.result.errors);
  if (verdict.does === "lookAtTarget") return { is: "removed", how: "deleted" };
  return verdict.does === "refuse" ? "unlink" : plainAnswer(error, verdict);
};

const unlinked = (outcome: Outcome, why: string): Answer => {
  if ("error" in outcome) return failed(outcome.error);
  if (outcome.result.success) return { is: "removed", how: "unlinked", warnings: warning(why) };
  const { error, verdict } = decisive(outcome.result.errors);
  if (verdict.does === "lookAtTarget") return { is: "removed", how: "deleted" };
  return verdict.does === "refuse"
    ? { is: "removed", how: "kept", warnings: warning(leftText) }
    : plainAnswer(error, verdict);
};

/** The answer that says least was done, where a retraction concerned several rows. */
const weakest = (answers: readonly Answer[]): Answer =>
  answers.find((one) => one.is === "retry") ??
  answers.find((one) => one.is === "removed" && one.how === "kept") ??
  answers.find((one) => one.is === "removed" && one.how === "unlinked") ??
  answers[0] ?? { is: "removed", how: "deleted" };

/**
 * Takes a batch away (K5): what only Wrapup wrote is deleted; what a person changed, or may not be deleted, loses its links; and
 * where that is refused it is kept with a warning. What is not there is removed already.
 */
export const retractBatch = async (
  writes: readonly Retract[],
  shape: Shape,
  at: Surroundings,
  context: Context,
): Promise<ReadonlyMap<Retract, Answer>> => {
  const targets = await targetsOf(writes, shape, at, context);
  const answers = new Map<Target, Answer>();
  const toUnlink = new Map(
    targets.filter(({ touched }) => touched).map((target) => [target, keptText]),
  );
  const toDelete = targets.filter(({ touched }) => !touched);
  if (toDelete.length > 0)
    for (const [n, outcome] of (
      await sendBatch(at.client, toDelete, deleteRequest, context)
    ).entries()) {
      const target = toDelete[n];
      const answer = deleted(outcome);
      if (target !== undefined && answer === "unlink") toUnlink.set(target, refusedText);
      else if (target !== undefined && answer !== "unlink") answers.set(target, answer);
    }
  const linked = [...toUnlink.keys()].filter(
    ({ entry, row }) => Object.keys(unlinkingOf(entry, row)).length > 0,
  );
  for (const [target, why] of toUnlink)
    if (!linked.includes(target))
      answers.set(target, { is: "removed", how: "unlinked", warnings: warning(why) });
  if (linked.length > 0)
    for (const [n, outcome] of (
      await sendBatch(at.client, linked, unlinkRequest(shape.type), context)
    ).entries()) {
      const target = linked[n];
      if (target !== undefined)
        answers.set(target, unlinked(outcome, toUnlink.get(target) ?? keptText));
    }
  const byWrite = Map.groupBy(answers.entries(), ([target]) => target.write);
  return new Map(
    writes.map((write) => [write, weakest((byWrite.get(write) ?? []).map(([, answer]) => answer))]),
  );
};
