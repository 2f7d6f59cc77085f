import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import nock from "nock";
import { beforeAll, describe, expect, test } from "vitest";
import { bearer, Call } from "../../src/graph/bearer.ts";
import {
  clientAt,
  closedPort,
  errorBody,
  failure,
  replies,
  scriptedGraph,
  secret,
} from "./scripted-graph.ts";
import { contextOf } from "./tenant.ts";

const get = { method: "GET", path: "users?$top=1" } as const;
const post = { method: "POST", path: "users/u/messages", body: { subject: "s" } } as const;

// Importing nock switches it on; here every request but one is real.
beforeAll(() => nock.restore());

describe("the client's traps (facts §3)", () => {
  test("G1 the token goes to the configured origin, over plain HTTP too, and to nobody else", async () => {
    const graph = await scriptedGraph(replies(200, { value: [] }));
    await clientAt(graph.url).ask(get, contextOf());
    expect(graph.arrived[0]?.headers.authorization).toBe(`Bearer ${secret}`);
    const elsewhere = bearer("https://graph.microsoft.com");
    let reached = false;
    elsewhere.setNext?.({
      execute: () => {
        reached = true;
        return Promise.resolve();
      },
    });
    for (const request of [
      "https://graph.microsoft.com.evil.example/v1.0/users",
      "http://graph.microsoft.com/v1.0/users",
      "https://evil.example/?https://graph.microsoft.com",
    ]) {
      const control = {
        getMiddlewareOptions: () => new Call(secret),
        setMiddlewareOptions: () => {},
      };
      await expect(
        elsewhere.execute({
          request,
          options: {},
          // The vendor's class has private members; only these two methods are used.
          middlewareControl: Object.assign(Object.create(null), control),
        }),
      ).rejects.toThrow(RangeError);
    }
    expect(reached).toBe(false);
  });

  test("G1 the real Graph's address works the same", async () => {
    if (!nock.isActive()) nock.activate();
    try {
      const scope = nock("https://graph.microsoft.com", {
        reqheaders: { authorization: `Bearer ${secret}` },
      })
        .get("/v1.0/users")
        .query({ $top: "1" })
        .reply(200, { value: [] });
      const reply = await clientAt("https://graph.microsoft.com").ask(get, contextOf());
      expect(reply.status).toBe(200);
      expect(scope.isDone()).toBe(true);
    } finally {
      nock.cleanAll();
      nock.restore();
    }
  });

  test("G2 one attempt: 429, 503 and 504 are not repeated, for GET and for POST", async () => {
    for (const status of [429, 503, 504])
      for (const request of [get, post]) {
        const graph = await scriptedGraph(
          replies(status, errorBody("x"), { "retry-after": "300" }),
        );
        const error = await failure(clientAt(graph.url).ask(request, contextOf()));
        expect(graph.arrived).toHaveLength(1);
        // And Retry-After is told as it is, not capped at 180 s.
        expect(error.afterMs).toBe(300_000);
        expect(error.sent).toBe(status !== 429 && request === post ? "maybe" : "no");
      }
  });

  test("G3 a redirect is not followed, and takes no token along", async () => {
    const other = await scriptedGraph(replies(200, {}));
    const graph = await scriptedGraph(replies(302, undefined, { location: `${other.url}/stolen` }));
    const error = await failure(clientAt(graph.url).ask(post, contextOf()));
    expect(error).toMatchObject({ why: "unreachable", sent: "no" });
    expect(error.message).toMatch(/redirect.*graphUrl/);
    expect(other.arrived).toEqual([]);
  });

  test("G4 network errors say whether anything was sent", async () => {
    const gone = await scriptedGraph((response) => response.destroy());
    expect(await failure(clientAt(gone.url).ask(post, contextOf()))).toMatchObject({
      why: "unreachable",
      sent: "maybe",
    });
    expect(await failure(clientAt(gone.url).ask(get, contextOf()))).toMatchObject({ sent: "no" });
    const nobody = await failure(clientAt(await closedPort()).ask(post, contextOf()));
    expect(nobody).toMatchObject({ why: "unreachable", sent: "no" });
    expect(nobody.message).toContain("ECONNREFUSED");
  });

  test("G5 a 202 without a body, a 204 and an error's Retry-After come through whole", async () => {
    const graph = await scriptedGraph(
      replies(202, undefined),
      (response) => response.writeHead(204).end(),
      replies(404, errorBody("ErrorItemNotFound"), { "retry-after": "3" }),
    );
    const client = clientAt(graph.url);
    expect(await client.ask(post, contextOf())).toEqual({ status: 202, retryAfterMs: undefined });
    expect(
      await client.ask({ method: "DELETE", path: "users/u/messages/m" }, contextOf()),
    ).toMatchObject({
      status: 204,
    });
    expect(await client.ask(post, contextOf())).toMatchObject({ status: 404, retryAfterMs: 3_000 });
  });

  test("G6 a path that holds an address, or climbs out, is refused before anything is sent", async () => {
    const graph = await scriptedGraph(replies(200, {}));
    const client = clientAt(graph.url);
    for (const path of [
      "https://evil.example/v1.0/users",
      "users/https://evil.example",
      "//evil.example/users",
      "users/../../beta/users",
      "users/a b",
      "users/é",
      "users#x",
      "",
    ])
      await expect(client.ask({ method: "GET", path }, contextOf())).rejects.toThrow();
    expect(graph.arrived).toEqual([]);
    await client.ask({ method: "GET", path: "users/https%3A%2F%2Fevil.example" }, contextOf());
    expect(graph.arrived[0]?.url).toBe("/v1.0/users/https%3A%2F%2Fevil.example");
  });

  test("G6 what is encoded stays encoded, once", async () => {
    const graph = await scriptedGraph(replies(200, {}));
    const value = "a'b c+d&e=f#g/h?i%j€";
    await clientAt(graph.url).ask(
      { method: "GET", path: `users?$filter=${encodeURIComponent(`mail eq '${value}'`)}&$top=1` },
      contextOf(),
    );
    const url = new URL(`http://x${graph.arrived[0]?.url ?? ""}`);
    expect(url.searchParams.get("$filter")).toBe(`mail eq '${value}'`);
    expect(url.searchParams.get("$top")).toBe("1");
  });

  test("G8 the vendor's client is loaded at the first call, and not by importing the package", () => {
    const entry = fileURLToPath(new URL("../../src/graph/index.ts", import.meta.url));
    const script = `
      import { registerHooks } from "node:module";
      const seen = [];
      registerHooks({ resolve: (name, context, next) => { seen.push(name); return next(name, context); } });
      const { graphMail } = await import(${JSON.stringify(entry)});
      graphMail({ signIn: { token: async () => "t" } });
      console.log(seen.filter((name) => name.startsWith("@microsoft/") || name.startsWith("@azure/")).length);
    `;
    const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(out.trim()).toBe("0");
  });

  test("G9 a call ends with its time limit, with its caller, and with the client", async () => {
    const graph = await scriptedGraph(() => {});
    const late = await failure(clientAt(graph.url, { timeoutMs: 50 }).ask(post, contextOf()));
    expect(late).toMatchObject({ why: "unreachable", sent: "maybe" });
    expect(late.message).toMatch(/in time/);
    const stopper = new AbortController();
    const stopped = failure(clientAt(graph.url).ask(post, contextOf(stopper.signal)));
    setTimeout(() => stopper.abort(), 30);
    expect(await stopped).toMatchObject({ why: "transient", sent: "maybe" });
    expect(
      await failure(clientAt(graph.url).ask(post, contextOf(AbortSignal.abort()))),
    ).toMatchObject({ why: "transient", sent: "no" });
    const closing = clientAt(graph.url);
    const cut = failure(closing.ask(post, contextOf()));
    setTimeout(() => closing.close(), 30);
    expect(await cut).toMatchObject({ sent: "maybe" });
  });

  test("G9 a body that never ends is cut off by the time limit", async () => {
    const graph = await scriptedGraph((response) => {
      response.writeHead(201, { "content-type": "application/json" });
      response.write('{"id":');
    });
    expect(
      await failure(clientAt(graph.url, { timeoutMs: 80 }).ask(post, contextOf())),
    ).toMatchObject({ sent: "maybe" });
  });
});

