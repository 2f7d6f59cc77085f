import { describe, expect, test } from "vitest";
import { Protection } from "../../emulator/http/protection.ts";
import { at, read, seedOne, startApi } from "./api.ts";
import { answeredParts, batchText, boundary, codeOf } from "./batch-text.ts";

describe("A4 service protection", () => {
  test("W6 requests in five minutes: 429 with Retry-After, a batch is one, and the window slides", async () => {
    let now = 1_700_000_000_000;
    const api = await startApi({ requestLimit: 3, clock: () => now });
    const work = [1, 2, 3, 4].map(() => ({ method: "POST", path: "phonecalls", body: {} }));
    expect((await api.batch(batchText(work), boundary)).status).toBe(200);
    now += 100_000;
    await api.call("GET", "WhoAmI()");
    const last = await api.call("GET", "WhoAmI()");
    expect(last.headers.get("x-ms-ratelimit-burst-remaining-xrm-requests")).toBe("0");
    const refused = await api.call("GET", "WhoAmI()");
    expect([refused.status, codeOf(refused.json), refused.headers.get("retry-after")]).toEqual([
      429,
      "0x80072322",
      "200",
    ]);
    now += 199_999;
    expect((await api.call("GET", "WhoAmI()")).status).toBe(429);
    now += 1;
    expect((await api.call("GET", "WhoAmI()")).status).toBe(200);
    expect(await api.emulator.control.callCount()).toBe(4);
  });

  test("who keeps pushing is told to wait longer", async () => {
    const api = await startApi({ requestLimit: 0, clock: () => 1_700_000_000_000 });
    const waits: number[] = [];
    for (let turn = 0; turn < 3; turn += 1)
      waits.push(Number((await api.call("GET", "WhoAmI()")).headers.get("retry-after")));
    expect(waits).toEqual([1, 2, 3]);
  });

  test("requests at once: the one too many is 0x80072326, the others are served", async () => {
    const api = await startApi({ concurrencyLimit: 2, latencyMs: 40 });
    const all = await Promise.all([1, 2, 3].map(() => api.call("GET", "WhoAmI()")));
    expect(all.filter(({ status }) => status === 200).length).toBe(2);
    const refused = all.find(({ status }) => status === 429);
    expect([codeOf(refused?.json), refused?.headers.get("retry-after")]).toEqual([
      "0x80072326",
      "1",
    ]);
    expect((await api.call("GET", "WhoAmI()")).status).toBe(200);
  });

  test("work in five minutes: over 1,200 s it is 0x80072321 until the work has left the window", () => {
    let now = 1_700_000_000_000;
    const protection = new Protection(() => now, {});
    const work = (ms: number): unknown => {
      const refused = protection.enter();
      if (refused === undefined) protection.leave(ms);
      return refused;
    };
    expect([work(600_000), work(599_999), work(1)]).toEqual([undefined, undefined, undefined]);
    expect(work(1)).toMatchObject({
      status: 429,
      code: "0x80072321",
      headers: { "Retry-After": "300" },
    });
    now += 300_000;
    expect(work(1)).toBeUndefined();
  });

  test("the time that a call took counts as work", async () => {
    const api = await startApi({ latencyMs: 60 });
    await api.call("GET", "WhoAmI()");
    const { headers } = await api.call("GET", "WhoAmI()");
    const left = headers.get("x-ms-ratelimit-time-remaining-xrm-requests") ?? "";
    expect(Number(left.replace(",", ""))).toBeLessThan(1199.96);
  });

  test("limits that are Infinity never strike", async () => {
    const api = await startApi({
      requestLimit: Number.POSITIVE_INFINITY,
      concurrencyLimit: Number.POSITIVE_INFINITY,
    });
    const all = await Promise.all(Array.from({ length: 80 }, () => api.call("GET", "WhoAmI()")));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test("every answer of Dataverse carries its request id, the recommended parallelism and a date", async () => {
    const api = await startApi({ dopHint: 5 });
    const { headers } = await api.call("GET", "WhoAmI()");
    expect([
      headers.get("x-ms-service-request-id"),
      headers.get("x-ms-dop-hint"),
      headers.get("odata-version"),
      headers.get("x-ms-ratelimit-time-remaining-xrm-requests"),
      Number.isNaN(Date.parse(headers.get("date") ?? "")),
    ]).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      "5",
      "4.0",
      expect.stringMatching(/^1,(?:200\.00|199\.\d\d)$/),
      false,
    ]);
  });
});

