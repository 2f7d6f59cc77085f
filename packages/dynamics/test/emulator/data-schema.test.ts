import { describe, expect, test } from "vitest";
import { buildSchema, propertyOf } from "../../emulator/schema/schema.ts";
import type { Table } from "../../emulator/schema/schema.ts";
import { edmType } from "../../emulator/write/values.ts";
import { haveShared, sharedJson } from "./data-shared.ts";

type Option = { readonly value: number; readonly label: string; readonly state?: number };
type Attribute = {
  readonly type: string;
  readonly maxLength?: number;
  readonly requiredLevel?: string;
  readonly options?: readonly Option[];
};
type Real = {
  readonly entitySetName: string;
  readonly primaryKey: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly navigation: Readonly<Record<string, { readonly type: string }>>;
};

const schema = buildSchema({});
const real = haveShared
  ? (sharedJson("compiled-schema.json") as Readonly<Record<string, Real>>)
  : {};
const both = schema.tables.flatMap((table) => {
  const found = real[table.name];
  return found === undefined ? [] : [[table.name, table, found] as const];
});

// [S4 facts §1.2] CSDL inherits the key of systemuser from principal; users are addressed by systemuserid all the same.
const keys: Readonly<Record<string, string>> = { systemuser: "systemuserid" };

function wrongColumns(table: Table, found: Real): readonly string[] {
  return [...table.byProperty].flatMap(([name, column]) => {
    const attribute = found.attributes[name];
    if (attribute === undefined) return [`${name}: unknown`];
    const wrong: string[] = [];
    if (attribute.type !== edmType(column)) wrong.push(`${name}: ${attribute.type}`);
    const { maxLength } = attribute;
    if (maxLength !== undefined && maxLength !== column.length) wrong.push(`${name}: ${maxLength}`);
    return wrong;
  });
}

function wrongOptions(table: Table, found: Real): readonly string[] {
  return table.columns.flatMap((column) => {
    const options = found.attributes[propertyOf(column)]?.options;
    if (options === undefined || column.options === undefined) return [];
    const told = (list: readonly Option[]): string =>
      list
        .map(({ value, label, state }) => `${value}=${label}@${state ?? ""}`)
        .toSorted()
        .join(";");
    return told(options) === told(column.options) ? [] : [`${column.name}: ${told(options)}`];
  });
}

function wrongNavigation(table: Table, found: Real): readonly string[] {
  return [...table.navigation].flatMap(([name, navigations]) => {
    const type = found.navigation[name]?.type;
    const [first, ...more] = navigations;
    const expected = more.length > 0 ? "principal" : first?.target;
    return type === expected ? [] : [`${name}: ${String(type)}`];
  });
}

describe.skipIf(!haveShared)("the schema against real ones (../shared/data/dataverse)", () => {
  test("compares at least twelve tables", () => {
    expect(both.length).toBeGreaterThanOrEqual(12);
  });

  test.each(both)("%s: entity set and primary key", (name, table, found) => {
    expect(table.entitySet).toBe(found.entitySetName);
    expect(table.primaryId).toBe(keys[name] ?? found.primaryKey);
  });

  test.each(both)("%s: every column exists with this type and length", (_name, table, found) => {
    expect(wrongColumns(table, found)).toEqual([]);
  });

  test.each(both)("%s: options and the states of its statuses", (_name, table, found) => {
    expect(wrongOptions(table, found)).toEqual([]);
  });

  test.each(both)("%s: every navigation exists and leads there", (_name, table, found) => {
    expect(wrongNavigation(table, found)).toEqual([]);
  });
});

test("subject of an activity is 200 long (facts §1.4)", () => {
  for (const name of ["phonecall", "email", "task", "appointment", "letter"])
    expect(schema.find(name)?.byName.get("subject")?.length).toBe(200);
});

test("parties per kind of activity: tasks none, calls from and to, emails four (brief 3)", () => {
  expect([...(schema.find("task")?.masks ?? [])]).toEqual([]);
  expect([...(schema.find("phonecall")?.masks ?? [])]).toEqual([1, 2]);
  expect([...(schema.find("email")?.masks ?? [])]).toEqual([1, 2, 3, 4]);
});

test("custom tables: an activity regards the standard ones, and activities regard a record that may have them", () => {
  const custom = buildSchema({
    customTables: [
      { name: "new_chat", entitySet: "new_chats", activity: true },
      { name: "new_order", entitySet: "new_orders", hasActivities: true },
    ],
    customColumns: [{ table: "contact", column: { name: "new_tier", kind: "String", length: 10 } }],
  });
  const chat = custom.bySet("new_chats");
  expect(chat?.navigation.get("regardingobjectid_contact_new_chat")?.[0]?.target).toBe("contact");
  expect(chat?.navigation.has("regardingobjectid_new_order_new_chat")).toBe(true);
  expect(chat?.partiesName).toBe("new_chat_activity_parties");
  const call = custom.find("phonecall");
  expect(call?.navigation.has("regardingobjectid_new_order_phonecall")).toBe(true);
  expect(custom.find("annotation")?.navigation.has("objectid_new_chat")).toBe(true);
  expect(custom.find("contact")?.byName.get("new_tier")?.length).toBe(10);
});

test("a custom column of an unknown table is refused when the emulator starts", () => {
  const customColumns = [{ table: "contcat", column: { name: "new_x", kind: "String" as const } }];
  expect(() => buildSchema({ customColumns })).toThrow("no table contcat");
});
