import { existsSync, readFileSync } from "node:fs";
import type { TypeDescription } from "@wrapup/core";
import { manualClock } from "@wrapup/core/testing";
import { expect, test } from "vitest";
import { createClient } from "../../src/client.ts";
import type { Client, Reply, Request } from "../../src/client.ts";
import { createDescribes, typeOf } from "../../src/describe.ts";
import { readName } from "../../src/odata/table.ts";
import type { VendorType } from "../../src/odata/table.ts";
import { checkOptions } from "../../src/options.ts";
import { openOrg } from "./org.ts";
import type { Org } from "./org.ts";
import { clientWith, failure, quiet } from "./vendor.ts";

const schemaFile = new URL(
  "../../../../../shared/data/dataverse/compiled-schema.json",
  import.meta.url,
);

/** Describes of an emulated organisation, on a clock of their own. */
const describing = async (emulated: Parameters<typeof openOrg>[0] = {}) => {
  const org = await openOrg(emulated);
  const { tenantId, clientId, clientSecret } = org.emulator.credentials;
  const clock = manualClock();
  const settings = checkOptions({
    environment: org.emulator.url,
    signIn: { tenantId, clientId, clientSecret, authority: org.emulator.authority },
  });
  const client = createClient(settings);
  return { org, clock, describes: createDescribes(client, { clock }) };
};

const known = async (
  { describes, org }: { describes: ReturnType<typeof createDescribes>; org: Org },
  name: string,
): Promise<VendorType> => {
  const type = await describes.of(name, org.context);
  if (type === undefined) throw new Error(`no ${name}`);
  return type;
};

const field = ({ fields }: TypeDescription, name: string) =>
  fields.find((one) => one.name === name);

test("facts §1.10: a phone call with its labels, lengths, choices, parties and bind names", async () => {
  const at = await describing();
  const type = await known(at, "phonecall");
  expect(type).toMatchObject({
    name: "phonecall",
    entitySet: "phonecalls",
    primaryId: "activityid",
    primaryName: "subject",
    isActivity: true,
    completed: { made: 2, received: 4 },
  });
  expect([...type.parties].toSorted()).toEqual(["from", "to"]);
  expect(type.navigation).toContainEqual({
    column: "regardingobjectid",
    target: "contact",
    name: "regardingobjectid_contact_phonecall",
  });
  const described = typeOf(type);
  expect(field(described, "subject")).toMatchObject({ kind: "text", length: 200, required: true });
  expect(field(described, "description")).toMatchObject({ kind: "longText", length: 2000 });
  expect(field(described, "actualdurationminutes")).toMatchObject({ kind: "number" });
  expect(field(described, "directioncode")).toMatchObject({ kind: "boolean" });
  expect(
    field(described, "statuscode")
      ?.options?.map(({ value }) => value)
      .toSorted(),
  ).toEqual([1, 2, 3, 4]);
  expect(field(described, "prioritycode")?.options?.length).toBe(3);
  expect(field(described, "regardingobjectid")).toMatchObject({ kind: "reference" });
  // Filled by Dataverse or by us: no mapping must name them.
  for (const name of ["ownerid", "from", "to", "statecode", "activityid"])
    expect(field(described, name)?.required ?? false, name).toBe(false);
});

test("a case and its customer, a contact and its computed name", async () => {
  const at = await describing();
  const incident = await known(at, "incident");
  expect(incident.hasActivities).toBe(true);
  const customer = incident.columns.find(({ name }) => name === "customerid");
  expect(customer).toMatchObject({ kind: "Customer", required: true });
  expect(customer?.targets?.toSorted()).toEqual(["account", "contact"]);
  expect(customer === undefined ? "" : readName(customer)).toBe("_customerid_value");
  const contact = typeOf(await known(at, "contact"));
  expect(field(contact, "fullname")).toMatchObject({ createable: false, updateable: false });
  expect(field(contact, "lastname")).toMatchObject({ required: true, length: 50 });
});

test("a task has no parties, and one way to be completed", async () => {
  const at = await describing();
  const task = await known(at, "task");
  expect([task.parties.size, task.completed]).toEqual([0, { plain: 5 }]);
});

test("what an administrator added is described, and a custom table has no known completion", async () => {
  const at = await describing({
    customTables: [{ name: "new_chat", entitySet: "new_chats", activity: true }],
    customColumns: [
      { table: "phonecall", column: { name: "new_score", kind: "Integer", label: "Score" } },
    ],
  });
  const phonecall = typeOf(await known(at, "phonecall"));
  expect(field(phonecall, "new_score")).toMatchObject({ label: "Score", kind: "number" });
  const chat = await known(at, "new_chat");
  expect([chat.isActivity, chat.entitySet, chat.completed]).toEqual([true, "new_chats", {}]);
});

test.skipIf(!existsSync(schemaFile))(
  "every bind name that is described stands in the real schema, and every length agrees",
  async () => {
    const real = JSON.parse(readFileSync(schemaFile, "utf8")) as Record<
      string,
      { attributes: Record<string, { maxLength?: number }> }
    >;
    const text = readFileSync(schemaFile, "utf8");
    const at = await describing();
    for (const name of ["phonecall", "email", "task", "contact", "account", "lead", "incident"]) {
      const type = await known(at, name);
      const bound = type.navigation.filter(({ column }) =>
        ["regardingobjectid", "customerid"].includes(column),
      );
      expect(bound.filter((one) => !text.includes(`"${one.name}"`))).toEqual([]);
      const lengths = type.columns.flatMap(({ name: column, length }) => {
        const really = real[name]?.attributes[column]?.maxLength;
        return really === undefined || length === undefined ? [] : [{ column, length, really }];
      });
      expect(lengths.length, name).toBeGreaterThan(0);
      expect(lengths.filter(({ length, really }) => length !== really)).toEqual([]);
    }
  },
);

