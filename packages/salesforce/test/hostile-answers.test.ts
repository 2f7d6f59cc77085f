import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import { duplicatesIn } from "../src/duplicates.ts";
import { reasonOf, withoutValues } from "../src/errors.ts";
import { jsonIn } from "../src/http.ts";
import { errorsIn } from "../src/vendor-error.ts";
import type { Context, CrmAdapter } from "@wrapup/core";
import { salesforce } from "@wrapup/salesforce";
import { expect, onTestFinished, test } from "vitest";
import { activity, put } from "./client/org.ts";

/** Processor time of this process: another one that is busy does not lengthen it, as it would a clock's. */
const workedMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const context = (): Context => ({
  signal: AbortSignal.timeout(10_000),
  urgency: "agent",
  observe: () => undefined,
});

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

/** An org that is not to be trusted: signs in with this token, and answers everything else as told. */
const hostileOrg = async (reply: Reply, token = "TOKENvalue"): Promise<CrmAdapter> => {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const origin = `http://${request.headers.host ?? ""}`;
      if (request.url?.includes("/oauth2/token") === true)
        json(response, 200, { access_token: token, instance_url: origin, token_type: "Bearer" });
      else reply(request, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const adapter = salesforce({
    signIn: { clientId: "app", clientSecret: "SECRETvalue", domain: `http://127.0.0.1:${port}` },
    timeoutMs: 5_000,
  });
  onTestFinished(async () => {
    await adapter.close();
    server.closeAllConnections();
    server.close();
  });
  return adapter;
};

const field = (name: string, type: string) => ({
  name,
  label: name,
  type,
  createable: true,
  updateable: true,
  filterable: true,
  externalId: name.endsWith("__c"),
});

const described = (name: string) => ({
  name,
  label: name,
  createable: true,
  updateable: true,
  deletable: true,
  fields: [
    field("Subject", "string"),
    field("Wrapup_Key__c", "string"),
    field("Email", "email"),
    { ...field("Name", "string"), nameField: true },
  ],
});

/** Describes as an org should, and everything else as told. */
const afterDescribe =
  (reply: Reply): Reply =>
  (request, response) => {
    const type = /\/sobjects\/(\w+)\/describe/.exec(request.url ?? "")?.[1];
    if (type === undefined) reply(request, response);
    else json(response, 200, described(type));
  };

const search = async (adapter: CrmAdapter): Promise<unknown> =>
  adapter.reads?.search(
    { email: "cora@customer.example", types: ["Contact"], limit: 5 },
    context(),
  );

/** Everything that a log which prints an error whole would show. */
const whole = (error: unknown): string =>
  inspect(error, { depth: 12, showHidden: true, maxStringLength: Number.POSITIVE_INFINITY });

test("O3 a token that cannot stand in a header is not quoted in any cause", async () => {
  const adapter = await hostileOrg((_request, response) => response.end(), "TOKENvalue\nX: 1");
  const error = await search(adapter).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(whole(error)).not.toContain("TOKENvalue");
});

test("O3 an answer that is no HTTP is not quoted in any cause", async () => {
  const adapter = await hostileOrg((request) => {
    request.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nQuagmire\r\n");
  });
  const error = await search(adapter).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(whole(error)).not.toContain("Quagmire");
});

test("O3 what stands where a code or a field's name belongs is shown only where it is one", () => {
  const [error] = errorsIn([
    { errorCode: "Cora Customer Bearer TOKENvalue", message: "", fields: ["Cora Customer"] },
  ]);
  expect(error === undefined ? "" : reasonOf(error)).not.toMatch(/Cora|TOKEN/u);
});

test("O3 a quoted value that Salesforce cut off in the middle is taken out too", () => {
  const snippet =
    "\nFROM Account WHERE AccountNumber = 'CUST 77 Quagm\n  ^\nERROR at Row:1:Column:40";
  expect(withoutValues(snippet)).not.toMatch(/CUST|Quagm/u);
});

test("O5 of a vendor's message only the beginning is looked at, so that no length can hold up the process", () => {
  for (const piece of ["a", "'a ", '"', "a@"]) {
    const said = withoutValues(`${piece.repeat(40_000)} the end`);
    expect(said.length).toBeLessThanOrEqual(200);
    expect(said).not.toContain("the end");
  }
});

test("O5 an answer nested beyond reason is an answer without duplicates, not a stack overflow", () => {
  let deep: unknown = 1;
  for (let n = 0; n < 100_000; n += 1) deep = { a: deep };
  expect(duplicatesIn(deep, "Contact").refs).toEqual([]);
});

test("O5 W4 a result without a usable id costs its own record only, and no strange id becomes a receipt", async () => {
  const good = { success: true, created: true, errors: [] };
  const adapter = await hostileOrg(
    afterDescribe((_request, response) =>
      json(response, 200, [
        { ...good, id: "00Tde0000000001" },
        good,
        { ...good, id: "javascript:alert(1)" },
      ]),
    ),
  );
  const answers = await adapter.push(
    [1, 2, 3].map((n) => put(activity(n, { fields: { Subject: "x" } }))),
    context(),
  );
  expect(answers.map(({ is }) => is)).toEqual(["written", "retry", "retry"]);
});

test("O5 a row with an id that is none is no record that could be linked", async () => {
  const adapter = await hostileOrg(
    afterDescribe((_request, response) =>
      json(response, 200, {
        done: true,
        records: [{ attributes: { type: "Contact" }, Id: "javascript:alert(1)", Name: "x" }],
      }),
    ),
  );
  expect(await search(adapter)).toEqual([]);
});

test("O5 R4 a page that says there is more, and not where, is not taken for the whole", async () => {
  const adapter = await hostileOrg(
    afterDescribe((_request, response) => json(response, 200, { done: false, records: [] })),
  );
  await expect(search(adapter)).rejects.toMatchObject({ name: "CrmError" });
});

test("O5 an answer larger than any of Salesforce's is not read to its end", async () => {
  let sent = 0;
  const adapter = await hostileOrg(
    afterDescribe((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const piece = Buffer.alloc(1 << 20, 32);
      const more = (): void => {
        while (sent < 100 && !response.destroyed) {
          sent += 1;
          if (!response.write(piece)) {
            response.once("drain", more);
            return;
          }
        }
        response.end("{}");
      };
      more();
    }),
  );
  await expect(search(adapter)).rejects.toMatchObject({ name: "CrmError" });
  expect(sent).toBeLessThan(80);
});

/** An answer of this body to everything but what is described before. */
const answering =
  (body: string, type = "application/json"): Reply =>
  (_request, response) => {
    response.writeHead(200, { "content-type": type });
    response.end(body);
  };

const caughtIn = async (work: Promise<unknown> | undefined) => {
  const began = workedMs();
  const error: unknown = await (work ?? Promise.resolve()).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return { error, ms: workedMs() - began };
};

test("O5 what holds more objects or lists than any answer is not read at all", () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  expect(jsonIn(nested(1_000))).toBeDefined();
  expect(jsonIn(nested(300_000))).toBeUndefined();
  expect(jsonIn(`[${"{},".repeat(300_000)}{}]`)).toBeUndefined();
  expect(jsonIn(`[${"{},".repeat(200_000)}{}]`)).toHaveLength(200_001);
});

