import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import type { Context, CrmAdapter } from "@wrapup/core";
import { dynamics } from "@wrapup/dynamics";
import { expect, onTestFinished, test } from "vitest";
import { reasonOf } from "../src/errors.ts";
import { etagOf, idAt } from "../src/rows.ts";
import { columnOf, errorIn, privilegeOf } from "../src/vendor-error.ts";
import { activity, put } from "./client/org.ts";

const context = (): Context => ({
  signal: AbortSignal.timeout(10_000),
  urgency: "agent",
  observe: () => undefined,
});

type Reply = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

const tenantId = "11111111-2222-4333-8444-555555555555";
const userId = "7e4a47c0-0000-4000-8000-0000000000aa";

/** Entra's part: where to sign in, and a token. */
const signsIn = (request: IncomingMessage, response: ServerResponse, token: string): boolean => {
  const root = `http://${request.headers.host ?? ""}/${tenantId}`;
  if (request.url?.includes("openid-configuration") === true)
    json(response, 200, {
      issuer: `${root}/v2.0`,
      token_endpoint: `${root}/oauth2/v2.0/token`,
      authorization_endpoint: `${root}/oauth2/v2.0/authorize`,
      jwks_uri: `${root}/keys`,
    });
  else if (request.url?.includes("/oauth2/v2.0/token") === true)
    json(response, 200, { token_type: "Bearer", expires_in: 3599, access_token: token });
  else return false;
  return true;
};

