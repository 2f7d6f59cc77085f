import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect } from "vitest";
import type { Write } from "../../src/adapter/contract.ts";
import { batches } from "../../src/plan/batches.ts";
import { entryOf, putOf } from "./building.ts";

const writeOf = (key: string, touches: readonly string[], type = "Log"): Write =>
  putOf(entryOf({ key, touches, type }));
const word = (write: Write): string => `${write.op} ${write.entry.type}`;
const shown = (writes: readonly Write[], max: number): readonly string[] =>
  batches(writes, word, max).map((chain) =>
    chain.map((batch) => batch.map(({ entry }) => entry.key).join("+")).join(" then "),
  );

describe("W4 writes share requests", () => {
  test("W4 independent writes fill one batch up to the limit", () => {
    expect(
      shown(
        ["a", "b", "c", "d", "e"].map((key) => writeOf(key, [key])),
        2,
      ),
    ).toEqual(["a+b", "c+d", "e"]);
  });

  test("W4 writes that touch one record go one after another in one chain, also through a third", () => {
    const writes = [
      writeOf("a", ["case/1"]),
      writeOf("b", ["x"]),
      writeOf("c", ["case/2"]),
      writeOf("d", ["case/1", "case/2"]),
    ];
    expect(shown(writes, 2)).toEqual(["a+c then d", "b"]);
    expect(shown(writes, 9)).toEqual(["a+c+d+b"]);
  });

  test("W4 one kind of request per batch", () => {
    expect(
      shown([writeOf("a", ["1"]), writeOf("b", ["2"], "Event"), writeOf("c", ["3"])], 9),
    ).toEqual(["a+c", "b"]);
    expect(shown([writeOf("a", ["1"]), writeOf("b", ["1"], "Event")], 9)).toEqual(["a then b"]);
  });

  test("W4 a key is in a batch at most once, in its order", () => {
    const [first, second] = [writeOf("a", ["1"]), writeOf("a", ["1"], "Event")];
    expect(batches([second, first], word, 9)).toEqual([[[second], [first]]]);
    expect(shown([first, first, first], 9)).toEqual(["a then a then a"]);
  });

  const anyWrites = fc.array(
    fc.record({
      key: fc.integer({ min: 0, max: 40 }),
      touches: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 3 }),
      type: fc.constantFrom("Log", "Event"),
    }),
    { maxLength: 60 },
  );

  test.prop([anyWrites, fc.integer({ min: 1, max: 7 })])("W4 always", (drawn, max) => {
    const writes = drawn.map(({ key, touches, type }) =>
      writeOf(`k${key}`, touches.map(String), type),
    );
    const chains = batches(writes, word, max);
    const all = chains.flat(2);
    expect(all).toHaveLength(writes.length);
    expect(new Set(all)).toEqual(new Set(writes));
    const chainOf = new Map<string, number>();
    chains.forEach((chain, n) => {
      for (const { entry } of chain.flat())
        for (const touch of [...entry.touches, `key ${entry.key}`]) {
          expect(chainOf.get(touch) ?? n).toBe(n);
          chainOf.set(touch, n);
        }
      for (const batch of chain) {
        expect(batch.length).toBeLessThanOrEqual(max);
        expect(new Set(batch.map(word)).size).toBe(1);
        expect(new Set(batch.map(({ entry }) => entry.key)).size).toBe(batch.length);
      }
    });
    for (const key of new Set(writes.map(({ entry }) => entry.key))) {
      const mine = (from: readonly Write[]): readonly Write[] =>
        from.filter(({ entry }) => entry.key === key);
      expect(mine(all)).toEqual(mine(writes));
    }
  });

  test("W4 5,000 writes are packed in no time, whether they share records or not", () => {
    const apart = Array.from({ length: 5_000 }, (_, n) => writeOf(`k${n}`, [`contact/${n}`]));
    const together = Array.from({ length: 5_000 }, (_, n) =>
      writeOf(`k${n}`, [`case/${n}`, `account/${Math.floor(n / 3)}`]),
    );
    const started = performance.now();
    expect(batches(apart, word, 200)).toHaveLength(25);
    expect(batches(together, word, 200).length).toBeLessThan(30);
    // A few milliseconds when warm; a quadratic way takes seconds.
    expect(performance.now() - started).toBeLessThan(300);
  });
});
