import { describe, expect, test } from "vitest";
import type { Api, Reply } from "./api.ts";
import { at, startApi } from "./api.ts";
import { haveShared, sharedJson } from "./shared-data.ts";

type Recorded = {
  readonly method: string;
  readonly path: string;
  readonly request: unknown;
  readonly status: number;
  readonly response: unknown;
};

function recorded(name: string, index = 0): Recorded {
  const call = at(sharedJson(`recorded/${name}.json`), "calls", index);
  return {
    method: String(at(call, "method")),
    path: String(at(call, "path")).replace(/v5[0-8]\.0/, "v59.0"),
    request: at(call, "request"),
    status: Number(at(call, "status")),
    response: at(call, "response"),
  };
}

async function replay(api: Api, call: Recorded): Promise<Reply> {
  const parameters = at(call.request, "params");
  const query =
    typeof parameters === "object" && parameters !== null
      ? `?${new URLSearchParams(Object.entries(parameters)).toString()}`
      : "";
  return api.call(call.method, call.path + query, at(call.request, "data"));
}

/** The keys and types of JSON, without its values; a list shows its first element. */
function shape(json: unknown): unknown {
  if (Array.isArray(json)) return json.slice(0, 1).map(shape);
  if (typeof json !== "object" || json === null) return json === null ? null : typeof json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, shape(value)]));
}

describe.skipIf(!haveShared)("A4 the emulator answers as recordings of a real org do", () => {
  test.for([
    "create-record",
    "create-sobject-collection",
    "upsert-record",
    "composite-graph-request",
  ])("%s: same status and shape", async (name) => {
    const api = await startApi();
    const call = recorded(name);
    const reply = await replay(api, call);
    expect(reply.status).toBe(call.status);
    expect(shape(reply.json)).toEqual(shape(call.response));
    expect(reply.headers.get("sforce-limit-info")).toMatch(/^api-usage=\d+\/\d+$/);
  });

  test.for([
    "update-sobject-collection",
    "upsert-sobject-collection",
    "search-records",
    "parameterized-search-records",
  ])("%s: the very same answer", async (name) => {
    const api = await startApi();
    const call = recorded(name);
    const reply = await replay(api, call);
    expect(reply).toMatchObject({ status: call.status, json: call.response });
  });

  test("update-record-by-external-id: the very same answer", async () => {
    const api = await startApi();
    const call = recorded("update-record-by-external-id");
    await api.emulator.control.seed([
      { sobject: "Account", fields: { Id: "001dM00003kReWpQAK", Name: "One" } },
    ]);
    expect(await replay(api, call)).toMatchObject({ status: 200, json: call.response });
  });

  test.for([
    ["update-record", "001dM00003kS3BpQAK"],
    ["delete-record", "001dM00003kS5tZQAS"],
  ] as const)("%s: 204 without a body", async ([name, id]) => {
    const api = await startApi();
    await api.emulator.control.seed([{ sobject: "Account", fields: { Id: id, Name: "One" } }]);
    const reply = await replay(api, recorded(name));
    expect([reply.status, reply.text]).toEqual([204, ""]);
  });

  test("delete-sobject-collection: the versions of v59 to v66, and the very same answer", async () => {
    const api = await startApi();
    const list = recorded("delete-sobject-collection");
    const versions = (await replay(api, list)).json;
    const real = Array.isArray(list.response) ? list.response.slice(-8) : [];
    expect(versions).toEqual(expect.arrayContaining(real));
    const ids = ["001dM00003kREKdQAO", "001dM00003kREKeQAO"];
    await api.emulator.control.seed(
      ids.map((Id) => ({ sobject: "Account", fields: { Id, Name: Id } })),
    );
    const call = recorded("delete-sobject-collection", 1);
    expect(await replay(api, call)).toMatchObject({ status: 200, json: call.response });
  });

  test("query-records: same records, field by field", async () => {
    const api = await startApi();
    const call = recorded("query-records");
    const records = at(call.response, "records");
    const rows = (Array.isArray(records) ? records : []).map((one: unknown) => ({
      sobject: "Account",
      fields: { Id: at(one, "Id"), Name: at(one, "Name") },
    }));
    await api.emulator.control.seed(rows);
    expect(await replay(api, call)).toMatchObject({ status: 200, json: call.response });
  });

  test("get-sobject-basic-info: the very same description of Account", async () => {
    const api = await startApi();
    await api.emulator.control.seed([{ sobject: "Account", fields: { Name: "One" } }]);
    const call = recorded("get-sobject-basic-info");
    const reply = await replay(api, call);
    expect(at(reply.json, "objectDescribe")).toEqual(at(call.response, "objectDescribe"));
    expect(shape(at(reply.json, "recentItems"))).toEqual(shape(at(call.response, "recentItems")));
  });

  test("get-limits: every limit the emulator names is one of a real org, with Max and Remaining", async () => {
    const api = await startApi();
    const call = recorded("get-limits");
    const reply = await replay(api, call);
    expect(shape(call.response)).toMatchObject(Object(shape(reply.json)));
    expect(at(reply.json, "DailyApiRequests", "Remaining")).toBe(99_999);
  });
});
