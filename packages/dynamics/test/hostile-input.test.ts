import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWrapup, keyUuid } from "@wrapup/core";
import type {
  Agent,
  ConnectionOptions,
  Context,
  RecordRef,
  Wrapup,
  WrapupEvent,
} from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { dynamics } from "@wrapup/dynamics";
import { startDynamicsEmulator } from "@wrapup/dynamics/emulator";
import type { DynamicsEmulator } from "@wrapup/dynamics/emulator";
import { expect, onTestFinished, test } from "vitest";
import { duplicatesOf, oneOf, userByEntraId } from "../src/query.ts";
import { openOrg } from "./client/org.ts";
import type { Org } from "./client/org.ts";

type World = {
  readonly wrapup: Wrapup;
  readonly emulator: DynamicsEmulator;
  readonly events: readonly WrapupEvent[];
  readonly contact: RecordRef;
  /** A call that is over, linked to the contact or to what is given. */
  readonly closedCall: (
    id: string,
    of?: { readonly link?: RecordRef; readonly agent?: Agent; readonly transcript?: string },
  ) => Promise<void>;
  readonly stateOf: (id: string) => Promise<string | undefined>;
};

const ann: Agent = { id: "a-1", email: "ann@desk.example" };

const openWorld = async (
  connection: Omit<ConnectionOptions, "adapter"> = {},
  maxAttempts = 30,
): Promise<World> => {
  const emulator = await startDynamicsEmulator();
  const [id = ""] = await emulator.control.seed([
    { table: "contact", columns: { lastname: "Huber" } },
  ]);
  const { tenantId, clientId, clientSecret } = emulator.credentials;
  const folder = await mkdtemp(join(tmpdir(), "wrapup-hostile-"));
  const adapter = dynamics({
    environment: emulator.url,
    signIn: { tenantId, clientId, clientSecret, authority: emulator.authority },
  });
  const wrapup = await createWrapup({
    store: sqliteStore(join(folder, "wrapup.db")),
    connections: { sales: { adapter, ...connection } },
    catchUpMs: 0,
    pollMs: 50,
    maxAttempts,
  });
  onTestFinished(async () => {
    await emulator.close();
    await wrapup.close();
    await rm(folder, { recursive: true, force: true });
  });
  const events: WrapupEvent[] = [];
  wrapup.on((event) => void events.push(event));
  const contact = { connection: "sales", type: "contact", id };
  return {
    wrapup,
    emulator,
    events,
    contact,
    closedCall: async (name, { link = contact, agent = ann, transcript } = {}) => {
      const call = await wrapup.interactions.start({ id: name, channel: "voice" });
      const leg = await call.accept({ agent });
      await call.link(link);
      if (transcript !== undefined) await call.learn({ transcript });
      await leg.endTalk();
      await leg.completeWrapUp({ disposition: "Resolved" });
    },
    stateOf: async (name) => (await wrapup.explain(name)).connections[0]?.state,
  };
};

const shared = new URL("../../../../shared/data/contact-center/", import.meta.url);

const textsIn = (file: string, member?: string): readonly string[] => {
  const list = JSON.parse(readFileSync(new URL(file, shared), "utf8")) as readonly unknown[];
  return list
    .map((one) => (member === undefined ? one : (one as Readonly<Record<string, unknown>>)[member]))
    .filter((text) => typeof text === "string");
};

const nasty = (): readonly string[] => [
  ...textsIn("blns.json"),
  ...textsIn("email-addresses-nasty.json", "address"),
  ...textsIn("phone-strings-nasty.json", "input"),
];

/** Thousands of requests take their time. */
const patient = ({ context }: Org): Context => ({
  ...context,
  signal: AbortSignal.timeout(120_000),
});

/** What an API call may do with a text: keep it, or say at which column it did not fit. */
test.skipIf(!existsSync(shared))(
  "O5 C4 no text of a customer changes a write: it is stored exactly, or refused with its column",
  async () => {
    const org = await openOrg({ requestLimit: Number.POSITIVE_INFINITY });
    const context = patient(org);
    const texts = nasty();
    expect(texts.length).toBeGreaterThan(800);
    const outcomes = new Map<string, unknown>();
    for (const [n, text] of texts.entries()) {
      const fields = { lastname: `Hostile ${n}`, jobtitle: text, description: text };
      const draft = { key: `d-${n}`, type: "contact", fields, maybeSent: false };
      const answer = await org.adapter.createRecord?.({ ...draft, allowDuplicate: true }, context);
      outcomes.set(
        draft.key,
        answer?.is === "refused" ? answer.problems.map(({ field }) => field) : answer?.is,
      );
    }
    const rows = new Map((await org.control.rows("contact")).map((row) => [row.id, row.columns]));
    for (const [n, text] of texts.entries()) {
      const kept = rows.get(keyUuid(`d-${n}`));
      const fits = text.length <= 100;
      expect(outcomes.get(`d-${n}`), text).toEqual(fits ? "created" : ["jobtitle"]);
      expect(kept?.["jobtitle"] ?? "", text).toBe(fits ? text : "");
      expect(kept?.["description"] ?? "", text).toBe(fits ? text : "");
    }
    expect(rows.size).toBeGreaterThan(700);
  },
  120_000,
);

