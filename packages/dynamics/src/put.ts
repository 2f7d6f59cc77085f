import type { Answer, Context, Write } from "@wrapup/core";
import { keyUuid } from "@wrapup/core";
import { lookAlong } from "./activity/look.ts";
import type { Look } from "./activity/look.ts";
import { failed, plainAnswer, written } from "./answer.ts";
import { sendBatch } from "./batch.ts";
import type { Outcome } from "./batch.ts";
import type { Client } from "./client.ts";
import type { Describes } from "./describe.ts";
import { completionOf, problemOf, rowOf, warningsOf } from "./encode.ts";
import type { Shape } from "./encode.ts";
import type { Verdict } from "./error-codes.ts";
import { verdictOf } from "./errors.ts";
import {
  answerForTarget,
  answerMoved,
  answerUnseen,
  cannotBeAsked,
  linkedIn,
  movedAmong,
  whereNow,
} from "./moved.ts";
import type { ChangeSet } from "./odata/multipart.ts";
import { nameOf, rowAt } from "./query.ts";
import { findByIds, idAt } from "./rows.ts";
import type { VendorRow } from "./rows.ts";
import type { VendorError } from "./vendor-error.ts";

/** A write that makes something exist. */
export type Put = Extract<Write, { op: "put" }>;

/** A write, with how its type is written here. */
export type Item<W extends Write> = { readonly write: W; readonly shape: Shape };

/** What writing needs of its surroundings. */
export type Surroundings = {
  readonly client: Client;
  readonly describes: Describes;
  readonly tables: {
    readonly setOf: (type: string) => string | undefined;
    /** Throws `CrmError`. */
    readonly learn: (types: readonly string[], context: Context) => Promise<void>;
  };
  readonly urlOf: (type: string, id: string) => string | undefined;
};

/** The row's id: the same in every attempt, so that there is one (W2). */
export const idOf = ({ entry }: Write): string => keyUuid(entry.key);

/** Whether somebody else than the one who made it, or we, changed the row last. */
export const touchedByPerson = (row: VendorRow, us: string | undefined): boolean => {
  const last = idAt(row, "_modifiedby_value");
  const ours = [idAt(row, "_createdby_value"), us?.toLowerCase()].filter((id) => id !== undefined);
  return last !== undefined && ours.length > 0 && !ours.includes(last);
};

/** Rows of writes of any type, by id: one query for each type. Throws `CrmError`. */
const findPuts = async (
  items: readonly Item<Put>[],
  at: Surroundings,
  context: Context,
): Promise<ReadonlyMap<string, VendorRow>> => {
  const found = new Map<string, VendorRow>();
  for (const ofType of Map.groupBy(items, ({ shape }) => shape.type.name).values()) {
    const [first] = ofType;
    if (first === undefined) continue;
    const ids = ofType.map(({ write }) => idOf(write));
    for (const [id, row] of await findByIds(at.client, first.shape.type, ids, context))
      found.set(id, row);
  }
  return found;
};

/**
 * One activity: made only if it is not there, with its parties, then completed, all or none (facts §1.2, §1.4). What is there already
 * stays as it is. A POST that names its id refuses the second one, as a PATCH with `If-None-Match: *` would; but a PATCH takes no rows
 * below its own, not even as a create ("Deep update of navigation properties is not allowed.").
 */
const changeSetOf = ({ write, shape }: Item<Put>): ChangeSet => {
  const { entitySet, primaryId } = shape.type;
  const id = idOf(write);
  return [
    {
      method: "POST",
      path: nameOf(entitySet),
      body: { [primaryId]: id, ...rowOf(write.entry, shape) },
    },
    ...(write.entry.final
      ? [
          {
            method: "PATCH",
            path: rowAt(entitySet, id),
            headers: { "If-Match": "*" },
            body: completionOf(write.entry, shape.type),
          } as const,
        ]
      : []),
  ];
};

type Open = Item<Put> & {
  readonly error: VendorError;
  readonly verdict: Verdict;
  readonly look: "key" | "target";
};

/** What an error asks to be looked up before it can be answered. A put has no other condition than that nothing is there. */
const followUp = ({ does }: Verdict): "key" | "target" | "none" => {
  if (does === "alreadyThere" || does === "changed" || does === "frozen") return "key";
  return does === "lookAtTarget" ? "target" : "none";
};

const already = ({ write }: Item<Put>, at: Surroundings): Answer => {
  const id = idOf(write);
  return written(write, "already", id, { url: at.urlOf(write.entry.type, id) });
};

type Looked = Surroundings & { readonly look: Look };

const isDoubtful = ({ write }: Item<Put>, look: Look): boolean =>
  linkedIn(write.entry).some(look.isDoubtful);

/**
 * A row that is there, though a link of it may name the loser of a merge (K9). Core has to write all of it again, and then it is
 * followed: after `already` it does so for a new put, and for a repeat, where that says nothing new, after this.
 */
const unfollowed = (item: Item<Put>, at: Surroundings): Answer => {
  const answer = already(item, at);
  return item.write.maybeSent && answer.is === "written"
    ? {
        is: "retry",
        why: "lock",
        sent: "maybe",
        reason: "It is there, but a linked record may have been merged, so it is written once more",
        receipt: answer.receipt,
      }
    : answer;
};

