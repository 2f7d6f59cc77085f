import { describe, expect, test } from "vitest";
import type { Api } from "./api.ts";
import { at, startApi } from "./api.ts";
import { answeredParts, batchText, boundary, codeOf } from "./batch-text.ts";
import type { AnsweredPart, BatchItem } from "./batch-text.ts";

const goOn = { prefer: "odata.continue-on-error" };
const id = "11111111-2222-4333-8444-555555555555";
const createCall = { method: "POST", path: "phonecalls", body: { subject: "Call" } };
const tooLong = { method: "POST", path: "phonecalls", body: { subject: "x".repeat(201) } };

async function send(
  api: Api,
  items: readonly BatchItem[],
  headers: Readonly<Record<string, string>> = goOn,
): Promise<readonly AnsweredPart[]> {
  return answeredParts(await api.batch(batchText(items), boundary, headers));
}

async function stored(api: Api, table = "phonecall"): Promise<number> {
  return (await api.emulator.control.rows(table)).length;
}

describe("A4 change sets are all or nothing", () => {
  test("create, parties and completion in one change set", async () => {
    const api = await startApi();
    const [contact = ""] = await api.emulator.control.seed([
      { table: "contact", columns: { lastname: "Abel" } },
    ]);
    const parties = [
      { participationtypemask: 1, "partyid_contact@odata.bind": `/contacts(${contact})` },
    ];
    const parts = await send(api, [
      [
        {
          method: "POST",
          path: "phonecalls",
          body: {
            activityid: id,
            subject: "Call",
            directioncode: false,
            phonecall_activity_parties: parties,
          },
        },
        {
          method: "PATCH",
          path: `phonecalls(${id})`,
          headers: ["If-Match: *"],
          body: { statecode: 1, statuscode: 4 },
        },
      ],
    ]);
    expect(parts.map((part) => [part.status, part.inside, part.contentId])).toEqual([
      [204, true, "1"],
      [204, true, "2"],
    ]);
    expect((await api.emulator.control.rows("phonecall"))[0]).toMatchObject({
      id,
      columns: { statecode: 1, statuscode: 4 },
      parties: [{ mask: 1, table: "contact", id: contact }],
    });
  });

  test("a later failure takes back what the change set did before, and answers alone", async () => {
    const api = await startApi();
    const [before] = await api.emulator.control.seed([
      { table: "contact", columns: { lastname: "Abel" } },
    ]);
    const edit = {
      method: "PATCH",
      path: `contacts(${before ?? ""})`,
      body: { lastname: "Changed" },
    };
    const removal = { method: "DELETE", path: `contacts(${before ?? ""})` };
    const parts = await send(api, [[edit, removal, createCall, tooLong], [createCall]]);
    expect(parts.map((part) => [part.status, part.inside, codeOf(part.json)])).toEqual([
      [400, false, "0x80044331"],
      [204, true, undefined],
    ]);
    expect(await stored(api)).toBe(1);
    expect((await api.emulator.control.rows("contact"))[0]).toMatchObject({
      columns: { lastname: "Abel" },
      deleted: false,
    });
  });

  test("the error may stand inside a changesetresponse too", async () => {
    const api = await startApi({ changeSetError: "wrapped" });
    const parts = await send(api, [[createCall, tooLong], [createCall]]);
    expect(parts.map((part) => [part.status, part.inside, part.contentId])).toEqual([
      [400, true, "2"],
      [204, true, "1"],
    ]);
  });

  test("operations outside of change sets stand alone", async () => {
    const api = await startApi();
    const parts = await send(api, [createCall, tooLong, createCall]);
    expect(parts.map((part) => part.status)).toEqual([204, 400, 204]);
    expect(await stored(api)).toBe(2);
  });
});

describe("A4 a failure in a batch", () => {
  test("without continue-on-error it ends the batch and is the status of the whole", async () => {
    const api = await startApi();
    const reply = await api.batch(batchText([createCall, tooLong, createCall]), boundary);
    expect(reply.status).toBe(400);
    expect(answeredParts(reply).map((part) => part.status)).toEqual([204, 400]);
    expect(await stored(api)).toBe(1);
    const missing = { method: "GET", path: `phonecalls(${id})` };
    expect((await api.batch(batchText([[createCall], missing]), boundary)).status).toBe(404);
  });

  test("with it the whole is 200 and every part has its own", async () => {
    const api = await startApi();
    const reply = await api.batch(batchText([tooLong, createCall]), boundary, {
      prefer: 'odata.include-annotations="*", odata.continue-on-error',
    });
    expect([reply.status, answeredParts(reply).map((part) => part.status)]).toEqual([
      200,
      [400, 204],
    ]);
  });

  test("headers are the part's own", async () => {
    const api = await startApi();
    const path = `phonecalls(${id})?$select=activityid`;
    const upsert = {
      method: "PATCH",
      path,
      body: { subject: "Call" },
      headers: ["Prefer: return=representation"],
    };
    const create = { ...upsert, headers: ["If-None-Match: *"] };
    const parts = await send(api, [upsert, upsert, create, [upsert]]);
    expect(parts.map((part) => [part.status, at(part.json, "activityid")])).toEqual([
      [201, id],
      [200, id],
      [412, undefined],
      [200, id],
    ]);
  });
});

