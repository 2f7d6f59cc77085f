import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context, CrmAdapter, RecordId } from "@wrapup/core";
import { dynamics, graphMail } from "@wrapup/dynamics";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { sendBatch } from "../src/batch.ts";
import type { Client, Request } from "../src/client.ts";
import { jsonIn, listOf } from "../src/http.ts";
import { readBatch } from "../src/odata/multipart.ts";
import { activity, openOrg, put } from "./client/org.ts";

/** Processor time of this process: another one that is busy does not lengthen it, as it would a clock's. */
const workedMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

const context = (ms = 15_000): Context => ({
  signal: AbortSignal.timeout(ms),
  urgency: "agent",
  observe: () => undefined,
});

const someId = "7e4a47c0-0000-4000-8000-0000000000aa";

/** A server of this machine that is not to be trusted; closed with the test. */
const serve = async (reply: Reply): Promise<string> => {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => reply(request, response));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
};

const json =
  (body: string): Reply =>
  (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(body);
  };

const closing = (adapter: CrmAdapter): CrmAdapter => {
  onTestFinished(() => adapter.close());
  return adapter;
};

const signIn = { token: (): Promise<string> => Promise.resolve("TOKENvalue") };

const ok = (contentId: string): string =>
  `--inner\r\nContent-Type: application/http\r\nContent-ID: ${contentId}\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n`;

const applied = (contentIds: readonly string[]): string =>
  `Content-Type: multipart/mixed; boundary=inner\r\n\r\n${contentIds.map(ok).join("")}--inner--\r\n`;

/** A failure as Dataverse may give it: it does not say whose it is. */
const failure = `Content-Type: application/http\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n{"error":{"code":"0x80044331","message":""}}\r\n`;

/** A Dataverse whose answers to three change sets, of one operation each, come in this order. */
const answering = (parts: readonly string[]): Pick<Client, "ask"> => ({
  ask: (_request: Request) =>
    Promise.resolve({
      status: 200,
      headers: new Headers({ "content-type": "multipart/mixed; boundary=outer" }),
      body: undefined,
      text: `${parts.map((part) => `--outer\r\n${part}`).join("")}--outer--\r\n`,
      retryAfterMs: undefined,
    }),
});

const outcomesOf = async (parts: readonly string[]): Promise<readonly string[]> => {
  const unused = (): never => {
    throw new Error("not used");
  };
  const client: Client = {
    ...answering(parts),
    send: unused,
    environment: "https://acme.crm4.dynamics.com",
    userId: () => undefined,
    whoAmI: unused,
    parallelism: () => undefined,
    close: () => undefined,
  };
  const outcomes = await sendBatch(
    client,
    ["a", "b", "c"],
    (item) => [{ method: "DELETE", path: `things(${item})` }],
    context(),
  );
  return outcomes.map(({ is }) => is);
};

test("W3 W4 answers that changed places are nobody's: a failure that does not say whose it is may be another's", async () => {
  expect(await outcomesOf([applied(["1"]), failure, applied(["3"])])).toEqual([
    "applied",
    "failed",
    "applied",
  ]);
  const unknown = ["unknown", "unknown", "unknown"];
  expect(await outcomesOf([failure, applied(["1"]), applied(["3"])])).toEqual(unknown);
  expect(await outcomesOf([applied(["2"]), failure, applied(["3"])])).toEqual(unknown);
  expect(await outcomesOf([applied(["1"]), applied(["1"]), failure])).toEqual(unknown);
});

test("O5 what holds more lines or objects than any answer is not read at all", () => {
  const answer = `--outer\r\n${applied(["1"])}--outer--\r\n`;
  const type = "multipart/mixed; boundary=outer";
  expect(readBatch(type, answer)).toHaveLength(1);
  expect(readBatch(type, `${"\n".repeat(600_000)}${answer}`)).toBeUndefined();
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  expect(jsonIn(nested(1_000))).toBeDefined();
  expect(jsonIn(nested(300_000))).toBeUndefined();
});