/** Dataverse's word that a row with our id is there. */
const standing = (item: Item<Put>, at: Looked): Answer =>
  isDoubtful(item, at.look) ? unfollowed(item, at) : already(item, at);

const answerTo = (item: Item<Put>, outcome: Outcome, at: Surroundings): Answer | Open => {
  if (outcome.is === "unknown") return failed(outcome.error);
  const { write, shape } = item;
  if (outcome.is === "applied") {
    const id = idOf(write);
    return written(write, "created", id, {
      url: at.urlOf(write.entry.type, id),
      warnings: warningsOf(write.entry, shape),
    });
  }
  const verdict = verdictOf(outcome.problem);
  const look = followUp(verdict);
  return look === "none"
    ? plainAnswer(outcome.problem, verdict)
    : { ...item, error: outcome.problem, verdict, look };
};

/**
 * Puts a batch in one `$batch`, which also looks where the links are, and looks up what was refused. A repeat whose first attempt was
 * carried out meets its own row, and is `already` (W3).
 */
export const putBatch = async (
  items: readonly Item<Put>[],
  at: Surroundings,
  context: Context,
): Promise<ReadonlyMap<Write, Answer>> => {
  const answers = new Map<Write, Answer>();
  // `already` says nothing new of a repeat, so its links are looked at before it is sent.
  const went = await movedAmong(
    at,
    items.flatMap(({ write }) => (write.maybeSent ? linkedIn(write.entry) : [])),
    context,
  );
  for (const { write, shape } of items) {
    const answer = answerMoved(linkedIn(write.entry), went) ?? problemOf(write.entry, shape);
    if (answer !== undefined) answers.set(write, answer);
  }
  const left = items.filter(({ write }) => !answers.has(write));
  const look = lookAlong(left.flatMap(({ write }) => linkedIn(write.entry)));
  const outcomes =
    left.length === 0 ? [] : await sendBatch(at.client, left, changeSetOf, context, look);
  const open: Open[] = [];
  for (const [n, item] of left.entries()) {
    const outcome = outcomes[n];
    if (outcome === undefined) continue;
    const answer = answerTo(item, outcome, at);
    if (outcome.is === "applied" && isDoubtful(item, look))
      answers.set(item.write, unfollowed(item, at));
    else if ("look" in answer) open.push(answer);
    else answers.set(item.write, answer);
  }
  await closeOpen(open, { ...at, look }, context, answers);
  await lookAgain(items, { ...at, look }, context, answers);
  return answers;
};

/** Answers what Dataverse refused, after a look why. What cannot be looked up is answered too, each kind by itself. */
const closeOpen = async (
  open: readonly Open[],
  at: Looked,
  context: Context,
  answers: Map<Write, Answer>,
): Promise<void> => {
  const byKey = open.filter(({ look }) => look === "key");
  const byTarget = open.filter(({ look }) => look === "target");
  await answerByKey(byKey, at, context, answers).catch((cause: unknown) => {
    // Who may not look has only Dataverse's word, which is that a row with our own id is there.
    for (const one of byKey)
      answers.set(
        one.write,
        cannotBeAsked(cause) && one.verdict.does === "alreadyThere"
          ? standing(one, at)
          : answerUnseen(one.error, one.verdict, "maybe", cause),
      );
  });
  await answerByTarget(byTarget, at, context, answers).catch((cause: unknown) => {
    for (const { write, error, verdict } of byTarget)
      answers.set(write, answerUnseen(error, verdict, "no", cause));
  });
};

/** A row with our id, and not one that a plug-in tripped over: an `already` without a row would later look like one that people deleted. */
const answerByKey = async (
  open: readonly Open[],
  at: Looked,
  context: Context,
  answers: Map<Write, Answer>,
): Promise<void> => {
  const found = await findPuts(open, at, context);
  for (const one of open)
    answers.set(
      one.write,
      found.has(idOf(one.write)) ? standing(one, at) : plainAnswer(one.error, one.verdict),
    );
};

const answerByTarget = async (
  open: readonly Open[],
  at: Surroundings,
  context: Context,
  answers: Map<Write, Answer>,
): Promise<void> => {
  const now = await whereNow(
    at,
    open.flatMap(({ write }) => linkedIn(write.entry)),
    context,
  );
  for (const { write, error, verdict } of open)
    answers.set(write, answerForTarget(write.entry, error, verdict, now));
};

const unseen: Answer = {
  is: "refused",
  why: "permission",
  reason:
    "It was refused now, but an earlier attempt may have been carried out, and the application user may not look for it",
};

/** A repeated put is given up only after a look: its first attempt may be there, and then nothing is to be mended (contract of push). */
const lookAgain = async (
  items: readonly Item<Put>[],
  at: Looked,
  context: Context,
  answers: Map<Write, Answer>,
): Promise<void> => {
  const givenUp = items.filter(({ write }) => {
    const is = answers.get(write)?.is;
    return write.maybeSent && (is === "refused" || is === "moved");
  });
  try {
    const found = await findPuts(givenUp, at, context);
    for (const item of givenUp)
      if (found.has(idOf(item.write))) {
        const went = answers.get(item.write)?.is === "moved";
        answers.set(item.write, went ? unfollowed(item, at) : standing(item, at));
      }
  } catch (cause) {
    const answer = cannotBeAsked(cause) ? unseen : failed(cause, "maybe");
    for (const { write } of givenUp) answers.set(write, answer);
  }
};