test("a table that is not there is undefined, and a name that is none is not asked for", async () => {
  const { org, describes } = await describing();
  expect(await describes.of("new_nothing", org.context)).toBeUndefined();
  await org.calls();
  for (const name of ["a'b", "", "x)/y", "EntityDefinitions?"])
    expect(await describes.of(name, org.context)).toBeUndefined();
  expect(await org.calls()).toEqual([]);
});

test("a describe is kept for an hour, shared by all that ask at once, and forgotten when told so", async () => {
  const { org, clock, describes } = await describing();
  await Promise.all([1, 2, 3].map(() => describes.of("contact", org.context)));
  const first = await org.calls();
  expect(
    first.map(({ method, path, operations, writes }) => [method, path, operations, writes]),
  ).toEqual([["POST", "/api/data/v9.2/$batch", 10, 0]]);
  await describes.of("contact", org.context);
  expect(await org.calls()).toEqual([]);
  await clock.advance(60 * 60_000 + 1);
  await describes.of("contact", org.context);
  expect(await org.calls()).toHaveLength(1);
  describes.forget();
  await describes.of("contact", org.context);
  expect(await org.calls()).toHaveLength(1);
});

test("whoever gives up waiting does not end the describe of the others", async () => {
  const { org, describes } = await describing();
  await org.control.setLatency(40);
  const stop = new AbortController();
  const first = failure(describes.of("contact", quiet(stop.signal)));
  const second = describes.of("contact", org.context);
  const third = describes.of("lead", org.context);
  stop.abort();
  expect((await first).sent).toBe("no");
  expect((await second)?.name).toBe("contact");
  expect((await third)?.name).toBe("lead");
});

test("a describe that fails is tried anew by the next who asks", async () => {
  const { org, describes } = await describing();
  await org.control.fault({ kind: "status", status: 503, path: "/$batch" });
  expect((await failure(describes.of("contact", org.context))).why).toBe("unreachable");
  expect((await describes.of("contact", org.context))?.name).toBe("contact");
});

type Told = { readonly status: number; readonly code?: string; readonly headers?: string };

/** An environment that answers the parts of each describe as told; the others well, but with nothing in them. */
const answering = (told: readonly Told[]) => {
  const asked: Request[] = [];
  const ask = (request: Request): Promise<Reply> => {
    asked.push(request);
    const parts = told.flatMap(({ status, code, headers }) => [
      "--told",
      "Content-Type: application/http",
      "",
      `HTTP/1.1 ${status} X`,
      ...(headers === undefined ? [] : [headers]),
      "",
      JSON.stringify(code === undefined ? { value: [] } : { error: { code, message: "" } }),
    ]);
    return Promise.resolve({
      status: 200,
      headers: new Headers({ "content-type": "multipart/mixed; boundary=told" }),
      body: undefined,
      text: [...parts, "--told--", ""].join("\r\n"),
      retryAfterMs: undefined,
    });
  };
  const client: Client = { ...clientWith(), ask };
  return { describes: createDescribes(client, { clock: manualClock() }), asked };
};

const fine: Told = { status: 200 };
const tenWith = (at: number, one: Told): readonly Told[] =>
  Array.from({ length: 10 }, (_, n) => (n === at ? one : fine));

test("a describe is one request that reads: ten parts, never maybe sent", async () => {
  const { describes, asked } = answering(tenWith(0, { status: 404, code: "0x80060888" }));
  expect(await describes.of("new_nothing", quiet())).toBeUndefined();
  expect(asked.map(({ method, path, reads }) => [method, path, reads])).toEqual([
    ["POST", "$batch", true],
  ]);
  expect(asked[0]?.multipart?.text.match(/^GET .*new_nothing/gm)).toHaveLength(10);
  expect(asked[0]?.multipart?.text).not.toMatch(/^(?:POST|PATCH|PUT|DELETE|Content-ID)/m);
});

test("where Dataverse stopped at the first part, that says it all", async () => {
  const { describes } = answering([{ status: 404, code: "0x80060888" }]);
  expect(await describes.of("new_nothing", quiet())).toBeUndefined();
});

test.for([
  [
    { status: 429, code: "0x80072322", headers: "Retry-After: 7" },
    { why: "throttled", afterMs: 7_000 },
  ],
  [{ status: 503, code: "" }, { why: "unreachable" }],
  [{ status: 500, code: "" }, { why: "transient" }],
  [{ status: 401, code: "" }, { why: "auth" }],
] as const)("W5 a part that fails is the error of the describe: %j", async ([told, error]) => {
  for (const at of [0, 1, 9]) {
    const { describes } = answering(tenWith(at, told));
    expect(await failure(describes.of("contact", quiet()))).toMatchObject({ ...error, sent: "no" });
  }
});

test("a table that the user may not see described is a refusal, in whichever part", async () => {
  for (const at of [0, 1, 9]) {
    const { describes } = answering(tenWith(at, { status: 403, code: "0x80040220" }));
    expect(await failure(describes.of("contact", quiet()))).toMatchObject({
      why: "refused",
      sent: "no",
    });
  }
});

test("fewer or more answers than were asked for are none", async () => {
  for (const told of [tenWith(0, fine).slice(1), [...tenWith(0, fine), fine], []]) {
    const { describes } = answering(told);
    expect((await failure(describes.of("contact", quiet()))).why).toBe("transient");
  }
});
