import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { Client } from "../../src/client.ts";
import { clientWith, failure, quiet } from "./vendor.ts";

type Server = {
  readonly origin: string;
  readonly requests: () => number;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

/** A server of this machine, as nock cannot be aborted; closed with the test. */
const serve = async (listener: RequestListener): Promise<Server> => {
  let [requests, connections] = [0, 0];
  const server = createServer((request, response) => {
    requests += 1;
    request.resume();
    listener(request, response);
  });
  server.on("connection", () => {
    connections += 1;
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
    connections: () => connections,
    close,
  };
};

const silence: RequestListener = () => undefined;
const write = {
  method: "PATCH",
  path: "contacts(x)?$select=rose",
  body: { lastname: "Gonzalez" },
} as const;
const read = { method: "GET", path: "contacts?$filter=rose" } as const;
const token = "TOKENvalue";

const at = (environment: string, timeoutMs = 10_000): Client => {
  const client = clientWith({
    environment,
    signIn: { token: () => Promise.resolve(token) },
    timeoutMs,
  });
  onTestFinished(() => client.close());
  return client;
};

test("timeoutMs ends a request that hangs: unreachable, and a write may have been sent", async () => {
  const { origin } = await serve(silence);
  const client = at(origin, 60);
  const [sent, asked] = await Promise.all([
    failure(client.send(write, quiet())),
    failure(client.send(read, quiet())),
  ]);
  expect([sent.why, sent.sent]).toEqual(["unreachable", "maybe"]);
  expect([asked.why, asked.sent]).toEqual(["unreachable", "no"]);
});

test("the context's signal ends a request under way, and keeps one from starting", async () => {
  const stop = new AbortController();
  const gone = Promise.withResolvers<boolean>();
  const { origin, requests } = await serve((request) => {
    request.socket.on("close", () => gone.resolve(true));
    stop.abort();
  });
  const client = at(origin);
  const ended = await failure(client.send(write, quiet(stop.signal)));
  expect([ended.why, ended.sent]).toEqual(["transient", "maybe"]);
  expect((await failure(client.send(write, quiet(stop.signal)))).sent).toBe("no");
  expect(requests()).toBe(1);
  await expect(gone.promise).resolves.toBe(true);
});

test("W6 a time limit that ends a call says that Dynamics 365 is away", async () => {
  const stop = new AbortController();
  const { origin } = await serve(() =>
    stop.abort(new DOMException("The CRM did not answer in time", "TimeoutError")),
  );
  const ended = await failure(at(origin).send(write, quiet(stop.signal)));
  expect([ended.why, ended.sent]).toEqual(["unreachable", "maybe"]);
  const late = await failure(at(origin).send(write, quiet(stop.signal)));
  expect([late.why, late.sent]).toEqual(["unreachable", "no"]);
});

test("A3 a broken connection is maybe sent, a refused one surely not", async () => {
  const { origin, close } = await serve((request) => request.socket.destroy());
  const reset = await failure(at(origin).send(write, quiet()));
  await close();
  const refused = await failure(at(origin).send(write, quiet()));
  expect([reset.why, reset.sent]).toEqual(["unreachable", "maybe"]);
  expect([refused.why, refused.sent]).toEqual(["unreachable", "no"]);
  expect(refused.message).toContain("ECONNREFUSED");
});

test("A3 a host that is not there is surely not sent, and said so", async () => {
  const client = clientWith({
    environment: "https://no-such-host.invalid",
    signIn: { token: () => Promise.resolve(token) },
  });
  const thrown = await failure(client.send(write, quiet()));
  expect([thrown.why, thrown.sent]).toEqual(["unreachable", "no"]);
});

test("A3 an answer that breaks off in the middle is maybe sent", async () => {
  const { origin } = await serve((_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write("[{");
    setTimeout(() => response.socket?.destroy(), 20);
  });
  const thrown = await failure(at(origin).send(write, quiet()));
  expect([thrown.why, thrown.sent]).toEqual(["unreachable", "maybe"]);
});

test("an answer larger than any can be is not read to its end", async () => {
  let written = 0;
  const { origin } = await serve((_request, response) => {
    const piece = Buffer.alloc(1024 * 1024, 32);
    const more = (): void => {
      if (response.destroyed || written > 200) return;
      written += 1;
      response.write(piece, more);
    };
    more();
  });
  const thrown = await failure(at(origin).send(write, quiet()));
  expect([thrown.why, thrown.sent]).toEqual(["transient", "maybe"]);
  expect(thrown.message).toContain("larger");
  expect(written).toBeLessThan(200);
});

test("connections are kept open between calls, and closed with the client", async () => {
  const { origin, connections } = await serve((_request, response) => response.end("{}"));
  const client = at(origin);
  for (const _ of [1, 2, 3]) await client.send(read, quiet());
  expect(connections()).toBe(1);
});

test("O3 no error quotes token, address or body: axios keeps the whole request in its own", async () => {
  const { origin, close } = await serve((request) => {
    if (request.method === "PATCH") request.socket.destroy();
    else request.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nQuagmire\r\n");
  });
  const client = at(origin, 2000);
  const thrown = [
    await failure(client.send(write, quiet())),
    await failure(client.send(read, quiet())),
  ];
  await close();
  thrown.push(await failure(client.send(write, quiet())));
  thrown.push(await failure(at(origin, 2000).send(write, quiet(AbortSignal.abort()))));
  for (const error of thrown) {
    const whole = inspect(error, { depth: 20, showHidden: true, maxStringLength: Infinity });
    expect(whole).not.toMatch(/TOKENvalue|Bearer|rose|Gonzalez|Quagmire/);
  }
});
