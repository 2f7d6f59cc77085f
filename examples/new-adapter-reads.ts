// What agents may ask Cardbox: the second half of an adapter, where the first, new-adapter.ts, only writes.
import type * as core from "@wrapup/core";
import { call, type Cardbox, cardbox } from "./new-adapter.ts";

/** Cardbox that can also be searched. */
export const searchableCardbox = (of: Cardbox): core.CrmAdapter => {
  const adapter = cardbox(of);
  return {
    ...adapter,
    defaults: { ...adapter.defaults, searchOrder: ["person"] },
    reads: readsOf(of),
    usersOf: async (agents, { signal }) => {
      const emails = agents.map(({ email = "" }) => email.toLowerCase());
      const users = await call(of, path("/users", "email", emails.join(",")), signal);
      return emails.map((email) => {
        const [user, ...others] = users.filter((each) => each["email"] === email);
        // Two users of one email: nobody knows which, so neither.
        return user === undefined || others.length > 0 ? undefined : `${user["id"]}`;
      });
    },
  };
};

const readsOf = (of: Cardbox): core.Reads => ({
  describe: async (types, { signal }) => {
    if (!types.includes("activity")) return [];
    const fields = (await call(of, "/columns", signal)).map(fieldOf);
    return [{ name: "activity", label: "Activity", fields }];
  },
  search: async (query, { signal }) => {
    const asked = askedOf(query);
    if (asked === undefined || !query.types.includes("person")) return [];
    const people = await call(of, path("/people", ...asked), signal);
    return people.slice(0, query.limit).map(recordOf);
  },
  get: async (refs, { signal }) => {
    const ids = refs.map(({ id }) => id).join(",");
    const rows = await call(of, path("/people", "id", ids), signal);
    return refs.map(({ type, id }) => {
      const row = rows.find((each) => each["id"] === id);
      if (row === undefined) return undefined;
      const into = row["mergedInto"] ?? null;
      return into === null ? recordOf(row) : { movedTo: { type, id: `${into}` } };
    });
  },
  related: async () => [],
});

/** Encoded, so that no customer's text can change what is asked. */
const path = (of: string, name: string, value: string): string =>
  `${of}?${name}=${encodeURIComponent(value)}`;

/** The one parameter that Cardbox searches by. */
function askedOf(query: core.SearchQuery): [name: string, value: string] | undefined {
  if ("phone" in query) return ["phone", query.phone.digits];
  if ("email" in query) return ["email", query.email];
  if ("name" in query) return ["name", query.name];
  return "text" in query ? ["name", query.text] : undefined;
}

const recordOf = (row: core.Fields): core.CrmRecord => ({
  ref: { type: "person", id: `${row["id"]}` },
  title: `${row["name"]}`,
  url: `cardbox:person/${row["id"]}`,
  fields: row,
});

const fieldOf = (column: core.Fields): core.FieldDescription => ({
  name: `${column["name"]}`,
  label: `${column["label"]}`,
  kind: column["type"] === "number" ? "number" : column["type"] === "time" ? "dateTime" : "text",
  ...(typeof column["max"] === "number" && { length: column["max"] }),
  required: column["required"] === true,
  createable: true,
  updateable: true,
});