describe("answers", () => {
  test("a 201 that is no JSON, or HTML: it may have been carried out", async () => {
    for (const text of ['{"id":"AAM', "<html>hello</html>"]) {
      const graph = await scriptedGraph(replies(201, text));
      expect(await failure(clientAt(graph.url).ask(post, contextOf()))).toMatchObject({
        why: "transient",
        sent: "maybe",
      });
    }
  });

  test("a gateway's HTML page is no refusal of Graph's, whatever its status", async () => {
    const seen = [];
    for (const status of [502, 503, 403, 404]) {
      const graph = await scriptedGraph(replies(status, "<html>no</html>"));
      const { why, sent } = await failure(clientAt(graph.url).ask(post, contextOf()));
      seen.push(`${status} ${why} ${sent}`);
    }
    expect(seen).toEqual([
      "502 unreachable maybe",
      "503 unreachable maybe",
      "403 refused no",
      "404 refused no",
    ]);
  });

  test("an answer without end is not read to its end", async () => {
    const graph = await scriptedGraph((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const chunk = "x".repeat(1024 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) continue;
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    const error = await failure(clientAt(graph.url).ask(get, contextOf()));
    expect(error.message).toMatch(/larger than any/);
  });

  test("the server's clock is told", async () => {
    const graph = await scriptedGraph(replies(200, {}, { date: "Sat, 21 Nov 2026 22:00:00 GMT" }));
    const context = contextOf();
    await clientAt(graph.url).ask(get, context);
    expect(context.seen).toEqual([{ serverTime: Date.UTC(2026, 10, 21, 22) }]);
  });
});

describe("tokens", () => {
  test("one 401 renews once; a second one is auth; the token is never told", async () => {
    const asked: string[] = [];
    const tokens = {
      get: (scope: string) => {
        asked.push(`get ${scope}`);
        return Promise.resolve(secret);
      },
      renew: (scope: string, refused: string) => {
        asked.push(`renew ${scope} ${refused === secret}`);
        return Promise.resolve("second");
      },
    };
    const once = await scriptedGraph(
      replies(401, errorBody("InvalidAuthenticationToken")),
      replies(200, {}),
    );
    await clientAt(once.url, { tokens }).ask(get, contextOf());
    expect(once.arrived.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${secret}`,
      "Bearer second",
    ]);
    expect(asked).toEqual([`get ${once.url}/.default`, `renew ${once.url}/.default true`]);
    const never = await scriptedGraph(
      replies(401, errorBody("InvalidAuthenticationToken", secret)),
    );
    const error = await failure(clientAt(never.url, { tokens }).ask(post, contextOf()));
    expect(never.arrived).toHaveLength(2);
    expect(error).toMatchObject({ why: "auth", sent: "no" });
    expect(`${error.message} ${String(error.cause)} ${error.stack ?? ""}`).not.toContain(secret);
  });

  test("a token that no header can hold is not quoted by the error", async () => {
    const graph = await scriptedGraph(replies(200, {}));
    const tokens = { get: () => Promise.resolve("bad\ntoken"), renew: () => Promise.resolve("x") };
    const error = await failure(clientAt(graph.url, { tokens }).ask(get, contextOf()));
    expect(`${error.message} ${String(error.cause)}`).not.toContain("bad");
  });
});
