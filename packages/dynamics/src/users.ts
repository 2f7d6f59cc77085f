import type { Agent, Context } from "@wrapup/core";
import type { Client } from "./client.ts";
import type { EntraDirectory } from "./graph/directory.ts";
import { anyOf, equals, isGuid, oneOf, rowsWhere, userByEntraId } from "./query.ts";
import type { Condition } from "./query.ts";
import { idAt, queryRows, textAt } from "./rows.ts";
import type { VendorRow } from "./rows.ts";

/** Who email addresses belong to in Entra. */
export type Entra = Pick<EntraDirectory, "objectIdsOf">;

/** The set's key is named otherwise in metadata; rows are addressed by this one (facts §1.2). */
const users = { entitySet: "systemusers", primaryId: "systemuserid" };
const emailNames = ["internalemailaddress", "domainname"];
const idNames = ["systemuserid", "azureactivedirectoryobjectid"];

/** No email that can be delivered is longer (RFC 5321), and no column keeps more. */
const mostOfEmail = 254;

/** As it is compared; `undefined` for what cannot be anybody's. */
const emailOf = ({ email }: Agent): string | undefined => {
  const text = email?.trim().toLowerCase() ?? "";
  return text === "" || text.length > mostOfEmail ? undefined : text;
};

/** An id that may be one of Dataverse or Entra, as it is compared; "" for others. */
const idOf = ({ id }: Agent): string => (isGuid(id) ? id.toLowerCase() : "");

/** Agents asked for in one query: at most one page of users comes back, and the address stays well below its limit. */
const atOnce = 50;
/** Single look-ups at once, well below what the service lets one app do. */
const looksAtOnce = 8;

const parts = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) =>
    all.slice(n * size, (n + 1) * size),
  );

/** What one kind of look-up found: every active user, by the value that named them, in lower case. */
type Found = ReadonlyMap<string, ReadonlySet<string>>;

const activeUsers = async (
  client: Client,
  values: readonly string[],
  columns: readonly string[],
  where: (column: string, values: readonly string[]) => Condition,
  context: Context,
): Promise<Found> => {
  const found = new Map<string, Set<string>>();
  for (const part of parts([...new Set(values)], atOnce)) {
    const path = rowsWhere(users, [...columns, "isdisabled"], {
      where: anyOf(columns.map((column) => where(column, part))),
    });
    for (const row of await queryRows(client, path, context))
      for (const column of columns) {
        const value = textAt(row, column)?.trim().toLowerCase();
        const id = activeId(row);
        if (id !== undefined && value !== undefined)
          found.set(value, (found.get(value) ?? new Set()).add(id));
      }
  }
  return found;
};

const activeId = (row: VendorRow): string | undefined =>
  row["isdisabled"] === true ? undefined : idAt(row, "systemuserid");

const only = (ids: ReadonlySet<string> | undefined): string | undefined => {
  const [first, ...more] = ids ?? [];
  return more.length === 0 ? first : undefined;
};

/**
 * One GET by the built-in alternate key: it makes a member of a group that the environment knows a user on demand (facts §1.2).
 * However it is refused, there is no such user.
 */
const onDemand = async (
  client: Client,
  entraId: string,
  context: Context,
): Promise<string | undefined> => {
  const { status, body } = await client.ask(
    { method: "GET", path: userByEntraId(entraId) },
    context,
  );
  return status < 300 && typeof body === "object" && body !== null
    ? activeId({ ...body })
    : undefined;
};

/** Does something for each, a few at a time, and keeps what it answers. */
const eachOf = async (
  keys: readonly string[],
  ask: (key: string) => Promise<string | undefined>,
): Promise<ReadonlyMap<string, string>> => {
  const answers = new Map<string, string>();
  for (const part of parts([...new Set(keys)], looksAtOnce))
    await Promise.all(
      part.map(async (key) => {
        const answer = await ask(key);
        if (answer !== undefined) answers.set(key, answer);
      }),
    );
  return answers;
};

/** A list cannot hold every character of an address. */
const equalsOneOf = (column: string, values: readonly string[]): Condition =>
  anyOf(values.map((value) => equals(column, value)));

/** Agents whose email no user has, by email: who they are in Entra, and then who that is here. */
const throughEntra = async (
  client: Client,
  entra: Entra,
  emails: readonly string[],
  context: Context,
): Promise<ReadonlyMap<string, string>> => {
  const inEntra = new Map<string, string>();
  for (const [email, id] of await entra.objectIdsOf([...new Set(emails)], context))
    if (id !== undefined && isGuid(id)) inEntra.set(email, id.toLowerCase());
  const rows = await activeUsers(client, [...inEntra.values()], idNames, oneOf, context);
  return eachOf([...inEntra.keys()], async (email) => {
    const id = inEntra.get(email) ?? "";
    return only(rows.get(id)) ?? onDemand(client, id, context);
  });
};

/**
 * The one active user of each agent (W10). By id where the agent's id is one, Dataverse's own or Entra's; platforms have ids of the
 * same form, so an id that nobody has leaves the email: it must belong to exactly one active user, or, where Entra may be asked, to
 * one person there. Throws `CrmError`.
 */
export const usersOf = async (
  client: Client,
  entra: Entra | undefined,
  agents: readonly Agent[],
  context: Context,
): Promise<readonly (string | undefined)[]> => {
  const ids = agents.map(idOf).filter((id) => id !== "");
  const named = await activeUsers(client, ids, idNames, oneOf, context);
  const byEmail = agents.filter((agent) => !named.has(idOf(agent)));
  const emails = byEmail.flatMap((agent) => emailOf(agent) ?? []);
  const mailed = await activeUsers(client, emails, emailNames, equalsOneOf, context);
  const unknown = byEmail.filter((agent) => !mailed.has(emailOf(agent) ?? ""));
  const made = await eachOf(
    unknown.map(idOf).filter((id) => id !== ""),
    (id) => onDemand(client, id, context),
  );
  const asked = unknown.filter((agent) => !made.has(idOf(agent)));
  const found =
    entra === undefined
      ? new Map<string, string>()
      : await throughEntra(
          client,
          entra,
          asked.flatMap((agent) => emailOf(agent) ?? []),
          context,
        );
  return agents.map((agent) => {
    const [id, email] = [idOf(agent), emailOf(agent) ?? ""];
    if (named.has(id)) return only(named.get(id));
    if (mailed.has(email)) return only(mailed.get(email));
    return made.get(id) ?? found.get(email);
  });
};
