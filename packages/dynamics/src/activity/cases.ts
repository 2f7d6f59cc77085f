import type { Answer, Context, Write } from "@wrapup/core";
import { failed, isNoteTouched, isTouched, plainAnswer } from "../answer.ts";
import { isFrozen } from "../encode.ts";
import type { Amend, Shape } from "../encode.ts";
import { verdictOf } from "../errors.ts";
import { touchedByPerson } from "../put.ts";
import type { Item, Surroundings } from "../put.ts";
import { isGuid, rowAt } from "../query.ts";
import { findByIds } from "../rows.ts";
import type { VendorRow } from "../rows.ts";
import { errorIn } from "../vendor-error.ts";
import type { Case } from "./amendment.ts";
import { columnsToRead, wishOf } from "./compare.ts";
import { bindOf, lateId, readNotes } from "./late.ts";
import { partiesExpand, partiesIn } from "./parties.ts";

/** What is read before a batch is amended: rows as they stand, and the notes beside those that are completed. Rows that are gone are answered. Throws `CrmError`. */
export const readCases = async (
  items: readonly Item<Amend>[],
  at: Surroundings,
  context: Context,
  answers: Map<Write, Answer>,
): Promise<readonly Case[]> => {
  if (items.length === 0) return [];
  const us = at.client.userId() ?? (await at.client.whoAmI(context));
  const found: Omit<Case, "note" | "noteTouched" | "bind" | "entitySet">[] = [];
  for (const ofType of Map.groupBy(items, ({ shape }) => shape.type.name).values()) {
    const rows = await readRows(ofType, at, context);
    for (const { write, shape } of ofType) {
      const id = write.receipt.ref.id.toLowerCase();
      const row = rows.get(id);
      if (row === undefined) answers.set(write, await missingRow(write, shape, at, context));
      else {
        const touched = isTouched(write.receipt) || touchedByPerson(row, us);
        found.push({ write, shape, id, row, touched });
      }
    }
  }
  const settled = found.filter(({ write, row }) => isFrozen(row) || write.made.final);
  const notes = await readNotes(
    settled.map(({ write }) => write.entry),
    at,
    context,
  );
  return Promise.all(
    found.map(async (one) => {
      const { write, shape, row } = one;
      const note = notes?.get(lateId(write.entry));
      return {
        ...one,
        entitySet: shape.type.entitySet,
        note,
        noteTouched:
          note !== undefined && (isNoteTouched(write.receipt) || touchedByPerson(note, us)),
        bind:
          isFrozen(row) && notes !== undefined
            ? await bindOf(shape.type.name, at, context)
            : undefined,
      };
    }),
  );
};

const readRows = async (
  items: readonly Item<Amend>[],
  at: Surroundings,
  context: Context,
): Promise<ReadonlyMap<string, VendorRow>> => {
  const [first] = items;
  if (first === undefined) return new Map();
  const { shape } = first;
  const writes = items.map(({ write }) => write);
  const withParties = writes.some(
    (write) =>
      write.relinked || write.reowned || Object.hasOwn(wishOf(write, shape.type), "directioncode"),
  );
  const rows = await findByIds(
    at.client,
    shape.type,
    writes.map((write) => write.receipt.ref.id),
    context,
    columnsToRead(writes, shape.type),
    withParties ? partiesExpand(shape.type) : [],
  );
  const others = [...rows.values()].flatMap((row) => partiesIn(row, shape.type) ?? []);
  await at.tables.learn(
    others.flatMap(({ ref }) => ref?.type ?? []),
    context,
  );
  return rows;
};

/** A row that no query shows: deleted, or hidden from the application user. One look by its address tells which. */
export const missingRow = async (
  write: Amend,
  { type }: Shape,
  { client }: Surroundings,
  context: Context,
): Promise<Answer> => {
  const { id } = write.receipt.ref;
  if (!isGuid(id)) return { is: "gone" };
  try {
    const path = `${rowAt(type.entitySet, id)}?$select=${type.primaryId}`;
    const reply = await client.ask({ method: "GET", path }, context);
    const error = errorIn(reply.status, reply.body);
    const verdict = verdictOf(error);
    if (reply.status >= 300)
      return verdict.does === "lookAtTarget" ? { is: "gone" } : plainAnswer(error, verdict);
    return {
      is: "retry",
      why: "lock",
      sent: "no",
      reason: "Dynamics 365 shows the activity in one way and not in another",
    };
  } catch (error) {
    return failed(error, "no");
  }
};
