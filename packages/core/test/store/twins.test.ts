import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { Claim, Row, Store } from "../../src/index.ts";
import {
  connection,
  day,
  keyOf,
  minute,
  parkedRow,
  record,
  sales,
  sendingRow,
  support,
  tenant,
  writtenRow,
} from "../../src/testing/store-laws/subject.ts";
import { openMemory, openSqlite } from "./openers.ts";

const name = fc.constantFrom("a", "b", "c", "d");
const where = fc.constantFrom(sales, support);
const wake = fc.subarray([connection, support.connection]);
const ms = fc.constantFrom(1, minute / 2, minute, 5 * minute);
const nth = fc.nat({ max: 7 });
const row: fc.Arbitrary<Row> = fc
  .tuple(fc.constantFrom("k-1", "k-2"), fc.constantFrom(sendingRow, writtenRow, parkedRow, goneRow), fc.constantFrom("one", "two"))
  .map(([key, make, text]) => make(key, text));
const rows = fc.uniqueArray(row, { maxLength: 2, selector: ({ key }) => key });

function goneRow(key: string, text: string): Row {
  return { ...writtenRow(key, text), state: "gone" };
}

/** One thing to do to a store; what it answers is compared. Claims are named by their turn, so that both stores get their own. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("record"), name, wake, event: fc.option(fc.constantFrom("e-1", "e-2")), content: fc.constantFrom("x", "y"), due: fc.option(ms), deleted: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("claim"), where, limit: fc.constantFrom(1, 2, 9), leaseMs: ms }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("begin"), nth, rows }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("settle"), nth, rows, release: fc.boolean(), again: fc.option(ms) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("extend"), nth, leaseMs: ms }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("advance"), ms: fc.oneof(ms, fc.constant(200 * day)) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pause"), where, ms: fc.option(ms) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("replay"), key: fc.constantFrom("k-1", "k-2") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sweep") }) },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Of<Do extends Step["do"]> = Extract<Step, { readonly do: Do }>;
