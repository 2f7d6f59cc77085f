import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Entry } from "@wrapup/core";
import { expect, test } from "vitest";
import { keyFindings, taskFindings } from "../src/check.ts";
import { shapeOf, typeOf } from "../src/describe.ts";
import type { VendorField, VendorType } from "../src/describe.ts";
import { rowOf } from "../src/encode.ts";
import { salesforce, setup } from "../src/index.ts";
import { defaultsOf } from "../src/mapping.ts";
import { checkOptions } from "../src/options.ts";
import { openOrg } from "./client/org.ts";

const describes = new URL("../../../../shared/data/salesforce/describe/", import.meta.url);
const settings = checkOptions({
  signIn: { clientId: "a", clientSecret: "b", domain: "acme.my.salesforce.com" },
});

const field = (name: string, more: Partial<VendorField> = {}): VendorField => ({
  name,
  label: name,
  type: "string",
  length: 255,
  nillable: true,
  createable: true,
  updateable: true,
  defaultedOnCreate: false,
  filterable: true,
  nameField: false,
  externalId: false,
  unique: false,
  caseSensitive: false,
  restrictedPicklist: false,
  referenceTo: [],
  picklistValues: [],
  ...more,
});
const key = field("Wrapup_Key__c", { externalId: true, unique: true, caseSensitive: true });
const task = (...fields: readonly VendorField[]): VendorType => ({
  name: "Task",
  label: "Task",
  createable: true,
  updateable: true,
  deletable: true,
  fields: [field("Subject"), ...fields],
});
const texts = (type: VendorType): readonly string[] =>
  keyFindings(type, shapeOf(type, settings), settings).map(({ text }) => text);

test("A1 a whole org has no findings, and its abilities are data", async () => {
  const org = await openOrg();
  const { abilities, findings } = await org.adapter.check(org.context);
  expect(findings).toEqual([]);
  expect(abilities).toEqual({
    maxBatch: 200,
    maxConcurrent: 8,
    kinds: ["activity"],
    once: "key",
    completedIsFrozen: false,
    landsWithinMs: 600_000,
    linkRules: {
      roles: [
        { name: "who", types: ["Contact", "Lead"], max: 1 },
        { name: "what", types: "others", max: 1 },
      ],
      apart: [["Lead", "what"]],
      order: ["Contact", "Lead", "Case", "Opportunity", "*", "Account"],
    },
  });
  expect(org.seen.some(({ usage }) => usage?.limit === 100_000)).toBe(true);
});

test("W2 the key field's flags are checked one by one", () => {
  expect(texts(task(key))).toEqual([]);
  expect(texts(task(field("CallObject")))[0]).toContain("degraded");
  expect(texts(task({ ...key, externalId: false }, field("CallObject")))[0]).toContain(
    "External ID",
  );
  expect(texts(task({ ...key, unique: false }))[0]).toContain("not unique");
  expect(texts(task({ ...key, caseSensitive: false }))[0]).toContain("lower case");
  expect(texts(task())[0]).toContain("nothing is written");
});

const status = (...values: readonly string[]) =>
  field("Status", {
    type: "picklist",
    picklistValues: values.map((value) => ({ value, label: value, active: true })),
  });

test("K3 rights and statuses that will not do are said before anything is written", () => {
  expect(taskFindings(task(status("In Progress", "Completed")), settings)).toEqual([]);
  expect(
    taskFindings(task(status("Offen", "Erledigt")), settings).map(({ place }) => place),
  ).toEqual(["statuses.open", "statuses.completed"]);
  expect(
    taskFindings({ ...task(), createable: false, deletable: false }, settings).map(
      ({ severity }) => severity,
    ),
  ).toEqual(["error", "warning"]);
});

test("A1 a version that the org does not know is an error with the newest it knows", async () => {
  const org = await openOrg({}, { apiVersion: "99.0" });
  await expect(org.adapter.check(org.context)).rejects.toMatchObject({
    code: "crm_error",
    why: "schema",
    message: expect.stringContaining("99.0"),
  });
});

test("W5 a day's API calls that run out are said", async () => {
  const org = await openOrg({ dailyLimit: 1000 });
  await org.control.setUsage(950);
  const { findings } = await org.adapter.check(org.context);
  expect(findings).toMatchObject([{ severity: "warning", place: "limits" }]);
});

test("A1 wrong secret, unreachable domain and a switched-off API are told apart", async () => {
  const org = await openOrg();
  const { clientId, clientSecret } = org.emulator.credentials;
  const wrong = salesforce({
    signIn: { clientId, clientSecret: "wrong-secret", domain: org.emulator.url },
  });
  await expect(wrong.check(org.context)).rejects.toMatchObject({
    why: "auth",
    message: expect.stringContaining("clientSecret"),
  });
  await expect(wrong.check(org.context)).rejects.not.toMatchObject({
    message: expect.stringContaining("wrong-secret"),
  });
  const away = salesforce({ signIn: { clientId, clientSecret, domain: "http://127.0.0.1:1" } });
  await expect(away.check(org.context)).rejects.toMatchObject({ why: "unreachable", sent: "no" });
  await org.control.fault({
    kind: "status",
    status: 403,
    errorCode: "API_DISABLED_FOR_ORG",
    path: "/limits",
  });
  await expect(org.adapter.check(org.context)).rejects.toMatchObject({
    why: "auth",
    message: expect.stringContaining("API_DISABLED_FOR_ORG"),
  });
});

