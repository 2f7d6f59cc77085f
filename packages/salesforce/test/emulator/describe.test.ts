import { describe, expect, test } from "vitest";
import { at, startApi } from "./api.ts";
import { haveShared, sharedJson } from "./shared-data.ts";

const objects = ["Account", "Case", "Contact", "Event", "Lead", "Opportunity", "Task"] as const;
const flags = [
  "type",
  "label",
  "length",
  "digits",
  "precision",
  "scale",
  "createable",
  "updateable",
  "nillable",
  "defaultedOnCreate",
  "filterable",
  "sortable",
  "groupable",
  "idLookup",
  "externalId",
  "unique",
  "autoNumber",
  "nameField",
  "restrictedPicklist",
  "relationshipName",
  "compoundFieldName",
  "soapType",
] as const;

function fieldsOf(json: unknown): ReadonlyMap<string, unknown> {
  const list = at(json, "fields");
  return new Map(
    (Array.isArray(list) ? list : []).map((field: unknown) => [String(at(field, "name")), field]),
  );
}

function namesOf(list: unknown): readonly unknown[] {
  return (Array.isArray(list) ? list : []).map((one: unknown) =>
    typeof one === "string" ? one : at(one, "value"),
  );
}

function keys(json: unknown): readonly string[] {
  return Object.keys(Object(json)).toSorted();
}

async function emulated(name: string, keyField = false): Promise<unknown> {
  const api = await startApi({ keyField });
  return (await api.call("GET", `/sobjects/${name}/describe`)).json;
}

describe.skipIf(!haveShared)("A4 the schema is that of real describes", () => {
  test.for(objects)(
    "%s: every standard field has its real type, length, flags, picklist and references",
    async (name) => {
      const real = fieldsOf(sharedJson(`describe/${name}.describe.json`));
      const mine = fieldsOf(await emulated(name));
      expect(mine.size).toBeGreaterThan(20);
      for (const [field, description] of mine) {
        const theirs = real.get(field);
        const pick = (json: unknown): unknown =>
          Object.fromEntries(flags.map((flag) => [flag, at(json, flag)]));
        expect(theirs, field).toBeDefined();
        expect(pick(description), field).toEqual(pick(theirs));
        expect(namesOf(at(theirs, "picklistValues")), field).toEqual(
          expect.arrayContaining([...namesOf(at(description, "picklistValues"))]),
        );
        const targets = namesOf(at(description, "referenceTo")).filter(
          (target) => target !== "Invoice__c",
        );
        expect(namesOf(at(theirs, "referenceTo")), field).toEqual(expect.arrayContaining(targets));
      }
    },
  );

  test.for(objects)(
    "%s: a described object and a described field have the keys of a real describe",
    async (name) => {
      const real = sharedJson(`describe/${name}.describe.json`);
      const mine = await emulated(name);
      expect(keys(mine)).toEqual(
        expect.arrayContaining(
          keys(real).filter(
            (key) => !key.startsWith("associate") && key !== "sobjectDescribeOption",
          ),
        ),
      );
      expect(keys(at(mine, "fields", 0))).toEqual(keys(at(real, "fields", 0)));
    },
  );
});

describe("A4 describe", () => {
  test("W2 the key field is an external id, unique and case-sensitive, and can be left out", async () => {
    const withKey = fieldsOf(await emulated("Task", true)).get("Wrapup_Key__c");
    expect(withKey).toMatchObject({
      externalId: true,
      unique: true,
      caseSensitive: true,
      idLookup: true,
      length: 255,
      filterable: true,
    });
    expect(fieldsOf(await emulated("Task", false)).has("Wrapup_Key__c")).toBe(false);
  });

  test("a custom field of the options is described and can be written", async () => {
    const api = await startApi({
      customFields: [{ sobject: "Account", field: { name: "Credit_Hold__c", type: "boolean" } }],
    });
    expect(
      fieldsOf((await api.call("GET", "/sobjects/Account/describe")).json).get("Credit_Hold__c"),
    ).toMatchObject({ type: "boolean", custom: true });
    expect(
      (await api.call("POST", "/sobjects/Account", { Name: "One", Credit_Hold__c: true })).status,
    ).toBe(201);
  });

  test("If-Modified-Since answers 304 while the schema stands", async () => {
    const api = await startApi();
    const first = await api.call("GET", "/sobjects/Task/describe");
    const since = { "if-modified-since": String(first.headers.get("last-modified")) };
    expect((await api.call("GET", "/sobjects/Task/describe", undefined, since)).status).toBe(304);
  });

  test("the list of objects has the record URL templates and no Person Accounts", async () => {
    const api = await startApi();
    const list = await api.call("GET", "/sobjects");
    expect(namesOf(at(list.json, "sobjects")).length).toBeGreaterThan(12);
    const account = (await api.call("GET", "/sobjects/Account/describe")).json;
    expect(at(account, "urls", "uiDetailTemplate")).toBe(`${api.emulator.url}/{ID}`);
    expect(fieldsOf(account).has("IsPersonAccount")).toBe(false);
  });
});
