import { memoryStore, type SearchQuery, systemClock, type WrapupOptions } from "@wrapup/core";
import { scriptedCrm } from "@wrapup/core/testing";
import { describe, expect, test } from "vitest";
import { readOptions } from "../src/options/read-options.ts";
import { settle } from "./gate/gate-world.ts";
import { ada, openWorld } from "./world.ts";

const minute = 60_000;
const hour = 60 * minute;

const read = (more: Partial<WrapupOptions> = {}) =>
  readOptions({ store: memoryStore(), connections: { crm: scriptedCrm().adapter }, ...more });

const connectionOf = async (options: ReturnType<typeof read>, name = "crm", tenant = "t") =>
  (await options.configured(tenant)).get(name);

describe("O1 what holds where an app configures nothing", () => {
  test("O1 L7 W6 the library", () => {
    expect(read()).toMatchObject({
      work: true,
      clock: systemClock,
      unknownCustomer: "Unknown customer",
      pollMs: 1_000,
      leaseMs: 150_000,
      catchUpMs: 300_000,
      maxAttempts: 30,
    });
  });

  test("K3 K5 K8 W5 a connection", async () => {
    const { adapter } = scriptedCrm();
    expect(await connectionOf(read({ connections: { crm: adapter } }))).toEqual({
      adapter,
      timeoutMs: 60_000,
      budget: { reserve: 0.1, warnAt: 0.8 },
      settings: {
        id: "crm",
        mapping: adapter.defaults.mapping,
        unlinked: "skip",
        onUnlink: "retract",
        timeZone: "UTC",
        country: "US",
        searchOrder: ["person"],
        creatable: ["person", "ticket"],
        abandoned: "none",
      },
    });
  });

  test("K3 W5 W10 whatever is configured is used instead", async () => {
    const { adapter } = scriptedCrm();
    const own = {
      id: "for-ever",
      mapping: { activities: {}, otherwise: { type: "activity", fields: {} } },
      unlinked: "log",
      onUnlink: "keep",
      timeZone: "Europe/Vienna",
      country: "AT",
      searchOrder: ["company"],
      customerNumber: { type: "person", field: "number" },
      creatable: [],
      ownerOf: () => "somebody",
      ownerFallback: "user-team",
    } as const;
    const made = await connectionOf(
      read({
        connections: { crm: { adapter, ...own, timeoutMs: 5_000, budget: { reserve: 0.5 } } },
        lifecycle: { abandoned: "log" },
      }),
    );
    expect(made).toEqual({
      adapter,
      timeoutMs: 5_000,
      budget: { reserve: 0.5, warnAt: 0.8 },
      settings: { ...own, abandoned: "log" },
    });
  });

  test("L7 L9 lifecycle settings are completed part by part, per channel", async () => {
    const settings = await read({
      lifecycle: {
        deadlines: { maxTalk: hour, maxIdle: { chat: 2 * hour } },
        activityPer: { chat: "leg" },
        abandoned: "log",
      },
    }).lifecycle("t");
    expect(settings).toMatchObject({
      deadlines: {
        maxTalk: hour,
        maxAfterContactWork: 15 * minute,
        reorderWindow: 2 * minute,
        maxIdle: { chat: 2 * hour, voice: 24 * hour, email: 7 * 24 * hour },
      },
      activityPer: { voice: "leg", chat: "leg", email: "interaction" },
      abandoned: "log",
      logUnlinked: [],
    });
    expect(settings.expectsWrapUp({ channel: "voice" })).toBe(true);
    expect(settings.expectsWrapUp({ channel: "chat" })).toBe(false);
  });

  test("K8 which connections log unlinked interactions is each tenant's own", async () => {
    const { adapter } = scriptedCrm();
    const options = read({
      connections: (tenant) =>
        Promise.resolve({
          skips: adapter,
          [tenant]: { adapter, unlinked: "log" },
          holds: { adapter, unlinked: "hold" },
        }),
    });
    expect((await options.lifecycle("a")).logUnlinked).toEqual(["a"]);
    expect((await options.lifecycle("b")).logUnlinked).toEqual(["b"]);
    expect(await options.lifecycle("a")).toBe(await options.lifecycle("a"));
  });

  test.each([["usa"], ["us"], ["U"], ["USA"]])("O5 the country %j is refused", (country) => {
    const { adapter } = scriptedCrm();
    expect(() => read({ connections: { crm: { adapter, country } } })).toThrow(
      "a two-letter ISO country such as US (at createWrapup.connections.crm.country)",
    );
  });

  test("O5 a time zone that does not exist is refused", () => {
    const { adapter } = scriptedCrm();
    expect(() => read({ connections: { crm: { adapter, timeZone: "Europe/Wien" } } })).toThrow(
      "an IANA time zone such as Europe/Vienna (at createWrapup.connections.crm.timeZone)",
    );
  });
});

describe("O2 what a tenant has is asked for once", () => {
  const asking = (fails: () => boolean) => {
    const asked: string[] = [];
    const { adapter } = scriptedCrm();
    const options = read({
      connections: async (tenant) => {
        asked.push(tenant);
        if (fails()) throw new Error("the vault is closed");
        return { [`of-${tenant}`]: adapter };
      },
    });
    return { asked, options };
  };

  test("O2 once per tenant, also by those who ask at the same time", async () => {
    const { asked, options } = asking(() => false);
    await Promise.all([options.configured("a"), options.configured("a")]);
    await options.lifecycle("a");
    expect([...(await options.configured("b")).keys()]).toEqual(["of-b"]);
    expect(asked).toEqual(["a", "b"]);
  });

  test("O2 and again after a failure, which is not remembered", async () => {
    let closed = true;
    const { asked, options } = asking(() => closed);
    await expect(options.configured("a")).rejects.toThrow("the vault is closed");
    closed = false;
    expect((await options.configured("a")).size).toBe(1);
    await options.configured("a");
    expect(asked).toEqual(["a", "a"]);
  });

  test("O5 a tenant's wrong configuration names the tenant", async () => {
    const options = read({ connections: () => Promise.resolve({ "a b": scriptedCrm().adapter }) });
    await expect(options.configured("acme")).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining('connections("acme")'),
    });
  });
});