test("O5 a list is refused at its first fault, and not by naming each", () => {
  const list = listOf(z.object({ names: listOf(z.string(), 1_000) }), 5_000);
  const wrong = Array.from({ length: 5_000 }, () => ({
    names: Array.from({ length: 1_000 }, () => 0),
  }));
  expect(list.safeParse(wrong).error?.issues).toHaveLength(1);
  expect(list.safeParse([{ names: ["a"] }]).data).toEqual([{ names: ["a"] }]);
  expect(list.safeParse(Array.from({ length: 5_001 }, () => ({ names: [] }))).success).toBe(false);
});

test.for([
  ["rows without anything in them", `{"value":[${"{},".repeat(300_000)}{}]}`],
  ["nothing but brackets", "[".repeat(8_000_000)],
  ["numbers for rows", `{"value":[${"0,".repeat(1_000_000)}0]}`],
] as const)("O5 a query answered with %s is one clear error, and quick", async ([, body]) => {
  const environment = await serve(json(body));
  const adapter = closing(dynamics({ environment, signIn }));
  const began = workedMs();
  const error: unknown = await adapter.usersOf?.([{ id: someId }], context()).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toMatchObject({ code: "crm_error", why: "transient", sent: "no" });
  expect(workedMs() - began).toBeLessThan(3_000);
});

test("O5 Graph's list of two million things that are no users is one clear error, and quick", async () => {
  const graphUrl = await serve(json(`{"value":[${"{},".repeat(2_000_000)}{}]}`));
  const adapter = closing(graphMail({ graphUrl, signIn }));
  const began = workedMs();
  const error: unknown = await adapter
    .usersOf?.([{ id: "a-1", email: "ann@desk.example" }], context())
    .then(
      () => undefined,
      (cause: unknown) => cause,
    );
  expect(error).toMatchObject({ code: "crm_error", why: "transient" });
  expect(workedMs() - began).toBeLessThan(3_000);
});

test("W10 an agent's email with half a character in it has no mailbox, and is no error of ours", async () => {
  const graphUrl = await serve(json('{"value":[]}'));
  const adapter = closing(graphMail({ graphUrl, signIn }));
  const agents = [
    { id: "a-1", email: "\uD800@desk.example" },
    { id: "a-2", email: "ann@desk.example" },
  ];
  await expect(adapter.usersOf?.(agents, context())).resolves.toEqual([undefined, undefined]);
});

test("W3 a look at a mailbox that is answered with nonsense sent nothing; a draft that is, may be there", async () => {
  const entry = {
    ...activity(1),
    kind: "notice",
    type: "mail",
    fields: { to: "rose@x.example", subject: "s", text: "t" },
    owner: someId,
    final: false,
  } as const;
  for (const [answer, sent] of [
    [() => '{"value":7}', "no"],
    [(method: string) => (method === "GET" ? '{"value":[]}' : '{"id":"../../x"}'), "maybe"],
  ] as const) {
    const graphUrl = await serve((request, response) =>
      json(answer(request.method ?? ""))(request, response),
    );
    const adapter = closing(graphMail({ graphUrl, signIn }));
    expect(await adapter.push([put(entry)], context())).toMatchObject([
      { is: "retry", why: "transient", sent },
    ]);
  }
});

test("W5 an app's token function that once never answers is asked again", async () => {
  const environment = await serve(json(`{"value":[],"UserId":"${someId}"}`));
  let asked = 0;
  const token = (): Promise<string> => {
    asked += 1;
    return asked === 1 ? new Promise<string>(() => undefined) : Promise.resolve("TOKENvalue");
  };
  const adapter = closing(dynamics({ environment, signIn: { token }, timeoutMs: 100 }));
  await expect(adapter.usersOf?.([{ id: someId }], context())).rejects.toMatchObject({
    why: "unreachable",
    sent: "no",
    message: "signIn.token did not answer in time",
  });
  await expect(adapter.usersOf?.([{ id: someId }], context())).resolves.toEqual([undefined]);
  expect(asked).toBe(2);
});

test("K5 one record that is linked in upper and in lower case takes part once", async () => {
  const org = await openOrg();
  const contact = await org.contact();
  const twice: readonly RecordId[] = [{ ...contact, id: contact.id.toUpperCase() }, contact];
  const [answer] = await org.push(put(activity(1, { roles: { party: twice } })));
  expect(answer?.is).toBe("written");
  const [row] = await org.rows();
  expect(row?.parties.map(({ id }) => id)).toEqual([contact.id]);
});
