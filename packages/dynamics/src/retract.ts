import type { Answer, Context, Warning, Write } from "@wrapup/core";
import { changeParts } from "./activity/amendment.ts";
import type { RowChange } from "./activity/amendment.ts";
import { unregarding } from "./activity/compare-links.ts";
import { followLinks } from "./activity/followed.ts";
import { annotations, lateId } from "./activity/late.ts";
import { areKnown, customersOf, partiesExpand, partiesIn } from "./activity/parties.ts";
import type { Party } from "./activity/parties.ts";
import { failed, isTouched, plainAnswer } from "./answer.ts";
import { sendBatch } from "./batch.ts";
import type { Outcome } from "./batch.ts";
import { isFrozen, regardingOf, stateOf } from "./encode.ts";
import { verdictOf } from "./errors.ts";
import { cannotBeAsked, hangingOn } from "./moved.ts";
import type { ChangeSet } from "./odata/multipart.ts";
import { idOf, touchedByPerson } from "./put.ts";
import type { Item, Surroundings } from "./put.ts";
import { fitting, rowAt } from "./query.ts";
import { etagOf, findByIds, idAt, queryRows } from "./rows.ts";
import type { VendorRow } from "./rows.ts";

/** A write that takes away. */
export type Retract = Extract<Write, { op: "retract" }>;

/** One row that a retraction concerns. `write` names its links as the row does by now; `asked` is the one to be answered. */
type Target = Item<Retract> & {
  readonly asked: Retract;
  readonly id: string;
  readonly row: VendorRow;
  readonly touched: boolean;
};

const readColumns = [
  "statecode",
  "statuscode",
  "_createdby_value",
  "_modifiedby_value",
  "_regardingobjectid_value",
] as const;

const keptText =
  "A person changed this activity in Dynamics 365, so it was kept there; only Wrapup's links were removed.";
const refusedText =
  "Dynamics 365 refused to delete this activity, so only Wrapup's links were removed.";
const leftText = "Dynamics 365 refused to delete or change this activity, so it was left as it is.";

const warning = (text: string): readonly Warning[] => [{ code: "keptInCrm", text }];

/** Without a receipt it is found by its key, which is its id. */
const targetId = (write: Retract): string => write.receipt?.ref.id.toLowerCase() ?? idOf(write);

const targetsOf = async (
  items: readonly Item<Retract>[],
  at: Surroundings,
  context: Context,
): Promise<readonly Target[]> => {
  const us = at.client.userId() ?? (await at.client.whoAmI(context));
  const targets: Target[] = [];
  for (const ofType of Map.groupBy(items, ({ shape }) => shape.type.name).values()) {
    const [first] = ofType;
    if (first === undefined) continue;
    const { shape } = first;
    const rows = await findByIds(
      at.client,
      shape.type,
      ofType.map(({ write }) => targetId(write)),
      context,
      readColumns,
      partiesExpand(shape.type),
    );
    const worked = await workedOn(rows, ofType, us, at, context);
    const found = ofType.flatMap(({ write: asked }) => {
      const row = rows.get(targetId(asked));
      return row === undefined
        ? []
        : [{ asked, placed: { entry: asked.entry, row, type: shape.type } }];
    });
    const follow = await followLinks(
      at,
      found.map(({ placed }) => placed),
      context,
    );
    for (const { asked, placed } of found) {
      const { row } = placed;
      const id = targetId(asked);
      const write: Retract = { ...asked, entry: follow(asked.entry, placed) };
      const touched =
        isTouched(write.receipt) ||
        touchedByPerson(row, us) ||
        worked.has(id) ||
        // An unlinking of ours whose answer was lost makes us who changed the row last; it was kept because a person had changed it before.
        lostLinks({ write, shape }, row);
      targets.push({ asked, write, shape, id, row, touched });
    }
  }
  return targets;
};

/** Activities with notes of people, which would be deleted with them. Where notes cannot be read, there may be some. */
const workedOn = async (
  rows: ReadonlyMap<string, VendorRow>,
  items: readonly Item<Retract>[],
  us: string,
  at: Surroundings,
  context: Context,
): Promise<ReadonlySet<string>> => {
  const ours = new Set(items.map(({ write }) => lateId(write.entry)));
  const worked = new Set<string>();
  const columns = ["_objectid_value", "_createdby_value", "_modifiedby_value"];
  try {
    for (const ids of fitting([...rows.keys()])) {
      const path = hangingOn(annotations, "_objectid_value", columns, ids);
      for (const note of await queryRows(at.client, path, context)) {
        const on = idAt(note, "_objectid_value");
        const own = ours.has(idAt(note, "annotationid") ?? "") && !touchedByPerson(note, us);
        if (on !== undefined && !own) worked.add(on);
      }
    }
    return worked;
  } catch (error) {
    if (cannotBeAsked(error)) return new Set(rows.keys());
    throw error;
  }
};

