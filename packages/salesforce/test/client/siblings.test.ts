import type { Answer, Entry, Write } from "@wrapup/core";
import { CrmError, systemClock } from "@wrapup/core";
import { expect, test } from "vitest";
import type { Client, Request } from "../../src/client.ts";
import type { Describes, VendorType } from "../../src/describe.ts";
import { whereNow } from "../../src/moved.ts";
import { checkOptions } from "../../src/options.ts";
import { createPush } from "../../src/push.ts";
import { createWaiting } from "../../src/waiting.ts";
import { activity, amend, put, retract } from "./org.ts";
import { quiet, tokenOptions } from "./vendor.ts";

const id = (n: number): string => `00Txx${String(n).padStart(10, "0")}`;
const person = { type: "Contact", id: "003xx0000000001" };

/** A CRM whose collections and queries answer by these functions. */
const crm = (
  collection: (records: number) => unknown,
  query: (soql: string) => readonly unknown[],
): Client => ({
  ask: async (request: Request) => {
    const { records } = (request.body ?? { records: [1] }) as {
      readonly records: readonly unknown[];
    };
    return { status: 200, body: collection(records.length), retryAfterMs: undefined };
  },
  send: async ({ path }) => ({
    done: true,
    records: query(decodeURIComponent(path.split("?q=")[1] ?? "")),
  }),
  instanceUrl: () => undefined,
  userId: () => undefined,
  close: () => undefined,
});

const field = (name: string) => ({
  name,
  label: name,
  type: "string",
  length: 255,
  nillable: true,
  createable: true,
  updateable: true,
  defaultedOnCreate: false,
  filterable: true,
  nameField: false,
  externalId: name.endsWith("__c"),
  unique: false,
  caseSensitive: false,
  restrictedPicklist: false,
  referenceTo: [],
  picklistValues: [],
});

const task: VendorType = {
  name: "Task",
  label: "Task",
  createable: true,
  updateable: true,
  deletable: true,
  fields: [field("Subject"), field("Wrapup_Key__c")],
};

const pushTo = (client: Client, of: Describes["of"] = async () => task) => {
  const settings = checkOptions(tokenOptions());
  const at = { client, waiting: createWaiting(systemClock), urlOf: () => undefined };
  const push = createPush(settings, { of, forget: () => undefined }, at);
  return (...writes: readonly Write[]): Promise<readonly Answer[]> => push(writes, quiet());
};

const made = (n: number) => ({ success: true, created: true, id: id(n) });
const refused = (statusCode: string) => ({
  success: false,
  errors: [{ statusCode, message: "", fields: [] }],
});
const linked = (n: number, more: Partial<Entry> = {}): Entry =>
  activity(n, { fields: { Subject: "x" }, roles: { who: [person] }, ...more });

const bug = (): never => {
  throw new TypeError("a bug");
};

test("W4 a mistake of ours in one type's writes leaves the other's written", async () => {
  const push = pushTo(
    crm(
      () => [made(1)],
      () => [],
    ),
    async (type) => (type === "Event" ? bug() : task),
  );
  const answers = await push(put(linked(1)), put(linked(2, { type: "Event" })));
  expect(answers).toMatchObject([
    { is: "written", how: "created" },
    { is: "retry", why: "transient", sent: "maybe" },
  ]);
  expect(JSON.stringify(answers)).not.toContain("a bug");
});

test.for(["INVALID_CROSS_REFERENCE_KEY", "DUPLICATE_VALUE"])(
  "W4 a mistake of ours while %s is looked up leaves what is written in the same request",
  async (code) => {
    const push = pushTo(crm(() => [made(1), refused(code)], bug));
    const answers = await push(put(linked(1)), put(linked(2)));
    expect(answers).toMatchObject([{ is: "written" }, { is: "retry", why: "transient" }]);
  },
);

test("W4 the same holds for amendments", async () => {
  const read = (soql: string) =>
    soql.includes("FROM Task") ? [1, 2].map((n) => ({ Id: id(n), Subject: "x" })) : bug();
  const push = pushTo(crm(() => [made(1), refused("INVALID_CROSS_REFERENCE_KEY")], read));
  const answers = await push(
    ...[1, 2].map((n) =>
      amend(linked(n), { Subject: "y" }, { ref: { type: "Task", id: id(n) } }, { relinked: true }),
    ),
  );
  expect(answers).toMatchObject([{ is: "written" }, { is: "retry", why: "transient", sent: "no" }]);
});