describe("options as they are felt", () => {
  test("W5 a request ends after 60 seconds by the injected clock", async () => {
    const { closedCall, crm, clock, wrapup } = await openWorld({ options: { leaseMs: 24 * hour } });
    let ended: unknown;
    crm.adapter.push = (writes, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          ended = signal.reason;
          resolve(
            writes.map(() => ({ is: "retry", why: "unreachable", sent: "maybe", reason: "late" })),
          );
        });
      });
    await closedCall("c-1");
    await settle();
    await clock.advance(59_999);
    expect(ended).toBeUndefined();
    await clock.advance(1);
    expect(ended).toMatchObject({ name: "TimeoutError" });
    await settle();
    await wrapup.close();
  });

  test("W1 a lane is held for 150 seconds at a time", async () => {
    const { closedCall, store, wrapup } = await openWorld();
    const claim = store.claim.bind(store);
    const leases: number[] = [];
    store.claim = (of) => {
      leases.push(of.leaseMs);
      return claim(of);
    };
    await closedCall("c-1");
    await wrapup.drain();
    expect(leases).toEqual([150_000]);
    await wrapup.close();
  });

  test("W6 a write that is locked again and again is parked at the 30th try", async () => {
    const { closedCall, crm, pass, wrapup } = await openWorld({
      options: { pollMs: 10 * minute },
    });
    crm.script(
      ...Array.from(
        { length: 40 },
        () =>
          ({
            is: "answers",
            when: () => true,
            answer: { is: "retry", why: "lock", sent: "no", reason: "locked" },
          }) as const,
      ),
    );
    await closedCall("c-1");
    for (let n = 0; n < 40; n += 1) await pass(15 * minute);
    expect(crm.requests).toHaveLength(30);
    expect(await wrapup.parked.list()).toMatchObject([
      { reason: expect.stringContaining("gave up after 30 tries") },
    ]);
    await wrapup.close();
  });

  test("W2 a connection that is renamed keeps its id: nothing is written twice", async () => {
    const crm = scriptedCrm();
    const keysAs = async (name: string, id?: string): Promise<readonly string[]> => {
      const { wrapup } = await openWorld({
        options: {
          connections: { [name]: { adapter: crm.adapter, ...(id !== undefined && { id }) } },
        },
      });
      const call = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
      const leg = await call.accept({ agent: ada });
      await call.link({ connection: name, type: "person", id: "p1" });
      await leg.endTalk();
      await leg.completeWrapUp();
      await wrapup.drain();
      await wrapup.close();
      return [...crm.rows.keys()];
    };
    const before = await keysAs("sales");
    expect(before).toHaveLength(1);
    expect(await keysAs("sales-emea", "sales")).toEqual(before);
    expect(await keysAs("another")).toHaveLength(2);
  });

  test("R1 a national number is read as the connection's country writes it", async () => {
    const { crm, wrapup } = await openWorld({ connection: { country: "AT" } });
    const { reads } = crm.adapter;
    const search = reads?.search.bind(reads);
    if (reads === undefined || search === undefined) throw new Error("it reads");
    const queries: SearchQuery[] = [];
    Object.assign(reads, {
      search: (...call: Parameters<typeof search>) => {
        queries.push(call[0]);
        return search(...call);
      },
    });
    await wrapup.find("crm", { phone: "01 234 5678" });
    expect(queries).toMatchObject([{ phone: { e164: "+4312345678" } }]);
    await wrapup.close();
  });

  test.each([
    ["UTC", "2026-11-21T12:00:00+00:00"],
    ["Europe/Vienna", "2026-11-21T13:00:00+01:00"],
  ])("K3 dates are written in the connection's time zone: %s", async (timeZone, start) => {
    const { closedCall, crm, wrapup } = await openWorld({ connection: { timeZone } });
    await closedCall("c-1");
    await wrapup.drain();
    expect([...crm.rows.values()].map(({ entry }) => entry.fields["start"])).toEqual([start]);
    await wrapup.close();
  });

  test.each([
    ["none", 0],
    ["log", 1],
  ] as const)("L5 abandoned: %s", async (abandoned, written) => {
    const { crm, wrapup } = await openWorld({ options: { lifecycle: { abandoned } } });
    const call = await wrapup.interactions.start({ id: "c-1", channel: "voice" });
    await call.link({ connection: "crm", type: "person", id: "p1" });
    await call.abandon();
    await wrapup.drain();
    expect(crm.rows.size).toBe(written);
    await wrapup.close();
  });

  test("L7 maxIdle is each channel's own", async () => {
    const { clock, crm, wrapup } = await openWorld({
      options: { lifecycle: { deadlines: { maxIdle: { chat: hour } } }, pollMs: 10 * minute },
    });
    for (const channel of ["chat", "sms"] as const) {
      const of = await wrapup.interactions.start({ id: channel, channel });
      await of.link({ connection: "crm", type: "person", id: channel });
      await of.accept({ agent: ada });
    }
    const written = () => [...crm.rows.values()].map(({ entry }) => entry.roles["on"]?.[0]?.id);
    await clock.advance(2 * hour);
    await settle();
    expect(written()).toEqual(["chat"]);
    await clock.advance(23 * hour);
    await settle();
    expect(written()).toEqual(["chat", "sms"]);
    await wrapup.close();
  });
});
