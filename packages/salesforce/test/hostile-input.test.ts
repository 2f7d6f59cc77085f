import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWrapup } from "@wrapup/core";
import type { Agent, ConnectionOptions, RecordRef, Wrapup, WrapupEvent } from "@wrapup/core";
import { sqliteStore } from "@wrapup/core/sqlite";
import { salesforce } from "@wrapup/salesforce";
import { startSalesforceEmulator } from "@wrapup/salesforce/emulator";
import type { SalesforceEmulator } from "@wrapup/salesforce/emulator";
import { expect, onTestFinished, test } from "vitest";

type World = {
  readonly wrapup: Wrapup;
  readonly emulator: SalesforceEmulator;
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
  const emulator = await startSalesforceEmulator();
  const [id = ""] = await emulator.control.seed([
    { sobject: "Contact", fields: { LastName: "Huber" } },
  ]);
  const { clientId, clientSecret } = emulator.credentials;
  const folder = await mkdtemp(join(tmpdir(), "wrapup-hostile-"));
  const adapter = salesforce({ signIn: { clientId, clientSecret, domain: emulator.url } });
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
  const contact = { connection: "sales", type: "Contact", id };
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

test("W6 K9 a link to a type that the org does not have is parked alone; the connection is not paused for it", async () => {
  const { wrapup, closedCall, stateOf, events } = await openWorld();
  await closedCall("bad", { link: { connection: "sales", type: "Foo", id: "500zz0000000002" } });
  await wrapup.drain();
  await closedCall("later");
  await wrapup.drain();
  expect(events.map(({ event }) => event)).not.toContain("paused");
  expect(await stateOf("later")).toBe("written");
  expect(await stateOf("bad")).toBe("parked");
});

test.for(["Case WHERE x", "__proto__", "1Case"])(
  "W4 W6 a link to the type %j never sinks the batch it stands in",
  async (type) => {
    const { wrapup, closedCall, stateOf } = await openWorld();
    const link = { connection: "sales", type, id: "500zz0000000003" };
    const refused = await Promise.all([
      closedCall("good-1"),
      closedCall("good-2"),
      // Refused at the door, or parked when it is written: either is clear.
      closedCall("bad", { link }).then(
        () => false,
        (error: unknown) => error instanceof Error && error.name === "WrapupError",
      ),
    ]);
    await wrapup.drain();
    expect(await stateOf("good-1")).toBe("written");
    expect(await stateOf("good-2")).toBe("written");
    expect(refused[2] || (await stateOf("bad")) === "parked").toBe(true);
  },
);

test("L4 W8 a body that is shortened keeps the parent key that joins the activities", async () => {
  const { wrapup, closedCall, emulator } = await openWorld();
  await closedCall("parent-key-77", { transcript: "word ".repeat(10_000) });
  await wrapup.drain();
  const [task] = await emulator.control.records("Task");
  expect(String(task?.fields["Description"]).length).toBeLessThanOrEqual(32_000);
  expect(String(task?.fields["Description"])).toContain("parent-key-77");
});

test("W5 W6 a CRM that takes requests and never answers pauses its connection; nothing is parked for it", async () => {
  const { wrapup, emulator, closedCall, stateOf, events } = await openWorld({ timeoutMs: 300 }, 1);
  await wrapup.check();
  await closedCall("first");
  await wrapup.drain();
  await emulator.control.fault({ kind: "hang", path: "/composite/sobjects", times: 5 });
  await closedCall("hung");
  await wrapup.drain();
  expect(await stateOf("hung")).not.toBe("parked");
  expect(events).toContainEqual(expect.objectContaining({ event: "paused", why: "unreachable" }));
});

test.for([
  ["a name of letters beyond the basic plane", { name: `a${"𝒜".repeat(60)}` }],
  ["a word of combining marks", { text: "Ada \u0336\u0337\u0338" }],
  ["an email longer than any", { email: `${"x".repeat(20_000)}@x.example` }],
] as const)("R1 O5 %s finds nobody, and breaks nothing", async ([, query]) => {
  const { wrapup } = await openWorld();
  await expect(wrapup.find("sales", query)).resolves.toEqual({ is: "none" });
});

test("R1 O5 a search among types that cannot be type names is refused with one clear error", async () => {
  const { wrapup } = await openWorld();
  await expect(
    wrapup.find("sales", { name: "Ada", types: ["Contact(Id) x"] }),
  ).rejects.toMatchObject({ name: "WrapupError" });
});