describe("A4 addresses, versions and bodies", () => {
  test("a GET address of 32,768 characters is 414; inside a batch it may be longer", async () => {
    const api = await startApi();
    const filter = `subject eq '${"x".repeat(33_000)}'`;
    const path = `phonecalls?$select=subject&$filter=${encodeURIComponent(filter)}`;
    expect((await api.call("GET", path)).status).toBe(414);
    const [part] = answeredParts(await api.batch(batchText([{ method: "GET", path }]), boundary));
    expect(part).toMatchObject({ status: 200, json: { value: [] } });
    const longer = `phonecalls?$filter=${"x".repeat(66_000)}`;
    const [refused] = answeredParts(
      await api.batch(batchText([{ method: "GET", path: longer }]), boundary),
    );
    expect(refused?.status).toBe(400);
  });

  test("v9.0 to v9.2 are served, other versions are not there", async () => {
    const api = await startApi();
    const headers = { authorization: `Bearer ${api.token}` };
    const found = await Promise.all(
      ["v9.0", "v9.1", "v9.2", "v8.2", "v9.3"].map(async (version) => {
        const address = `${api.emulator.url}/api/data/${version}/WhoAmI()`;
        return (await fetch(address, { headers })).status;
      }),
    );
    expect(found).toEqual([200, 200, 200, 404, 404]);
  });

  test("OData headers may be left out but not be of another version", async () => {
    const api = await startApi();
    const ask = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await api.call("GET", "WhoAmI()", undefined, headers)).status;
    expect([
      await ask({}),
      await ask({ "OData-Version": "4.0", "OData-MaxVersion": "4.0" }),
      await ask({ "OData-MaxVersion": "4.01" }),
      await ask({ "OData-Version": "3.0" }),
      await ask({ "OData-MaxVersion": "3.0" }),
    ]).toEqual([200, 200, 200, 400, 400]);
  });

  test("a body that is no JSON is refused", async () => {
    const api = await startApi();
    const address = `${api.emulator.url}/api/data/v9.2/phonecalls`;
    const send = async (type: string, body: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${api.token}`, "content-type": type };
      const reply = await read(await fetch(address, { method: "POST", headers, body }));
      return [reply.status, codeOf(reply.json)];
    };
    expect(await send("application/json", "{")).toEqual([400, "0x80048d19"]);
    expect(await send("text/plain", "{}")).toEqual([415, "0x0"]);
  });

  test.for([
    ["hex", "0x80040217"],
    ["decimal", "-2147220969"],
    ["empty", ""],
  ] as const)("codes are spelt %s, alone and in a batch", async ([errorCodes, code]) => {
    const api = await startApi({ errorCodes });
    const path = "phonecalls(11111111-2222-4333-8444-555555555555)";
    const alone = await api.call("GET", path);
    const [part] = answeredParts(
      await api.batch(batchText([{ method: "GET", path }]), boundary, {
        prefer: "odata.continue-on-error",
      }),
    );
    expect([alone.status, codeOf(alone.json), codeOf(part?.json)]).toEqual([404, code, code]);
  });

  test("the address of a record is a page", async () => {
    const api = await startApi();
    const id = await seedOne(api, "contact", { lastname: "Abel" });
    const address = `${api.emulator.url}/main.aspx?pagetype=entityrecord&etn=contact&id=${id}`;
    const reply = await read(await fetch(address));
    expect([reply.status, reply.text.includes("Emulated"), at(reply.json)]).toEqual([
      200,
      true,
      undefined,
    ]);
  });
});
