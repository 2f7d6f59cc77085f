import type { Context } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { asCrmError, decisive, resultsIn } from "./answer.ts";
import type { SaveResult } from "./answer.ts";
import type { Client, Request } from "./client.ts";
import { crmErrorOf, reasonOf } from "./errors.ts";
import { errorsIn } from "./vendor-error.ts";

/** Most records of one collection request (facts §2.2). */
export const mostRecords = 200;

/** What became of one record: its own result, or the failure of the request that carried it. */
export type Outcome = { readonly result: SaveResult } | { readonly error: CrmError };

/** A batch that is refused as a whole is cut in halves to find the bad record (W4), with this many requests at most. */
const mostRequests = 32;

const halves = <T>(items: readonly T[]): readonly (readonly T[])[] => {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter((part) => part.length > 0);
};

/** Nobody knows what became of this record. */
const unanswered: Outcome = {
  error: new CrmError("transient", "maybe", "Salesforce gave no usable answer for this record"),
};

const outcomeOf = (result: SaveResult | undefined): Outcome =>
  result === undefined ? unanswered : { result };

/** Same for every record of a request. */
const forAll = <T>(items: readonly T[], outcome: Outcome): Map<T, Outcome> =>
  new Map(items.map((item) => [item, outcome]));

const tooHeavy = (outcome: Outcome): boolean =>
  "result" in outcome &&
  !outcome.result.success &&
  decisive(outcome.result.errors).verdict.does === "split";

/**
 * Sends records as one collection and answers each. One attempt for each record that may have been applied: only what Salesforce
 * surely did not apply is sent again, in a smaller batch. Never throws.
 */
export const sendBatch = async <T>(
  client: Client,
  items: readonly T[],
  request: (items: readonly T[]) => Request,
  context: Context,
): Promise<readonly Outcome[]> => {
  let left = mostRequests;
  const inHalves = async (items: readonly T[]): Promise<Map<T, Outcome>> => {
    const outcomes = new Map<T, Outcome>();
    for (const part of halves(items))
      for (const [item, outcome] of await send(part)) outcomes.set(item, outcome);
    return outcomes;
  };
  const send = async (part: readonly T[]): Promise<Map<T, Outcome>> => {
    left -= 1;
    if (left < 0)
      return forAll(part, {
        error: new CrmError(
          "transient",
          "no",
          "The batch was refused as a whole; this record is tried again in another one",
        ),
      });
    const got = await ask(client, () => request(part), part.length, context);
    if ("split" in got && part.length > 1) return inHalves(part);
    if ("split" in got || "error" in got) return forAll(part, "split" in got ? got.split : got);
    const outcomes = new Map(part.map((item, at) => [item, outcomeOf(got.results[at])]));
    const again =
      part.length > 1 ? part.filter((item) => tooHeavy(outcomes.get(item) ?? unanswered)) : [];
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

type Asked =
  | { readonly results: readonly (SaveResult | undefined)[] }
  | { readonly error: CrmError }
  | { readonly split: Outcome };

const ask = async (
  client: Client,
  request: () => Request,
  expected: number,
  context: Context,
): Promise<Asked> => {
  try {
    const reply = await client.ask(request(), context);
    if (reply.status < 300) {
      const results = resultsIn(reply.body, expected);
      return results === undefined
        ? {
            error: new CrmError(
              "transient",
              "maybe",
              "Salesforce answered the batch in a form that is not understood",
            ),
          }
        : { results };
    }
    const { error, verdict } = decisive(errorsIn(reply.body));
    // For a collection "not found" can only mean its address: the type or the key field.
    if (error.code === "NOT_FOUND") return { error: new CrmError("schema", "no", reasonOf(error)) };
    if (verdict.does === "retry" || verdict.does === "signIn") return { error: crmErrorOf(reply) };
    return { split: { result: { success: false, errors: errorsIn(reply.body) } } };
  } catch (error) {
    // Thrown on, it would take the results of what was sent before with it.
    return { error: asCrmError(error) };
  }
};