test.for([
  ["rows without anything in them", `{"records":[${"{},".repeat(2_700_000)}{}]}`],
  ["more rows than a page has", `{"records":[${"{},".repeat(200_000)}{}]}`],
  ["nothing but brackets", "[".repeat(8_000_000)],
  ["numbers for rows", `{"records":[${"0,".repeat(1_000_000)}0]}`],
  [
    "a row of more columns than a type has",
    `{"records":[{${Array.from({ length: 200_000 }, (_, n) => `"A${n}":0`).join()}}]}`,
  ],
] as const)("O5 a query answered with %s is one clear error, and quick", async ([, body]) => {
  const adapter = await hostileOrg(afterDescribe(answering(body)));
  const { error, ms } = await caughtIn(search(adapter));
  expect(error).toMatchObject({ name: "CrmError", why: "transient", sent: "no" });
  expect(ms).toBeLessThan(3_000);
});

test("O5 a search answered with more rows than there can be is one clear error, and quick", async () => {
  const adapter = await hostileOrg(
    afterDescribe(answering(`{"searchRecords":[${"0,".repeat(1_000_000)}0]}`)),
  );
  const { error, ms } = await caughtIn(
    adapter.reads?.search({ name: "Cora Customer", types: ["Contact"], limit: 5 }, context()),
  );
  expect(error).toMatchObject({ name: "CrmError", why: "transient", sent: "no" });
  expect(ms).toBeLessThan(3_000);
});

