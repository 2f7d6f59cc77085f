import { describe, expect, test } from "vitest";
import { at, seedOne, startApi } from "./api.ts";
import type { AnsweredPart } from "./batch-text.ts";
import { answeredParts, codeOf } from "./batch-text.ts";

/*
 * The request shapes of Microsoft's article on batch operations of the Web API [D4] with data of our own: quoted and unquoted
 * boundaries, JSON over several lines, lines left blank, headers without a space after the colon, addresses absolute and from the root.
 */

/** Lines as an article prints them, sent with CRLF. */
const lines = (text: string): string => text.trimStart().replaceAll("\n", "\r\n");

function entityIds(parts: readonly AnsweredPart[]): readonly (string | undefined)[] {
  return parts.map((part) => part.headers["odata-entityid"]);
}

describe("A4 documented transcripts of batches", () => {
  test("D4 three creates and a read of the related rows", async () => {
    const api = await startApi();
    const account = await seedOne(api, "account", { name: "Alder" });
    const create = (subject: string): string => `--batch_8f0c
Content-Type: application/http
Content-Transfer-Encoding: binary

POST /api/data/v9.2/tasks HTTP/1.1
Content-Type: application/json; type=entry

{
  "subject": "${subject}",
  "regardingobjectid_account_task@odata.bind": "accounts(${account})"
}
`;
    const text = `${create("First")}${create("Second")}${create("Third")}--batch_8f0c
Content-Type: application/http
Content-Transfer-Encoding: binary

GET /api/data/v9.2/accounts(${account})/Account_Tasks?$select=subject HTTP/1.1


--batch_8f0c--

`;
    const reply = await api.batch(lines(text), '"batch_8f0c"', { "if-none-match": "null" });
    expect([reply.status, reply.headers.get("odata-version")]).toEqual([200, "4.0"]);
    const parts = answeredParts(reply);
    const made = parts.slice(0, 3);
    expect(parts.map((part) => [part.status, part.headers["odata-version"]])).toEqual([
      [204, "4.0"],
      [204, "4.0"],
      [204, "4.0"],
      [200, "4.0"],
    ]);
    const address = new RegExp(`^${api.emulator.url}/api/data/v9\\.2/tasks\\([0-9a-f-]{36}\\)$`);
    for (const part of made) {
      expect(part.headers["odata-entityid"]).toMatch(address);
      expect(part.headers["location"]).toBe(part.headers["odata-entityid"]);
    }
    const ids = made.map((part) => part.headers["odata-entityid"]?.slice(-37, -1));
    const rows = at(parts[3]?.json, "value");
    expect(rows).toMatchObject([
      { subject: "First", activityid: ids[0] },
      { subject: "Second", activityid: ids[1] },
      { subject: "Third", activityid: ids[2] },
    ]);
    expect(at(rows, 0, "@odata.etag")).toMatch(/^W\/"\d+"$/);
  });

  test("D4 the same creates in a change set, read after it", async () => {
    const api = await startApi();
    const account = await seedOne(api, "account", { name: "Alder" });
    const create = (contentId: number): string => `--changeset_24
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: ${contentId}

POST /api/data/v9.2/tasks HTTP/1.1
Content-Type: application/json; type=entry

{
  "subject": "Task ${contentId}",
  "regardingobjectid_account_task@odata.bind": "accounts(${account})"
}
`;
    const text = `--batch_22
Content-Type: multipart/mixed; boundary="changeset_24"

${create(1)}${create(2)}${create(3)}--changeset_24--

--batch_22
Content-Type: application/http
Content-Transfer-Encoding: binary

GET /api/data/v9.2/accounts(${account})/Account_Tasks?$select=subject HTTP/1.1


--batch_22--

`;
    const parts = answeredParts(await api.batch(lines(text), '"batch_22"'));
    expect(parts.map((part) => [part.status, part.inside, part.contentId])).toEqual([
      [204, true, "1"],
      [204, true, "2"],
      [204, true, "3"],
      [200, false, undefined],
    ]);
    expect(at(parts[3]?.json, "value", "length")).toBe(3);
  });

  test("D4 two references in the body of a third operation", async () => {
    const api = await startApi();
    const root = `${api.emulator.url}/api/data/v9.2`;
    const text = `--batch_AA
Content-Type: multipart/mixed; boundary=changeset_dd

--changeset_dd
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

POST ${root}/leads HTTP/1.1
Content-Type: application/json

{
    "firstname":"Ada",
    "lastname":"Abel"
}

--changeset_dd
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 2

POST ${root}/contacts HTTP/1.1
Content-Type: application/json

{"firstname":"Bruno"}

--changeset_dd
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 3

POST ${root}/accounts HTTP/1.1
Content-Type: application/json

{
    "name":"Alder",
    "originatingleadid@odata.bind":"$1",
    "primarycontactid@odata.bind":"$2"
}

--changeset_dd--
--batch_AA--
`;
    const parts = answeredParts(await api.batch(lines(text), "batch_AA"));
    expect(parts.map((part) => part.status)).toEqual([204, 204, 204]);
    const [lead, contact] = entityIds(parts).map((address) => address?.slice(-37, -1));
    expect((await api.emulator.control.rows("account"))[0]?.columns).toMatchObject({
      originatingleadid: { table: "lead", id: lead },
      primarycontactid: { table: "contact", id: contact },
    });
  });

  test("D4 a reference in the address of one property, which answers without a row", async () => {
    const api = await startApi();
    const root = `${api.emulator.url}/api/data/v9.2`;
    const text = `--batch_AA
Content-Type: multipart/mixed; boundary=changeset_dd

--changeset_dd
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

POST ${root}/contacts HTTP/1.1
Content-Type: application/json

{
  "firstname":"Ada",
  "lastname":"Abel"
}

--changeset_dd
Content-Transfer-Encoding: binary
Content-Type: application/http
Content-ID: 2

PUT $1/lastname HTTP/1.1
Content-Type: application/json

{
  "value":"Brandt"
}

--changeset_dd--
--batch_AA--
`;
    const parts = answeredParts(await api.batch(lines(text), "batch_AA"));
    expect(
      parts.map((part) => [part.status, part.headers["odata-entityid"] === undefined]),
    ).toEqual([
      [204, false],
      [204, true],
    ]);
    expect((await api.emulator.control.rows("contact"))[0]?.columns["lastname"]).toBe("Brandt");
  });

  test("D4 references in address and body of $ref, headers without spaces", async () => {
    const api = await startApi();
    const root = `${api.emulator.url}/api/data/v9.2`;
    const text = `--batch_AA
Content-Type: multipart/mixed; boundary=changeset_dd

--changeset_dd
Content-Type:application/http
Content-Transfer-Encoding:binary
Content-ID:1

POST ${root}/accounts HTTP/1.1
Content-Type: application/json

{ "name":"Alder"}

--changeset_dd
Content-Type:application/http
Content-Transfer-Encoding:binary
Content-ID:2

POST ${root}/contacts HTTP/1.1
Content-Type:application/json

{ "firstname":"Ada"}

--changeset_dd
Content-Type:application/http
Content-Transfer-Encoding:binary
Content-ID:3

PUT $1/primarycontactid/$ref HTTP/1.1
Content-Type:application/json

{"@odata.id":"$2"}

--changeset_dd--
--batch_AA--
`;
    const parts = answeredParts(await api.batch(lines(text), "batch_AA"));
    expect(parts.map((part) => part.status)).toEqual([204, 204, 204]);
    const contact = parts[1]?.headers["odata-entityid"]?.slice(-37, -1);
    expect((await api.emulator.control.rows("account"))[0]?.columns["primarycontactid"]).toEqual({
      table: "contact",
      id: contact,
    });
  });

  test("D4 a reference that is declared later is 400", async () => {
    const api = await startApi();
    const root = `${api.emulator.url}/api/data/v9.2`;
    const text = `--batch_AA
Content-Type: multipart/mixed; boundary=changeset_BB

--changeset_BB
Content-Type: application/http
Content-Transfer-Encoding:binary
Content-ID: 2

POST ${root}/phonecalls HTTP/1.1
Content-Type: application/json;type=entry

{
    "phonenumber":"5550100",
    "regardingobjectid_account_phonecall@odata.bind" : "$1"
}

--changeset_BB
Content-Type: application/http
Content-Transfer-Encoding:binary
Content-ID: 1

POST ${root}/accounts HTTP/1.1
Content-Type: application/json;type=entry

{
    "name":"Alder",
    "revenue": 1.50
}

--changeset_BB--
--batch_AA--
`;
    const reply = await api.batch(lines(text), "batch_AA");
    expect([reply.status, reply.text]).toEqual([
      400,
      expect.stringContaining("Content-ID Reference: '$1' does not exist in the batch context."),
    ]);
  });

  const threeTasks = `--batch_43
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-Length: 300

POST /api/data/v9.2/tasks HTTP/1.1
Content-Type: application/json; type=entry

{
  "subject": "${"long ".repeat(60)}"
}
--batch_43
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-Length: 150

POST /api/data/v9.2/tasks HTTP/1.1
Content-Type: application/json; type=entry

{
  "subject": "Second"
}
--batch_43
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-Length: 150

POST /api/data/v9.2/tasks HTTP/1.1
Content-Type: application/json; type=entry

{
  "subject": "Third"
}
--batch_43--

`;

  test("D4 the first failure is the batch's, and nothing follows it", async () => {
    const api = await startApi();
    const reply = await api.batch(lines(threeTasks), '"batch_43"');
    expect(reply.status).toBe(400);
    const parts = answeredParts(reply);
    expect(parts.map((part) => [part.status, codeOf(part.json)])).toEqual([[400, "0x80044331"]]);
    expect(parts[0]?.headers).toMatchObject({
      req_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      "content-type": expect.stringContaining("application/json"),
      "odata-version": "4.0",
    });
    expect((await api.emulator.control.rows("task")).length).toBe(0);
  });

  test("D4 with odata.continue-on-error the batch is 200 and the others are made", async () => {
    const api = await startApi();
    const prefer = { prefer: "odata.continue-on-error" };
    const reply = await api.batch(lines(threeTasks), '"batch_43"', prefer);
    expect([reply.status, answeredParts(reply).map((part) => part.status)]).toEqual([
      200,
      [400, 204, 204],
    ]);
    expect((await api.emulator.control.rows("task")).length).toBe(2);
  });
});

describe("A4 documented client errors", () => {
  test.for([
    ["a resource in capitals", "GET", "Account", undefined, 404, "0x8006088a"],
    ["a column in capitals", "GET", "accounts?$select=Name", undefined, 400, "0x0"],
    ["a function that is posted", "POST", "WhoAmI", undefined, 404, ""],
    [
      "a lookup that is set like a column",
      "POST",
      "accounts",
      { primarycontactid: "/contacts(1)" },
      400,
      "0x80048d19",
    ],
    [
      "a navigation that is not there",
      "POST",
      "accounts",
      { "Primarycontactid@odata.bind": "/contacts(1)" },
      400,
      "0x80048d19",
    ],
  ] as const)("D9 %s", async ([, method, path, body, status, code]) => {
    const api = await startApi();
    const reply = await api.call(method, path, body);
    expect([reply.status, codeOf(reply.json)]).toEqual([status, code]);
  });
});
