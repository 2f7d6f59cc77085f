import type { SeedRow } from "@wrapup/salesforce/emulator";
import { describe, expect, test } from "vitest";
import type { Api } from "./api.ts";
import { at, seedOne, startApi } from "./api.ts";

function task(Subject: string, fields: Readonly<Record<string, unknown>>): SeedRow {
  return { sobject: "Task", fields: { Subject, ...fields } };
}

async function withRows(): Promise<Api> {
  const api = await startApi({ clock: () => Date.UTC(2026, 10, 21, 10) });
  const alder = await seedOne(api, "Account", { Name: "Alder", AnnualRevenue: 5 });
  await seedOne(api, "Account", { Name: "O'Birch 100%", AnnualRevenue: 7 });
  await api.emulator.control.seed([
    {
      sobject: "Contact",
      fields: {
        LastName: "Abel",
        FirstName: "Ada",
        AccountId: alder,
        Email: "ada@customer.example",
      },
    },
    { sobject: "Contact", fields: { LastName: "Ito" } },
  ]);
  const [ada] = await api.emulator.control.records("Contact");
  await api.emulator.control.seed([
    task("one", {
      CallObject: "c-1",
      WhoId: ada?.Id,
      ActivityDate: "2026-11-20",
      CallDurationInSeconds: 10,
    }),
    task("two", {
      CallObject: "C-2",
      ActivityDate: "2026-11-21",
      Status: "Completed",
      CallDurationInSeconds: 20,
    }),
    task("three", { Wrapup_Key__c: "Key", Description: "long" }),
  ]);
  return api;
}

async function subjects(api: Api, where: string): Promise<unknown> {
  const reply = await api.query(`SELECT Subject FROM Task WHERE ${where} ORDER BY Subject`);
  const records = at(reply.json, "records");
  return Array.isArray(records)
    ? records.map((record: unknown) => at(record, "Subject"))
    : reply.json;
}

