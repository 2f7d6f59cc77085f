import type { Answer, ApiCall } from "../http/call.ts";
import type { Segment } from "../http/path.ts";
import type { Table } from "../schema/schema.ts";
import { boundRow, rowByKey } from "../write/bind.ts";
import { isObject } from "../write/parties.ts";
import { payloadRefusal } from "../write/refusals.ts";
import { queryTable } from "./collection.ts";
import { apiRoot, patchRow } from "./rows.ts";

/** Rows that point at a row, under the name of their relationship. `navigation`: the child's own name for the way back. */
type Children = { readonly table: string; readonly navigation: string };

const regarding: readonly (readonly [string, string])[] = [
  ["Tasks", "task"],
  ["Phonecalls", "phonecall"],
  ["Emails", "email"],
];

/** The relationships of the tables here that public metadata names. */
function childrenOf(table: Table, name: string): Children | undefined {
  if (table.name === "account" && name === "contact_customer_accounts")
    return { table: "contact", navigation: "parentcustomerid_account" };
  const capital = table.name.charAt(0).toUpperCase() + table.name.slice(1);
  const found = regarding.find(([plural]) => name === `${capital}_${plural}`);
  if (found === undefined) return undefined;
  return { table: found[1], navigation: `regardingobjectid_${table.name}_${found[1]}` };
}

/** Changes one row that is there already; the answer names none (facts §1.3, D4). */
function change(call: ApiCall, table: Table, key: string, body: unknown): Answer {
  const headers = { ...call.headers, prefer: "", "if-match": call.headers["if-match"] ?? "*" };
  patchRow({ ...call, headers, body, query: "" }, table, key);
  return { status: 204 };
}

function linkedAddress(call: ApiCall, table: Table): string {
  const address = isObject(call.body) ? call.body["@odata.id"] : undefined;
  if (typeof address !== "string")
    throw payloadRefusal(table, "A reference is sent as { '@odata.id': … }.");
  return address;
}

function single(call: ApiCall, table: Table, key: string, name: string): Answer | undefined {
  const bind = `${name}@odata.bind`;
  if (call.method === "PUT")
    return change(call, table, key, { [bind]: linkedAddress(call, table) });
  return call.method === "DELETE" ? change(call, table, key, { [bind]: null }) : undefined;
}

/** `POST …/children/$ref` and `DELETE …/children(id)/$ref`: it is the child that is written. */
function collection(
  call: ApiCall,
  table: Table,
  key: string,
  { name, key: childKey }: Segment,
): Answer | undefined {
  const children = childrenOf(table, name);
  const child = children && call.org.schema.find(children.table);
  if (children === undefined || child === undefined) return undefined;
  const bind = `${children.navigation}@odata.bind`;
  const parent = `${table.entitySet}(${rowByKey(call.org, table, key).id})`;
  if (call.method === "POST" && childKey === undefined) {
    const address = linkedAddress(call, child);
    const { id } = boundRow(call.org, address, [child.name], call.references);
    return change(call, child, id, { [bind]: parent });
  }
  if (call.method !== "DELETE" || childKey === undefined) return undefined;
  return change(call, child, childKey, { [bind]: null });
}

/** One column by itself: read, set with `{"value": …}`, cleared. */
function property(call: ApiCall, table: Table, key: string, name: string): Answer | undefined {
  if (call.method === "DELETE") return change(call, table, key, { [name]: null });
  if (call.method === "PUT") {
    if (!isObject(call.body) || !("value" in call.body))
      throw payloadRefusal(table, "A column is sent as { value: … }.");
    return change(call, table, key, { [name]: call.body["value"] });
  }
  if (call.method !== "GET") return undefined;
  const value = rowByKey(call.org, table, key).values.get(name);
  if (value === undefined) return { status: 204 };
  const context = `${apiRoot(call)}$metadata#${table.entitySet}(${key})/${name}`;
  return { status: 200, body: { "@odata.context": context, value } };
}

const isFilter = (part: string): boolean => /^(?:\$|%24)filter=/i.test(part);

/** The related rows as a query of their own table. */
function related(call: ApiCall, table: Table, key: string, name: string): Answer | undefined {
  const children = childrenOf(table, name);
  const child = children && call.org.schema.find(children.table);
  const column = child?.navigation.get(children?.navigation ?? "")?.[0]?.column.name;
  if (child === undefined || column === undefined || call.method !== "GET") return undefined;
  const own = `_${column}_value eq ${rowByKey(call.org, table, key).id}`;
  const options = call.query.split("&").filter((part) => part !== "");
  const asked = options.find(isFilter);
  const filter =
    asked === undefined
      ? encodeURIComponent(own)
      : `(${asked.slice(asked.indexOf("=") + 1)})%20and%20${encodeURIComponent(own)}`;
  const rest = options.filter((part) => !isFilter(part));
  const query = [...rest, `$filter=${filter}`].join("&");
  return queryTable({ ...call, path: child.entitySet, query }, child);
}

/** The number of rows as plain text, at most 5,000 (facts §1.9). */
function count(call: ApiCall, table: Table): Answer {
  const query = [...call.query.split("&"), "$count=true"].filter((part) => part !== "").join("&");
  const { body } = queryTable({ ...call, query }, table);
  const number = isObject(body) ? body["@odata.count"] : 0;
  return { status: 200, headers: { "Content-Type": "text/plain" }, body: String(number) };
}

/**
 * What stands behind a collection or a row besides parties and actions: `$count`, one column, the rows of a relationship, and `$ref`.
 * Undefined when the address is none of these.
 */
export function serveLinks(
  call: ApiCall,
  table: Table,
  segments: readonly Segment[],
): Answer | undefined {
  const [first, second, third, ...rest] = segments;
  if (first === undefined || second === undefined || rest.length > 0) return undefined;
  if (first.key === undefined)
    return second.name === "$count" && third === undefined && call.method === "GET"
      ? count(call, table)
      : undefined;
  const { key } = first;
  if (third?.name === "$ref")
    return table.navigation.has(second.name)
      ? single(call, table, key, second.name)
      : collection(call, table, key, second);
  if (third !== undefined) return undefined;
  if (table.byName.has(second.name)) return property(call, table, key, second.name);
  return related(call, table, key, second.name);
}
