import { describe, expect, test } from "vitest";
import { at, startApi } from "./api.ts";

const session = [{ message: "Session expired or invalid", errorCode: "INVALID_SESSION_ID" }];

describe("A4 sessions, versions and limits", () => {
  test("no token, a wrong one and an old one are 401 INVALID_SESSION_ID; a new one works", async () => {
    let now = 1_700_000_000_000;
    const api = await startApi({ sessionTtlMs: 1000, clock: () => now });
    expect((await api.call("GET", "/limits")).status).toBe(200);
    now += 1000;
    expect(await api.call("GET", "/limits")).toMatchObject({ status: 401, json: session });
    expect(
      await api.call("GET", "/limits", undefined, { authorization: "Bearer wrong" }),
    ).toMatchObject({ status: 401, json: session });
    expect(
      await api.call("GET", "/limits", undefined, { authorization: "Basic eDp5" }),
    ).toMatchObject({ status: 401, json: [{ errorCode: "INVALID_AUTH_HEADER" }] });
  });

  test("expireSessions refuses the tokens given out so far", async () => {
    const api = await startApi();
    await api.emulator.control.expireSessions();
    expect(await api.call("POST", "/sobjects/Task", {})).toMatchObject({
      status: 401,
      json: session,
    });
    expect(await api.emulator.control.callCount()).toBe(0);
  });

  test.for([
    ["v58.0", 410],
    ["v59.0", 200],
    ["v68.0", 200],
    ["v69.0", 410],
    ["latest", 410],
  ] as const)("version %s answers %d", async ([version, status]) => {
    const api = await startApi();
    const path = `/services/data/${version}/limits`;
    const reply =
      version === "latest"
        ? await api.call("GET", "/services/data/vlatest/limits")
        : await api.call("GET", path);
    expect(reply.status).toBe(status);
  });

  test("the list of versions needs no session and does not count", async () => {
    const api = await startApi();
    const list: unknown = await (await fetch(`${api.emulator.url}/services/data`)).json();
    expect([at(list, 0, "version"), at(list, 9, "version"), at(list, 9, "label")]).toEqual([
      "59.0",
      "68.0",
      "Winter '27",
    ]);
    expect(await api.emulator.control.callCount()).toBe(0);
  });

  test("W5 each answer says how many calls are used, and over the limit is 403 REQUEST_LIMIT_EXCEEDED", async () => {
    const api = await startApi({ dailyLimit: 3 });
    expect((await api.call("GET", "/limits")).headers.get("sforce-limit-info")).toBe(
      "api-usage=1/3",
    );
    await api.emulator.control.setUsage(2);
    const last = await api.call("GET", "/limits");
    expect(last.headers.get("sforce-limit-info")).toBe("api-usage=3/3");
    expect(at(last.json, "DailyApiRequests")).toEqual({ Max: 3, Remaining: 0 });
    const over = await api.call("POST", "/sobjects/Task", {});
    expect(over).toMatchObject({
      status: 403,
      json: [{ errorCode: "REQUEST_LIMIT_EXCEEDED", message: "TotalRequests Limit exceeded." }],
    });
    expect((await api.emulator.control.records("Task")).length).toBe(0);
  });

  test.for([
    ["an unknown resource", "GET", "/nothing", undefined, 404, "NOT_FOUND"],
    [
      "a resource with an Object.prototype name",
      "GET",
      "/constructor",
      undefined,
      404,
      "NOT_FOUND",
    ],
    ["an unknown object", "GET", "/sobjects/Foo__c/describe", undefined, 404, "NOT_FOUND"],
    ["a method that is not there", "PUT", "/sobjects/Task", {}, 405, "METHOD_NOT_ALLOWED"],
    ["a record that is not there", "PATCH", "/sobjects/Task/00TdM0000000001", {}, 404, "NOT_FOUND"],
    [
      "an id of another object",
      "GET",
      "/sobjects/Task/003dM0000000001",
      undefined,
      404,
      "NOT_FOUND",
    ],
  ] as const)("%s", async ([, method, path, body, status, code]) => {
    const api = await startApi();
    expect(await api.call(method, path, body)).toMatchObject({
      status,
      json: [{ errorCode: code }],
    });
  });

  test("a body that is not declared as JSON is 415, a URL of more than 16 kB is 414", async () => {
    const api = await startApi();
    expect(
      (await api.call("POST", "/sobjects/Task", {}, { "content-type": "text/plain" })).status,
    ).toBe(415);
    expect(
      (await api.query(`SELECT Id FROM Task WHERE CallObject = '${"x".repeat(17_000)}'`)).status,
    ).toBe(414);
  });

  test("R6 a record's page opens by its 15- or 18-character id", async () => {
    const api = await startApi();
    const page = await fetch(`${api.emulator.url}/001dM00003kReWpQAK`);
    expect([page.status, page.headers.get("content-type")]).toEqual([
      200,
      "text/html;charset=UTF-8",
    ]);
    expect((await fetch(`${api.emulator.url}/001dM00003kReWp`)).status).toBe(200);
    expect((await fetch(`${api.emulator.url}/nothing`)).status).toBe(404);
    // The checksum: place 2 of the first five is a capital, so 4 = E.
    expect((await fetch(`${api.emulator.url}/00A000000000001EAA`)).status).toBe(200);
    expect((await fetch(`${api.emulator.url}/00A000000000001AAA`)).status).toBe(404);
  });

  test("a record can be asked for by its 15-character id and answers with 18", async () => {
    const api = await startApi();
    const made = String(at((await api.call("POST", "/sobjects/Task", {})).json, "id"));
    expect(at((await api.call("GET", `/sobjects/Task/${made.slice(0, 15)}`)).json, "Id")).toBe(
      made,
    );
    expect(made).toMatch(/^00T[A-Za-z0-9]{12}[A-Z0-5]{3}$/);
  });
});
