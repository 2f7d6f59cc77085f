import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { inspect, promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { Client } from "../../src/client.ts";
import { salesforce } from "../../src/index.ts";
import { networkError } from "../../src/http.ts";
import { clientWith, failure, quiet } from "./vendor.ts";

/** A server of this machine, as nock cannot be aborted; closed with the test. */
const serve = async (
  listener: RequestListener,
): Promise<{
  readonly origin: string;
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}> => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    listener(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  onTestFinished(close);
  return {
    origin: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    requests: () => requests,
    close,
  };
};

const silence: RequestListener = () => undefined;
const write = { method: "PATCH", path: "/composite/sobjects", body: {} } as const;
const read = { method: "GET", path: "/limits" } as const;

const at = (instanceUrl: string, timeoutMs = 10_000): Client =>
  clientWith({
    signIn: { token: () => Promise.resolve({ accessToken: "a", instanceUrl }) },
    timeoutMs,
  });

test("J8 timeoutMs ends a request that hangs: unreachable, and a write may have been sent", async () => {
  const { origin } = await serve(silence);
  const client = at(origin, 60);
  const [sent, asked] = await Promise.all([
    failure(client.send(write, quiet())),
    failure(client.send(read, quiet())),
  ]);
  expect([sent.why, sent.sent]).toEqual(["unreachable", "maybe"]);
  expect([asked.why, asked.sent]).toEqual(["unreachable", "no"]);
  expect(sent.message).not.toContain("30 minutes");
});

test("J9 the context's signal ends a request under way, and keeps one from starting", async () => {
  const stop = new AbortController();
  const { origin, requests } = await serve(() => stop.abort());
  const client = at(origin);
  const ended = await failure(client.send(write, quiet(stop.signal)));
  expect([ended.why, ended.sent]).toEqual(["transient", "maybe"]);
  const late = await failure(client.send(write, quiet(stop.signal)));
  expect(late.sent).toBe("no");
  expect(requests()).toBe(1);
});

test("W6 a time limit that ends a call says that Salesforce is away: unreachable, and a write may have been sent", async () => {
  const stop = new AbortController();
  const { origin } = await serve(() =>
    stop.abort(new DOMException("The CRM did not answer in time", "TimeoutError")),
  );
  const client = at(origin);
  const ended = await failure(client.send(write, quiet(stop.signal)));
  expect([ended.why, ended.sent]).toEqual(["unreachable", "maybe"]);
  const late = await failure(client.send(write, quiet(stop.signal)));
  expect([late.why, late.sent]).toEqual(["unreachable", "no"]);
});

test("W6 a sign-in that hangs beyond the call's time limit is unreachable, surely not sent", async () => {
  const client = clientWith({ signIn: { token: () => new Promise(() => undefined) } });
  const ended = await failure(client.send(write, quiet(AbortSignal.timeout(20))));
  expect([ended.why, ended.sent]).toEqual(["unreachable", "no"]);
});

test("J9 the connection is really given up when the signal ends", async () => {
  const stop = new AbortController();
  const gone = Promise.withResolvers<boolean>();
  const { origin } = await serve((request) => {
    request.socket.on("close", () => gone.resolve(true));
    stop.abort();
  });
  await failure(at(origin).send(write, quiet(stop.signal)));
  await expect(gone.promise).resolves.toBe(true);
});

test("J9 one caller that gives up does not end the sign-in of the others", async () => {
  const { origin } = await serve((_request, response) =>
    response.setHeader("content-type", "application/json").end("{}"),
  );
  const token = Promise.withResolvers<{ accessToken: string; instanceUrl: string }>();
  const client = clientWith({ signIn: { token: () => token.promise } });
  const stop = new AbortController();
  const [first, second] = [
    failure(client.send(read, quiet(stop.signal))),
    client.send(read, quiet()),
  ];
  stop.abort();
  expect((await first).sent).toBe("no");
  token.resolve({ accessToken: "a", instanceUrl: origin });
  await expect(second).resolves.toEqual({});
});

test("A3 a broken connection is maybe sent, a refused one surely not", async () => {
  const { origin, close } = await serve((request) => request.socket.destroy());
  const reset = await failure(at(origin).send(write, quiet()));
  await close();
  const refused = await failure(at(origin).send(write, quiet()));
  expect([reset.why, reset.sent]).toEqual(["unreachable", "maybe"]);
  expect([refused.why, refused.sent]).toEqual(["unreachable", "no"]);
});

test("A3 an answer that breaks off in the middle is maybe sent", async () => {
  const { origin } = await serve((_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write("[{");
    response.socket?.destroy();
  });
  const error = await failure(at(origin).send(write, quiet()));
  expect([error.why, error.sent]).toEqual(["unreachable", "maybe"]);
});

test.for([
  ["ENOTFOUND", "no"],
  ["EAI_AGAIN", "no"],
  ["ECONNREFUSED", "no"],
  ["UND_ERR_CONNECT_TIMEOUT", "no"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "no"],
  ["ECONNRESET", "maybe"],
  ["UND_ERR_SOCKET", "maybe"],
  ["UND_ERR_HEADERS_TIMEOUT", "maybe"],
  ["EPIPE", "maybe"],
  ["SOMETHING_NEW", "maybe"],
] as const)("A3 %s is %s sent", ([code, sent]) => {
  const cause = Object.assign(new Error("inner"), { code });
  const never = new AbortController().signal;
  expect(networkError(new TypeError("fetch failed", { cause }), never, never).sent).toBe(sent);
  expect(
    networkError(
      new TypeError("fetch failed", { cause: new AggregateError([cause]) }),
      never,
      never,
    ).sent,
  ).toBe(sent);
});

test("O3 of what failed only its name and code are kept", () => {
  const never = new AbortController().signal;
  const cause = Object.assign(new Error("Bearer TOKEN"), {
    code: "HPE_INVALID_CHUNK_SIZE",
    data: "Cora Customer",
  });
  const kept = networkError(new TypeError("Bearer TOKEN", { cause }), never, never);
  expect(inspect(kept, { depth: 9, showHidden: true })).not.toMatch(/TOKEN|Cora/u);
  expect(kept.cause).toMatchObject({ name: "TypeError", message: "HPE_INVALID_CHUNK_SIZE" });
});

test("A3 a failure of connecting is not sent, whatever its code; one of reading may be", () => {
  const never = new AbortController().signal;
  const sent = (code: string, syscall: string) => {
    const cause = Object.assign(new Error("inner"), { code, syscall });
    return networkError(new TypeError("fetch failed", { cause }), never, never).sent;
  };
  expect([
    sent("ETIMEDOUT", "connect"),
    sent("ECONNRESET", "read"),
    sent("ETIMEDOUT", "read"),
  ]).toEqual(["no", "maybe", "maybe"]);
});

test("a closed adapter ends what is under way", async () => {
  const closed = Promise.withResolvers<void>();
  const { origin } = await serve(() => closed.resolve());
  const adapter = salesforce({
    signIn: { token: () => Promise.resolve({ accessToken: "a", instanceUrl: origin }) },
  });
  const work = failure(adapter.reads?.describe(["Task"], quiet()) ?? Promise.resolve());
  await closed.promise;
  await adapter.close();
  expect((await work).why).toBe("transient");
});

/** Runs a program in a process of its own, where nothing is loaded yet. */
const inFreshProcess = async (
  program: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<unknown> => {
  const source = JSON.stringify(new URL("../../src/index.ts", import.meta.url).href);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", `const { salesforce } = await import(${source});${program}`],
    {
      env: { PATH: process.env["PATH"], ...environment },
    },
  );
  const printed: unknown = JSON.parse(stdout);
  return printed;
};

test("J24 jsforce is loaded by the first call, not by making an adapter", async () => {
  const { origin } = await serve((_request, response) =>
    response.setHeader("content-type", "application/json").end("{}"),
  );
  const counts = await inFreshProcess(`
    const { createRequire } = await import("node:module");
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((name) => name.includes("jsforce"));
    const adapter = salesforce({ signIn: { token: async () => ({ accessToken: "a", instanceUrl: "${origin}" }) } });
    const context = { signal: AbortSignal.timeout(5000), urgency: "agent", observe: () => {} };
    const before = loaded();
    await adapter.reads.describe(["Task"], context).catch(() => {});
    console.log(JSON.stringify([before, loaded()]));`);
  expect(counts).toEqual([false, true]);
});

test("J18 a proxy variable that jsforce would read at import does not catch our requests", async () => {
  const { origin, requests } = await serve((_request, response) =>
    response.setHeader("content-type", "application/json").end("{}"),
  );
  const proxy = { http_proxy: "http://127.0.0.1:1", https_proxy: "http://127.0.0.1:1" };
  await inFreshProcess(
    `const adapter = salesforce({ signIn: { token: async () => ({ accessToken: "a", instanceUrl: "${origin}" }) } });
    const context = { signal: AbortSignal.timeout(5000), urgency: "agent", observe: () => {} };
    await adapter.reads.describe(["Task"], context).catch(() => {});
    console.log("1");`,
    proxy,
  );
  expect(requests()).toBe(1);
});
