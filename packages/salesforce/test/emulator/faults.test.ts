import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import type { Api } from "./api.ts";
import { askToken, at, byKey, startApi, tasks } from "./api.ts";

const one = { records: tasks({ Wrapup_Key__c: "k1", Subject: "Call" }) };

async function stored(api: Api): Promise<number> {
  return (await api.emulator.control.records("Task")).length;
}

async function statuses(seed: number): Promise<readonly number[]> {
  const api = await startApi({ seed });
  await api.emulator.control.fault({ kind: "status", rate: 0.5, times: Number.POSITIVE_INFINITY });
  const found: number[] = [];
  for (let turn = 0; turn < 20; turn += 1) found.push((await api.call("GET", "/limits")).status);
  return found;
}

describe("A4 injected faults", () => {
  test("status: the given answer, once, nothing committed, not counted", async () => {
    const api = await startApi();
    await api.emulator.control.fault({
      kind: "status",
      status: 429,
      headers: { "Retry-After": "7" },
    });
    const struck = await api.call("PATCH", byKey, one);
    expect(struck).toMatchObject({ status: 429, json: [{ errorCode: "REQUEST_LIMIT_EXCEEDED" }] });
    expect([
      struck.headers.get("retry-after"),
      await stored(api),
      await api.emulator.control.callCount(),
    ]).toEqual(["7", 0, 0]);
    expect((await api.call("PATCH", byKey, one)).status).toBe(200);
  });

  test("status: 503 SERVER_UNAVAILABLE by default, for ever with Infinity, until cleared", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "status", times: Number.POSITIVE_INFINITY });
    for (let turn = 0; turn < 3; turn += 1)
      expect(await api.call("GET", "/limits")).toMatchObject({
        status: 503,
        json: [{ errorCode: "SERVER_UNAVAILABLE" }],
      });
    await api.emulator.control.clearFaults();
    expect((await api.call("GET", "/limits")).status).toBe(200);
  });

  test("reset: the socket dies before the commit", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "reset" });
    await expect(api.call("PATCH", byKey, one)).rejects.toThrow("fetch failed");
    expect([await stored(api), (await api.emulator.control.calls()).at(-1)?.status]).toEqual([
      0, 0,
    ]);
  });

  test("replyLost: committed, then the socket dies", async () => {
    const api = await startApi();
    await api.emulator.control.fault({
      kind: "replyLost",
      method: "patch",
      path: "/composite/sobjects",
    });
    expect((await api.call("GET", "/limits")).status).toBe(200);
    await expect(api.call("PATCH", byKey, one)).rejects.toThrow("fetch failed");
    expect(await stored(api)).toBe(1);
    expect(await api.call("PATCH", byKey, one)).toMatchObject({
      json: [{ created: false, success: true }],
    });
  });

  test("lock: every nth record of the object answers UNABLE_TO_LOCK_ROW and is not written", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "lock", recordEvery: 2, sobject: "Task" });
    const reply = await api.call("PATCH", byKey, {
      records: tasks(
        { Wrapup_Key__c: "a" },
        { Wrapup_Key__c: "b" },
        { Wrapup_Key__c: "c" },
        { Wrapup_Key__c: "d" },
      ),
    });
    const locked = { success: false, errors: [{ statusCode: "UNABLE_TO_LOCK_ROW" }] };
    expect(reply.json).toMatchObject([{ success: true }, locked, { success: true }, locked]);
    expect(await stored(api)).toBe(2);
    expect(
      (await api.call("PATCH", byKey, { records: tasks({ Wrapup_Key__c: "b" }) })).json,
    ).toMatchObject([{ success: true }]);
  });

  test("lock: a call without records of the object does not use the fault up", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "lock", sobject: "Task" });
    expect((await api.call("POST", "/sobjects/Account", { Name: "Alder" })).status).toBe(201);
    expect(await api.call("POST", "/sobjects/Task", {})).toMatchObject({
      status: 400,
      json: [{ errorCode: "UNABLE_TO_LOCK_ROW" }],
    });
  });

  test("partial: the given code, in collections and alone", async () => {
    const api = await startApi();
    await api.emulator.control.fault({
      kind: "partial",
      errorCode: "STORAGE_LIMIT_EXCEEDED",
      recordEvery: 3,
      times: 2,
    });
    const reply = await api.call("POST", "/composite/sobjects", { records: tasks({}, {}, {}) });
    expect(reply.json).toMatchObject([
      { success: true },
      { success: true },
      { errors: [{ statusCode: "STORAGE_LIMIT_EXCEEDED" }] },
    ]);
    await api.emulator.control.clearFaults();
    await api.emulator.control.fault({
      kind: "partial",
      errorCode: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
      message: "trigger failed",
    });
    expect(await api.call("POST", "/sobjects/Task", {})).toMatchObject({
      status: 400,
      json: [{ message: "trigger failed" }],
    });
  });

  test("html: a maintenance page, nothing committed", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "html" });
    const reply = await api.call("PATCH", byKey, one);
    expect([
      reply.status,
      reply.headers.get("content-type"),
      reply.text.startsWith("<html>"),
      await stored(api),
    ]).toEqual([503, "text/html;charset=UTF-8", true, 0]);
  });

  test("brokenJson: committed, but the 200 cannot be read", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "brokenJson" });
    const reply = await api.call("PATCH", byKey, one);
    expect([reply.status, reply.json, reply.text.length > 0, await stored(api)]).toEqual([
      200,
      undefined,
      true,
      1,
    ]);
  });

  test("hang: held for its time, then served", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "hang", ms: 30 });
    const started = performance.now();
    expect((await api.call("PATCH", byKey, one)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(25);
  });

  test("hang: a client that gave up finds it written later", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "hang", ms: 60 });
    const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/json" };
    const signal = AbortSignal.timeout(15);
    const address = `${api.emulator.url}/services/data/v63.0${byKey}`;
    await expect(
      fetch(address, { method: "PATCH", headers, body: JSON.stringify(one), signal }),
    ).rejects.toThrow("timeout");
    expect(await stored(api)).toBe(0);
    await expect.poll(() => stored(api), { timeout: 2000, interval: 10 }).toBe(1);
  });

  test("sign-in is struck only when the path says so", async () => {
    const api = await startApi();
    const { clientId, clientSecret } = api.emulator.credentials;
    const form = {
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    };
    await api.emulator.control.fault({ kind: "status" });
    expect((await askToken(api.emulator.url, form)).status).toBe(200);
    await api.emulator.control.fault({
      kind: "status",
      status: 500,
      path: "/services/oauth2/token",
    });
    expect((await askToken(api.emulator.url, form)).status).toBe(500);
  });

  test("a rate strikes a share of the calls, the same ones for the same seed", async () => {
    const [first, again] = [await statuses(3), await statuses(3)];
    expect(again).toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 503]));
  });

  test("latency delays API calls and not the control", async () => {
    const api = await startApi();
    await api.emulator.control.setLatency(40);
    const started = performance.now();
    await api.call("GET", "/limits");
    expect(performance.now() - started).toBeGreaterThan(35);
    await api.emulator.control.setLatency(0);
    expect(at((await api.call("GET", "/limits")).json, "DailyApiRequests", "Max")).toBe(100_000);
  });
});
