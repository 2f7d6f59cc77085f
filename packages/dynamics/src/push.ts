import type { Answer, Context, RecordId, Write } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { amendBatch } from "./amend.ts";
import { failed } from "./answer.ts";
import type { Client } from "./client.ts";
import type { Describes } from "./describe.ts";
import type { Shape } from "./encode.ts";
import { linkedIn, tableOf } from "./moved.ts";
import { createPace, nextBatch, tiedTogether } from "./odata/pace.ts";
import { createTurns } from "./odata/turns.ts";
import type { Settings } from "./options.ts";
import { putBatch } from "./put.ts";
import type { Item, Surroundings } from "./put.ts";
import { retractBatch } from "./retract.ts";

/** Writes with the same word share one request: a `$batch` takes all types alike. Pure. */
export const requestOf = (write: Write): string => write.op;

const refusedKind = (kind: string): Answer => ({
  is: "refused",
  why: "unsupported",
  reason: `This adapter writes activities, not entries of kind ${kind}`,
});

/** Two writes of one row in one call would meet in its version; the second waits for the next call. */
const twice: Answer = {
  is: "retry",
  why: "lock",
  sent: "no",
  reason: "The same key stands in this call already",
};

const noType = (type: string): CrmError =>
  new CrmError(
    "schema",
    "no",
    `The environment has no table ${type}, or the application user may not see it`,
  );

/** Who may not read descriptions can write nothing at all: that is the connection's trouble, and no refusal of one write. */
const undescribed = (error: unknown): Answer => {
  const answer = failed(error, "no");
  return answer.is === "refused"
    ? { is: "retry", why: "schema", sent: "no", reason: answer.reason }
    : answer;
};

/** Rows that may not be read cannot be compared. */
const unread = (error: unknown): Answer => {
  const answer = failed(error, error instanceof CrmError ? "no" : "maybe");
  return answer.is === "refused" ? { ...answer, why: "permission" } : answer;
};

const notTried: Answer = {
  is: "retry",
  why: "transient",
  sent: "no",
  reason: "Not tried, because the call had ended",
};

/** Trouble that every request of now would meet. */
const isGeneral = (answer: Answer): boolean =>
  answer.is === "retry" && answer.why !== "lock" && answer.why !== "transient";

/** How tables are named in addresses, learnt before they are written to. */
const createTables = (describes: Describes): Surroundings["tables"] => {
  const sets = new Map<string, string>();
  return {
    setOf: (type) => sets.get(type),
    learn: async (types, context) => {
      for (const type of new Set(types)) {
        const table = sets.has(type) ? undefined : await tableOf(type, describes, context);
        if (table !== undefined) sets.set(type, table.entitySet);
      }
    },
  };
};

