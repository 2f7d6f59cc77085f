import type { Answer, ApiCall } from "../http/call.ts";
import type { Table } from "../schema/schema.ts";
import type { Row } from "../store/row.ts";
import { boundRow, rowByKey } from "../write/bind.ts";
import { readBody } from "../write/body.ts";
import { mergeRows } from "../write/merge.ts";
import { isObject } from "../write/parties.ts";
import { checkPrivilege } from "../write/privileges.ts";
import { qualify } from "../write/qualify.ts";
import { frozen, invalidArgument } from "../write/refusals.ts";
import { updateRow } from "../write/save.ts";
import { isClosed } from "../write/state.ts";
import { apiRoot, strike, writeContext } from "./rows.ts";

type Json = Readonly<Record<string, unknown>>;

/** The parameters of an action; others than the named ones are refused. */
function parameters(call: ApiCall, action: string, names: readonly string[]): Json {
  const body = call.body ?? {};
  if (!isObject(body))
    throw invalidArgument(`The parameters of ${action} must be an object.`, "0x80048d19");
  for (const name of Object.keys(body)) {
    if (!names.includes(name) && !name.startsWith("@"))
      throw invalidArgument(
        `The parameter '${name}' in the request payload is not a valid parameter for the operation '${action}'.`,
        "0x80048d19",
      );
  }
  return body;
}

/** A row that a parameter names by `@odata.type` and its primary key (facts §1.5). */
function entityIn(call: ApiCall, name: string, json: unknown): Row {
  const type = isObject(json) ? json["@odata.type"] : undefined;
  const table =
    typeof type === "string"
      ? call.org.schema.find(type.replace(/^#?Microsoft\.Dynamics\.CRM\./, ""))
      : undefined;
  const id = isObject(json) && table !== undefined ? json[table.primaryId] : undefined;
  if (table === undefined || typeof id !== "string")
    throw invalidArgument(`${name} needs @odata.type and its primary key.`, "0x80048d19");
  return rowByKey(call.org, table, id);
}

/** POST Merge {Target, Subordinate, UpdateContent, PerformParentingChecks} (facts §1.5). */
export function merge(call: ApiCall): Answer {
  const names = ["Target", "Subordinate", "UpdateContent", "PerformParentingChecks"];
  const given = parameters(call, "Merge", names);
  if (typeof given["PerformParentingChecks"] !== "boolean")
    throw invalidArgument("PerformParentingChecks is missing.", "0x80048d19");
  const winner = entityIn(call, "Target", given["Target"]);
  const loser = entityIn(call, "Subordinate", given["Subordinate"]);
  strike(call, winner.table.name);
  if (winner.table !== loser.table)
    throw invalidArgument("Target and Subordinate must be of one table.");
  const content = given["UpdateContent"];
  const update =
    content === undefined || content === null
      ? undefined
      : readBody(call.org, winner.table, content, "update", call.references);
  mergeRows(writeContext(call), winner.table.name, winner.id, loser.id, update);
  return { status: 204 };
}

/** POST CloseIncident {IncidentResolution: {subject, incidentid@odata.bind}, Status} (facts §1.4). */
export function closeIncident(call: ApiCall): Answer {
  strike(call, "incident");
  const given = parameters(call, "CloseIncident", ["IncidentResolution", "Status"]);
  const resolution = given["IncidentResolution"];
  if (!isObject(resolution)) throw invalidArgument("IncidentResolution is missing.", "0x80048d19");
  const { id } = boundRow(
    call.org,
    resolution["incidentid@odata.bind"],
    ["incident"],
    call.references,
  );
  const row = call.org.store.row("incident", id);
  const table = row?.table;
  if (row === undefined || table === undefined) throw invalidArgument("no incident");
  checkPrivilege(call.org, call.userId, "incident", "write");
  if (row.values.get("statecode") !== 0)
    throw invalidArgument("Already Closed or Canceled", "0x80044411");
  const status = given["Status"] === -1 ? 5 : given["Status"];
  if (typeof status !== "number") throw invalidArgument("Status is missing.", "0x80048d19");
  updateRow({ ...writeContext(call), writer: "person" }, row, {
    values: new Map<string, number>([
      ["statecode", 1],
      ["statuscode", status],
    ]),
  });
  return { status: 204 };
}

/** POST leads(id)/Microsoft.Dynamics.CRM.QualifyLead. */
export function qualifyLeadAction(call: ApiCall, table: Table, key: string): Answer {
  strike(call, table.name);
  const names = [
    "CreateAccount",
    "CreateContact",
    "CreateOpportunity",
    "Status",
    "OpportunityCurrencyId",
    "OpportunityCustomerId",
    "SourceCampaignId",
    "SuppressDuplicateDetection",
  ];
  const given = parameters(call, "QualifyLead", names);
  checkPrivilege(call.org, call.userId, table.name, "write");
  const lead = rowByKey(call.org, table, key);
  const made = qualify(writeContext(call), lead.id, {
    contact: given["CreateContact"] === true,
    account: given["CreateAccount"] === true,
    opportunity: given["CreateOpportunity"] === true,
  });
  const value = Object.entries(made).map(([name, id]) => {
    const type = name.slice(0, -"Id".length);
    return { "@odata.type": `#Microsoft.Dynamics.CRM.${type}`, [`${type}id`]: id };
  });
  return {
    status: 200,
    body: { "@odata.context": `${apiRoot(call)}$metadata#Collection(mscrm.crmbaseentity)`, value },
  };
}

/** POST emails(id)/Microsoft.Dynamics.CRM.SendEmail {IssueSend}: the email is completed, as sent (facts §1.4). */
export function sendEmail(call: ApiCall, table: Table, key: string): Answer {
  strike(call, table.name);
  const given = parameters(call, "SendEmail", ["IssueSend", "TrackingToken"]);
  if (typeof given["IssueSend"] !== "boolean")
    throw invalidArgument("IssueSend is missing.", "0x80048d19");
  checkPrivilege(call.org, call.userId, table.name, "write");
  const row = rowByKey(call.org, table, key);
  if (isClosed(row)) throw frozen();
  if (!row.parties.some(({ mask }) => mask === 1) || !row.parties.some(({ mask }) => mask !== 1))
    throw invalidArgument(
      "The e-mail must have a sender and at least one recipient.",
      "0x80040b00",
    );
  updateRow({ ...writeContext(call), writer: "person" }, row, {
    values: new Map<string, number>([
      ["statecode", 1],
      ["statuscode", 3],
    ]),
  });
  return {
    status: 200,
    body: {
      "@odata.context": `${apiRoot(call)}$metadata#Microsoft.Dynamics.CRM.SendEmailResponse`,
      Subject: row.values.get("subject") ?? "",
    },
  };
}
