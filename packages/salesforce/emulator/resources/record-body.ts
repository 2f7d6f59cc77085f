import type { FieldDefinition } from "../schema/definition.ts";
import type { SObject } from "../schema/schema.ts";
import type { Row, Value } from "../store/table.ts";
import { valueOf } from "../store/table.ts";

const addressParts = [
  "street",
  "city",
  "state",
  "postalCode",
  "country",
  "latitude",
  "longitude",
  "geocodeAccuracy",
] as const;

/** The compound address of a row: null when every part is. */
function addressOf(row: Row, field: FieldDefinition): Readonly<Record<string, Value>> | null {
  const prefix = field.name.slice(0, -"Address".length);
  const address: Record<string, Value> = {};
  let filled = false;
  for (const part of addressParts) {
    const value = valueOf(row, prefix + part.charAt(0).toUpperCase() + part.slice(1));
    address[part] = value;
    filled ||= value !== null;
  }
  return filled ? address : null;
}

/** A field as the API shows it. */
export function shownValue(row: Row, field: FieldDefinition): unknown {
  return field.type === "address" ? addressOf(row, field) : valueOf(row, field.name);
}

/** The attributes that lead every record [R query-records]. */
export function attributesOf(
  sobject: SObject,
  id: string,
  version: string,
): Readonly<Record<string, string>> {
  return { type: sobject.name, url: `/services/data/${version}/sobjects/${sobject.name}/${id}` };
}

/** A record with the given fields, in their order; all fields when none are given. */
export function recordBody(
  row: Row,
  version: string,
  fields: readonly FieldDefinition[] = row.sobject.fields,
): Record<string, unknown> {
  const body: Record<string, unknown> = { attributes: attributesOf(row.sobject, row.id, version) };
  for (const field of fields) body[field.name] = shownValue(row, field);
  return body;
}
