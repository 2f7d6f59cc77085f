import type { Answer, Context, Write } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { amendBatch } from "./amend.ts";
import type { Amend } from "./amend.ts";
import { failed } from "./answer.ts";
import { mostRecords } from "./batch.ts";
import { shapeOf } from "./describe.ts";
import type { Describes, Shape } from "./describe.ts";
import type { Settings } from "./options.ts";
import { putBatch } from "./put.ts";
import type { Put, Surroundings } from "./put.ts";
import { retractBatch } from "./retract.ts";
import type { Retract } from "./retract.ts";

/** Writes with the same word share one request. Pure. */
export const requestOf = (write: Write): string => `${write.op} ${write.entry.type}`;

const refusedKind = (kind: string): Answer => ({
  is: "refused",
  why: "unsupported",
  reason: `This adapter writes activities, not entries of kind ${kind}`,
});

/** Two rows with one key in one call fail both (facts §3.5); the second waits for the next call. */
const twice: Answer = {
  is: "retry",
  why: "lock",
  sent: "no",
  reason: "The same key stands in this call already",
};

const noKey = (type: string): CrmError =>
  new CrmError(
    "schema",
    "no",
    `${type} has no field that can keep Wrapup's key for the integration user. See setup() of @wrapup/salesforce`,
  );

const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  );

/** Pushes writes; one answer each, in order. Answers even when the request fails: it never throws for a busy CRM (W6). */
export const createPush = (settings: Settings, describes: Describes, at: Surroundings) => {
  const shape = async (type: string, context: Context): Promise<Shape> => {
    const described = await describes.of(type, context);
    if (described === undefined)
      throw new CrmError(
        "schema",
        "no",
        `The org has no type ${type}, or the integration user may not see it`,
      );
    const found = shapeOf(described, settings);
    if (found.once === "never") throw noKey(type);
    return found;
  };

  const pushAlike = async (
    writes: readonly Write[],
    context: Context,
  ): Promise<ReadonlyMap<Write, Answer>> => {
    const [first] = writes;
    if (first === undefined) return new Map();
    const of = await shape(first.entry.type, context);
    if (first.op === "put")
      return putBatch(
        writes.filter((write): write is Put => write.op === "put"),
        of,
        at,
        context,
      );
    if (first.op === "amend")
      return amendBatch(
        writes.filter((write): write is Amend => write.op === "amend"),
        of,
        at,
        context,
      );
    return retractBatch(
      writes.filter((write): write is Retract => write.op === "retract"),
      of,
      at,
      context,
    );
  };

  const safely = async (
    writes: readonly Write[],
    context: Context,
  ): Promise<ReadonlyMap<Write, Answer>> => {
    try {
      return await pushAlike(writes, context);
    } catch (error) {
      // Only look-ups before the write throw; what was sent is answered by sendBatch. A mistake of ours stays with these writes:
      // thrown on, it would take the answers of those that are written with it.
      const answer = failed(error, error instanceof CrmError ? "no" : "maybe");
      return new Map(writes.map((write) => [write, answer]));
    }
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
    for (const group of groups.values())
      for (const part of chunks(group, mostRecords))
        for (const [write, answer] of await safely(part, context)) answers.set(write, answer);
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
