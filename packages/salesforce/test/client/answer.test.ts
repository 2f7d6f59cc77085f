import type { Write } from "@wrapup/core";
import { CrmError } from "@wrapup/core";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { decisive, failed, plainAnswer, resultsIn, written } from "../../src/answer.ts";

const recorded = new URL("../../../../../shared/data/salesforce/recorded/", import.meta.url);
const error = (code: string, fields: readonly string[] = []) => ({ code, message: "", fields });
const put: Write = {
  op: "put",
  maybeSent: false,
  entry: {
    key: "k",
    kind: "activity",
    leg: "1",
    slot: 0,
    type: "Task",
    fields: {},
    roles: {},
    final: true,
    touches: [],
    warnings: [],
  },
};

test("W4 results are read in order, one for each record", () => {
  const body = [
    { id: "00T5g00000AbCdEEAV", success: true, created: true, errors: [] },
    {
      success: false,
      created: false,
      errors: [{ statusCode: "UNABLE_TO_LOCK_ROW", message: "m", fields: [] }],
    },
  ];
  expect(resultsIn(body, 2)).toEqual([
    { success: true, id: "00T5g00000AbCdEEAV", created: true },
    { success: false, errors: [{ code: "UNABLE_TO_LOCK_ROW", message: "m", fields: [] }] },
  ]);
});

test("W4 a body that is not one result per record is no answer at all: no result goes to a wrong record", () => {
  const good = { id: "00T5g00000AbCdEEAV", success: true };
  for (const body of [undefined, "text", {}, [good], [good, good, good]])
    expect(resultsIn(body, 2)).toBeUndefined();
});

test.for([
  { success: true },
  { success: true, id: "" },
  { success: true, id: "javascript:alert(1)" },
  { success: true, id: "00T5g00000AbCdEAAA" },
  { success: "yes", id: "00T5g00000AbCdE" },
  null,
])("W4 O5 %j says nothing of its record, and takes nothing from its neighbour", (one) => {
  const good = { id: "00T5g00000AbCdE", success: true, created: true };
  expect(resultsIn([good, one], 2)).toEqual([good, undefined]);
});

test.skipIf(!existsSync(recorded))("W4 real recordings of collections are understood", async () => {
  for (const [file, expected] of [
    ["upsert-sobject-collection.json", "JSON_PARSER_ERROR"],
    ["update-sobject-collection.json", "INVALID_CROSS_REFERENCE_KEY"],
  ] as const) {
    const { calls } = JSON.parse(await readFile(new URL(file, recorded), "utf8")) as {
      calls: readonly { response: unknown }[];
    };
    const [first] = resultsIn(calls[0]?.response, 1) ?? [];
    expect(first).toMatchObject({ success: false, errors: [{ code: expected }] });
  }
  const created = JSON.parse(
    await readFile(new URL("create-sobject-collection.json", recorded), "utf8"),
  ) as { calls: readonly { response: unknown }[] };
  expect(resultsIn(created.calls[0]?.response, 1)).toEqual([
    { success: true, id: "001dM00003kS2ndQAC", created: false },
  ]);
});

test("W6 of several errors the one that can be acted on decides", () => {
  expect(decisive([error("STRING_TOO_LONG"), error("DUPLICATE_VALUE")]).error.code).toBe(
    "DUPLICATE_VALUE",
  );
  expect(decisive([error("STRING_TOO_LONG"), error("UNABLE_TO_LOCK_ROW")]).error.code).toBe(
    "UNABLE_TO_LOCK_ROW",
  );
  expect(decisive([error("STRING_TOO_LONG"), error("MALFORMED_ID")]).error.code).toBe(
    "STRING_TOO_LONG",
  );
  expect(decisive([]).verdict.does).toBe("refuse");
});

const answer = (code: string, fields: readonly string[] = []) => {
  const { error: one, verdict } = decisive([error(code, fields)]);
  return plainAnswer(one, verdict);
};

test("W6 an answer to an error names its field and its class", () => {
  expect(answer("STRING_TOO_LONG", ["Subject"])).toMatchObject({
    is: "refused",
    why: "validation",
    field: "Subject",
  });
  expect(answer("DUPLICATE_VALUE")).toMatchObject({ is: "refused", why: "duplicate" });
  expect(answer("NOT_FOUND")).toMatchObject({ is: "refused", why: "notFound" });
  expect(answer("INVALID_SESSION_ID")).toMatchObject({ is: "retry", why: "auth", sent: "no" });
  expect(answer("STORAGE_LIMIT_EXCEEDED")).toMatchObject({
    is: "retry",
    why: "budget",
    afterMs: 900_000,
  });
  expect(answer("JSON_PARSER_ERROR")).toMatchObject({ is: "refused", why: "validation" });
});

test("K5 a receipt says when a person has changed the row", () => {
  expect(written(put, "created", "00T1", { url: "https://x/00T1" })).toEqual({
    is: "written",
    how: "created",
    receipt: { ref: { type: "Task", id: "00T1" }, url: "https://x/00T1" },
  });
  expect(written(put, "updated", "00T1", { url: undefined, touched: true })).toMatchObject({
    receipt: { stamp: "touched" },
  });
});

test("W6 a failed look-up before a write is surely not sent", () => {
  expect(failed(new CrmError("unreachable", "maybe", "broke"), "no")).toMatchObject({
    is: "retry",
    sent: "no",
  });
  expect(failed(new CrmError("refused", "no", "bad"))).toMatchObject({ is: "refused" });
});
