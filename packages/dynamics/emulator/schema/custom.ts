import type { CustomTable } from "../customization.ts";
import type { EmulatorOptions } from "../options.ts";
import { activityColumns, regardable } from "./activities.ts";
import { guid, memo, owned, parties, states, text } from "./columns.ts";
import type { ColumnDefinition, TableDefinition } from "./definition.ts";

// A custom activity takes parties of every kind (options.ts).
const everyParty = [
  parties("from", 1),
  parties("to", 2),
  parties("cc", 3),
  parties("bcc", 4),
  parties("requiredattendees", 5),
  parties("optionalattendees", 6),
  parties("organizer", 7),
  parties("resources", 10),
  parties("customers", 11),
] as const;

function customActivity(table: CustomTable, regards: readonly string[]): TableDefinition {
  return {
    name: table.name,
    entitySet: table.entitySet,
    label: table.name,
    primaryId: "activityid",
    primaryName: "subject",
    activity: true,
    hasNotes: true,
    columns: [
      ...activityColumns(table.name, regards),
      text("subject", 400, { required: "ApplicationRequired" }),
      memo("description", 2000),
      ...states(
        "0=Open;1=Completed;2=Canceled;3=Scheduled",
        "1=Open@0;2=Completed@1;3=Canceled@2;4=Scheduled@3",
        1,
      ),
      ...everyParty,
      ...(table.columns ?? []),
    ],
  };
}

function customRecord(table: CustomTable): TableDefinition {
  const prefix = table.name.slice(0, table.name.indexOf("_") + 1);
  const name = `${prefix}name`;
  const given = table.columns ?? [];
  return {
    name: table.name,
    entitySet: table.entitySet,
    label: table.name,
    primaryId: `${table.name}id`,
    primaryName: name,
    hasActivities: table.hasActivities === true,
    hasNotes: true,
    columns: [
      guid(`${table.name}id`, { update: false, required: "SystemRequired" }),
      ...owned,
      ...(given.some((column) => column.name === name) ? [] : [text(name, 100)]),
      ...states("0=Active;1=Inactive", "1=Active@0;2=Inactive@1", 1),
      ...given,
    ],
  };
}

/** Lets `column` of a table point at more tables, each under the navigation that `named` gives it. */
function pointing(
  table: TableDefinition,
  columnName: string,
  more: readonly string[],
  named: (target: string) => string,
): TableDefinition {
  const columns = table.columns.map((column): ColumnDefinition => {
    if (column.name !== columnName) return column;
    const added = more.map((target) => ({ table: target, navigation: named(target) }));
    return { ...column, targets: [...(column.targets ?? []), ...added] };
  });
  return { ...table, columns };
}

function linked(table: TableDefinition, custom: readonly CustomTable[]): TableDefinition {
  const names = custom.map(({ name }) => name);
  const activities = custom.filter(({ activity }) => activity === true).map(({ name }) => name);
  const regards = custom
    .filter(({ hasActivities }) => hasActivities === true)
    .map(({ name }) => name);
  if (table.name === "annotation")
    return pointing(table, "objectid", names, (target) => `objectid_${target}`);
  if (table.name === "activityparty")
    return pointing(table, "activityid", activities, (target) => `activityid_${target}`);
  if (table.name === "activitypointer")
    return pointing(table, "regardingobjectid", regards, (target) => `regardingobjectid_${target}`);
  if (table.activity !== true) return table;
  return pointing(
    table,
    "regardingobjectid",
    regards,
    (to) => `regardingobjectid_${to}_${table.name}`,
  );
}

/** The standard tables with the custom columns, and the custom tables. Throws when a custom column names an unknown table. */
export function customize(
  standard: readonly TableDefinition[],
  options: EmulatorOptions,
): readonly TableDefinition[] {
  const custom = options.customTables ?? [];
  const made = custom.map((table) =>
    table.activity === true ? customActivity(table, regardable) : customRecord(table),
  );
  const tables = [...standard, ...made].map((table) => linked(table, custom));
  for (const { table } of options.customColumns ?? []) {
    if (!tables.some(({ name }) => name === table))
      throw new Error(`customColumns: no table ${table}`);
  }
  return tables.map((table) => {
    const added = (options.customColumns ?? []).filter((added) => added.table === table.name);
    return { ...table, columns: [...table.columns, ...added.map(({ column }) => column)] };
  });
}
