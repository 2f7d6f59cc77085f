import { describe, expect, test } from "vitest";
import type { Api } from "./api.ts";
import { at, seedOne, startApi } from "./api.ts";

async function columnsOf(api: Api, table: string): Promise<Readonly<Record<string, unknown>>> {
  return (await api.emulator.control.rows(table))[0]?.columns ?? {};
}

describe("A4 what stands behind a row", () => {
  test("related rows are a query of their own: select, filter, order, only theirs", async () => {
    const api = await startApi();
    const mine = { table: "account", id: await seedOne(api, "account", { name: "Alder" }) };
    const other = { table: "account", id: await seedOne(api, "account", { name: "Birch" }) };
    for (const [subject, regardingobjectid] of [
      ["b", mine],
      ["a", mine],
      ["c", mine],
      ["a", other],
    ] as const)
      await seedOne(api, "task", { subject, regardingobjectid });
    const filter = encodeURIComponent("subject eq 'a' or subject eq 'b'");
    const path = `accounts(${mine.id})/Account_Tasks`;
    const reply = await api.call(
      "GET",
      `${path}?$select=subject&$orderby=subject&$filter=${filter}`,
    );
    expect(reply).toMatchObject({
      status: 200,
      json: { value: [{ subject: "a" }, { subject: "b" }] },
    });
    expect(at((await api.call("GET", path)).json, "value", "length")).toBe(3);
    expect((await api.call("GET", `accounts(${mine.id})/Account_tasks`)).status).toBe(404);
  });

  test("one column is read, set and cleared", async () => {
    const api = await startApi();
    const path = `contacts(${await seedOne(api, "contact", { lastname: "Abel" })})`;
    expect((await api.call("PUT", `${path}/jobtitle`, { value: "Boss" })).status).toBe(204);
    expect(await api.call("GET", `${path}/jobtitle`)).toMatchObject({
      status: 200,
      json: { value: "Boss" },
    });
    expect((await api.call("DELETE", `${path}/jobtitle`)).status).toBe(204);
    expect((await api.call("GET", `${path}/jobtitle`)).status).toBe(204);
    expect((await api.call("PUT", `${path}/jobtitle`, { other: 1 })).status).toBe(400);
    expect((await api.call("PUT", `${path}/nothing`, { value: 1 })).status).toBe(404);
    const nobody = "contacts(11111111-2222-4333-8444-555555555555)/jobtitle";
    expect((await api.call("PUT", nobody, { value: "Boss" })).status).toBe(404);
    expect((await api.emulator.control.rows("contact")).length).toBe(1);
  });

  test("a lookup is set and cleared by reference", async () => {
    const api = await startApi();
    const account = await seedOne(api, "account", { name: "Alder" });
    const contact = await seedOne(api, "contact", { lastname: "Abel" });
    const path = `accounts(${account})/primarycontactid/$ref`;
    const address = `${api.emulator.url}/api/data/v9.2/contacts(${contact})`;
    expect((await api.call("PUT", path, { "@odata.id": address })).status).toBe(204);
    const reference = { table: "contact", id: contact };
    expect((await columnsOf(api, "account"))["primarycontactid"]).toEqual(reference);
    expect((await api.call("PUT", path, { id: address })).status).toBe(400);
    expect((await api.call("DELETE", path)).status).toBe(204);
    expect((await columnsOf(api, "account"))["primarycontactid"]).toBeUndefined();
  });

  test("a row is added to a relationship and taken out of it", async () => {
    const api = await startApi();
    const account = await seedOne(api, "account", { name: "Alder" });
    const contact = await seedOne(api, "contact", { lastname: "Abel" });
    const path = `accounts(${account})/contact_customer_accounts`;
    const body = { "@odata.id": `contacts(${contact})` };
    expect((await api.call("POST", `${path}/$ref`, body)).status).toBe(204);
    const reference = { table: "account", id: account };
    expect((await columnsOf(api, "contact"))["parentcustomerid"]).toEqual(reference);
    expect((await api.call("DELETE", `${path}(${contact})/$ref`)).status).toBe(204);
    expect((await columnsOf(api, "contact"))["parentcustomerid"]).toBeUndefined();
    expect((await api.call("POST", `accounts(${account})/nothing/$ref`, body)).status).toBe(404);
  });

  test("a collection is counted as plain text", async () => {
    const api = await startApi();
    for (const lastname of ["Abel", "Brandt"]) await seedOne(api, "contact", { lastname });
    const all = await api.call("GET", "contacts/$count");
    expect([all.status, all.text, all.headers.get("content-type")]).toEqual([
      200,
      "2",
      "text/plain",
    ]);
    const some = await api.call("GET", "contacts/$count?$filter=lastname%20eq%20'Abel'");
    expect(some.text).toBe("1");
  });
});