/** Pushes writes; one answer each, in order. Answers even when the request fails: it never throws for a busy CRM (W6). */
export const createPush = (
  settings: Settings,
  describes: Describes,
  of: {
    readonly client: Client;
    readonly urlOf: (type: string, id: string) => string | undefined;
  },
) => {
  const tables = createTables(describes);
  const pace = createPace(settings.maxBatch);
  const turns = createTurns(() =>
    Math.min(settings.maxConcurrent, of.client.parallelism() ?? settings.maxConcurrent),
  );
  const at: Surroundings = {
    ...of,
    tables,
    describes,
  };

  /** The shape of each type; what cannot be described fails its own writes only. */
  const shapes = async (
    writes: readonly Write[],
    context: Context,
    answers: Map<Write, Answer>,
  ): Promise<readonly Item<Write>[]> => {
    const items: Item<Write>[] = [];
    for (const [name, ofType] of Map.groupBy(writes, (write) => write.entry.type)) {
      try {
        const type = await describes.of(name, context);
        if (type === undefined) throw noType(name);
        await tables.learn(ofType.flatMap(namedTables), context);
        // A mapped lookup to one certain table is bound by that table's name.
        const lookups = ofType.flatMap((write) =>
          type.navigation.filter(({ column }) => Object.hasOwn(write.entry.fields, column)),
        );
        await tables.learn(
          lookups.map(({ target }) => target),
          context,
        );
        const shape: Shape = { type, setOf: tables.setOf };
        items.push(...ofType.map((write) => ({ write, shape })));
      } catch (error) {
        for (const write of ofType) answers.set(write, undescribed(error));
      }
    }
    return items;
  };

  const safely = async (
    writes: readonly Write[],
    context: Context,
    answers: Map<Write, Answer>,
  ): Promise<void> => {
    const items = await shapes(writes, context, answers);
    const began = performance.now();
    try {
      const pushed = await pushAlike(items, at, context);
      for (const [write, answer] of pushed) answers.set(write, answer);
      const done = [...pushed.values()].some(({ is }) => is !== "retry");
      pace.took(items.length, performance.now() - began, done);
    } catch (error) {
      // Only look-ups before the write throw; what was sent is answered by sendBatch. A mistake of ours stays with these writes:
      // thrown on, it would take the answers of those that are written with it.
      const answer = unread(error);
      for (const { write } of items) answers.set(write, answer);
    }
  };

  /** Batches of alike writes, each when its turn comes. What would meet the trouble of another one is not sent. */
  const sideBySide = async (
    writes: readonly Write[],
    context: Context,
    answers: Map<Write, Answer>,
  ): Promise<void> => {
    const queue = [...tiedTogether(writes)];
    let halted: Answer | undefined;
    const oneBatch = async (): Promise<void> => {
      if (halted !== undefined) return;
      const taken = nextBatch(queue, pace);
      const [batch, rest] = [taken.slice(0, pace.size()), taken.slice(pace.size())];
      await safely(batch, context, answers);
      // Writes of one record that are too many for one batch go one batch after the other.
      if (rest.length > 0) queue.unshift(rest);
      halted ??= batch.flatMap((write) => answers.get(write) ?? []).find(isGeneral);
    };
    const line = async (): Promise<void> => {
      while (queue.length > 0 && halted === undefined)
        try {
          await turns("", context.signal, oneBatch);
        } catch (error) {
          halted = failed(error, "no");
        }
    };
    await Promise.all(Array.from({ length: Math.ceil(writes.length / pace.size()) }, line));
    for (const write of queue.flat())
      answers.set(write, halted?.is === "retry" ? { ...halted, sent: "no" } : notTried);
  };

  return async (writes: readonly Write[], context: Context): Promise<readonly Answer[]> => {
    const answers = new Map<Write, Answer>();
    const seen = new Set<string>();
    for (const write of writes) {
      if (write.entry.kind !== "activity") answers.set(write, refusedKind(write.entry.kind));
      else if (seen.has(write.entry.key)) answers.set(write, twice);
      else seen.add(write.entry.key);
    }
    const groups = Map.groupBy(
      writes.filter((write) => !answers.has(write)),
      requestOf,
    );
    for (const group of groups.values()) await sideBySide(group, context, answers);
    const all = writes.map(
      (write): Answer =>
        answers.get(write) ?? {
          is: "retry",
          why: "transient",
          sent: "maybe",
          reason: "No answer for this write",
        },
    );
    if (all.some((answer) => answer.is === "retry" && answer.why === "schema")) describes.forget();
    return all;
  };
};

/** Tables that a write names: of its links, before and after, and of owners. */
const namedTables = (write: Write): readonly string[] => {
  const made: readonly RecordId[] = write.op === "amend" ? linkedIn(write.made) : [];
  return ["systemuser", ...[...linkedIn(write.entry), ...made].map(({ type }) => type)];
};

const only = <Op extends Write["op"]>(
  items: readonly Item<Write>[],
  op: Op,
): readonly Item<Extract<Write, { op: Op }>>[] =>
  items.flatMap(({ write, shape }) => (isOp(write, op) ? [{ write, shape }] : []));

const isOp = <Op extends Write["op"]>(write: Write, op: Op): write is Extract<Write, { op: Op }> =>
  write.op === op;

const pushAlike = async (
  items: readonly Item<Write>[],
  at: Surroundings,
  context: Context,
): Promise<ReadonlyMap<Write, Answer>> => {
  const [first] = items;
  if (first === undefined) return new Map();
  if (first.write.op === "put") return putBatch(only(items, "put"), at, context);
  if (first.write.op === "amend") return amendBatch(only(items, "amend"), at, context);
  return retractBatch(only(items, "retract"), at, context);
};
