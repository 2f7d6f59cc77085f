import { describe, expect, test } from "vitest";
import { at, byKey, startApi, tasks } from "./api.ts";

const base = "/services/data/v63.0";
const account = (referenceId: string, body: unknown = { Name: "Alder" }): unknown => ({
  method: "POST",
  url: `${base}/sobjects/Account`,
  referenceId,
  body,
});
const contact = (referenceId: string, from: string): unknown => ({
  method: "POST",
  url: `${base}/sobjects/Contact`,
  referenceId,
  body: { LastName: "Abel", AccountId: `@{${from}.id}` },
});

const query = (row: number): unknown => ({
  method: "GET",
  url: `${base}/query?q=SELECT+Id+FROM+Task`,
  referenceId: `q${row}`,
});

describe("A4 composite", () => {
  test("a later part uses the id of an earlier one, in url and body, and it is one API call", async () => {
    const api = await startApi();
    const read = { method: "GET", url: `${base}/sobjects/Contact/@{c.id}`, referenceId: "r" };
    const reply = await api.call("POST", "/composite", {
      compositeRequest: [account("a"), contact("c", "a"), read],
    });
    const parts = at(reply.json, "compositeResponse");
    expect([
      at(parts, 0, "httpStatusCode"),
      at(parts, 1, "httpStatusCode"),
      at(parts, 2, "httpStatusCode"),
    ]).toEqual([201, 201, 200]);
    expect(at(parts, 2, "body", "AccountId")).toBe(at(parts, 0, "body", "id"));
    expect(await api.emulator.control.callCount()).toBe(1);
  });

  test("what depends on a failed part is PROCESSING_HALTED, what does not goes on", async () => {
    const api = await startApi();
    const reply = await api.call("POST", "/composite", {
      compositeRequest: [account("a", {}), contact("c", "a"), account("b")],
    });
    expect(reply.status).toBe(200);
    expect(at(reply.json, "compositeResponse")).toMatchObject([
      { httpStatusCode: 400, body: [{ errorCode: "REQUIRED_FIELD_MISSING" }] },
      { httpStatusCode: 400, body: [{ errorCode: "PROCESSING_HALTED" }] },
      { httpStatusCode: 201 },
    ]);
  });

  test("allOrNone takes everything back, collections too", async () => {
    const api = await startApi();
    const collection = {
      method: "PATCH",
      url: base + byKey,
      referenceId: "t",
      body: { records: tasks({ Wrapup_Key__c: "k1" }) },
    };
    const reply = await api.call("POST", "/composite", {
      allOrNone: true,
      compositeRequest: [collection, account("a"), account("b", {})],
    });
    expect(at(reply.json, "compositeResponse")).toMatchObject([
      { body: [{ errorCode: "PROCESSING_HALTED" }] },
      { body: [{ errorCode: "PROCESSING_HALTED" }] },
      { body: [{ errorCode: "REQUIRED_FIELD_MISSING" }] },
    ]);
    expect([
      (await api.emulator.control.records("Task")).length,
      (await api.emulator.control.records("Account")).length,
    ]).toEqual([0, 0]);
  });

  test("26 parts answer 200 with one LIMIT_EXCEEDED; so do six queries", async () => {
    const api = await startApi();
    const tooMany = Array.from({ length: 26 }, (_one, row) => account(`a${row}`));
    const limit = {
      httpStatusCode: 400,
      referenceId: null,
      body: [{ errorCode: "LIMIT_EXCEEDED" }],
    };
    expect(await api.call("POST", "/composite", { compositeRequest: tooMany })).toMatchObject({
      status: 200,
      json: { compositeResponse: [limit] },
    });
    const six = await api.call("POST", "/composite", {
      compositeRequest: [1, 2, 3, 4, 5, 6].map(query),
    });
    expect(six.json).toMatchObject({ compositeResponse: [limit] });
    expect((await api.emulator.control.records("Account")).length).toBe(0);
  });

  test("a graph is atomic, the graphs beside it are not touched", async () => {
    const api = await startApi();
    const graphs = [
      { graphId: "bad", compositeRequest: [account("a"), account("b", {})] },
      { graphId: "good", compositeRequest: [account("a")] },
    ];
    const reply = await api.call("POST", "/composite/graph", { graphs });
    expect(at(reply.json, "graphs")).toMatchObject([
      { graphId: "bad", isSuccessful: false },
      { graphId: "good", isSuccessful: true },
    ]);
    expect((await api.emulator.control.records("Account")).length).toBe(1);
  });
});
