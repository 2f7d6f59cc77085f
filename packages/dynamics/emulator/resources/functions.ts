import type { Answer, ApiCall } from "../http/call.ts";
import { namedKeys, syntaxRefusal, unquoted } from "../http/path.ts";
import { preferencesOf } from "../http/prefer.ts";
import { parseQuery } from "../query/options.ts";
import { buildProjector } from "../query/project.ts";
import type { Value } from "../store/row.ts";
import { isReference } from "../store/row.ts";
import { readBody } from "../write/body.ts";
import { duplicatesOf } from "../write/duplicates.ts";
import { isObject } from "../write/parties.ts";
import { checkPrivilege, isHeld, privilegesOf } from "../write/privileges.ts";
import { invalidArgument } from "../write/refusals.ts";
import { metadataId } from "./describe-column.ts";
import { apiRoot, strike } from "./rows.ts";

/** WhoAmI(): who the API acts as (facts §1.10). */
export function whoAmI(call: ApiCall): Answer {
  const { org, userId } = call;
  const unit = org.store.row("systemuser", userId)?.values.get("businessunitid");
  const [first] = org.store.live("businessunit").keys();
  return {
    status: 200,
    body: {
      "@odata.context": `${apiRoot(call)}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`,
      BusinessUnitId: isReference(unit) ? unit.id : (first ?? org.organizationId),
      UserId: userId,
      OrganizationId: org.organizationId,
    },
  };
}

/** The parameters of a function; each is a literal or an alias such as @p1, whose value stands in the query. */
function functionParameters(call: ApiCall, key: string | undefined): ReadonlyMap<string, string> {
  const { aliases } = parseQuery(call.query);
  const given = new Map<string, string>();
  const source = (key ?? "").replaceAll(/=\s*(@\w+)/g, "='$1'");
  for (const [name, literal] of namedKeys(source) ?? []) {
    const value = unquoted(literal);
    const aliased = value.startsWith("@") ? aliases.get(value) : literal;
    if (aliased === undefined)
      throw syntaxRefusal(`Missing alias ${value} for the parameter '${name}'.`);
    given.set(name, aliased);
  }
  return given;
}

function parsed(name: string, source: string | undefined): unknown {
  try {
    return JSON.parse(source ?? "");
  } catch {
    throw syntaxRefusal(`The parameter '${name}' is no JSON.`);
  }
}

/** RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3): what the published rules find (facts §1.5, D14). */
export function retrieveDuplicates(call: ApiCall, key: string | undefined): Answer {
  const { org } = call;
  const given = functionParameters(call, key);
  for (const name of ["BusinessEntity", "MatchingEntityName", "PagingInfo"]) {
    if (!given.has(name)) throw invalidArgument(`RetrieveDuplicates needs ${name}.`, "0x80048d19");
  }
  const matching = org.schema.find(unquoted(given.get("MatchingEntityName") ?? ""));
  const entity = parsed("BusinessEntity", given.get("BusinessEntity"));
  const type = isObject(entity) ? entity["@odata.type"] : undefined;
  const table =
    typeof type === "string"
      ? org.schema.find(type.replace(/^#?Microsoft\.Dynamics\.CRM\./, ""))
      : undefined;
  if (matching === undefined || table === undefined)
    throw invalidArgument(
      "RetrieveDuplicates needs a known @odata.type and MatchingEntityName.",
      "0x80048d19",
    );
  strike(call, matching.name);
  checkPrivilege(org, call.userId, matching.name, "read");
  const paging = parsed("PagingInfo", given.get("PagingInfo"));
  const count = isObject(paging) && typeof paging["Count"] === "number" ? paging["Count"] : 5000;
  const body = readBody(org, table, entity, "create", call.references);
  const values = new Map<string, Value>();
  for (const [name, value] of body.values) if (value !== null) values.set(name, value);
  // A rule compares a lead with a contact too in Dataverse; here rules have one table.
  const rows = table === matching ? duplicatesOf(org, matching.name, values, body.id) : [];
  const { annotated } = preferencesOf(call.headers["prefer"]);
  const project = buildProjector(org, matching, parseQuery(call.query), annotated);
  return {
    status: 200,
    body: {
      "@odata.context": `${apiRoot(call)}$metadata#${matching.entitySet}`,
      value: rows.slice(0, count).map((row) => ({
        "@odata.type": `#Microsoft.Dynamics.CRM.${matching.name}`,
        ...project(row),
      })),
    },
  };
}

/**
 * RetrieveUserPrivileges(), bound to a user: what its roles allow (Web API function reference). Everybody is asked about the same roles
 * here: those of the application user.
 */
export function retrieveUserPrivileges(call: ApiCall): Answer {
  const { org } = call;
  const [unit] = org.store.live("businessunit").keys();
  const held = org.schema.tables.flatMap((table) =>
    privilegesOf(table.name)
      .filter(({ right }) => isHeld(org, table.name, right))
      .map(({ name }) => ({
        Depth: "Global",
        PrivilegeId: metadataId(name),
        BusinessUnitId: unit ?? org.organizationId,
        PrivilegeName: name,
      })),
  );
  return {
    status: 200,
    body: {
      "@odata.context": `${apiRoot(call)}$metadata#Microsoft.Dynamics.CRM.RetrieveUserPrivilegesResponse`,
      RolePrivileges: held,
    },
  };
}