describe("A4 Content-ID", () => {
  test("each part of a change set needs one of its own", async () => {
    const api = await startApi();
    const [none, twice] = await send(api, [
      [createCall, { ...createCall, contentId: null }],
      [
        { ...createCall, contentId: "7" },
        { ...createCall, contentId: "7" },
      ],
    ]);
    expect([none?.status, codeOf(none?.json), twice?.status]).toEqual([400, "0x80060888", 400]);
    expect(JSON.stringify(none?.json)).toContain("Content-ID header not present");
    expect(await stored(api)).toBe(0);
  });

  test("a GET has no place in a change set", async () => {
    const api = await startApi();
    const [part] = await send(api, [[createCall, { method: "GET", path: "phonecalls" }]]);
    expect([part?.status, await stored(api)]).toEqual([400, 0]);
  });

  test("$1 stands for the row in addresses, bindings and references, with and without its representation", async () => {
    const api = await startApi();
    const account = { method: "POST", path: "accounts", body: { name: "Alder" } };
    const contact = {
      method: "POST",
      path: "contacts?$select=contactid",
      body: { lastname: "Abel" },
      headers: ["Prefer: return=representation"],
    };
    const bind = {
      method: "POST",
      path: "incidents",
      body: { title: "Late", "customerid_contact@odata.bind": "$2" },
    };
    const parts = await send(api, [
      [
        account,
        contact,
        { method: "PATCH", path: "$1", body: { "primarycontactid@odata.bind": "$2" } },
        bind,
        { method: "PUT", path: "$2/lastname", body: { value: "Brandt" } },
      ],
    ]);
    expect(parts.map((part) => part.status)).toEqual([204, 201, 204, 204, 204]);
    const contactRow = (await api.emulator.control.rows("contact"))[0];
    const reference = { table: "contact", id: contactRow?.id };
    expect((await api.emulator.control.rows("account"))[0]?.columns["primarycontactid"]).toEqual(
      reference,
    );
    expect((await api.emulator.control.rows("incident"))[0]?.columns["customerid"]).toEqual(
      reference,
    );
    expect(contactRow?.columns["lastname"]).toBe("Brandt");
  });

  test("$1 stands for a row that was upserted and shown", async () => {
    const api = await startApi();
    const upsert = {
      method: "PATCH",
      path: `phonecalls(${id})?$select=activityid`,
      body: { subject: "Call" },
      headers: ["Prefer: return=representation"],
    };
    const complete = { method: "PATCH", path: "$1", body: { statecode: 1, statuscode: 2 } };
    const parts = await send(api, [[upsert, complete]]);
    expect(parts.map((part) => part.status)).toEqual([201, 204]);
    expect((await api.emulator.control.rows("phonecall"))[0]?.columns["statecode"]).toBe(1);
  });

  test.for([
    [
      "before it is declared",
      [
        { ...createCall, body: { "regardingobjectid_account_phonecall@odata.bind": "$2" } },
        { method: "POST", path: "accounts", body: { name: "Alder" } },
      ],
    ],
    ["as an address of nothing", [{ method: "PATCH", path: "$9", body: {} }]],
  ] as const)("a reference %s is 400", async ([, operations]) => {
    const api = await startApi();
    const [part] = await send(api, [operations]);
    expect([part?.status, JSON.stringify(part?.json)]).toEqual([
      400,
      expect.stringMatching(/Content-ID Reference: '\$\d' does not exist in the batch context/),
    ]);
    expect([await stored(api), await stored(api, "account")]).toEqual([0, 0]);
  });

  test("a reference does not reach into the next change set, nor out of one", async () => {
    const api = await startApi();
    const account = { method: "POST", path: "accounts", body: { name: "Alder" } };
    const patch = { method: "PATCH", path: "$1", body: { name: "Birch" } };
    const parts = await send(api, [[account], [{ ...patch, contentId: "5" }], patch]);
    expect(parts.map((part) => part.status)).toEqual([204, 400, 400]);
  });
});
