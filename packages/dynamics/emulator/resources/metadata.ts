import type { Answer, ApiCall } from "../http/call.ts";
import type { Segment } from "../http/path.ts";
import { namedKeys, syntaxRefusal, unquoted } from "../http/path.ts";
import { problem, Refusal } from "../problem.ts";
import type { Expand, QueryOptions } from "../query/options.ts";
import { parseQuery } from "../query/options.ts";
import type { ColumnDefinition } from "../schema/definition.ts";
import type { Table } from "../schema/schema.ts";
import { privilegesOf } from "../write/privileges.ts";
import { castOf, describeColumn, expandables, label, metadataId } from "./describe-column.ts";
import { apiRoot } from "./rows.ts";
import { passes, selected } from "./shape.ts";

type Json = Readonly<Record<string, unknown>>;

const prefix = "Microsoft.Dynamics.CRM.";

function describeTable(table: Table, at: number): Json {
  return {
    MetadataId: metadataId(table.name),
    LogicalName: table.name,
    SchemaName: table.name,
    EntitySetName: table.entitySet,
    LogicalCollectionName: table.entitySet,
    ObjectTypeCode: at + 1,
    PrimaryIdAttribute: table.primaryId,
    PrimaryNameAttribute: table.primaryName ?? null,
    DisplayName: label(table.label),
    DisplayCollectionName: label(`${table.label}s`),
    Description: label(""),
    IsActivity: table.activity === true,
    IsActivityParty: table.masks.size === 0 && table.hasActivities === true,
    HasActivities: table.hasActivities === true,
    HasNotes: table.hasNotes === true,
    IsCustomEntity: table.name.includes("_"),
    IsValidForAdvancedFind: table.readOnly !== true,
    Privileges: privilegesOf(table.name).map(({ right, name }) => ({
      CanBeBasic: true,
      CanBeDeep: true,
      CanBeGlobal: true,
      CanBeLocal: true,
      Name: name,
      PrivilegeId: metadataId(name),
      PrivilegeType: right,
    })),
    OwnershipType: table.byName.has("ownerid") ? "UserOwned" : "OrganizationOwned",
  };
}

function relationships(table: Table): readonly Json[] {
  return table.columns.flatMap((column) => {
    // ownerid points at `owner`, of which users and teams are kinds (facts §1.3).
    const targets =
      column.kind === "Owner"
        ? [{ table: "owner", navigation: column.name }]
        : (column.targets ?? []);
    return targets.map((target) => {
      const schemaName = `${table.name}_${column.name}_${target.table}`;
      return {
        MetadataId: metadataId(schemaName),
        SchemaName: schemaName,
        RelationshipType: "OneToManyRelationship",
        ReferencedAttribute: `${target.table}id`,
        ReferencedEntity: target.table,
        ReferencingAttribute: column.name,
        ReferencingEntity: table.name,
        ReferencedEntityNavigationPropertyName: schemaName,
        ReferencingEntityNavigationPropertyName: target.navigation,
      };
    });
  });
}

function typed(table: Table, column: ColumnDefinition): Json {
  return { "@odata.type": `#${prefix}${castOf(column)}`, ...describeColumn(table, column, true) };
}

function withExpands(
  shown: Json,
  parts: ReadonlyMap<string, unknown>,
  expands: readonly Expand[],
  type: string,
): Json {
  const added: Record<string, unknown> = {};
  for (const { name, options } of expands) {
    if (!parts.has(name))
      throw syntaxRefusal(`Could not find a property named '${name}' on type '${prefix}${type}'.`);
    const part = parts.get(name);
    added[name] =
      typeof part === "object" && part !== null
        ? selected(Object.fromEntries(Object.entries(part)), options.select, "OptionSetMetadata")
        : part;
  }
  return { ...shown, ...added };
}

/** Columns of a table as `Attributes` tells them. With a cast: those of its kind, with what it adds. */
function attributes(
  table: Table,
  cast: string | undefined,
  options: QueryOptions,
): readonly Json[] {
  const type = cast ?? "AttributeMetadata";
  return table.columns
    .filter((column) => cast === undefined || castOf(column) === cast)
    .flatMap((column) => {
      const whole = describeColumn(table, column, cast !== undefined);
      if (!passes(whole, options.filter, type)) return [];
      // Without $select the service tells each column in its own type.
      const shown =
        options.select === undefined && cast === undefined
          ? typed(table, column)
          : selected(whole, options.select, type);
      const parts = cast === undefined ? new Map<string, unknown>() : expandables(table, column);
      return [withExpands(shown, parts, options.expands, type)];
    });
}

