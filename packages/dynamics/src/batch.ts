import { randomUUID } from "node:crypto";
import type { Context } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { asCrmError } from "./answer.ts";
import type { Client, Reply, Request } from "./client.ts";
import { crmErrorOf, reasonOf, unsent, verdictOf } from "./errors.ts";
import { isMultipart } from "./headers.ts";
import { makeBatch, makeReads, numbered, readBatch } from "./odata/multipart.ts";
import type { ChangeSet, NumberedSet, PartReply } from "./odata/multipart.ts";
import { apiPath } from "./query.ts";
import { errorIn } from "./vendor-error.ts";
import type { VendorError } from "./vendor-error.ts";

/** What became of one change set: all of it was applied, none of it was, or nobody knows. */
export type Outcome =
  | { readonly is: "applied" }
  | { readonly is: "failed"; readonly problem: VendorError }
  | { readonly is: "unknown"; readonly error: CrmError };

/** A batch that is refused as a whole is cut in halves to find the bad write (W4), with this many requests at most. */
const mostRequests = 32;

const halves = <T>(items: readonly T[]): readonly (readonly T[])[] => {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter((part) => part.length > 0);
};

const unknown = (error: CrmError): Outcome => ({ is: "unknown", error });

/** Nobody knows what became of this write. */
const unanswered: Outcome = unknown(
  new CrmError("transient", "maybe", "Dynamics 365 gave no usable answer for this write"),
);

const left: Outcome = unknown(
  new CrmError(
    "transient",
    "no",
    "The batch was refused as a whole; this write is tried again in another one",
  ),
);

/** Same for every write of a request. */
const forAll = <T>(items: readonly T[], outcome: Outcome): Map<T, Outcome> =>
  new Map(items.map((item) => [item, outcome]));

const tooHeavy = (outcome: Outcome): boolean =>
  outcome.is === "failed" && verdictOf(outcome.problem).does === "split";

/** Whether the answers are those of this change set: by their place, and by what they say whose they are. */
const belong = (set: NumberedSet, replies: readonly PartReply[]): boolean =>
  replies.every(({ contentId }, n) =>
    replies.length === set.length
      ? contentId === undefined || contentId === set[n]?.contentId
      : contentId === undefined || set.some((one) => one.contentId === contentId),
  );

/** What the answers to one change set say. It is a transaction, so one failure stands for all of it (facts §1.6). Pure. */
export const outcomeOf = (set: NumberedSet, replies: readonly PartReply[]): Outcome => {
  const [first] = replies;
  if (first === undefined || !belong(set, replies)) return unanswered;
  if (replies.length === 1 && first.status >= 400)
    return { is: "failed", problem: errorIn(first.status, first.body) };
  const whole =
    replies.length === set.length && replies.every(({ status }) => status >= 200 && status < 300);
  return whole ? { is: "applied" } : unanswered;
};

type Asked =
  /** Answers in the order of the change sets; fewer where Dataverse stopped at a failure. */
  | { readonly outcomes: readonly Outcome[] }
  | { readonly error: CrmError }
  | { readonly split: VendorError };

const requestOf = (textWith: (boundary: string) => string): Request => {
  const boundary = `batch_${randomUUID()}`;
  return {
    method: "POST",
    path: "$batch",
    multipart: { boundary, text: textWith(boundary) },
    // One that fails must not keep those behind it from being tried (facts §1.6).
    headers: { Prefer: "odata.continue-on-error" },
  };
};

/** Trouble of the whole environment, which those behind it would meet too. */
const isGeneral = (outcome: Outcome | undefined): boolean => {
  if (outcome?.is !== "failed") return false;
  const verdict = verdictOf(outcome.problem);
  return (
    verdict.does === "signIn" ||
    (verdict.does === "retry" && verdict.why !== "lock" && verdict.why !== "transient")
  );
};

/** A batch that was refused before any of it was looked at. For a batch "not found" can only mean its own address. */
const refusalOf = (reply: Reply): CrmError =>
  reply.status === 404
    ? new CrmError("schema", "no", reasonOf(errorIn(reply.status, reply.body)))
    : crmErrorOf(reply);

/** What is to be read in the same request, after the writes. */
export type Beside = {
  readonly paths: readonly string[];
  /** One answer for each address, in order; not called where they did not all come back. */
  readonly seen: (replies: readonly PartReply[]) => void;
};

const nothingBeside: Beside = { paths: [], seen: () => undefined };