/** An organisation that is not to be trusted: signs in with this token, and answers everything else as told. */
const hostileOrg = async (reply: Reply, token = "TOKENvalue"): Promise<CrmAdapter> => {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => {
      body += piece;
    });
    request.on("end", () => {
      if (!signsIn(request, response, token)) reply(request, response, body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const adapter = dynamics({
    environment: origin,
    signIn: {
      tenantId,
      clientId: "99999999-8888-4777-8666-555555555555",
      clientSecret: "SECRETvalue",
      authority: origin,
    },
    timeoutMs: 3_000,
  });
  onTestFinished(async () => {
    await adapter.close();
    server.closeAllConnections();
    server.close();
  });
  return adapter;
};

const label = (text: string) => ({ UserLocalizedLabel: { Label: text } });
const attribute = (name: string, kind = "String") => ({
  LogicalName: name,
  AttributeType: kind,
  DisplayName: label(name),
  RequiredLevel: { Value: "None" },
  IsValidForCreate: true,
  IsValidForUpdate: true,
  IsValidForRead: true,
});

const definition = (name: string) => ({
  LogicalName: name,
  EntitySetName: `${name}s`,
  PrimaryIdAttribute: name === "phonecall" ? "activityid" : `${name}id`,
  PrimaryNameAttribute: "subject",
  DisplayName: label(name),
  IsActivity: name === "phonecall",
  HasActivities: true,
  Attributes: [
    attribute("subject"),
    attribute("description", "Memo"),
    attribute("emailaddress1"),
    attribute("modifiedon", "DateTime"),
    attribute("statecode", "State"),
  ],
});

/** A part of a batch's answer. */
const partLines = (body: unknown): readonly string[] => [
  "--told",
  "Content-Type: application/http",
  "",
  "HTTP/1.1 200 OK",
  "Content-Type: application/json",
  "",
  JSON.stringify(body),
];

/** Describes as an organisation should, and everything else as told. */
const afterDescribe =
  (reply: Reply): Reply =>
  (request, response, body) => {
    const asked = [...body.matchAll(/^GET \S+EntityDefinitions\(LogicalName='(\w+)'\)(\/?)/gm)];
    if (request.url?.includes("WhoAmI") === true) return json(response, 200, { UserId: userId });
    if (asked.length === 0) return reply(request, response, body);
    response.writeHead(200, { "content-type": "multipart/mixed; boundary=told" });
    const parts = asked.flatMap(([, type = "", below]) =>
      partLines(below === "" ? definition(type) : { value: [] }),
    );
    response.end([...parts, "--told--", ""].join("\r\n"));
  };

const search = async (adapter: CrmAdapter): Promise<unknown> =>
  adapter.reads?.search(
    { email: "cora@customer.example", types: ["contact"], limit: 5 },
    context(),
  );

/** Everything that a log which prints an error whole would show. */
const whole = (error: unknown): string =>
  inspect(error, { depth: 20, showHidden: true, maxStringLength: Number.POSITIVE_INFINITY });

const caught = (work: Promise<unknown> | undefined): Promise<unknown> =>
  (work ?? Promise.resolve()).then(
    (value) => {
      throw new Error(`no error but ${String(value)}`);
    },
    (error: unknown) => error,
  );

test("O3 a token that cannot stand in a header is not quoted in any cause", async () => {
  const adapter = await hostileOrg((_request, response) => response.end(), "TOKENvalue\nX: 1");
  const error = await caught(search(adapter));
  expect(error).toMatchObject({ code: "crm_error", why: "auth" });
  expect(whole(error)).not.toMatch(/TOKENvalue|SECRETvalue/);
});

test("O3 an answer that is no HTTP is not quoted in any cause", async () => {
  const adapter = await hostileOrg((request) => {
    request.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nQuagmire\r\n");
  });
  const error = await caught(search(adapter));
  expect(error).toMatchObject({ code: "crm_error", why: "unreachable" });
  expect(whole(error)).not.toMatch(/Quagmire|TOKENvalue/);
});

test.for([
  ["a page of HTML", "<html>Cora Customer</html>"],
  ["broken JSON", '{"value": [{"contactid": "Cora'],
  ["a list without a list", '{"value": "Cora"}'],
  ["null", "null"],
  ["a number", "7"],
  ["rows that are none", '{"value": ["Cora", null, 7]}'],
  ["a next page elsewhere", '{"value": [], "@odata.nextLink": "https://evil.example/Cora"}'],
] as const)("O3 O5 %s in place of rows is an error that quotes nothing", async ([, body]) => {
  const adapter = await hostileOrg(
    afterDescribe((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(body);
    }),
  );
  const error = await caught(search(adapter));
  expect(error).toMatchObject({ code: "crm_error", sent: "no" });
  expect(whole(error)).not.toContain("Cora");
});

test.for([
  ["a name that is none", { LogicalName: "contact'); drop" }],
  ["a set that climbs", { EntitySetName: "../evil" }],
  ["a set with a query", { EntitySetName: "contacts?$filter=1" }],
  ["no columns", { Attributes: undefined }],
  ["a column that is no name", { Attributes: [attribute("a b")] }],
  ["a primary key that is none", { PrimaryIdAttribute: "id'x" }],
] as const)("O5 a describe with %s is not believed", async ([, more]) => {
  const adapter = await hostileOrg((request, response) => {
    const below = /\)\//.test(decodeURIComponent(request.url ?? ""));
    json(response, 200, below ? { value: [] } : { ...definition("contact"), ...more });
  });
  expect(await caught(search(adapter))).toMatchObject({ code: "crm_error", why: "transient" });
});

test("O5 a row without an id of its own is no record", async () => {
  const adapter = await hostileOrg(
    afterDescribe((_request, response) =>
      json(response, 200, {
        value: [
          { contactid: "javascript:alert(1)", emailaddress1: "cora@customer.example" },
          { contactid: "../../evil", emailaddress1: "cora@customer.example" },
        ],
      }),
    ),
  );
  const found = await search(adapter).catch(() => []);
  expect(found).toEqual([]);
});

test.for([
  ["no batch at all", { "content-type": "application/json" }, "{}"],
  ["a batch without a boundary", { "content-type": "multipart/mixed" }, "--x--"],
  [
    "a batch with other parts",
    { "content-type": "multipart/mixed; boundary=b" },
    "--b\r\n\r\nCora\r\n--b--\r\n",
  ],
  ["HTML", { "content-type": "text/html" }, "<html>Cora</html>"],
] as const)(
  "W3 %s in answer to a write is no answer: it may have been written",
  async ([, headers, body]) => {
    const adapter = await hostileOrg(
      afterDescribe((_request, response) => {
        response.writeHead(200, headers);
        response.end(body);
      }),
    );
    const answers = await adapter.push([put(activity(1)), put(activity(2))], context());
    expect(answers).toHaveLength(2);
    for (const answer of answers) {
      expect(answer).toMatchObject({ is: "retry", sent: "maybe" });
      expect(whole(answer)).not.toContain("Cora");
    }
  },
);

test("O3 a reason holds no word of the vendor's, which repeats what was sent or is a plug-in's own", () => {
  const said = [
    `Value 'Cora O'Customer' is bad`,
    "Cora Customer must not be called",
    `cora@customer.example failed`,
    `contact With Id = 7e4a47c0-0000-4000-8000-0000000000aa`,
    `call +49 (30) 901820 now`,
    `see https://acme.crm.dynamics.com/?name=Cora`,
  ];
  for (const code of ["", "0x80040265", "0x80012345", "77", -2147220891])
    for (const message of said)
      for (const status of [400, 403, 404, 412, 413, 500])
        expect(reasonOf(errorIn(status, { error: { code, message } })), message).not.toMatch(
          /cora|7e4a47c0|901820/i,
        );
});

test("O3 names are taken from Dataverse's own sentences only, and only when they can be names", () => {
  const of = (message: string) => errorIn(400, { error: { code: "0x80044331", message } });
  expect(
    columnOf(of("The length of the 'Cora Customer' attribute of the 'contact' entity")),
  ).toBeUndefined();
  expect(columnOf(of("'Cora' is too long"))).toBeUndefined();
  expect(privilegeOf(of("missing Cora privilege"))).toBeUndefined();
  expect(reasonOf(of("'Cora' is too long"))).not.toContain("Cora");
});

test("of a long message only the beginning is looked at, so that no length can hold up the process", () => {
  const end =
    " missing prvReadContact privilege on the 'emailaddress1' attribute of the 'contact' entity";
  for (const piece of ["'", '"', "a@", "1 ", "the '", "missing prv", "With Id = "]) {
    const error = errorIn(400, { error: { code: "", message: `${piece.repeat(200_000)}${end}` } });
    expect(columnOf(error)).toBeUndefined();
    expect(privilegeOf(error)).toBeUndefined();
    expect(reasonOf(error).length).toBeLessThan(400);
  }
});

test("O5 only a real version becomes a header, only a real id part of an address", () => {
  expect(etagOf({ "@odata.etag": 'W/"12345"' })).toBe('W/"12345"');
  for (const etag of ['W/"1"\r\nX: 1', "12345", "", null, 'W/"1", W/"2"'])
    expect(etagOf({ "@odata.etag": etag })).toBeUndefined();
  for (const id of ["x", "", null, 7, `${userId})`, `{${userId}}`])
    expect(idAt({ contactid: id }, "contactid")).toBeUndefined();
});
