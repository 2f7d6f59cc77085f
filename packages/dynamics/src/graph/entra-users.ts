import type { Clock, Context } from "@wrapup/core";
import { z } from "zod";
import { listOf } from "../http.ts";
import type { GraphClient } from "./client.ts";
import { crmErrorOf } from "./errors.ts";
import { unexpected } from "./mailbox.ts";

/** Entra's users, as far as agents are looked up among them. */
export type EntraUsers = {
  /** The one active user that has each value (an email address, a principal name or an object id), by that value as it was given. Throws `CrmError`. */
  readonly find: (
    values: readonly string[],
    context: Context,
  ) => Promise<ReadonlyMap<string, string | undefined>>;
};

/** Most comparisons in one filter: 15 (known issues of Graph), and each value takes three. */
const valuesAtOnce = 5;
/** Longer values cannot be compared (known issues of Graph). `smtp:` stands before an address. */
const longestValue = 120 - "smtp:".length;

const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Whether a value is an Entra object id by its form. */
export const isObjectId = (value: string): boolean => guid.test(value);

const keyOf = (value: string): string => value.trim().toLowerCase();

/** Half a character cannot be sent in an address at all. */
const literal = (text: string): string => `'${text.toWellFormed().replaceAll("'", "''")}'`;

const clausesOf = (value: string): readonly string[] =>
  isObjectId(value)
    ? [`id eq ${literal(value)}`]
    : [
        `mail eq ${literal(value)}`,
        `userPrincipalName eq ${literal(value)}`,
        `proxyAddresses/any(a:a eq ${literal(`smtp:${value}`)})`,
      ];

/** The address of a query for users; customer text cannot leave its literal, and agents' emails neither (O5). Pure. */
export const usersPath = (values: readonly string[]): string => {
  const filter = values.flatMap(clausesOf).join(" or ");
  return `users?$filter=${encodeURIComponent(filter)}&$select=id,mail,userPrincipalName,accountEnabled,proxyAddresses&$top=100`;
};

const userSchema = z.object({
  id: z.string().regex(guid),
  mail: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  proxyAddresses: listOf(z.string(), 1_000).nullish(),
});
const listSchema = z.object({ value: listOf(userSchema, 1_000) });
type User = z.infer<typeof userSchema>;

const namesOf = (user: User): ReadonlySet<string> =>
  new Set(
    [
      user.id,
      user.mail ?? "",
      user.userPrincipalName ?? "",
      ...(user.proxyAddresses ?? []).map((address) => address.replace(/^smtp:/i, "")),
    ].map(keyOf),
  );

type Kept = { readonly id: string | undefined; readonly until: number };

const hour = 60 * 60_000;
/** Who was not found may be added any minute; asking about them each time would cost a call per agent and mail. */
const absentMs = 5 * 60_000;
const mostKept = 20_000;

/** Looks users up, each at most once an hour; who is not found, once in five minutes. */
export const createEntraUsers = (client: GraphClient, clock: Clock): EntraUsers => {
  const kept = new Map<string, Kept>();

  const ask = async (values: readonly string[], context: Context): Promise<void> => {
    const reply = await client.ask({ method: "GET", path: usersPath(values) }, context);
    if (reply.status >= 300) throw crmErrorOf(reply);
    const read = listSchema.safeParse(reply.body);
    if (!read.success) throw unexpected("a list of users without ids");
    if (kept.size > mostKept) kept.clear();
    for (const value of values) {
      const active = read.data.value.filter(
        (user) => user.accountEnabled !== false && namesOf(user).has(value),
      );
      const [only, ...more] = active;
      const id = more.length === 0 ? only?.id.toLowerCase() : undefined;
      kept.set(value, { id, until: clock.now() + (id === undefined ? absentMs : hour) });
    }
  };

  return {
    find: async (values, context) => {
      const now = clock.now();
      const wanted = [...new Set(values.map(keyOf))].filter(
        (value) =>
          value !== "" && value.length <= longestValue && (kept.get(value)?.until ?? 0) <= now,
      );
      for (let n = 0; n < wanted.length; n += valuesAtOnce)
        await ask(wanted.slice(n, n + valuesAtOnce), context);
      return new Map(values.map((value) => [value, kept.get(keyOf(value))?.id]));
    },
  };
};