const ask = async (
  client: Client,
  changeSets: () => readonly ChangeSet[],
  beside: Beside,
  context: Context,
): Promise<Asked> => {
  try {
    const sets = numbered(changeSets());
    const reply = await client.ask(
      requestOf((boundary) => makeBatch(sets, boundary, apiPath, beside.paths)),
      context,
    );
    const all = readBatch(reply.headers.get("content-type") ?? "", reply.text);
    const answers = all?.slice(0, sets.length);
    const reads = all?.slice(sets.length) ?? [];
    if (reply.status >= 300 && !isMultipart(reply.headers)) {
      const error = refusalOf(reply);
      return error.why === "refused" ? { split: errorIn(reply.status, reply.body) } : { error };
    }
    // Where Dataverse stopped at a failure, the answers end with it, and what is behind was not tried.
    const stopped = reply.status >= 400 && answers !== undefined && reads.length === 0;
    const pairs = (answers ?? []).flatMap((replies, n) => {
      const set = sets[n];
      return set === undefined ? [] : [{ set, replies }];
    });
    // One that stands in another's place puts all places in doubt, and failures may not say whose they are.
    if (!pairs.every(({ set, replies }) => belong(set, replies)))
      return { outcomes: sets.map(() => unanswered) };
    const outcomes = pairs.map(({ set, replies }) => outcomeOf(set, replies));
    if (answers?.length === sets.length && reads.length === beside.paths.length) {
      // Where one write's answer is not clear, none of these is surely where it should be.
      if (outcomes.every(({ is }) => is !== "unknown"))
        beside.seen(reads.flatMap((one) => (one.length === 1 ? one : [])));
      return { outcomes };
    }
    if (stopped && isGeneral(outcomes.at(-1)))
      return { outcomes: sets.map((_, n) => outcomes[n] ?? left) };
    if (stopped && outcomes.at(-1)?.is === "failed") return { outcomes };
    return { outcomes: sets.map(() => unanswered) };
  } catch (error) {
    // Thrown on, it would take the results of what was sent before with it.
    return { error: asCrmError(error) };
  }
};

/**
 * Sends writes as one `$batch`, each a change set of its own, and answers each. One attempt for each write that may have been applied:
 * only what Dataverse surely did not apply is sent again, in a smaller batch. `beside` goes with the first one only. Never throws.
 */
export const sendBatch = async <T>(
  client: Client,
  items: readonly T[],
  changeSetOf: (item: T) => ChangeSet,
  context: Context,
  beside: Beside = nothingBeside,
): Promise<readonly Outcome[]> => {
  let requests = mostRequests;
  let alongside = beside;
  const inHalves = async (items: readonly T[]): Promise<Map<T, Outcome>> => {
    const outcomes = new Map<T, Outcome>();
    for (const part of halves(items))
      for (const [item, outcome] of await send(part)) outcomes.set(item, outcome);
    return outcomes;
  };
  const send = async (part: readonly T[]): Promise<Map<T, Outcome>> => {
    requests -= 1;
    if (requests < 0) return forAll(part, left);
    const reads = alongside;
    alongside = nothingBeside;
    const got = await ask(client, () => part.map(changeSetOf), reads, context);
    if ("split" in got)
      return part.length > 1 ? inHalves(part) : forAll(part, { is: "failed", problem: got.split });
    if ("error" in got) return forAll(part, unknown(got.error));
    const outcomes = new Map<T, Outcome>();
    for (const [n, item] of part.entries()) {
      const outcome = got.outcomes[n];
      if (outcome !== undefined) outcomes.set(item, outcome);
    }
    const untried = part.slice(got.outcomes.length);
    const heavy =
      part.length > 1 ? part.filter((item) => tooHeavy(outcomes.get(item) ?? unanswered)) : [];
    const again = [...heavy, ...untried];
    const sentAgain =
      again.length === 0
        ? new Map<T, Outcome>()
        : again.length < part.length
          ? await send(again)
          : await inHalves(again);
    return new Map<T, Outcome>([...outcomes, ...sentAgain]);
  };
  const outcomes = await send(items);
  return items.map((item) => outcomes.get(item) ?? unanswered);
};

/**
 * Asks for several things in one `$batch`, and answers each as Dataverse did, refusals among them. Fewer answers than addresses: it
 * stopped at the last one, a failure. Throws `CrmError`.
 */
export const askAll = async (
  client: Client,
  paths: readonly string[],
  context: Context,
): Promise<readonly PartReply[]> => {
  const request = requestOf((boundary) => makeReads(paths, boundary, apiPath));
  const reply = await client.ask({ ...request, reads: true }, context);
  if (reply.status >= 300 && !isMultipart(reply.headers)) throw unsent(refusalOf(reply));
  const answers = readBatch(reply.headers.get("content-type") ?? "", reply.text) ?? [];
  const replies = answers.flatMap((one) => (one.length === 1 ? one : []));
  const stopped = replies.length < paths.length && (replies.at(-1)?.status ?? 0) >= 300;
  if (replies.length !== answers.length || (replies.length !== paths.length && !stopped))
    throw new CrmError("transient", "no", "Dynamics 365 gave no usable answer to what was asked");
  return replies;
};