test("A3 all ways to sign in work against the emulator", async () => {
  const org = await openOrg();
  const { clientId, clientSecret, privateKey, username, refreshToken } = org.emulator.credentials;
  const domain = org.emulator.url;
  for (const signIn of [
    { clientId, clientSecret, domain },
    { clientId, privateKey, username, domain },
    { clientId, refreshToken, domain },
    { clientId, clientSecret, refreshToken, domain },
  ])
    expect((await salesforce({ signIn }).check(org.context)).findings).toEqual([]);
});

test("K3 the default mapping fits a real org's Task, in every channel", async ({ skip }) => {
  if (!existsSync(describes)) skip("the shared describes are not here");
  const real = JSON.parse(
    await readFile(new URL("Task.describe.json", describes), "utf8"),
  ) as VendorType;
  const shape = shapeOf(
    { ...real, fields: real.fields.map((one) => field(one.name, one)) },
    settings,
  );
  expect([shape.once, [...shape.createOnly], [...shape.longText]]).toEqual([
    "lookFirst",
    ["IsRecurrence", "TaskSubtype"],
    ["Description"],
  ]);
  const { activities, otherwise } = defaultsOf(undefined).mapping;
  for (const mapping of [...Object.values(activities), otherwise]) {
    const names = [...Object.keys(mapping.fields), mapping.body?.field ?? ""];
    for (const name of names)
      expect(real.fields.find((one) => one.name === name)?.createable, name).toBe(true);
    for (const [name, source] of Object.entries(mapping.fields)) {
      const described = real.fields.find((one) => one.name === name);
      const values =
        "constant" in source
          ? [source.constant]
          : "values" in source
            ? Object.values(source.values ?? {})
            : [];
      const allowed = described?.picklistValues.map(({ value }) => value) ?? [];
      const strange = values.filter(
        (value) => described?.restrictedPicklist === true && !allowed.includes(String(value)),
      );
      expect(strange, name).toEqual([]);
    }
  }
});

test("R3 real describes are understood, and what we would send fits them", async ({ skip }) => {
  if (!existsSync(describes)) skip("the shared describes are not here");
  for (const name of ["Account", "Case", "Contact", "Event", "Lead", "Opportunity", "Task"]) {
    const real = JSON.parse(
      await readFile(new URL(`${name}.describe.json`, describes), "utf8"),
    ) as VendorType;
    const type = typeOf(real);
    expect(type.fields).toHaveLength(real.fields.length);
    const required = type.fields.filter((one) => one.required).map((one) => one.name);
    expect(required).toEqual(
      {
        Account: ["Name"],
        Contact: ["LastName"],
        Lead: ["LastName", "Company"],
        Opportunity: ["Name", "StageName", "CloseDate"],
      }[name] ?? [],
    );
  }
  const real = JSON.parse(
    await readFile(new URL("Task.describe.json", describes), "utf8"),
  ) as VendorType;
  const entry: Entry = {
    key: "k",
    kind: "activity",
    leg: "1",
    slot: 0,
    type: "Task",
    fields: { Subject: "x" },
    roles: { who: [{ type: "Contact", id: "003" }], what: [{ type: "Case", id: "500" }] },
    owner: "005",
    final: true,
    touches: [],
    warnings: [],
  };
  const body = rowOf(
    entry,
    shapeOf({ ...real, fields: real.fields.map((one) => field(one.name, one)) }, settings),
  );
  for (const name of Object.keys(body).filter((one) => one !== "attributes"))
    expect(real.fields.find((one) => one.name === name)?.createable, name).toBe(true);
});

test("L4 the parent key has its own field where one is named, else a line of the description", () => {
  const { fields, body } = defaultsOf(undefined).mapping.otherwise;
  expect(JSON.stringify(fields)).not.toContain("parentKey");
  expect(body?.facts).toContain("interaction.parentKey");
  expect(
    defaultsOf("Wrapup_Interaction__c").mapping.otherwise.fields["Wrapup_Interaction__c"],
  ).toEqual({ fact: "interaction.parentKey" });
  expect(JSON.stringify(defaultsOf(undefined))).not.toContain("notes.internal");
});

test("W2 setup gives the field's metadata, ready to deploy", () => {
  const { files, steps } = setup({ interactionField: "Wrapup_Interaction__c" });
  const [keyFile, interaction, permissions, manifest] = files;
  expect(keyFile?.path).toBe(
    "force-app/main/default/objects/Activity/fields/Wrapup_Key__c.field-meta.xml",
  );
  for (const part of [
    "<fullName>Wrapup_Key__c</fullName>",
    "<externalId>true</externalId>",
    "<unique>true</unique>",
    "<caseSensitive>true</caseSensitive>",
    "<length>255</length>",
    "<type>Text</type>",
  ])
    expect(keyFile?.content).toContain(part);
  expect(interaction?.content).toContain("<unique>false</unique>");
  expect(permissions?.content).toContain("Task.Wrapup_Interaction__c");
  expect(manifest?.content).toContain("Activity.Wrapup_Key__c");
  for (const { content } of files)
    expect(content.split("<").length).toBe(content.split(">").length);
  expect(steps.length).toBeGreaterThan(2);
  expect(setup().files).toHaveLength(3);
  for (const bad of ["Key", "Key__c</fullName>", "x__c y"])
    expect(() => setup({ keyField: bad })).toThrow(RangeError);
});
