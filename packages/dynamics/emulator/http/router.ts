import { problem, Refusal } from "../problem.ts";
import { closeIncident, merge, qualifyLeadAction, sendEmail } from "../resources/actions.ts";
import { getParties, putParties } from "../resources/activity-parties.ts";
import { queryTable } from "../resources/collection.ts";
import { csdl } from "../resources/csdl.ts";
import { retrieveDuplicates, retrieveUserPrivileges, whoAmI } from "../resources/functions.ts";
import { describe, notFound } from "../resources/metadata.ts";
import { serveLinks } from "../resources/links.ts";
import { createRow, deleteRow, getRow, patchRow } from "../resources/rows.ts";
import type { Table } from "../schema/schema.ts";
import type { Answer, ApiCall } from "./call.ts";
import type { Segment } from "./path.ts";
import { parsePath } from "./path.ts";

function notAllowed(call: ApiCall): Error {
  return new Refusal(
    problem(
      405,
      "0x80060888",
      `The requested resource does not support http method '${call.method}'.`,
    ),
  );
}

function only(call: ApiCall, method: string, serve: () => Answer): Answer {
  if (call.method !== method) throw notAllowed(call);
  return serve();
}

/** [D9] A function that is not read is not there. */
function read(call: ApiCall, serve: () => Answer): Answer {
  if (call.method === "GET") return serve();
  const address = `${call.org.url}/api/data/v9.2/${call.path}`;
  throw new Refusal(
    problem(404, "", `No HTTP resource was found that matches the request URI '${address}'.`),
  );
}

/** Functions, actions and metadata, which stand beside the tables. */
function unbound(call: ApiCall, segments: readonly Segment[]): Answer | undefined {
  const [first] = segments;
  if (first?.name === "EntityDefinitions") return only(call, "GET", () => describe(call, segments));
  if (first === undefined || segments.length > 1) return undefined;
  if (first.name === "WhoAmI") return read(call, () => whoAmI(call));
  if (first.name === "$metadata") return only(call, "GET", () => csdl(call));
  if (first.name === "RetrieveDuplicates")
    return read(call, () => retrieveDuplicates(call, first.key));
  if (first.name === "Merge") return only(call, "POST", () => merge(call));
  if (first.name === "CloseIncident") return only(call, "POST", () => closeIncident(call));
  return undefined;
}

function onRow(call: ApiCall, table: Table, key: string): Answer {
  if (call.method === "GET") return getRow(call, table, key);
  if (call.method === "PATCH") return patchRow(call, table, key);
  if (call.method === "DELETE") return deleteRow(call, table, key);
  throw notAllowed(call);
}

/** What stands behind a row: its parties, and the actions bound to its table. */
function behindRow(call: ApiCall, table: Table, key: string, name: string): Answer {
  if (name === table.partiesName) {
    if (call.method === "GET") return getParties(call, table, key);
    return only(call, "PUT", () => putParties(call, table, key));
  }
  const bound = `${table.name}/${name.replace(/^Microsoft\.Dynamics\.CRM\./, "")}`;
  if (bound === "systemuser/RetrieveUserPrivileges")
    return only(call, "GET", () => retrieveUserPrivileges(call));
  if (bound === "lead/QualifyLead")
    return only(call, "POST", () => qualifyLeadAction(call, table, key));
  if (bound === "email/SendEmail") return only(call, "POST", () => sendEmail(call, table, key));
  throw notFound(name);
}

/**
 * Carries out one operation below `/api/data/v9.2/`. Throws `Refusal` for what Dataverse refuses; whoever serves it rolls `call.undo`
 * back. The only answer whose body is no JSON but text is `$metadata`, with its own Content-Type.
 */
export function serve(call: ApiCall): Answer {
  const segments = parsePath(call.path);
  const answer = unbound(call, segments);
  if (answer !== undefined) return answer;
  const [first, second, ...rest] = segments;
  const table = first === undefined ? undefined : call.org.schema.bySet(first.name);
  const linked = table === undefined ? undefined : serveLinks(call, table, segments);
  if (linked !== undefined) return linked;
  if (first === undefined || table === undefined || rest.length > 0)
    throw notFound(first?.name ?? "");
  if (first.key === undefined) {
    if (second !== undefined) throw notFound(second.name);
    if (call.method === "GET") return queryTable(call, table);
    return only(call, "POST", () => createRow(call, table));
  }
  return second === undefined
    ? onRow(call, table, first.key)
    : behindRow(call, table, first.key, second.name);
}
