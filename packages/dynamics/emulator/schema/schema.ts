import type { EmulatorOptions } from "../options.ts";
import { activityTables } from "./activities.ts";
import { customerTables } from "./customers.ts";
import { customize } from "./custom.ts";
import type { ColumnDefinition, TableDefinition } from "./definition.ts";
import { organizationTables } from "./organization.ts";
import { salesTables } from "./sales.ts";
import { supportTables } from "./support.ts";

/** A many-to-one relationship, as a write binds it and a read expands it. */
export type Navigation = {
  readonly name: string;
  readonly column: ColumnDefinition;
  readonly target: string;
};

/** A table made ready for lookups by name. */
export type Table = TableDefinition & {
  readonly byName: ReadonlyMap<string, ColumnDefinition>;
  /** Columns by the name that JSON and queries use: `subject`, `_ownerid_value`. */
  readonly byProperty: ReadonlyMap<string, ColumnDefinition>;
  readonly navigation: ReadonlyMap<string, readonly Navigation[]>;
  /** Masks that a party of this activity may have; empty: it takes no parties. */
  readonly masks: ReadonlySet<number>;
  /** `phonecall_activity_parties`; undefined when the table is no activity. */
  readonly partiesName: string | undefined;
  /** What columns of a new row hold when nobody says. */
  readonly defaults: ReadonlyMap<string, string | number | boolean>;
};

/** Every table of the organisation. */
export type Schema = {
  readonly tables: readonly Table[];
  /** By logical name, case-sensitive. */
  readonly find: (name: string) => Table | undefined;
  /** By entity set name, case-sensitive (facts §1.1). */
  readonly bySet: (entitySet: string) => Table | undefined;
};

const lookups: ReadonlySet<string> = new Set(["Lookup", "Customer", "Owner"]);

/** True for a column that points at a row. */
export function isLookup(column: ColumnDefinition): boolean {
  return lookups.has(column.kind);
}

/** The name under which JSON and queries know a column. */
export function propertyOf(column: ColumnDefinition): string {
  return isLookup(column) ? `_${column.name}_value` : column.name;
}

function navigationOf(definition: TableDefinition): Map<string, readonly Navigation[]> {
  const all = new Map<string, readonly Navigation[]>();
  for (const column of definition.columns) {
    for (const target of column.targets ?? []) {
      const before = all.get(target.navigation) ?? [];
      all.set(target.navigation, [
        ...before,
        { name: target.navigation, column, target: target.table },
      ]);
    }
  }
  return all;
}

function tableOf(definition: TableDefinition): Table {
  const masks = definition.columns.flatMap((column) =>
    column.mask === undefined ? [] : [column.mask],
  );
  const shown = definition.columns.filter((column) => column.kind !== "PartyList");
  return {
    ...definition,
    byName: new Map(definition.columns.map((column) => [column.name, column])),
    byProperty: new Map(shown.map((column) => [propertyOf(column), column])),
    navigation: navigationOf(definition),
    masks: new Set(masks),
    defaults: new Map(
      definition.columns.flatMap(({ name, defaultValue }) =>
        defaultValue === undefined ? [] : [[name, defaultValue] as const],
      ),
    ),
    partiesName: definition.activity === true ? `${definition.name}_activity_parties` : undefined,
  };
}

/** The tables of a Sales and Service organisation with what the administrator added. Throws when the options name an unknown table. */
export function buildSchema(options: EmulatorOptions): Schema {
  const standard = [
    ...activityTables,
    ...customerTables,
    ...salesTables,
    ...supportTables,
    ...organizationTables,
  ];
  const tables = customize(standard, options).map(tableOf);
  const byName = new Map(tables.map((table) => [table.name, table]));
  const bySet = new Map(tables.map((table) => [table.entitySet, table]));
  return { tables, find: (name) => byName.get(name), bySet: (name) => bySet.get(name) };
}