test.for(["schema", "refused"] as const)(
  "W6 a look-up that ends in %s never becomes the answer of a write",
  async (why) => {
    const unasked = (): never => {
      throw new CrmError(why, "no", "a look-up cannot be made");
    };
    const push = pushTo(
      crm(() => [refused("DUPLICATE_VALUE"), refused("INVALID_CROSS_REFERENCE_KEY")], unasked),
    );
    expect(await push(put(linked(1)), put(linked(2)))).toMatchObject([
      { is: "refused", why: "duplicate" },
      { is: "refused", why: "notFound" },
    ]);
  },
);

test("K9 a look-up by key that fails keeps no other from being answered", async () => {
  const winner = "003xx0000000002";
  const read = (soql: string) =>
    soql.includes("FROM Task")
      ? bug()
      : [{ Id: person.id, IsDeleted: true, MasterRecordId: winner }];
  const push = pushTo(
    crm(() => [refused("DUPLICATE_VALUE"), refused("INVALID_CROSS_REFERENCE_KEY")], read),
  );
  expect(await push(put(linked(1)), put(linked(2)))).toMatchObject([
    { is: "retry", sent: "maybe" },
    { is: "moved", to: { type: "Contact", id: winner } },
  ]);
});

test("W6 a look-up of a CRM that is busy is waited out, in its own words", async () => {
  const busy = (): never => {
    throw new CrmError("throttled", "no", "slow down", { afterMs: 5_000 });
  };
  const push = pushTo(crm(() => [refused("DUPLICATE_VALUE")], busy));
  expect(await push(put(linked(1)))).toMatchObject([
    { is: "retry", why: "throttled", sent: "maybe", afterMs: 5_000 },
  ]);
});

test("O5 a row that cannot be named is not taken for one that is not there", async () => {
  const strange = () => [{ Id: "javascript:alert(1)", Wrapup_Key__c: "wk-0001" }];
  const push = pushTo(crm(() => [made(1)], strange));
  expect(await push(put(linked(1), true), retract(linked(2)))).toMatchObject([
    { is: "retry", sent: "no" },
    { is: "removed" },
  ]);
  expect(await push(retract(linked(1)))).toMatchObject([{ is: "retry", sent: "no" }]);
});

test("K9 what a type cannot be asked about is not found, and the others are", async () => {
  const winner = "003xx0000000002";
  const asked: string[] = [];
  const client = crm(
    () => [],
    (soql) => {
      asked.push(soql);
      if (soql.includes("FROM Foo")) throw new CrmError("schema", "no", "no such type");
      if (soql.includes("FROM Secret__c")) throw new CrmError("refused", "no", "not allowed");
      return [{ Id: person.id, IsDeleted: true, MasterRecordId: winner }];
    },
  );
  const refs = ["Foo", "Secret__c", "Case WHERE x", "__proto__", "Contact"].map((type) => ({
    type,
    id: person.id,
  }));
  const now = await whereNow(client, refs, quiet());
  expect([...now.values()]).toEqual([
    { is: "gone" },
    { is: "gone" },
    { is: "gone" },
    { is: "gone" },
    { is: "moved", to: { type: "Contact", id: winner } },
  ]);
  expect(asked).toHaveLength(3);
});

test("K9 O5 a winner or contact whose id is none is nowhere to go to", async () => {
  const rows = [{ Id: person.id, IsDeleted: true, MasterRecordId: "javascript:alert(1)" }];
  const client = crm(
    () => [],
    () => rows,
  );
  expect([...(await whereNow(client, [person], quiet())).values()]).toEqual([{ is: "gone" }]);
});

test("K9 a CRM that does not answer is not taken for records that are gone", async () => {
  const client = crm(
    () => [],
    () => {
      throw new CrmError("unreachable", "no", "away");
    },
  );
  await expect(whereNow(client, [person], quiet())).rejects.toMatchObject({ why: "unreachable" });
});
