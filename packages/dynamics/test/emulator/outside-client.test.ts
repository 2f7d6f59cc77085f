import { DynamicsWebApi } from "dynamics-web-api";
import type { EmulatorOptions } from "@wrapup/dynamics/emulator";
import { describe, expect, test } from "vitest";
import type { Api } from "./api.ts";
import { at, seedOne, startApi, tokenFor } from "./api.ts";

/** dynamics-web-api: a client that nobody here wrote. It must find the emulator to be Dataverse. */
async function startClient(
  options: EmulatorOptions = {},
): Promise<{ readonly api: Api; readonly client: DynamicsWebApi }> {
  const api = await startApi(options);
  const { url } = api.emulator;
  const client = new DynamicsWebApi({
    serverUrl: url,
    dataApi: { version: "9.2" },
    onTokenRefresh: () => tokenFor(api.emulator, url),
  });
  return { api, client };
}

const id = "11111111-2222-4333-8444-555555555555";

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

describe("A4 an outside client", () => {
  test("creates, reads, changes and deletes", async () => {
    const { api, client } = await startClient();
    const made: unknown = await client.create({
      collection: "contacts",
      data: { lastname: "Abel" },
    });
    const key = typeof made === "string" ? made : "";
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
    const read = await client.retrieve({ collection: "contacts", key, select: ["lastname"] });
    expect(at(read, "lastname")).toBe("Abel");
    await client.update({ collection: "contacts", key, data: { lastname: "Brandt" } });
    expect((await api.emulator.control.rows("contact"))[0]?.columns["lastname"]).toBe("Brandt");
    expect(await client.deleteRecord({ collection: "contacts", key })).toBe(true);
    expect((await api.emulator.control.rows("contact"))[0]?.deleted).toBe(true);
    expect(await failureOf(client.retrieve({ collection: "contacts", key }))).toMatchObject({
      status: 404,
      code: "0x80040217",
    });
  });

  test("creates and gets the whole row back", async () => {
    const { client } = await startClient();
    const row = await client.create({
      collection: "accounts",
      data: { name: "Alder" },
      returnRepresentation: true,
      select: ["name", "accountid"],
    });
    expect([at(row, "name"), at(row, "accountid")]).toEqual([
      "Alder",
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
  });

  test("upserts: create-only, update-only and both", async () => {
    const { api, client } = await startClient();
    const upsert = (subject: string, only: Readonly<Record<string, string>>): Promise<unknown> =>
      client.upsert({ collection: "phonecalls", key: id, data: { subject }, ...only });
    const subject = async (): Promise<unknown> =>
      (await api.emulator.control.rows("phonecall"))[0]?.columns["subject"];
    // The client tells "there is none to update" and "it is there already" as null and undefined.
    await upsert("nobody", { ifmatch: "*" });
    expect(await subject()).toBeUndefined();
    await upsert("first", { ifnonematch: "*" });
    expect(await subject()).toBe("first");
    await upsert("second", { ifnonematch: "*" });
    expect(await subject()).toBe("first");
    await upsert("third", { ifmatch: "*" });
    expect(await subject()).toBe("third");
    await upsert("fourth", {});
    expect([await subject(), (await api.emulator.control.rows("phonecall")).length]).toEqual([
      "fourth",
      1,
    ]);
  });

  test("queries with a filter, an order, an expansion and pages", async () => {
    const { api, client } = await startClient();
    const account = await seedOne(api, "account", { name: "Alder", creditonhold: true });
    for (const [at_, lastname] of ["Abel", "Brandt", "O'Neil"].entries())
      await seedOne(api, "contact", {
        lastname,
        telephone1: `+1 (415) 555-010${at_}`,
        parentcustomerid: { table: "account", id: account },
      });
    const found = await client.retrieveMultiple({
      collection: "contacts",
      select: ["lastname", "telephone1"],
      filter: "lastname eq 'O''Neil' or contains(telephone1,'0101')",
      orderBy: ["lastname desc"],
      expand: [{ property: "parentcustomerid_account", select: ["name", "creditonhold"] }],
    });
    expect(found.value).toMatchObject([
      { lastname: "O'Neil", parentcustomerid_account: { name: "Alder", creditonhold: true } },
      { lastname: "Brandt" },
    ]);
    const all = await client.retrieveAll({
      collection: "contacts",
      select: ["lastname"],
      maxPageSize: 2,
    });
    expect(all.value.map((row: unknown) => at(row, "lastname"))).toEqual([
      "Abel",
      "Brandt",
      "O'Neil",
    ]);
    expect(await client.count({ collection: "contacts" })).toBe(3);
  });

  test("sends a batch with change sets, and takes its answers", async () => {
    const { api, client } = await startClient();
    client.startBatch();
    void client.upsert({
      collection: "phonecalls",
      key: id,
      data: { subject: "Call" },
      ifnonematch: "*",
      inChangeSet: true,
    });
    void client.update({
      collection: "phonecalls",
      key: id,
      data: { statecode: 1, statuscode: 2 },
      inChangeSet: true,
    });
    void client.retrieveMultiple({ collection: "phonecalls", select: ["subject", "statecode"] });
    void client.create({ collection: "tasks", data: { subject: "Chat" }, inChangeSet: false });
    const answers: unknown = await client.executeBatch();
    expect(at(answers, "length")).toBe(4);
    expect(at(answers, 2, "value", 0)).toMatchObject({ subject: "Call", statecode: 1 });
    expect(at(answers, 3)).toEqual((await api.emulator.control.rows("task"))[0]?.id);
    expect((await api.emulator.control.rows("phonecall"))[0]?.columns).toMatchObject({
      statecode: 1,
      statuscode: 2,
    });
  });

  test("refers to what the change set made", async () => {
    const { api, client } = await startClient();
    client.startBatch();
    void client.create({
      collection: "contacts",
      data: { lastname: "Abel" },
      contentId: "1",
      inChangeSet: true,
    });
    void client.create({
      collection: "incidents",
      data: { title: "Late", "customerid_contact@odata.bind": "$1" },
      inChangeSet: true,
    });
    void client.update({
      contentId: "$1",
      data: { firstname: "Ada" },
      inChangeSet: true,
    });
    await client.executeBatch();
    const [contact] = await api.emulator.control.rows("contact");
    expect(contact?.columns["firstname"]).toBe("Ada");
    expect((await api.emulator.control.rows("incident"))[0]?.columns["customerid"]).toEqual({
      table: "contact",
      id: contact?.id,
    });
  });

  test("learns which operations of a batch failed", async () => {
    const { api, client } = await startClient();
    client.startBatch();
    void client.create({
      collection: "phonecalls",
      data: { subject: "x".repeat(201) },
      inChangeSet: false,
    });
    void client.create({ collection: "phonecalls", data: { subject: "Call" }, inChangeSet: false });
    const answers: unknown = await client.executeBatch({ continueOnError: true });
    expect(at(answers, 0)).toMatchObject({ status: 400, error: { code: "0x80044331" } });
    expect(at(answers, 1)).toEqual((await api.emulator.control.rows("phonecall"))[0]?.id);
    client.startBatch();
    void client.create({ collection: "phonecalls", data: { subject: "x".repeat(201) } });
    void client.create({ collection: "phonecalls", data: { subject: "Call" } });
    expect(await failureOf(client.executeBatch())).toMatchObject([{ status: 400 }]);
    expect((await api.emulator.control.rows("phonecall")).length).toBe(1);
  });

  test("calls a function, associates rows and sees the duplicate rules", async () => {
    const { api, client } = await startClient({
      duplicateRules: [{ table: "contact", columns: ["emailaddress1"] }],
    });
    expect(at(await client.callFunction("WhoAmI"), "UserId")).toMatch(/^[0-9a-f-]{36}$/);
    const account = await seedOne(api, "account", { name: "Alder" });
    const contact = await seedOne(api, "contact", {
      lastname: "Abel",
      emailaddress1: "a@b.example",
    });
    await client.associateSingleValued({
      collection: "accounts",
      primaryKey: account,
      navigationProperty: "primarycontactid",
      relatedCollection: "contacts",
      relatedKey: contact,
    });
    expect((await api.emulator.control.rows("account"))[0]?.columns["primarycontactid"]).toEqual({
      table: "contact",
      id: contact,
    });
    const twice = {
      collection: "contacts",
      data: { lastname: "Abel", emailaddress1: "A@b.example" },
    };
    expect(await failureOf(client.create({ ...twice, duplicateDetection: true }))).toMatchObject({
      code: "0x80040333",
    });
    expect(await client.create(twice)).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("is told of limits and of a token that ran out", async () => {
    const { api, client } = await startClient();
    await api.emulator.control.fault({
      kind: "status",
      status: 429,
      headers: { "Retry-After": "3" },
    });
    expect(await failureOf(client.callFunction("WhoAmI"))).toMatchObject({
      status: 429,
      code: "0x80072322",
    });
    await api.emulator.control.fault({ kind: "status", status: 401 });
    expect(await failureOf(client.callFunction("WhoAmI"))).toMatchObject({ status: 401 });
  });
});