/** The row's parties without the records that we put there; `undefined` where none of them is there, or the list cannot be told. */
const withoutOurs = (
  { write, shape }: Item<Retract>,
  row: VendorRow,
): readonly Party[] | undefined => {
  const ids = new Set(
    customersOf(write.entry, shape.type).flatMap(({ ref }) => ref?.id.toLowerCase() ?? []),
  );
  const current = partiesIn(row, shape.type);
  const left = current?.filter(({ ref }) => ref === undefined || !ids.has(ref.id));
  return left === undefined || left.length === current?.length || !areKnown(left, shape.setOf)
    ? undefined
    : left;
};

/** What takes our links off a row: only those that it still holds, since another link there is a person's (K5, W7). */
const unlinkingOf = (item: Item<Retract>, row: VendorRow): RowChange | undefined => {
  const body = unregarding(item.write.entry, row, item.shape);
  const parties = withoutOurs(item, row);
  if (Object.keys(body).length === 0 && parties === undefined) return undefined;
  return {
    body,
    ...(parties !== undefined && { parties }),
    // In the state that it has, which may be a person's.
    ...(isFrozen(row) && { finish: stateOf(row) }),
  };
};

/** Whether links of ours were taken off a row, by us or by a person, and none of ours is left. */
const lostLinks = (item: Item<Retract>, row: VendorRow): boolean => {
  const { entry } = item.write;
  const customers = customersOf(entry, item.shape.type);
  if (unlinkingOf(item, row) !== undefined) return false;
  const noRegarding =
    regardingOf(entry) !== undefined && (row["_regardingobjectid_value"] ?? null) === null;
  const people = (partiesIn(row, item.shape.type) ?? []).filter(
    ({ ref }) => ref !== undefined && ref.type !== "systemuser",
  );
  return noRegarding || (customers.length > 0 && people.length === 0);
};

const deletion = ({ id, row, shape }: Target): ChangeSet => [
  {
    method: "DELETE",
    path: rowAt(shape.type.entitySet, id),
    headers: { "If-Match": etagOf(row) ?? "*" },
  },
];

/** An answer, or the order to remove the links instead. */
const deleted = (outcome: Outcome): Answer | "unlink" => {
  if (outcome.is === "unknown") return failed(outcome.error);
  if (outcome.is === "applied") return { is: "removed", how: "deleted" };
  const verdict = verdictOf(outcome.problem);
  if (verdict.does === "lookAtTarget") return { is: "removed", how: "deleted" };
  return verdict.does === "refuse" ? "unlink" : plainAnswer(outcome.problem, verdict);
};

const unlinked = (outcome: Outcome, why: string): Answer => {
  if (outcome.is === "unknown") return failed(outcome.error);
  if (outcome.is === "applied") return { is: "removed", how: "unlinked", warnings: warning(why) };
  const verdict = verdictOf(outcome.problem);
  if (verdict.does === "lookAtTarget") return { is: "removed", how: "deleted" };
  return verdict.does === "refuse"
    ? { is: "removed", how: "kept", warnings: warning(leftText) }
    : plainAnswer(outcome.problem, verdict);
};

/**
 * Takes a batch away (K5): what only Wrapup wrote is deleted, its annotation with it; what a person changed, or may not be deleted,
 * loses its links; and where that is refused it is kept with a warning. What is not there is removed already.
 */
export const retractBatch = async (
  items: readonly Item<Retract>[],
  at: Surroundings,
  context: Context,
): Promise<ReadonlyMap<Write, Answer>> => {
  const targets = await targetsOf(items, at, context);
  const answers = new Map<Write, Answer>();
  for (const { write } of items) answers.set(write, { is: "removed", how: "deleted" });
  const toUnlink = new Map(
    targets.filter(({ touched }) => touched).map((target) => [target, keptText]),
  );
  const toDelete = targets.filter(({ touched }) => !touched);
  if (toDelete.length > 0)
    for (const [n, outcome] of (
      await sendBatch(at.client, toDelete, deletion, context)
    ).entries()) {
      const target = toDelete[n];
      const answer = deleted(outcome);
      if (target === undefined) continue;
      if (answer === "unlink") toUnlink.set(target, refusedText);
      else answers.set(target.asked, answer);
    }
  await unlink(toUnlink, at, context, answers);
  return answers;
};

const unlink = async (
  targets: ReadonlyMap<Target, string>,
  at: Surroundings,
  context: Context,
  answers: Map<Write, Answer>,
): Promise<void> => {
  const linked: { readonly target: Target; readonly parts: ChangeSet }[] = [];
  for (const [target, why] of targets) {
    const change = unlinkingOf(target, target.row);
    if (change !== undefined) linked.push({ target, parts: changeParts(target, change) });
    else answers.set(target.asked, { is: "removed", how: "unlinked", warnings: warning(why) });
  }
  if (linked.length === 0) return;
  const outcomes = await sendBatch(at.client, linked, ({ parts }) => parts, context);
  for (const [n, { target }] of linked.entries()) {
    const outcome = outcomes[n];
    if (outcome !== undefined)
      answers.set(target.asked, unlinked(outcome, targets.get(target) ?? keptText));
  }
};
