import { describe, expect, test } from "vitest";
import type { Api } from "./api.ts";
import { at, seedOne, startApi } from "./api.ts";

async function people(api: Api): Promise<{
  readonly account: string;
  readonly contact: string;
  readonly lead: string;
  readonly caseId: string;
}> {
  const account = await seedOne(api, "Account", { Name: "Alder" });
  const contact = await seedOne(api, "Contact", {
    LastName: "Abel",
    AccountId: account,
    Email: "abel@customer.example",
  });
  const lead = await seedOne(api, "Lead", { LastName: "Ito", Company: "Ito & Co" });
  const caseId = await seedOne(api, "Case", { ContactId: contact });
  return { account, contact, lead, caseId };
}

describe("A4 activities", () => {
  test("K4 a lead as who excludes a what; a contact does not", async () => {
    const api = await startApi();
    const { lead, contact, account } = await people(api);
    const both = await api.call("POST", "/sobjects/Task", { WhoId: lead, WhatId: account });
    expect(both).toMatchObject({
      status: 400,
      json: [
        {
          errorCode: "FIELD_INTEGRITY_EXCEPTION",
          message: "cannot specify whatID with lead whoID",
        },
      ],
    });
    expect(
      (await api.call("POST", "/sobjects/Task", { WhoId: contact, WhatId: account })).status,
    ).toBe(201);
    const leadOnly = await api.call("POST", "/sobjects/Task", { WhoId: lead });
    const later = await api.call("PATCH", `/sobjects/Task/${String(at(leadOnly.json, "id"))}`, {
      WhatId: account,
    });
    expect(at(later.json, 0, "errorCode")).toBe("FIELD_INTEGRITY_EXCEPTION");
  });

  test("WhoId with an account's id is refused as jsforce#1006 shows", async () => {
    const api = await startApi();
    const { account } = await people(api);
    const reply = await api.call("POST", "/sobjects/Task", { WhoId: account });
    expect(reply.json).toEqual([
      {
        message: `Name ID: id value of incorrect type: ${account}`,
        errorCode: "FIELD_INTEGRITY_EXCEPTION",
        fields: ["WhoId"],
      },
    ]);
  });

  test("AccountId comes from the what, else from the contact; IsClosed follows Status", async () => {
    const api = await startApi();
    const { account, contact, caseId } = await people(api);
    const other = await seedOne(api, "Account", { Name: "Birch" });
    await seedOne(api, "Task", { WhoId: contact, Subject: "by contact" });
    await seedOne(api, "Task", {
      WhoId: contact,
      WhatId: other,
      Subject: "by account",
      Status: "Completed",
    });
    await seedOne(api, "Task", { WhatId: caseId, Subject: "by case" });
    const reply = await api.query("SELECT Subject, AccountId, IsClosed FROM Task ORDER BY Subject");
    expect(at(reply.json, "records")).toMatchObject([
      { Subject: "by account", AccountId: other, IsClosed: true },
      { Subject: "by case", AccountId: account, IsClosed: false },
      { Subject: "by contact", AccountId: account, IsClosed: false },
    ]);
  });

  test("W10 an inactive user cannot own, a queue can, the integration user is the default", async () => {
    const api = await startApi();
    const gone = await seedOne(api, "User", { LastName: "Gone", IsActive: false });
    const [queue] = await api.emulator.control.records("Group");
    const refused = await api.call("POST", "/sobjects/Task", { OwnerId: gone });
    expect(refused.json).toEqual([
      {
        message: `operation performed with inactive user [${gone}] as owner of task`,
        errorCode: "INACTIVE_OWNER_OR_USER",
        fields: [],
      },
    ]);
    expect((await api.call("POST", "/sobjects/Task", { OwnerId: queue?.Id })).status).toBe(201);
    const mine = await api.call("POST", "/sobjects/Task", {});
    const shown = await api.call(
      "GET",
      `/sobjects/Task/${String(at(mine.json, "id"))}?fields=OwnerId`,
    );
    const integration = (await api.emulator.control.records("User")).find(
      (user) => user.fields["Username"] === api.emulator.credentials.username,
    );
    expect(at(shown.json, "OwnerId")).toBe(integration?.Id);
  });

  test("K9 a task on a converted lead is refused, its earlier tasks moved to the contact", async () => {
    const api = await startApi();
    const { lead } = await people(api);
    const task = await seedOne(api, "Task", { WhoId: lead });
    const { contactId } = await api.emulator.control.convertLead(lead);
    expect(await api.call("POST", "/sobjects/Task", { WhoId: lead })).toMatchObject({
      status: 400,
      json: [
        { errorCode: "CANNOT_UPDATE_CONVERTED_LEAD", message: "cannot reference converted lead" },
      ],
    });
    expect(
      at(
        (await api.call("PATCH", `/sobjects/Lead/${lead}`, { Company: "New" })).json,
        0,
        "errorCode",
      ),
    ).toBe("CANNOT_UPDATE_CONVERTED_LEAD");
    expect(at((await api.call("GET", `/sobjects/Task/${task}`)).json, "WhoId")).toBe(contactId);
  });

  test.for(["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"] as const)(
    "K9 a lookup to a deleted record answers %s, as the option says",
    async (deletedReference) => {
      const api = await startApi({ deletedReference });
      const { contact } = await people(api);
      await api.emulator.control.removeRecord(contact);
      expect(
        at((await api.call("POST", "/sobjects/Task", { WhoId: contact })).json, 0, "errorCode"),
      ).toBe(deletedReference);
    },
  );

  test("an event needs a start and a length, and gets its end from them", async () => {
    const api = await startApi();
    expect(
      at((await api.call("POST", "/sobjects/Event", { Subject: "Call" })).json, 0, "errorCode"),
    ).toBe("REQUIRED_FIELD_MISSING");
    const made = await api.call("POST", "/sobjects/Event", {
      StartDateTime: "2026-11-21T10:00:00Z",
      DurationInMinutes: 30,
    });
    const shown = await api.call("GET", `/sobjects/Event/${String(at(made.json, "id"))}`);
    expect(shown.json).toMatchObject({
      EndDateTime: "2026-11-21T10:30:00.000+0000",
      ActivityDate: "2026-11-21",
    });
  });

  test("an e-mail message that is not a draft is frozen", async () => {
    const api = await startApi();
    const id = await seedOne(api, "EmailMessage", { Subject: "Hi", Status: "3" });
    expect(
      at(
        (await api.call("PATCH", `/sobjects/EmailMessage/${id}`, { Subject: "Ho" })).json,
        0,
        "errorCode",
      ),
    ).toBe("INSUFFICIENT_ACCESS_OR_READONLY");
    expect(
      (await api.call("PATCH", `/sobjects/EmailMessage/${id}`, { IsExternallyVisible: true }))
        .status,
    ).toBe(204);
  });

  test("a validation rule of the org answers its own message", async () => {
    const rule = {
      sobject: "Task",
      when: { field: "Subject", contains: "secret" },
      message: "No secrets in subjects",
    };
    const api = await startApi({ validationRules: [rule] });
    const reply = await api.call("POST", "/sobjects/Task", { Subject: "a secret call" });
    expect(reply.json).toEqual([
      {
        message: "No secrets in subjects",
        errorCode: "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        fields: [],
      },
    ]);
    expect((await api.call("POST", "/sobjects/Task", { Subject: "a call" })).status).toBe(201);
  });

  test("TaskRelation is there only with Shared Activities, and takes 50 contacts with the task's own", async () => {
    expect((await (await startApi()).call("GET", "/sobjects/TaskRelation/describe")).status).toBe(
      404,
    );
    const api = await startApi({ sharedActivities: true });
    const { contact } = await people(api);
    const TaskId = await seedOne(api, "Task", { WhoId: contact });
    const rows = Array.from({ length: 50 }, (_one, row) => ({
      sobject: "Contact",
      fields: { LastName: `C${row}` },
    }));
    const contacts = await api.emulator.control.seed(rows);
    const records = contacts.map((RelationId) => ({
      attributes: { type: "TaskRelation" },
      TaskId,
      RelationId,
    }));
    const reply = await api.call("POST", "/composite/sobjects", { records });
    const outcomes = Array.isArray(reply.json)
      ? reply.json.map((one: unknown) => at(one, "success"))
      : [];
    expect([outcomes.filter((success) => success === true).length, outcomes.at(-1)]).toEqual([
      49,
      false,
    ]);
  });
});