test.skipIf(!existsSync(shared))(
  "O5 R1 no text of a customer changes a search: whoever it finds holds it",
  async () => {
    const org = await openOrg({ requestLimit: Number.POSITIVE_INFINITY });
    const context = patient(org);
    // Letters that no text of the lists has: whoever is found by one of them does not hold it.
    const bystander = await org.contact({
      firstname: "ǂǃǀ",
      lastname: "ǁǃǂ",
      emailaddress1: "ǂǃ@ǀǁ",
      telephone1: "+43 1 9000000",
    });
    const { reads } = org.adapter;
    for (const text of nasty()) {
      const of = { types: ["contact"], limit: 5 };
      const found = [
        await reads?.search({ ...of, email: text }, context),
        await reads?.search({ ...of, name: text }, context),
        await reads?.search({ ...of, text }, context),
        await reads?.search({ ...of, phone: { digits: text } }, context),
        await reads?.search({ ...of, customerNumber: text, field: "employeeid" }, context),
        (await reads?.get([{ type: "contact", id: text }], context))?.filter(
          (one) => one !== undefined,
        ),
      ];
      expect(found, JSON.stringify(text)).toEqual([[], [], [], [], [], []]);
    }
    const still = await reads?.search({ types: ["contact"], limit: 5, email: "ǂǃ@ǀǁ" }, context);
    expect(still?.map(({ ref }) => ref)).toEqual([bystander]);
  },
  120_000,
);

test.skipIf(!existsSync(shared))(
  "O5 R1 whoever really has such an address or name is found by it, and nobody else",
  async () => {
    const org = await openOrg({ requestLimit: Number.POSITIVE_INFINITY });
    const context = patient(org);
    const emails = textsIn("email-addresses-nasty.json", "address")
      .map((text) => text.trim().toLowerCase())
      .filter((text) => text.length > 3 && text.length <= 100 && !/\p{Cc}/u.test(text));
    const own = [...new Set(emails)];
    const ids = await org.control.seed(
      own.map((emailaddress1, n) => ({
        table: "contact",
        columns: { lastname: `Person ${n}`, emailaddress1 },
      })),
    );
    expect(own.length).toBeGreaterThan(80);
    for (const [n, email] of own.entries()) {
      const found = await org.adapter.reads?.search(
        { types: ["contact"], limit: 5, email },
        context,
      );
      expect(
        found?.map(({ ref }) => ref.id),
        email,
      ).toEqual([ids[n]]);
    }
  },
  60_000,
);

test("O5 a list of values takes ids and phones only, and a question about duplicates keeps its parameters apart", () => {
  expect(oneOf("telephone1", ["+1 (415) 555-1212", "a_b"]).odata).toBe(
    `Microsoft.Dynamics.CRM.In(PropertyName='telephone1',PropertyValues=["+1 (415) 555-1212","a_b"])`,
  );
  for (const text of ['"', "'", "]", "[", "%", "a@b.example", "\n", "\\"])
    expect(() => oneOf("telephone1", [text]), text).toThrow(RangeError);
  const hostile = `x'&@p2='account'&$top=1#"}`;
  const asked = new URLSearchParams(
    duplicatesOf("contact", { lastname: hostile }, "lead").split("?")[1],
  );
  expect([...asked.keys()]).toEqual(["@p1", "@p2", "@p3"]);
  expect(JSON.parse(asked.get("@p1") ?? "")).toMatchObject({ lastname: hostile });
  expect(asked.get("@p2")).toBe("'lead'");
  expect(() => userByEntraId(`${someId})/owner`)).toThrow(RangeError);
});

test.for([4_100, 20_000])(
  "W10 W4 an agent's email of %i characters costs that agent the owner, and nobody else anything",
  async (length) => {
    const { wrapup, closedCall, stateOf, events } = await openWorld();
    await Promise.all([
      closedCall("good"),
      closedCall("bad", { agent: { id: "a-2", email: `${"x".repeat(length)}@x.example` } }),
    ]);
    await wrapup.drain();
    expect(await stateOf("good")).toBe("written");
    expect(await stateOf("bad")).toBe("written");
    expect(events.map(({ event }) => event)).not.toContain("paused");
  },
);

