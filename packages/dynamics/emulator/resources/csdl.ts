import type { ApiCall, Answer } from "../http/call.ts";
import type { Table } from "../schema/schema.ts";
import { edmType } from "../write/values.ts";

function entityType(table: Table): string {
  const properties = [...table.byProperty].map(
    ([name, column]) => `<Property Name="${name}" Type="${edmType(column)}" />`,
  );
  const navigations = [...table.navigation.values()].flatMap(([first, second]) =>
    first === undefined
      ? []
      : [
          `<NavigationProperty Name="${first.name}" Type="mscrm.${second === undefined ? first.target : "principal"}" />`,
        ],
  );
  const parties =
    table.partiesName === undefined
      ? ""
      : `<NavigationProperty Name="${table.partiesName}" Type="Collection(mscrm.activityparty)" />`;
  return `<EntityType Name="${table.name}"><Key><PropertyRef Name="${table.primaryId}" /></Key>${properties.join("")}${navigations.join("")}${parties}</EntityType>`;
}

/** GET $metadata: a CSDL document of what is emulated. Its body is text, which the server sends as application/xml. */
export function csdl(call: ApiCall): Answer {
  const { tables } = call.org.schema;
  const sets = tables.map(
    (table) => `<EntitySet Name="${table.entitySet}" EntityType="mscrm.${table.name}" />`,
  );
  const principal = `<EntityType Name="principal"><Key><PropertyRef Name="ownerid" /></Key><Property Name="ownerid" Type="Edm.Guid" /></EntityType>`;
  const body = `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices><Schema Namespace="mscrm" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">${principal}${tables.map(entityType).join("")}<EntityContainer Name="System">${sets.join("")}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`;
  return { status: 200, headers: { "Content-Type": "application/xml" }, body };
}
