import type { Answer, Context, Warning, Write } from "@wrapup/core";
import { decisive, failed, plainAnswer, touchedStamp, written } from "./answer.ts";
import { sendBatch } from "./batch.ts";
import type { Outcome } from "./batch.ts";
import type { Shape } from "./describe.ts";
import { amendmentOf, fieldsToRead, updateOf } from "./encode.ts";
import type { Body, VendorRow } from "./encode.ts";
import type { Verdict } from "./error-codes.ts";
import type { VendorError } from "./vendor-error.ts";
import { answerForTarget, answerUnseen, followLinks, linkedIn, whereNow } from "./moved.ts";
import type { Whereabouts } from "./moved.ts";
import type { Surroundings } from "./put.ts";
import { fitting, isRecordId, rowsById } from "./query.ts";
import { ownId, queryRows, shortId, textAt } from "./rows.ts";

/** A write that changes what is there. */
export type Amend = Extract<Write, { op: "amend" }>;

/** Rows by short id, deleted ones too. Throws `CrmError`. */
export const readRows = async (
  at: Surroundings,
  type: string,
  fields: readonly string[],
  ids: readonly string[],
  context: Context,
  all: boolean,
): Promise<ReadonlyMap<string, VendorRow>> => {
  const rows = new Map<string, VendorRow>();
  for (const group of fitting([...new Set(ids)].filter(isRecordId)))
    for (const row of await queryRows(at.client, rowsById(type, fields, group), context, all))
      rows.set(shortId(ownId(row)), row);
  return rows;
};

/** Whether somebody else than the one who made it, or we, changed the row last. */
export const touchedByPerson = (row: VendorRow, us: string | undefined): boolean => {
  const last = textAt(row, "LastModifiedById");
  const ours = [textAt(row, "CreatedById"), us].flatMap((id) =>
    id === undefined ? [] : [shortId(id)],
  );
  return last !== undefined && ours.length > 0 && !ours.includes(shortId(last));
};

type Step = {
  readonly write: Amend;
  readonly row: VendorRow | undefined;
  readonly touched: boolean;
  readonly warnings: readonly Warning[];
};
type Open = Step & { readonly error: VendorError; readonly verdict: Verdict };

const done = (step: Step, at: Surroundings): Answer => {
  const { id } = step.write.receipt.ref;
  return written(step.write, "updated", id, {
    url: at.urlOf(id),
    touched: step.touched,
    warnings: step.warnings,
  });
};

/**
 * Amends a batch of one type: one read, then one collection update by id of what really differs (W3, W7). A row that people
 * deleted is `gone`; it is not revived (K6).
 */
export const amendBatch = async (
  writes: readonly Amend[],
  shape: Shape,
  at: Surroundings,
  context: Context,
): Promise<ReadonlyMap<Amend, Answer>> => {
  const answers = new Map<Amend, Answer>();
  const rows = await readRows(
    at,
    shape.type,
    fieldsToRead(writes, shape),
    writes.map((write) => write.receipt.ref.id),
    context,
    true,
  );
  const steps = new Map<Body, Step>();
  const asLinked = await withLinksAsTheyAre(writes, rows, at, context);
  for (const write of writes) {
    const { id } = write.receipt.ref;
    const row = rows.get(shortId(id));
    if (row?.["IsDeleted"] === true) {
      answers.set(write, { is: "gone" });
      continue;
    }
    const byPerson =
      write.receipt.stamp === touchedStamp ||
      (row !== undefined && touchedByPerson(row, at.client.userId()));
    const { fields, warnings } = amendmentOf(asLinked(write), row, shape, byPerson);
    const touched = byPerson || warnings.length > 0;
    const step = { write, row, touched, warnings };
    if (row !== undefined && Object.keys(fields).length === 0) answers.set(write, done(step, at));
    else steps.set(updateOf(shape.type, id, fields), step);
  }
  const bodies = [...steps.keys()];
  if (bodies.length === 0) return answers;
  const outcomes = await sendBatch(
    at.client,
    bodies,
    (records) => ({
      method: "PATCH",
      path: "/composite/sobjects",
      body: { allOrNone: false, records },
    }),
    context,
  );
  const open: Open[] = [];
  for (const [n, body] of bodies.entries()) {
    const step = steps.get(body);
    const outcome = outcomes[n];
    if (step === undefined || outcome === undefined) continue;
    const answer = answerTo(step, outcome, at);
    if ("error" in answer) open.push(answer);
    else answers.set(step.write, answer);
  }
  await closeOpen(open, at, context, answers);
  return answers;
};

/** Links that Salesforce moved along when a record was merged are still ours (K9). */
const withLinksAsTheyAre = async (
  writes: readonly Amend[],
  rows: ReadonlyMap<string, VendorRow>,
  at: Surroundings,
  context: Context,
): Promise<(write: Amend) => Amend> => {
  const rowOf = ({ receipt }: Amend): VendorRow | undefined => rows.get(shortId(receipt.ref.id));
  const placed = writes.flatMap((write) => {
    const row = write.relinked ? rowOf(write) : undefined;
    return row === undefined || row["IsDeleted"] === true ? [] : [{ entry: write.made, row }];
  });
  const follow = await followLinks(at.client, placed, context);
  return (write) => {
    const row = write.relinked ? rowOf(write) : undefined;
    return row === undefined
      ? write
      : { ...write, made: follow(write.made, row), entry: follow(write.entry, row) };
  };
};

/** Once we changed the row after a person, nobody sees any more that they did; so it is told now, whatever became of it (W7). */
const remembering = (step: Step, answer: Answer, at: Surroundings): Answer => {
  const seen = done(step, at);
  return answer.is === "retry" &&
    answer.sent === "maybe" &&
    seen.is === "written" &&
    seen.receipt.stamp !== undefined
    ? { ...answer, receipt: seen.receipt }
    : answer;
};

const answerTo = (step: Step, outcome: Outcome, at: Surroundings): Answer | Open => {
  if ("error" in outcome) return remembering(step, failed(outcome.error), at);
  if (outcome.result.success) return done(step, at);
  const { error, verdict } = decisive(outcome.result.errors);
  if (verdict.does !== "lookAtTarget") return remembering(step, plainAnswer(error, verdict), at);
  // Nobody could read it and nobody can find it: the row itself is what is missing.
  return step.row === undefined ? { is: "gone" } : { ...step, error, verdict };
};

const rowIsMissing = new Set(["ENTITY_IS_DELETED", "NOT_FOUND"]);

const closeOpen = async (
  open: readonly Open[],
  at: Surroundings,
  context: Context,
  answers: Map<Amend, Answer>,
): Promise<void> => {
  if (open.length === 0) return;
  let now: ReadonlyMap<string, Whereabouts>;
  try {
    now = await whereNow(
      at.client,
      open.flatMap(({ write }) => linkedIn(write.entry)),
      context,
    );
  } catch (cause) {
    for (const { write, error, verdict } of open)
      answers.set(write, answerUnseen(error, verdict, "no", cause));
    return;
  }
  for (const { write, error, verdict } of open) {
    const answer = answerForTarget(write.entry, error, verdict, now);
    const others = linkedIn(write.entry).every(
      (ref) => now.get(`${ref.type}/${ref.id}`)?.is === "there",
    );
    answers.set(write, others && rowIsMissing.has(error.code) ? { is: "gone" } : answer);
  }
};