const someId = "00000000-0000-4000-8000-000000000002";

test("W6 K9 a link to a type that the environment does not have is parked alone; the connection is not paused for it", async () => {
  const { wrapup, closedCall, stateOf, events } = await openWorld();
  await closedCall("bad", { link: { connection: "sales", type: "foo", id: someId } });
  await wrapup.drain();
  await closedCall("later");
  await wrapup.drain();
  expect(events.map(({ event }) => event)).not.toContain("paused");
  expect(await stateOf("later")).toBe("written");
  expect(await stateOf("bad")).toBe("parked");
  const [parked] = await wrapup.parked.list();
  expect(parked?.reason).toContain('"foo", is no table that Dynamics 365 shows');
});

test.for([
  ["contacts(x)?$filter", someId],
  ["__proto__", someId],
  ["1contact", someId],
  ["contact", "x'\r\n--batch"],
  ["contact", `${someId})/owner`],
  ["contact", "../accounts"],
])("W4 W6 O5 a link to %j %j never sinks the batch it stands in", async ([type = "", id = ""]) => {
  const { wrapup, closedCall, stateOf } = await openWorld();
  const refused = await Promise.all([
    closedCall("good-1"),
    closedCall("good-2"),
    // Refused at the door, or parked when it is written: either is clear.
    closedCall("bad", { link: { connection: "sales", type, id } }).then(
      () => false,
      (error: unknown) => error instanceof Error && error.name === "WrapupError",
    ),
  ]);
  await wrapup.drain();
  expect(await stateOf("good-1")).toBe("written");
  expect(await stateOf("good-2")).toBe("written");
  expect(refused[2] || (await stateOf("bad")) === "parked").toBe(true);
});

test("L4 W8 a body that is shortened keeps the parent key that joins the activities", async () => {
  const { wrapup, closedCall, emulator } = await openWorld();
  await closedCall("parent-key-77", { transcript: "word ".repeat(10_000) });
  await wrapup.drain();
  const [call] = await emulator.control.rows("phonecall");
  expect(String(call?.columns["description"]).length).toBeLessThanOrEqual(2_000);
  expect(String(call?.columns["description"])).toContain("parent-key-77");
});

test("W5 W6 a CRM that takes requests and never answers pauses its connection; nothing is parked for it", async () => {
  const { wrapup, emulator, closedCall, stateOf, events } = await openWorld({ timeoutMs: 300 }, 1);
  await wrapup.check();
  await closedCall("first");
  await wrapup.drain();
  await emulator.control.fault({ kind: "hang", path: "/$batch", times: 5 });
  await closedCall("hung");
  await wrapup.drain();
  expect(await stateOf("hung")).not.toBe("parked");
  expect(events).toContainEqual(expect.objectContaining({ event: "paused", why: "unreachable" }));
});

test.for([
  ["a name of letters beyond the basic plane", { name: `a${"𝒜".repeat(60)}` }],
  ["a word of combining marks", { text: "Ada \u0336\u0337\u0338" }],
  ["an email longer than any", { email: `${"x".repeat(20_000)}@x.example` }],
  ["a phone of nothing but zeros", { phone: "0000000" }],
] as const)("R1 O5 %s finds nobody, and breaks nothing", async ([, query]) => {
  const { wrapup } = await openWorld();
  await expect(wrapup.find("sales", query)).resolves.toEqual({ is: "none" });
});

test("R1 O5 a search among types that cannot be type names is refused with one clear error", async () => {
  const { wrapup } = await openWorld();
  await expect(
    wrapup.find("sales", { name: "Ada", types: ["contacts?$select=x"] }),
  ).rejects.toMatchObject({ name: "WrapupError" });
});

test.for(["ownerid", "regardingobjectid", "statecode", "activityid", "from"])(
  "K3 a mapping of %s, which the adapter fills by itself, is a finding and not left out without a word",
  async (name) => {
    const body = { field: "description", facts: [] } as const;
    const subject = { fact: "subject" } as const;
    const { wrapup } = await openWorld({
      mapping: {
        activities: {
          voice: { type: "phonecall", fields: { subject, [name]: { constant: "x" } }, body },
        },
        otherwise: { type: "task", fields: { subject }, body },
      },
    });
    expect(await wrapup.check()).toContainEqual(
      expect.objectContaining({
        severity: "error",
        text: `phonecall.${name} cannot be written on creation.`,
      }),
    );
  },
);
