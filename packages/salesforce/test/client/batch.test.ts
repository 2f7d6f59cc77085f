import type { Context } from "@wrapup/core";
import { expect, test } from "vitest";
import { sendBatch } from "../../src/batch.ts";
import type { Client, Reply, Request } from "../../src/client.ts";
import { quiet } from "./vendor.ts";

const made = (name: string) => ({
  id: `00Txx${name.padStart(10, "0")}`,
  success: true,
  created: true,
  errors: [],
});
const refused = (statusCode: string, message = "") => ({
  success: false,
  errors: [{ statusCode, message, fields: [] }],
});

/** A CRM that answers by a function of what was sent. */
const crm = (answer: (ids: readonly string[]) => Partial<Reply>) => {
  const sent: (readonly string[])[] = [];
  const ask = (request: Request): Promise<Reply> => {
    const ids = (request.body as { readonly ids: readonly string[] }).ids;
    sent.push(ids);
    return Promise.resolve({
      status: 200,
      body: ids.map(made),
      retryAfterMs: undefined,
      ...answer(ids),
    });
  };
  const client: Client = {
    ask,
    send: async (request) => (await ask(request)).body,
    instanceUrl: () => undefined,
    userId: () => undefined,
    close: () => undefined,
  };
  const push = (items: readonly string[], context: Context = quiet()) =>
    sendBatch(client, items, (ids) => ({ method: "POST", path: "/x", body: { ids } }), context);
  return { push, sent };
};

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `r${n}`);
const problem = (errorCode: string, status = 400, message = "") => ({
  status,
  body: [{ errorCode, message }],
});

test("W4 a batch refused as a whole is cut in halves until the bad record is alone; the others are written", async () => {
  const { push, sent } = crm((ids) => (ids.includes("r5") ? problem("JSON_PARSER_ERROR") : {}));
  const outcomes = await push(names(8));
  expect(outcomes.map((outcome) => "result" in outcome && outcome.result.success)).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
    true,
    true,
  ]);
  expect(sent.length).toBeLessThan(8);
  expect(sent.filter((ids) => ids.length === 1)).toEqual([["r4"], ["r5"]]);
});

test("W4 cutting ends: what is left after 32 requests is tried again later, surely not sent", async () => {
  const { push, sent } = crm(() => problem("JSON_PARSER_ERROR"));
  const outcomes = await push(names(200));
  expect(sent).toHaveLength(32);
  expect(outcomes).toHaveLength(200);
  const left = outcomes.filter((outcome) => "error" in outcome);
  expect(left.length).toBeGreaterThan(100);
  expect(
    left.every(
      (outcome) =>
        "error" in outcome && outcome.error.sent === "no" && outcome.error.why === "transient",
    ),
  ).toBe(true);
});

test("W6 a batch too heavy for the org's automation is sent again in smaller ones, only what failed", async () => {
  const heavy = refused(
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "System.LimitException: Apex CPU time limit exceeded",
  );
  const { push, sent } = crm((ids) =>
    ids.length > 2 ? { body: ids.map((id) => (id === "r0" ? made(id) : heavy)) } : {},
  );
  const outcomes = await push(names(5));
  expect(outcomes.every((outcome) => "result" in outcome && outcome.result.success)).toBe(true);
  expect(sent.flat().filter((id) => id === "r0")).toHaveLength(1);
});

test("W6 a heavy record that stays too heavy alone is refused, not tried for ever", async () => {
  const { push, sent } = crm((ids) => ({
    body: ids.map(() => refused("APEX_ERROR", "Too many SOQL queries: 101")),
  }));
  const [outcome] = await push(["r0"]);
  expect(outcome).toMatchObject({ result: { success: false } });
  expect(sent).toHaveLength(1);
});

test("K3 a collection's address that is not found is a schema error: the type or the key field", async () => {
  const { push } = crm(() => problem("NOT_FOUND", 404));
  expect(await push(names(2))).toMatchObject([
    { error: { why: "schema", sent: "no" } },
    { error: { why: "schema", sent: "no" } },
  ]);
});

test.for([
  ["REQUEST_LIMIT_EXCEEDED", "budget", "no"],
  ["INVALID_FIELD", "schema", "no"],
  ["UNKNOWN_EXCEPTION", "transient", "maybe"],
] as const)(
  "W6 a batch that meets %s as a whole is not cut: %s, %s sent",
  async ([code, why, sentAs]) => {
    const { push, sent } = crm(() => problem(code, 400, "TotalRequests"));
    expect(await push(names(3))).toMatchObject(
      names(3).map(() => ({ error: { why, sent: sentAs } })),
    );
    expect(sent).toHaveLength(1);
  },
);

test("W3 an answer of another length is no answer: everything may have been sent", async () => {
  const { push } = crm((ids) => ({ body: ids.slice(1).map(made) }));
  expect(await push(names(2))).toMatchObject([
    { error: { sent: "maybe" } },
    { error: { sent: "maybe" } },
  ]);
});

test("W4 a result without an id is maybe sent, and the others of its batch are written", async () => {
  const { push, sent } = crm((ids) => ({
    body: ids.map((id) => (id === "r1" ? { success: true, created: true } : made(id))),
  }));
  expect(await push(names(3))).toMatchObject([
    { result: { success: true } },
    { error: { why: "transient", sent: "maybe" } },
    { result: { success: true } },
  ]);
  expect(sent).toHaveLength(1);
});

test("W4 a mistake of ours in a later part leaves the results of what was written before", async () => {
  const { push } = crm((ids) => {
    if (ids.length > 2) return problem("JSON_PARSER_ERROR");
    if (ids.includes("r3")) throw new TypeError("a bug");
    return {};
  });
  const outcomes = await push(names(4));
  expect(outcomes).toMatchObject([
    { result: { success: true } },
    { result: { success: true } },
    { error: { why: "transient", sent: "maybe" } },
    { error: { why: "transient", sent: "maybe" } },
  ]);
  expect(JSON.stringify(outcomes)).not.toContain("a bug");
});
