import { describe, expect, test } from "vitest";
import type { Api } from "./api.ts";
import { at, startApi } from "./api.ts";

const people = {
  us: { LastName: "Us", Phone: "(415) 555-1212", Email: "us@customer.example" },
  e164: { LastName: "Plus", Phone: "+14155551212" },
  dashes: { LastName: "Dashes", MobilePhone: "415-555-1212", Description: "call 415 555 9999" },
  other: { LastName: "Other", Phone: "(212) 555-1212", FirstName: "Ann Marie" },
} as const;

async function withPeople(): Promise<Api> {
  const api = await startApi();
  await api.emulator.control.seed(
    Object.values(people).map((fields) => ({ sobject: "Contact", fields })),
  );
  return api;
}

function names(json: unknown): readonly unknown[] {
  const records = at(json, "searchRecords");
  return (Array.isArray(records) ? records : []).map((one: unknown) => at(one, "LastName"));
}

async function find(api: Api, term: string, scope = "PHONE"): Promise<readonly unknown[]> {
  return names(
    (await api.search(`FIND {${term}} IN ${scope} FIELDS RETURNING Contact(Id, LastName)`)).json,
  );
}

describe("A4 SOSL", () => {
  test.for([
    [
      "the stored punctuation does not matter, its pieces do",
      String.raw`"\(415\) 555\-1212"`,
      ["Us", "Dashes"],
    ],
    ["spaces do for hyphens", '"415 555 1212"', ["Us", "Dashes"]],
    ["E.164 is one token", String.raw`"\+14155551212"`, ["Plus"]],
    ["digits alone are that token", "14155551212", ["Plus"]],
    ["ten digits in a row match no pieces", "4155551212", []],
    [
      "an OR of the forms finds all",
      String.raw`"\+14155551212" OR "415 555 1212"`,
      ["Us", "Plus", "Dashes"],
    ],
    ["a phrase needs its order", '"555 415 1212"', []],
    ["words without quotes need not follow each other", "1212 AND 212", ["Other"]],
    ["a wildcard at the end", "1415*", ["Plus"]],
    ["AND NOT", "1212 AND NOT 212", ["Us", "Dashes"]],
    ["parentheses", "(415 OR 212) AND 1212", ["Us", "Dashes", "Other"]],
  ] as const)("R1 phones: %s", async ([, term, expected]) => {
    expect(await find(await withPeople(), term)).toEqual(expected);
  });

  test("the scope limits the fields", async () => {
    const api = await withPeople();
    expect(await find(api, "9999", "PHONE")).toEqual([]);
    expect(await find(api, "9999", "ALL")).toEqual(["Dashes"]);
    expect(await find(api, "customer", "EMAIL")).toEqual(["Us"]);
    expect(await find(api, '"ann marie"', "NAME")).toEqual(["Other"]);
    expect(await find(api, "customer", "NAME")).toEqual([]);
  });

  test("RETURNING takes WHERE, ORDER BY and LIMIT, and several objects", async () => {
    const api = await withPeople();
    await api.emulator.control.seed([
      { sobject: "Account", fields: { Name: "Alder", Phone: "415 555 1212" } },
    ]);
    const sosl =
      "FIND {1212} IN PHONE FIELDS RETURNING Contact(LastName WHERE LastName != 'Us' ORDER BY LastName LIMIT 1), Account(Id) LIMIT 5";
    const reply = await api.search(sosl);
    expect(at(reply.json, "searchRecords")).toMatchObject([
      { LastName: "Dashes" },
      { attributes: { type: "Account" } },
    ]);
  });

  test.for([
    ["FIND {a}", "longer than one character"],
    ["FIND {*abc}", "cannot start with a wildcard"],
    ["FIND {a+b}", "must be escaped"],
    ['FIND {"415-555"}', "must be escaped"],
    ['FIND {"open}', "not closed"],
    ["FIND {abc", "not closed"],
    ["FIND {(abc}", "not closed"],
    ["FIND {abc OR}", "missing"],
    ["FIND {abc} IN BOGUS FIELDS", "unknown search group"],
    ["FIND {abc} RETURNING Contact(Id", "unexpected token"],
    ["FIND {abc} RETURNING Contact(Id) } IN ALL", "unexpected token"],
    ["SELECT Id FROM Contact", "FIND"],
  ] as const)("O5 %s is MALFORMED_SEARCH", async ([sosl, message]) => {
    const reply = await (await withPeople()).search(sosl);
    expect(reply).toMatchObject({
      status: 400,
      json: [{ errorCode: "MALFORMED_SEARCH", message: expect.stringContaining(message) }],
    });
  });

  test("a term of more than 10,000 characters finds nothing", async () => {
    const api = await withPeople();
    expect(await find(api, `1212${" ".repeat(10_000)}`)).toEqual([]);
  });

  test("deleted records are not found, changed ones are found by what they are now", async () => {
    const api = await withPeople();
    const [us, e164] = await api.emulator.control.records("Contact");
    await api.emulator.control.removeRecord(us?.Id ?? "");
    await api.emulator.control.editRecord(e164?.Id ?? "", { Phone: "030 123456" });
    expect(await find(api, "14155551212")).toEqual([]);
    expect(await find(api, "123456")).toEqual(["Plus"]);
    expect(await find(api, '"415 555 1212"')).toEqual(["Dashes"]);
  });

  test("the index can run behind the records", async () => {
    let now = 1_700_000_000_000;
    const api = await startApi({ searchDelayMs: 5000, clock: () => now });
    await api.emulator.control.seed([{ sobject: "Contact", fields: people.us }]);
    expect(await find(api, "1212")).toEqual([]);
    now += 5000;
    expect(await find(api, "1212")).toEqual(["Us"]);
  });

  test("parameterizedSearch takes plain text: no escapes, no operators", async () => {
    const api = await withPeople();
    const ask = async (q: string): Promise<readonly unknown[]> => {
      const body = {
        q,
        in: "PHONE",
        fields: ["LastName"],
        sobjects: [{ name: "Contact", where: "LastName != 'Us'", limit: 5 }],
      };
      return names((await api.call("POST", "/parameterizedSearch", body)).json);
    };
    expect(await ask("415-555-1212")).toEqual(["Dashes"]);
    expect(await ask("+14155551212")).toEqual(["Plus"]);
    expect(await ask("415 OR 212")).toEqual([]);
    expect((await api.call("POST", "/parameterizedSearch", { q: "abc", bogus: 1 })).status).toBe(
      400,
    );
    expect(
      await api.call("POST", "/parameterizedSearch", { q: "abc", sobjects: [{ name: "Group" }] }),
    ).toMatchObject({ status: 400, json: [{ errorCode: "INVALID_TYPE" }] });
  });
});