describe("A4 SOQL", () => {
  test.for([
    ["CallObject = 'C-1'", ["one"]],
    ["CallObject IN ('c-1','c-2')", ["one", "two"]],
    ["CallObject NOT IN ('c-1')", ["three", "two"]],
    ["CallObject != 'c-1'", ["three", "two"]],
    ["CallObject = null", ["three"]],
    ["CallObject = ''", ["three"]],
    ["NOT (CallObject = null)", ["one", "two"]],
    ["Subject LIKE 't%'", ["three", "two"]],
    ["Subject LIKE 't_o'", ["two"]],
    ["(CallObject = 'c-1' OR CallObject = 'c-2') AND IsClosed = false", ["one"]],
    ["ActivityDate = TODAY", ["two"]],
    ["ActivityDate < 2026-11-21", ["one"]],
    ["CreatedDate > 2026-11-21T09:59:59Z AND Subject != 'two'", ["one", "three"]],
    ["CallDurationInSeconds >= 20", ["two"]],
    ["Wrapup_Key__c = 'Key'", ["three"]],
    ["Wrapup_Key__c = 'key'", []],
    ["Who.Name = 'Ada Abel'", ["one"]],
    ["Who.Type = 'Contact'", ["one"]],
    ["Account.Name = 'alder'", ["one"]],
    ["Owner.Username != null AND Subject = 'one'", ["one"]],
  ] as const)("WHERE %s", async ([where, expected]) => {
    expect(await subjects(await withRows(), where)).toEqual(expected);
  });

  test("parents come nested, an empty parent is null", async () => {
    const reply = await (
      await withRows()
    ).query("SELECT Name, Account.Name, Account.Owner.Name FROM Contact ORDER BY Name");
    expect(at(reply.json, "records")).toMatchObject([
      {
        Name: "Ada Abel",
        Account: { attributes: { type: "Account" }, Name: "Alder", Owner: { Name: "Integration" } },
      },
      { Name: "Ito", Account: null },
    ]);
  });

  test("ORDER BY, LIMIT, OFFSET, COUNT() and COUNT(field)", async () => {
    const api = await withRows();
    const sorted = await api.query(
      "SELECT Subject FROM Task ORDER BY CallDurationInSeconds DESC NULLS LAST LIMIT 1 OFFSET 1",
    );
    expect(sorted.json).toMatchObject({ totalSize: 1, done: true, records: [{ Subject: "one" }] });
    expect((await api.query("SELECT COUNT() FROM Task WHERE CallObject != null")).json).toEqual({
      totalSize: 2,
      done: true,
      records: [],
    });
    const counted = await api.query("SELECT COUNT(CallObject) FROM Task");
    expect(counted.json).toMatchObject({
      totalSize: 1,
      records: [{ attributes: { type: "AggregateResult" }, expr0: 2 }],
    });
  });

  test("O5 escapes hold: a quote, a percent sign, a backslash", async () => {
    const api = await withRows();
    const names = async (where: string): Promise<unknown> =>
      at((await api.query(`SELECT Name FROM Account WHERE ${where}`)).json, "totalSize");
    expect(await names(String.raw`Name = 'O\'Birch 100%'`)).toBe(1);
    expect(await names(String.raw`Name LIKE '%100\%'`)).toBe(1);
    expect(await names(String.raw`Name LIKE '%10\%'`)).toBe(0);
    expect(await names(String.raw`Name = '\\\' OR Name != \''`)).toBe(0);
  });

  test.for([
    [
      "SELECT Id FROM Task WHERE Description = 'x'",
      "INVALID_FIELD",
      "field 'Description' can not be filtered in a query call",
    ],
    ["SELECT Id FROM Task ORDER BY Description", "INVALID_FIELD", "can not be sorted"],
    ["SELECT Nope FROM Task", "INVALID_FIELD", "No such column 'Nope' on entity 'Task'"],
    ["SELECT Nope.Name FROM Task", "INVALID_FIELD", "Didn't understand relationship 'Nope'"],
    ["SELECT Id, id FROM Task", "INVALID_FIELD", "duplicate field selected"],
    ["SELECT Id FROM Nope__c", "INVALID_TYPE", "sObject type 'Nope__c' is not supported"],
    [
      "SELECT Id FROM Task WHERE Subject = 'a' AND Subject = 'b' OR Subject = 'c'",
      "MALFORMED_QUERY",
      "unexpected token: 'OR'",
    ],
    [
      "SELECT Id FROM Task WHERE Subject = 5",
      "INVALID_FIELD",
      "must be of type string and should be enclosed in quotes",
    ],
    [
      "SELECT Id FROM Task WHERE IsClosed = 'true'",
      "INVALID_FIELD",
      "must be of type boolean and should not be enclosed in quotes",
    ],
    [
      "SELECT Id FROM Task WHERE CreatedDate > '2026-11-21T09:59:59Z'",
      "INVALID_FIELD",
      "must be of type dateTime",
    ],
    [
      "SELECT Id FROM Task WHERE WhoId = 'abc'",
      "INVALID_QUERY_FILTER_OPERATOR",
      "invalid ID field: abc",
    ],
    [
      "SELECT Id FROM Task WHERE WhoId LIKE '003%'",
      "INVALID_QUERY_FILTER_OPERATOR",
      "invalid operator on reference field",
    ],
    ["SELECT Id FROM Task WHERE Subject = 'a", "MALFORMED_QUERY", "mismatched character"],
    [
      String.raw`SELECT Id FROM Task WHERE Subject = 'a\q'`,
      "MALFORMED_QUERY",
      "Illegal escape sequence",
    ],
    ["SELECT Id FROM Task LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x'"],
    ["SELECT Id FROM Task OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "exceeds maximum 2000"],
    [
      "SELECT Id, (SELECT Id FROM Tasks) FROM Account",
      "MALFORMED_QUERY",
      "emulator: a child subquery is not emulated",
    ],
    ["SELECT Id FROM Task; DROP", "MALFORMED_QUERY", "unexpected token: ';'"],
    [
      `SELECT Id FROM Task WHERE Subject = '${"x".repeat(4001)}'`,
      "MALFORMED_QUERY",
      "longer than 4000",
    ],
    ["", "MALFORMED_QUERY", "unexpected token"],
  ] as const)("refuses %s", async ([soql, code, message]) => {
    const api = await withRows();
    const reply = await api.query(soql);
    expect(reply).toMatchObject({
      status: 400,
      json: [{ errorCode: code, message: expect.stringContaining(message) }],
    });
  });

  test("pages of 2,000, or of the asked size, follow nextRecordsUrl to the end", async () => {
    const api = await startApi();
    await api.emulator.control.seed(
      Array.from({ length: 450 }, (_one, row) => ({
        sobject: "Task",
        fields: { CallObject: `c${row}` },
      })),
    );
    const q = `/query?q=${encodeURIComponent("SELECT CallObject FROM Task")}`;
    const options = { "sforce-query-options": "batchSize=200" };
    expect(at((await api.call("GET", q)).json, "done")).toBe(true);
    const seen: number[] = [];
    let reply = await api.call("GET", q, undefined, options);
    for (let page = 0; page < 4; page += 1) {
      const records = at(reply.json, "records");
      seen.push(Array.isArray(records) ? records.length : -1);
      const next = at(reply.json, "nextRecordsUrl");
      if (typeof next !== "string") break;
      reply = await api.call("GET", next, undefined, options);
    }
    expect([seen, at(reply.json, "done"), at(reply.json, "totalSize")]).toEqual([
      [200, 200, 50],
      true,
      450,
    ]);
    expect(await api.call("GET", "/query/01gNothing-200")).toMatchObject({
      status: 400,
      json: [{ errorCode: "INVALID_QUERY_LOCATOR" }],
    });
  });

  test("K9 deleted and merged records show in queryAll only", async () => {
    const api = await startApi();
    const [winner = "", loser = ""] = await api.emulator.control.seed(
      ["A", "B"].map((Name) => ({ sobject: "Account", fields: { Name } })),
    );
    const contact = await seedOne(api, "Contact", { LastName: "Abel", AccountId: loser });
    await api.emulator.control.merge(winner, loser);
    expect(at((await api.query("SELECT Id FROM Account")).json, "totalSize")).toBe(1);
    const soql = encodeURIComponent(
      `SELECT Id, MasterRecordId, IsDeleted FROM Account WHERE Id = '${loser}'`,
    );
    const all = await api.call("GET", `/queryAll?q=${soql}`);
    expect(all.json).toMatchObject({
      records: [{ Id: loser, MasterRecordId: winner, IsDeleted: true }],
    });
    expect(at((await api.call("GET", `/sobjects/Contact/${contact}`)).json, "AccountId")).toBe(
      winner,
    );
  });
});
