import type { Answer } from "../http/call.ts";
import { problem, Refusal } from "../problem.ts";
import { Directory } from "./directory.ts";
import type { DirectoryUser } from "./directory.ts";
import { readOptions, readSelect, readTop, readUsersFilter } from "./odata.ts";
import type { UserClause } from "./odata.ts";

/** What there is of a user; the second list is answered only when it is asked for [user resource]. */
const usual = ["id", "displayName", "mail", "userPrincipalName"];
const known = [...usual, "accountEnabled", "proxyAddresses"];

/** [facts §3; wording of the directory service] */
export const noUser = (key: string): Refusal =>
  new Refusal(
    problem(
      404,
      "Request_ResourceNotFound",
      `Resource '${key}' does not exist or one of its queried reference-property objects are not present.`,
    ),
  );

const shown = (
  user: DirectoryUser,
  names: readonly string[] | undefined,
): Record<string, unknown> => {
  const all: Readonly<Record<string, unknown>> = {
    id: user.id,
    displayName: user.displayName,
    mail: user.mail,
    userPrincipalName: user.userPrincipalName,
    accountEnabled: user.accountEnabled,
    proxyAddresses: Directory.proxyAddresses(user),
  };
  return Object.fromEntries((names ?? usual).map((name) => [name, all[name]]));
};

/** `/users/{id | userPrincipalName}`. */
export function getUser(directory: Directory, key: string, query: string): Answer {
  const names = readSelect(readOptions(query, ["$select"]).get("$select"), known, "user");
  const user = directory.find(key);
  if (user === undefined) throw noUser(key);
  return {
    status: 200,
    body: { "@odata.context": "…/$metadata#users/$entity", ...shown(user, names) },
  };
}

/** Directory values are compared without case. */
function fits(user: DirectoryUser, { property, value }: UserClause): boolean {
  const wanted = value.toLowerCase();
  if (property === "proxyAddresses")
    return Directory.proxyAddresses(user).some((address) => address.toLowerCase() === wanted);
  return (user[property] ?? "").toLowerCase() === wanted;
}

/** `/users?$filter=…`: pages of 100. */
export function listUsers(directory: Directory, query: string): Answer {
  const options = readOptions(query, ["$select", "$filter", "$top"]);
  const names = readSelect(options.get("$select"), known, "user");
  const filter = options.get("$filter");
  const clauses = filter === undefined ? undefined : readUsersFilter(filter);
  const found = directory
    .all()
    .filter((user) => clauses === undefined || clauses.some((clause) => fits(user, clause)))
    .slice(0, readTop(options.get("$top"), 999) ?? 100);
  return {
    status: 200,
    body: { "@odata.context": "…/$metadata#users", value: found.map((user) => shown(user, names)) },
  };
}
