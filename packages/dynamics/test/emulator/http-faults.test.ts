import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import type { Api } from "./api.ts";
import { askToken, at, read, startApi, tokenFor } from "./api.ts";
import { answeredParts, batchText, boundary, codeOf } from "./batch-text.ts";

const call = { subject: "Call" };

async function stored(api: Api, table = "phonecall"): Promise<number> {
  return (await api.emulator.control.rows(table)).length;
}

async function statuses(seed: number): Promise<readonly number[]> {
  const api = await startApi({ seed });
  await api.emulator.control.fault({ kind: "status", rate: 0.5, times: Number.POSITIVE_INFINITY });
  const found: number[] = [];
  for (let turn = 0; turn < 20; turn += 1) found.push((await api.call("GET", "WhoAmI()")).status);
  return found;
}

const createCall = { method: "POST", path: "phonecalls", body: call };
const createTask = { method: "POST", path: "tasks", body: { subject: "Chat" } };
const goOn = { prefer: "odata.continue-on-error" };

describe("A4 injected faults", () => {
  test("status: the given answer, once, nothing committed, not counted", async () => {
    const api = await startApi();
    await api.emulator.control.fault({
      kind: "status",
      status: 429,
      headers: { "Retry-After": "7" },
    });
    const struck = await api.call("POST", "phonecalls", call);
    expect(struck).toMatchObject({ status: 429, json: { error: { code: "0x80072322" } } });
    expect([
      struck.headers.get("retry-after"),
      await stored(api),
      await api.emulator.control.callCount(),
    ]).toEqual(["7", 0, 0]);
    expect((await api.call("POST", "phonecalls", call)).status).toBe(204);
  });

  test("status: 503 by default, for ever with Infinity, until cleared", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "status", times: Number.POSITIVE_INFINITY });
    for (let turn = 0; turn < 3; turn += 1)
      expect((await api.call("GET", "WhoAmI()")).status).toBe(503);
    await api.emulator.control.clearFaults();
    expect((await api.call("GET", "WhoAmI()")).status).toBe(200);
  });

  test("reset: the socket dies before the commit", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "reset" });
    await expect(api.call("POST", "phonecalls", call)).rejects.toThrow("fetch failed");
    expect([await stored(api), (await api.emulator.control.calls()).at(-1)?.status]).toEqual([
      0, 0,
    ]);
  });

  test("replyLost: committed, then the socket dies; only addresses that match are struck", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "replyLost", method: "post", path: "/phonecalls" });
    expect((await api.call("GET", "WhoAmI()")).status).toBe(200);
    await expect(api.call("POST", "phonecalls", call)).rejects.toThrow("fetch failed");
    expect(await stored(api)).toBe(1);
    expect((await api.call("POST", "phonecalls", call)).status).toBe(204);
  });

  test("lock: the operation answers the deadlock's code and is not carried out", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "lock", table: "phonecall" });
    expect((await api.call("POST", "tasks", { subject: "Chat" })).status).toBe(204);
    expect(await api.call("POST", "phonecalls", call)).toMatchObject({
      status: 500,
      json: { error: { code: "0x80044150" } },
    });
    expect([await stored(api), await stored(api, "task")]).toEqual([0, 1]);
    expect((await api.call("POST", "phonecalls", call)).status).toBe(204);
  });

  test("lock in a batch: every nth change set fails as a whole, and each is asked once", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "lock", operationEvery: 2, path: "/$batch" });
    const sets = [1, 2, 3, 4].map(() => [createCall, createTask]);
    const parts = answeredParts(await api.batch(batchText(sets), boundary, goOn));
    expect(parts.map((part) => [part.status, part.inside])).toEqual([
      [204, true],
      [204, true],
      [500, false],
      [204, true],
      [204, true],
      [500, false],
    ]);
    expect([await stored(api), await stored(api, "task")]).toEqual([2, 2]);
    expect((await api.batch(batchText([[createCall]]), boundary)).status).toBe(200);
  });

  test("lock in a batch: a later operation of the table takes the earlier ones of its change set back", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "lock", table: "task", path: "/tasks" });
    const parts = answeredParts(
      await api.batch(batchText([[createCall, createTask], [createCall]]), boundary, goOn),
    );
    expect(parts.map((part) => part.status)).toEqual([500, 204]);
    expect([await stored(api), await stored(api, "task")]).toEqual([1, 0]);
  });

  test("a rate of a lock is drawn once for a call, not for each change set", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "lock", rate: 0.5, times: Number.POSITIVE_INFINITY });
    const sets = Array.from({ length: 12 }, () => [createCall]);
    const kinds = new Set<string>();
    for (let turn = 0; turn < 12; turn += 1) {
      const parts = answeredParts(await api.batch(batchText(sets), boundary, goOn));
      kinds.add([...new Set(parts.map((part) => part.status))].join(" and "));
    }
    expect([...kinds].toSorted((a, b) => a.localeCompare(b))).toEqual(["204", "500"]);
  });

  test("partial: the given status and code, alone and in a batch", async () => {
    const api = await startApi();
    const { control } = api.emulator;
    await control.fault({ kind: "partial", status: 403, code: "0x80040220", message: "no right" });
    expect(await api.call("POST", "phonecalls", call)).toMatchObject({
      status: 403,
      json: { error: { code: "0x80040220", message: "no right" } },
    });
    await control.fault({ kind: "partial", code: "0x80044151", status: 500, operationEvery: 2 });
    const parts = answeredParts(
      await api.batch(batchText([createCall, createCall]), boundary, goOn),
    );
    expect(parts.map((part) => [part.status, codeOf(part.json)])).toEqual([
      [204, undefined],
      [500, "0x80044151"],
    ]);
    expect(await stored(api)).toBe(1);
  });

  test("html: a gateway page, nothing committed", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "html" });
    const reply = await api.call("POST", "phonecalls", call);
    expect([
      reply.status,
      reply.headers.get("content-type"),
      reply.text.startsWith("<html>"),
      await stored(api),
    ]).toEqual([502, "text/html; charset=utf-8", true, 0]);
  });

  test("brokenBody: committed, but the answer cannot be read", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "brokenBody" });
    const reply = await api.batch(batchText([[createCall]]), boundary);
    expect([reply.status, reply.text.length > 0, await stored(api)]).toEqual([200, true, 1]);
    expect(() => answeredParts(reply)).toThrow("not closed");
  });

  test("hang: held for its time, then served", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "hang", ms: 30 });
    const started = performance.now();
    expect((await api.call("POST", "phonecalls", call)).status).toBe(204);
    expect(performance.now() - started).toBeGreaterThan(25);
  });

  test("hang: a client that gave up finds it written later", async () => {
    const api = await startApi();
    await api.emulator.control.fault({ kind: "hang", ms: 60 });
    const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/json" };
    const signal = AbortSignal.timeout(15);
    const address = `${api.emulator.url}/api/data/v9.2/phonecalls`;
    await expect(
      fetch(address, { method: "POST", headers, body: JSON.stringify(call), signal }),
    ).rejects.toThrow("timeout");
    expect(await stored(api)).toBe(0);
    await expect.poll(() => stored(api), { timeout: 2000, interval: 10 }).toBe(1);
  });

  test("sign-in is struck only when the path says so", async () => {
    const api = await startApi();
    const { control } = api.emulator;
    await control.fault({ kind: "status" });
    expect((await askToken(api.emulator)).status).toBe(200);
    await control.fault({ kind: "status", status: 500, path: "/oauth2/" });
    expect(await askToken(api.emulator)).toMatchObject({
      status: 500,
      json: { error: "server_error" },
    });
  });

  test("Graph is struck too, in its own words", async () => {
    const api = await startApi();
    const { control, graphUrl } = api.emulator;
    const headers = { authorization: `Bearer ${await tokenFor(api.emulator, graphUrl)}` };
    const ask = async (): Promise<unknown> => {
      const reply = await read(await fetch(`${graphUrl}/v1.0/users/nobody`, { headers }));
      return [reply.status, codeOf(reply.json)];
    };
    await control.fault({ kind: "status", status: 429, path: "/users" });
    expect(await ask()).toEqual([429, "ApplicationThrottled"]);
    await control.fault({ kind: "partial", status: 503, code: "serviceNotAvailable" });
    expect(await ask()).toEqual([503, "serviceNotAvailable"]);
    expect((await control.calls()).filter(({ service }) => service === "graph").length).toBe(2);
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
    await api.call("GET", "WhoAmI()");
    expect(performance.now() - started).toBeGreaterThan(35);
    await api.emulator.control.setLatency(0);
    const json = (await api.call("GET", "WhoAmI()")).json;
    expect(at(json, "UserId")).toEqual(expect.stringMatching(/^[0-9a-f-]{36}$/));
  });
});