test.for([
  ["more fields than a type has", `"fields":[${"0,".repeat(1_000_000)}0]`],
  [
    "a field of more choices than any",
    `"fields":[{"name":"A","label":"A","type":"picklist","picklistValues":[${"0,".repeat(1_000_000)}0]}]`,
  ],
  [
    "fields that each name many types that are none",
    `"fields":[${Array.from({ length: 200 }, (_, n) => `{"name":"A${n}","label":"A","type":"reference","referenceTo":[${"0,".repeat(4_999)}0]}`).join()}]`,
  ],
] as const)("O5 a describe with %s is one clear error, and quick", async ([, fields]) => {
  const adapter = await hostileOrg(answering(`{"name":"Contact","label":"Contact",${fields}}`));
  const { error, ms } = await caughtIn(search(adapter));
  expect(error).toMatchObject({ name: "CrmError", why: "transient", sent: "no" });
  expect(ms).toBeLessThan(3_000);
});

test("O5 W4 a write answered with millions of results is no answer to it, and quick", async () => {
  const adapter = await hostileOrg(afterDescribe(answering(`[${"{},".repeat(2_700_000)}{}]`)));
  const began = workedMs();
  const [answer] = await adapter.push([put(activity(1, { fields: { Subject: "x" } }))], context());
  expect(answer).toMatchObject({ is: "retry", sent: "maybe" });
  expect(workedMs() - began).toBeLessThan(3_000);
});

test("O5 a sign-in answered with millions of objects is one clear error, and quick", async () => {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => answering(`[${"{},".repeat(2_700_000)}{}]`)(request, response));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const domain = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const adapter = salesforce({ signIn: { clientId: "app", clientSecret: "SECRETvalue", domain } });
  onTestFinished(async () => {
    await adapter.close();
    server.closeAllConnections();
    server.close();
  });
  const { error, ms } = await caughtIn(search(adapter));
  expect(error).toMatchObject({ name: "CrmError", why: "auth" });
  expect(ms).toBeLessThan(3_000);
});

test("O5 an answer that says it is XML is not taken apart by the client below us", async () => {
  const adapter = await hostileOrg(
    afterDescribe(answering("<a>".repeat(1_000_000), "application/xml")),
  );
  const { error, ms } = await caughtIn(search(adapter));
  expect(error).toMatchObject({ name: "CrmError", sent: "no" });
  expect(ms).toBeLessThan(1_000);
});

test("O5 of an error's body only what can hold similar records is looked at", () => {
  const zeros = jsonIn(`[${"0,".repeat(16_000_000)}0]`);
  const began = workedMs();
  const { refs, mayOverride } = duplicatesIn({ zeros, found: [{ allowSave: true }] }, "Contact");
  expect([refs, mayOverride]).toEqual([[], true]);
  expect(workedMs() - began).toBeLessThan(1_500);
});
