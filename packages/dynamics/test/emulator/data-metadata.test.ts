import { describe, expect, test } from "vitest";
import { serve } from "../../emulator/http/router.ts";
import { Undo } from "../../emulator/write/undo.ts";
import { idOf, world } from "./data-world.ts";

const cast = (kind: string): string => `Attributes/Microsoft.Dynamics.CRM.${kind}AttributeMetadata`;
const phonecall = "EntityDefinitions(LogicalName='phonecall')";

function isJson(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function rows(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((row) => isJson(row)) : [];
}

describe("EntityDefinitions (facts §1.10)", () => {
  test("a table with its columns and bind names in one question", () => {
    const { ask } = world();
    const expand =
      "Attributes($select=LogicalName,AttributeType,RequiredLevel,IsValidForCreate),ManyToOneRelationships($select=ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName)";
    const { body } = ask(
      "GET",
      `${phonecall}?$select=LogicalName,EntitySetName,PrimaryIdAttribute,IsActivity&$expand=${expand}`,
    );
    expect(body).toMatchObject({
      LogicalName: "phonecall",
      EntitySetName: "phonecalls",
      PrimaryIdAttribute: "activityid",
      IsActivity: true,
    });
    const columns = new Map(rows(body["Attributes"]).map((row) => [row["LogicalName"], row]));
    expect(columns.get("subject")).toMatchObject({
      AttributeType: "String",
      RequiredLevel: { Value: "ApplicationRequired" },
      IsValidForCreate: true,
    });
    expect(columns.get("statecode")).toMatchObject({
      AttributeType: "State",
      IsValidForCreate: false,
    });
    expect(columns.get("from")).toMatchObject({ AttributeType: "PartyList" });
    const regarding = rows(body["ManyToOneRelationships"]).filter(
      (row) =>
        row["ReferencingAttribute"] === "regardingobjectid" &&
        row["ReferencedEntity"] === "contact",
    );
    expect(regarding).toMatchObject([
      { ReferencingEntityNavigationPropertyName: "regardingobjectid_contact_phonecall" },
    ]);
  });

  test("MaxLength needs the cast", () => {
    const { ask } = world();
    expect(ask("GET", `${phonecall}/Attributes?$select=LogicalName,MaxLength`).status).toBe(400);
    const memo = ask("GET", `${phonecall}/${cast("Memo")}?$select=LogicalName,MaxLength`);
    expect(memo.value).toContainEqual(
      expect.objectContaining({ LogicalName: "description", MaxLength: 2000 }),
    );
    const text = ask("GET", `${phonecall}/${cast("String")}?$select=LogicalName,MaxLength`);
    expect(text.value).toContainEqual(
      expect.objectContaining({ LogicalName: "phonenumber", MaxLength: 200 }),
    );
    expect(text.value.some((row) => row["LogicalName"] === "description")).toBe(false);
  });

  test.each([
    ["Picklist", "prioritycode", 3],
    ["State", "statecode", 3],
    ["Status", "statuscode", 4],
  ])("%s: the options of %s come with OptionSet", (kind, name, count) => {
    const { ask } = world();
    const { value } = ask(
      "GET",
      `${phonecall}/${cast(kind)}?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)`,
    );
    const found = value.find((row) => row["LogicalName"] === name);
    const set = found?.["OptionSet"];
    const options = rows(isJson(set) ? set["Options"] : undefined);
    expect(options).toHaveLength(count);
    expect(options[0]).toMatchObject({
      Value: expect.any(Number) as number,
      Label: { UserLocalizedLabel: { Label: expect.any(String) as string } },
    });
  });

  test("a status names its state, a boolean its two labels", () => {
    const { ask } = world();
    const status = `${phonecall}/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet`;
    const set = ask("GET", status).body["OptionSet"];
    expect(rows(isJson(set) ? set["Options"] : [])).toContainEqual(
      expect.objectContaining({ Value: 4, State: 1 }),
    );
    const flag = ask(
      "GET",
      `${phonecall}/${cast("Boolean")}?$select=LogicalName&$expand=OptionSet`,
    );
    const direction = flag.value.find((row) => row["LogicalName"] === "directioncode");
    expect(direction?.["OptionSet"]).toMatchObject({
      FalseOption: { Value: 0, Label: { UserLocalizedLabel: { Label: "Incoming" } } },
      TrueOption: { Value: 1, Label: { UserLocalizedLabel: { Label: "Outgoing" } } },
    });
  });

  test("tables are found by filter; an unknown one is 404 by key and nothing by filter", () => {
    const { ask } = world({
      customTables: [{ name: "new_chat", entitySet: "new_chats", activity: true }],
    });
    const list = ask(
      "GET",
      "EntityDefinitions?$select=LogicalName,EntitySetName&$filter=LogicalName%20eq%20'new_chat'%20or%20LogicalName%20eq%20'task'",
    );
    expect(list.value.map((row) => row["EntitySetName"])).toEqual(["tasks", "new_chats"]);
    expect(
      ask("GET", "EntityDefinitions?$select=LogicalName&$filter=LogicalName%20eq%20'nothing'")
        .value,
    ).toEqual([]);
    expect(ask("GET", "EntityDefinitions(LogicalName='nothing')").status).toBe(404);
    expect(ask("GET", "EntityDefinitions?$select=Nothing").status).toBe(400);
    expect(ask("GET", `${phonecall}/Nothing`).status).toBe(404);
    expect(ask("GET", `${phonecall}?$expand=Nothing`).status).toBe(400);
  });

  test("what metadata says a column takes is what a write takes", () => {
    const { ask } = world();
    const { value } = ask("GET", "EntityDefinitions(LogicalName='contact')/Attributes");
    expect(value.length).toBeGreaterThan(50);
    for (const row of value) {
      if (row["IsValidForCreate"] !== false || row["LogicalName"] === "statecode") continue;
      if (["Lookup", "Owner", "BigInt"].includes(String(row["AttributeType"]))) continue;
      const values: Readonly<Record<string, unknown>> = {
        Boolean: true,
        DateTime: "2026-01-01T00:00:00Z",
        Decimal: 1,
      };
      const body = { [String(row["LogicalName"])]: values[String(row["AttributeType"])] ?? "x" };
      expect(ask("POST", "contacts", { body }).code).toBe("0x80041a01");
    }
  });
});

test("WhoAmI() answers user, business unit and organisation", () => {
  const { ask, org } = world();
  const wanted = {
    UserId: org.userId,
    BusinessUnitId: idOf(9),
    OrganizationId: org.organizationId,
  };
  expect(ask("GET", "WhoAmI()").body).toMatchObject(wanted);
  expect(ask("GET", "WhoAmI").body).toMatchObject(wanted);
});

test("appmodules are listed for record addresses (facts §1.4)", () => {
  const { ask, seed } = world();
  const id = seed("appmodule", { name: "Sales Hub", uniquename: "SalesHub" });
  const { value } = ask("GET", "appmodules?$select=appmoduleid,uniquename");
  expect(value).toMatchObject([{ appmoduleid: id, uniquename: "SalesHub" }]);
});

test("$metadata is XML that names every set", () => {
  const { org } = world();
  const answer = serve({
    org,
    method: "GET",
    path: "$metadata",
    query: "",
    headers: {},
    body: undefined,
    undo: new Undo(),
    userId: org.userId,
    references: new Map(),
    strike: () => undefined,
  });
  expect(answer.headers?.["Content-Type"]).toBe("application/xml");
  for (const table of org.schema.tables)
    expect(answer.body).toContain(
      `<EntitySet Name="${table.entitySet}" EntityType="mscrm.${table.name}" />`,
    );
});
