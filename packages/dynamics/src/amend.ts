import type { Answer, Context, Write } from "@wrapup/core";
import { stepOf } from "./activity/amendment.ts";
import type { Case, Step } from "./activity/amendment.ts";
import { missingRow, readCases } from "./activity/cases.ts";
import { followLinks } from "./activity/followed.ts";
import type { Placed } from "./activity/followed.ts";
import { lookAlong } from "./activity/look.ts";
import type { Look } from "./activity/look.ts";
import { failed, plainAnswer, written } from "./answer.ts";
import { sendBatch } from "./batch.ts";
import type { Outcome } from "./batch.ts";
import { problemOf } from "./encode.ts";
import type { Amend } from "./encode.ts";
import type { Verdict } from "./error-codes.ts";
import { verdictOf } from "./errors.ts";
import {
  answerForTarget,
  answerMoved,
  answerUnseen,
  linkedIn,
  movedAmong,
  whereNow,
} from "./moved.ts";
import type { Item, Surroundings } from "./put.ts";
import type { VendorError } from "./vendor-error.ts";

const done = ({ write, id, touched, noteTouched, plan }: Step, at: Surroundings): Answer =>
  written(write, plan.how, id, {
    url: at.urlOf(write.entry.type, id),
    touched: touched || plan.warnings.some(({ code }) => code === "editedInCrm"),
    noteTouched,
    warnings: plan.warnings,
  });

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

/** Refusals of the way, and not of what is written: rights, the organisation's own rules, states. A note has nothing else to refuse. */
const isBarred = ({ plan }: Step, error: VendorError, verdict: Verdict): boolean =>
  verdict.does === "frozen" ||
  (verdict.does === "refuse" &&
    (plan.how === "appended" ||
      verdict.why === "permission" ||
      ["0x80040265", "0x80048408"].includes(error.code)));

type Open = Step & { readonly error: VendorError; readonly verdict: Verdict };

const isMissing = ({ verdict }: Open): boolean => verdict.does === "lookAtTarget";

const answerTo = (step: Step, outcome: Outcome, at: Surroundings): Answer | Open => {
  if (outcome.is === "unknown") return remembering(step, failed(outcome.error), at);
  if (outcome.is === "applied") return done(step, at);
  const error = outcome.problem;
  const verdict = verdictOf(error);
  // An annotation that was not there a moment ago, made by another worker.
  if (verdict.does === "alreadyThere") return plainAnswer(error, { does: "changed" });
  return verdict.does === "lookAtTarget" ||
    (step.other !== undefined && isBarred(step, error, verdict))
    ? { ...step, error, verdict }
    : remembering(step, plainAnswer(error, verdict), at);
};

/**
 * Amends a batch: one read of each type's rows and one of the annotations beside completed ones, then one `$batch` of what really
 * differs (W3, W7). A row that people deleted is `gone`; it is not revived (K6).
 */
export const amendBatch = async (
  items: readonly Item<Amend>[],
  at: Surroundings,
  context: Context,
): Promise<ReadonlyMap<Write, Answer>> => {
  const answers = new Map<Write, Answer>();
  await refuseUnwritable(items, at, context, answers);
  const left = items.filter(({ write }) => !answers.has(write));
  const read = await readCases(left, at, context, answers);
  const cases = await withLinksAsTheyAre(read, at, context);
  const open = await sendSteps(cases.map(stepOf), at, context, answers);
  // The other way has no way beside it.
  const others = open.flatMap((step) =>
    isMissing(step) || step.other === undefined
      ? []
      : [{ ...step, plan: step.other, other: undefined }],
  );
  const still = await sendSteps(others, at, context, answers);
  await lookAtTargets([...open.filter(isMissing), ...still], at, context, answers);
  for (const [n, { write }] of read.entries()) {
    const answer = answers.get(cases[n]?.write ?? write);
    if (answer !== undefined) answers.set(write, answer);
  }
  return answers;
};

const placed = ({ write, row, shape }: Case): Placed => ({
  entry: write.made,
  row,
  type: shape.type,
});

/** Links that Dataverse moved along when a record was merged are still ours (K9). */
const withLinksAsTheyAre = async (
  cases: readonly Case[],
  at: Surroundings,
  context: Context,
): Promise<readonly Case[]> => {
  const relinked = cases.filter(({ write }) => write.relinked);
  const follow = await followLinks(at, relinked.map(placed), context);
  return cases.map((one) => {
    const { write } = one;
    if (!write.relinked) return one;
    const [made, entry] = [follow(write.made, placed(one)), follow(write.entry, placed(one))];
    return { ...one, write: { ...write, made, entry } };
  });
};

/** Dataverse took a link to a record that was merged since we looked (K9): sent again, it is answered where that is. */
const followed = ({ write }: Step, answer: Answer, { hasMoved }: Look): Answer =>
  answer.is === "written" && write.relinked && linkedIn(write.entry).some(hasMoved)
    ? {
        is: "retry",
        why: "lock",
        sent: "maybe",
        reason: "A linked record was merged meanwhile",
        receipt: answer.receipt,
      }
    : answer;

const sendSteps = async (
  steps: readonly Step[],
  at: Surroundings,
  context: Context,
  answers: Map<Write, Answer>,
): Promise<readonly Open[]> => {
  const sent = steps.filter(({ plan }) => plan.parts.length > 0);
  for (const step of steps)
    if (step.plan.parts.length === 0) answers.set(step.write, done(step, at));
  const look = lookAlong(
    sent.flatMap(({ write }) => (write.relinked ? linkedIn(write.entry) : [])),
  );
  const outcomes =
    sent.length === 0
      ? []
      : await sendBatch(at.client, sent, ({ plan }) => plan.parts, context, look);
  const open: Open[] = [];
  for (const [n, step] of sent.entries()) {
    const outcome = outcomes[n];
    const answer = outcome === undefined ? undefined : answerTo(step, outcome, at);
    if (answer === undefined) continue;
    if ("error" in answer) open.push(answer);
    else answers.set(step.write, followed(step, answer, look));
  }
  return open;
};

/** Links that went elsewhere, and what cannot be written here, are answered before anything is read. */
const refuseUnwritable = async (
  items: readonly Item<Amend>[],
  at: Surroundings,
  context: Context,
  answers: Map<Write, Answer>,
): Promise<void> => {
  const relinked = items.filter(({ write }) => write.relinked);
  const went = await movedAmong(
    at,
    relinked.flatMap(({ write }) => linkedIn(write.entry)),
    context,
  );
  for (const { write, shape } of items) {
    const answer =
      (write.relinked ? answerMoved(linkedIn(write.entry), went) : undefined) ??
      problemOf(write.entry, shape);
    if (answer !== undefined) answers.set(write, answer);
  }
};

/** Something that the write names is missing: a linked record, or the row itself since it was read. */
const lookAtTargets = async (
  open: readonly Open[],
  at: Surroundings,
  context: Context,
  answers: Map<Write, Answer>,
): Promise<void> => {
  if (open.length === 0) return;
  try {
    const now = await whereNow(
      at,
      open.flatMap(({ write }) => linkedIn(write.entry)),
      context,
    );
    for (const { write, shape, error, verdict } of open) {
      const answer = answerForTarget(write.entry, error, verdict, now);
      const itself = await missingRow(write, shape, at, context);
      answers.set(write, itself.is === "gone" ? itself : answer);
    }
  } catch (cause) {
    for (const { write, error, verdict } of open)
      answers.set(write, answerUnseen(error, verdict, "no", cause));
  }
};