function expandTable(table: Table, expand: Expand): unknown {
  const { name, options } = expand;
  if (name === "Attributes") return attributes(table, undefined, options);
  if (name === "ManyToOneRelationships") return manyToOne(table, options);
  if (name === "OneToManyRelationships" || name === "ManyToManyRelationships" || name === "Keys")
    return [];
  throw syntaxRefusal(
    `Could not find a property named '${name}' on type '${prefix}EntityMetadata'.`,
  );
}

function manyToOne(table: Table, options: QueryOptions): readonly Json[] {
  const type = "OneToManyRelationshipMetadata";
  return relationships(table)
    .filter((one) => passes(one, options.filter, type))
    .map((one) => selected(one, options.select, type));
}

function showTable(table: Table, at: number, options: QueryOptions): Json {
  const shown = selected(describeTable(table, at), options.select, "EntityMetadata");
  const expanded = options.expands.map(
    (expand) => [expand.name, expandTable(table, expand)] as const,
  );
  return { ...shown, ...Object.fromEntries(expanded) };
}

/** What `EntityDefinitions(LogicalName='x')` names. Throws Refusal (404 0x80060888-like) when there is no such table. */
function tableNamed(call: ApiCall, key: string): Table {
  const name = unquoted(namedKeys(key)?.get("LogicalName") ?? "");
  const found =
    call.org.schema.find(name) ??
    call.org.schema.tables.find((table) => metadataId(table.name) === key);
  if (found !== undefined) return found;
  throw new Refusal(
    problem(404, "0x80060888", `Could not find an entity with specified entity key: ${key}`),
  );
}

function attributePath(
  table: Table,
  first: Segment,
  rest: readonly Segment[],
  options: QueryOptions,
): unknown {
  const [castSegment] = rest;
  const cast =
    castSegment?.name.startsWith(prefix) === true
      ? castSegment.name.slice(prefix.length)
      : undefined;
  if (rest.length > 0 && (cast === undefined || rest.length > 1))
    throw notFound(rest[0]?.name ?? "");
  if (first.key === undefined) return { value: attributes(table, cast, options) };
  const name = unquoted(namedKeys(first.key)?.get("LogicalName") ?? "");
  const column = table.byName.get(name);
  if (column === undefined || (cast !== undefined && castOf(column) !== cast))
    throw new Refusal(
      problem(404, "0x80060888", `Could not find an attribute with specified name: ${name}`),
    );
  const type = cast ?? "AttributeMetadata";
  const whole =
    cast === undefined && options.select === undefined
      ? typed(table, column)
      : selected(describeColumn(table, column, cast !== undefined), options.select, type);
  return withExpands(
    whole,
    cast === undefined ? new Map() : expandables(table, column),
    options.expands,
    type,
  );
}

/** What the service answers for an address that names nothing (facts §1.3: 404 0x8006088a). */
export function notFound(name: string): Error {
  return new Refusal(problem(404, "0x8006088a", `Resource not found for the segment '${name}'.`));
}

/** GET EntityDefinitions and what is below (facts §1.10). */
export function describe(call: ApiCall, segments: readonly Segment[]): Answer {
  const [root, second, ...rest] = segments;
  const options = parseQuery(call.query);
  const context = { "@odata.context": `${apiRoot(call)}$metadata#EntityDefinitions` };
  const { tables } = call.org.schema;
  if (root?.key === undefined) {
    if (second !== undefined) throw notFound(second.name);
    const value = tables
      .filter((table, at) => passes(describeTable(table, at), options.filter, "EntityMetadata"))
      .map((table) => showTable(table, tables.indexOf(table), options));
    return { status: 200, body: { ...context, value } };
  }
  const table = tableNamed(call, root.key);
  if (second === undefined)
    return {
      status: 200,
      body: { ...context, ...showTable(table, tables.indexOf(table), options) },
    };
  if (second.name === "ManyToOneRelationships" && rest.length === 0)
    return { status: 200, body: { ...context, value: manyToOne(table, options) } };
  if (second.name !== "Attributes") throw notFound(second.name);
  const body = attributePath(table, second, rest, options);
  return { status: 200, body: Object.assign({ ...context }, body) };
}
