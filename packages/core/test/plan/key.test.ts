import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { entryKey, keyUuid, type KeyParts } from "../../src/plan/key.ts";

const parts: KeyParts = {
  tenant: "t",
  connection: "c",
  interaction: "i",
  leg: "l",
  kind: "activity",
  slot: 0,
};
const text = fc.string({ maxLength: 6, unit: fc.constantFrom("a", "|", ":", "1", "2", "é") });
const anyParts = fc.record({
  tenant: text,
  connection: text,
  interaction: text,
  leg: text,
  kind: fc.constantFrom("activity", "followUp", "publication", "notice"),
  slot: fc.nat(20),
});

describe("W2 an entry's key", () => {
  test("never changes: what was written by an older version is still found", () => {
    expect(entryKey(parts)).toBe(
      "wu1cdc807ee8b3127312691e2d12b8f8dd9d88d75056a336310f10ff463a946cfa",
    );
    expect(keyUuid("wu00")).toBe("93528f19-8967-50f9-86fc-6ac5b0b3da6a");
  });

  test("is short enough for an external id, and plain", () => {
    expect(entryKey({ ...parts, interaction: "x".repeat(5_000) })).toMatch(/^wu[0-9a-f]{64}$/u);
  });

  test.prop([anyParts, anyParts])(
    "differs as soon as one part does, whatever separators ids hold",
    (a, b) => {
      expect(entryKey(a) === entryKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    },
  );

  test.prop([fc.string(), fc.string({ minLength: 1 })])(
    "as a UUID is a version 5 one, and another one for a second row",
    (key, part) => {
      const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u;
      expect(keyUuid(key)).toMatch(shape);
      expect(keyUuid(key)).toBe(keyUuid(key));
      expect(keyUuid(key, part)).not.toBe(keyUuid(key));
    },
  );
});
