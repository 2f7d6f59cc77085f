import type { Agent, Context } from "@wrapup/core";
import type { Client } from "./client.ts";
import { activeUsers, fitting, isRecordId, mostOfEmail } from "./query.ts";
import { idAt, queryRows, shortId, textAt } from "./rows.ts";

const isUserId = (id: string): boolean => id.startsWith("005") && isRecordId(id);

/** As it is compared; `undefined` for what cannot be anybody's. */
const emailOf = ({ email }: Agent): string | undefined => {
  const text = email?.trim().toLowerCase() ?? "";
  return text === "" || text.length > mostOfEmail ? undefined : text;
};

/** Values asked in one query: at most one page of users comes back. */
const valuesAtOnce = 200;

const rowsBy = async (
  client: Client,
  by: "Email" | "Id",
  values: readonly string[],
  context: Context,
) => {
  const groups = fitting([...new Set(values)]).flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / valuesAtOnce) }, (_, n) =>
      group.slice(n * valuesAtOnce, (n + 1) * valuesAtOnce),
    ),
  );
  const rows = [];
  for (const group of groups)
    rows.push(...(await queryRows(client, activeUsers(by, group), context)));
  return rows;
};

/**
 * The one active user of each agent (W10): by Salesforce user id where the agent's id is one, else by email, which must belong to
 * exactly one active user. Throws `CrmError`.
 */
export const usersOf = async (
  client: Client,
  agents: readonly Agent[],
  context: Context,
): Promise<readonly (string | undefined)[]> => {
  const ids = agents.map((agent) => agent.id).filter(isUserId);
  const emails = agents.flatMap((agent) => (isUserId(agent.id) ? [] : (emailOf(agent) ?? [])));
  const byId = new Map<string, string>();
  for (const row of await rowsBy(client, "Id", ids, context)) {
    const id = idAt(row);
    if (id !== undefined) byId.set(shortId(id), id);
  }
  const byEmail = Map.groupBy(
    await rowsBy(client, "Email", emails, context),
    (row) => textAt(row, "Email")?.toLowerCase() ?? "",
  );
  return agents.map((agent) => {
    if (isUserId(agent.id)) return byId.get(shortId(agent.id));
    const email = emailOf(agent);
    const found = email === undefined ? [] : (byEmail.get(email) ?? []);
    const [only] = found;
    return found.length === 1 && only !== undefined ? idAt(only) : undefined;
  });
};
