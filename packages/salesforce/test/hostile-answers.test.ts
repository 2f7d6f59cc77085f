import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import { duplicatesIn } from "../src/duplicates.ts";
import { reasonOf, withoutValues } from "../src/errors.ts";
import { errorsIn } from "../src/vendor-error.ts";
import type { Context, CrmAdapter } from "@wrapup/core";
import { salesforce } from "@wrapup/salesforce";
import { expect, onTestFinished, test } from "vitest";
import { activity, put } from "./client/org.ts";

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
