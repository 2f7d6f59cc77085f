import { metrics, type Meter, type Span, trace, type Tracer } from "@opentelemetry/api";
import {
  createWrapup,
  CrmError,
  type Logger,
  memoryStore,
  type Store,
  WrapupError,
  type WrapupEvent,
} from "@wrapup/core";
import { manualClock, scriptedCrm } from "@wrapup/core/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createObserver } from "../src/telemetry.ts";
import { settle } from "./gate/gate-world.ts";
import { ada, openWorld } from "./world.ts";

const hour = 3_600_000;
const never = (): Promise<never> => new Promise(() => undefined);

type Line = readonly [level: keyof Logger, message: string, attributes?: unknown];

/** A logger that keeps what it is told. */
function keepingLogger(): { readonly logger: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const at =
    (level: keyof Logger) =>
    (message: string, attributes?: unknown): void =>
      void lines.push([level, message, attributes]);
  return {
    lines,
    logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
  };
}

/** Writes down in which order a store and an adapter are let go of. */
function watched(): {
  readonly order: string[];
  readonly store: Store;
  readonly crm: ReturnType<typeof scriptedCrm>;
} {
  const order: string[] = [];
  const store = memoryStore();
  const crm = scriptedCrm();
  for (const method of ["open", "sweep", "settle", "close"] as const) {
    const own: (...call: never[]) => Promise<unknown> = store[method].bind(store);
    Object.assign(store, {
      [method]: (...call: never[]) => {
        order.push(`store.${method}`);
        return own(...call);
      },
    });
  }
  crm.adapter.close = async () => void order.push("adapter.close");
  return { order, store, crm };
}

describe("O1 opening", () => {
  test("O1 the store is opened and swept before anything else, and no CRM is asked", async () => {
    const { order, store, crm } = watched();
    crm.adapter.check = never;
    const wrapup = await createWrapup({ store, connections: { crm: crm.adapter } });
    expect(order).toEqual(["store.open", "store.sweep"]);
    expect(wrapup.durability).toBe("memory");
    await wrapup.close();
  });

  test.each([true, false])(
    "O1 what the store survives is shown at start-up, writing: %s",
    async (work) => {
      const { logger, lines } = keepingLogger();
      const { wrapup } = await openWorld({ options: { logger, work } });
      expect(lines).toEqual([
        ["info", "Wrapup is open", { durability: "memory", multiProcess: false, writes: work }],
      ]);
      await wrapup.close();
    },
  );
});

describe("W1 closing", () => {
  afterEach(() => void vi.useRealTimers());

  /** A call that is being written when the app closes. */
  async function openClosing(
    onAbort: (resolve: () => void) => void,
  ): Promise<
    ReturnType<typeof watched> & { readonly closed: Promise<void>; readonly go: () => void }
  > {
    const parts = watched();
    const held = Promise.withResolvers<void>();
    const { store, crm } = parts;
    const push = crm.adapter.push.bind(crm.adapter);
    const started = Promise.withResolvers<void>();
    crm.adapter.push = async (writes, context) => {
      started.resolve();
      context.signal.addEventListener("abort", () => onAbort(held.resolve));
      await held.promise;
      return push(writes, context);
    };
    const { wrapup, closedCall } = await openWorld({
      store,
      options: { clock: manualClock(), connections: { crm: crm.adapter } },
    });
    await closedCall("c-1");
    await started.promise;
    parts.order.length = 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    return { ...parts, closed: wrapup.close(), go: held.resolve };
  }

  test("W1 what is under way is settled, then the adapters and the store are let go, and nothing is aborted", async () => {
    let aborted = false;
    const { order, closed, go, crm } = await openClosing(() => (aborted = true));
    await settle();
    expect(order).toEqual([]);
    go();
    await closed;
    expect(order).toEqual(["store.settle", "adapter.close", "store.close"]);
    expect(crm.rows.size).toBe(1);
    expect(aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("W1 a request that does not end is aborted after 30 seconds", async () => {
    let aborted = false;
    const { order, closed } = await openClosing((resolve) => {
      aborted = true;
      resolve();
    });
    await vi.advanceTimersByTimeAsync(29_999);
    expect(aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await closed;
    expect(aborted).toBe(true);
    expect(order.at(-1)).toBe("store.close");
  });

  test("W1 an adapter that cannot be closed does not keep the store open", async () => {
    const { order, store, crm } = watched();
    crm.adapter.close = () => Promise.reject(new Error("of the adapter"));
    const { wrapup, closedCall } = await openWorld({
      store,
      options: { connections: { crm: crm.adapter } },
    });
    await closedCall("c-1");
    await wrapup.drain();
    await expect(wrapup.close()).rejects.toThrow("of the adapter");
    expect(order.at(-1)).toBe("store.close");
  });

  test("W1 closing twice is closing once, and `await using` closes", async () => {
    const { order, store, crm } = watched();
    {
      await using wrapup = await createWrapup({ store, connections: { crm: crm.adapter } });
      await Promise.all([wrapup.close(), wrapup.close()]);
    }
    expect(order.filter((step) => step === "store.close")).toHaveLength(1);
  });
});

describe("O3 listening", () => {
  test("O3 on() hears every event until it is switched off", async () => {
    const { wrapup, closedCall } = await openWorld();
    const heard: WrapupEvent[] = [];
    const others: WrapupEvent[] = [];
    const off = wrapup.on((event) => void heard.push(event));
    wrapup.on((event) => void others.push(event));
    await closedCall("c-1");
    await wrapup.drain();
    expect(heard.map(({ event }) => event).toSorted()).toEqual(["pushed", "written"]);
    off();
    off();
    await closedCall("c-2", "p2");
    await wrapup.drain();
    expect(heard).toHaveLength(2);
    expect(others).toHaveLength(4);
    await wrapup.close();
  });
});

describe("L7 W5 what a person or the app says", () => {
  test("L7 caughtUp() counts deadlines at once, without waiting for the next look", async () => {
    const { wrapup, call, clock, crm } = await openWorld({
      options: { catchUpMs: 24 * hour, pollMs: 24 * hour },
    });
    await (await call("c-1")).leg.endTalk();
    await clock.advance(hour);
    await settle();
    expect(crm.rows.size).toBe(0);
    wrapup.caughtUp();
    await settle();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });

  test("W5 resume() ends a pause and writes, without waiting for the next look", async () => {
    const { wrapup, closedCall, crm, events } = await openWorld({ options: { pollMs: 24 * hour } });
    crm.script({ is: "fails", error: new CrmError("auth", "no", "out", { afterMs: 12 * hour }) });
    await closedCall("c-1");
    await settle();
    await wrapup.resume("crm");
    await settle();
    expect(crm.rows.size).toBe(1);
    expect(events.map(({ event }) => event)).toContain("resumed");
    await expect(wrapup.resume("nope")).rejects.toMatchObject({ code: "unknown_connection" });
    await wrapup.close();
  });

  test("W1 an app that only records never writes, whatever it is asked", async () => {
    const { wrapup, closedCall, clock, crm } = await openWorld({ options: { work: false } });
    await closedCall("c-1");
    expect(await wrapup.drain()).toMatchObject({ ready: 1 });
    wrapup.caughtUp();
    await clock.advance(hour);
    await settle();
    expect(crm.requests).toEqual([]);
    await wrapup.close();
  });

  test("W1 drain() answers what is left: waiting for later, parked, none ready", async () => {
    const { wrapup, closedCall, crm } = await openWorld();
    crm.script(
      {
        is: "answers",
        when: () => true,
        answer: { is: "retry", why: "lock", sent: "no", reason: "locked" },
      },
      {
        is: "answers",
        when: () => true,
        answer: { is: "refused", why: "validation", reason: "no" },
      },
    );
    await closedCall("c-1");
    await wrapup.drain();
    await closedCall("c-2", "p2");
    expect(await wrapup.drain()).toMatchObject({
      interactions: 2,
      ready: 0,
      claimed: 0,
      later: 1,
      parked: 1,
    });
    await wrapup.close();
  });
});

describe("O3 what the log says, and how loudly", () => {
  const levels = (event: WrapupEvent): readonly Line[] => {
    const { logger, lines } = keepingLogger();
    createObserver(logger, new Set()).event(event);
    return lines;
  };
  const of = { tenant: "t", connection: "crm" };
  const finding = { event: "finding", ...of, place: "here", text: "odd" } as const;

  test.each<readonly [WrapupEvent, Line]>([
    [
      { event: "paused", ...of, why: "auth", reason: "out", until: 7 },
      ["warn", "paused", { ...of, why: "auth", reason: "out", until: 7 }],
    ],
    [
      { event: "parked", ...of, interaction: "c-1", key: "k", reason: "no" },
      ["warn", "parked", { ...of, interaction: "c-1", key: "k", reason: "no" }],
    ],
    [{ event: "clockSkew", ...of, ms: 5 }, ["warn", "clockSkew", { ...of, ms: 5 }]],
    [
      { event: "budgetLow", ...of, used: 8, limit: 9 },
      ["warn", "budgetLow", { ...of, used: 8, limit: 9 }],
    ],
    [{ event: "unknownConnection", ...of }, ["warn", "unknownConnection", of]],
    [{ event: "resumed", ...of }, ["debug", "resumed", of]],
    [
      { ...finding, severity: "error" },
      [
        "error",
        "the connection is not set up right",
        { ...of, severity: "error", place: "here", text: "odd" },
      ],
    ],
    [
      { ...finding, severity: "warning" },
      [
        "warn",
        "the connection could be set up better",
        { ...of, severity: "warning", place: "here", text: "odd" },
      ],
    ],
  ])("O3 %#", (event, line) => {
    expect(levels(event)).toEqual([line]);
  });

  test.each<readonly [unknown, string]>([
    [new TypeError("my card is 4711"), "TypeError"],
    ["my card is 4711", "string"],
    [new CrmError("auth", "no", "signed out"), "CrmError: signed out"],
    [
      new WrapupError("store_closed", "it is closed", { place: "here", mend: "Open it." }),
      "WrapupError: it is closed (at here). Open it.",
    ],
  ])("O3 of others' errors only the kind is told: %#", (error, said) => {
    expect(levels({ event: "failure", where: "there", error })).toEqual([
      ["error", "something in Wrapup failed; work goes on", { where: "there", error: said }],
    ]);
  });
});

describe("O3 OpenTelemetry", () => {
  afterEach(() => {
    metrics.disable();
    trace.disable();
  });

  test("O3 a span ends whatever becomes of its work, and names the kind of an error, not its words", async () => {
    const told: unknown[] = [];
    const span = {
      setStatus(status: unknown) {
        told.push(status);
        return this;
      },
      end: () => void told.push("end"),
    } as Partial<Span> as Span;
    const tracer = {
      startActiveSpan: (name: string, options: unknown, work: (span: Span) => unknown) => {
        told.push(name, options);
        return work(span);
      },
    } as Partial<Tracer> as Tracer;
    trace.setGlobalTracerProvider({ getTracer: () => tracer });
    const observer = createObserver(keepingLogger().logger, new Set());
    expect(await observer.span("good", { a: 1 }, () => Promise.resolve("yes"))).toBe("yes");
    await expect(
      observer.span("bad", {}, () => Promise.reject(new TypeError("my card is 4711"))),
    ).rejects.toThrow("4711");
    expect(told).toEqual([
      "good",
      { attributes: { a: 1 } },
      "end",
      "bad",
      { attributes: {} },
      { code: 2, message: "TypeError" },
      "end",
    ]);
  });

  test("O3 what is counted of each event", () => {
    const told: unknown[] = [];
    const instrument = (name: string): object => ({
      add: (value: number, attributes: unknown) => told.push([name, value, attributes]),
      record: (value: number, attributes: unknown) => told.push([name, value, attributes]),
    });
    const meter = {
      createCounter: instrument,
      createHistogram: instrument,
    } as Partial<Meter> as Meter;
    metrics.setGlobalMeterProvider({ getMeter: () => meter });
    const observer = createObserver(keepingLogger().logger, new Set());
    const of = { tenant: "t", connection: "crm" };
    const one = { ...of, interaction: "c-1", key: "k" };
    observer.event({ event: "written", ...one, how: "created", dueToWrittenMs: 12 });
    observer.event({ event: "removed", ...one, how: "deleted" });
    observer.event({ event: "retrying", ...one, why: "lock" });
    observer.event({ event: "parked", ...one, reason: "no" });
    observer.event({ event: "pushed", ...of, writes: 3, ms: 40 });
    observer.event({ event: "paused", ...of, why: "auth", reason: "out", until: 1 });
    observer.event({ event: "failure", where: "there", error: new Error("x") });
    expect(told).toEqual([
      ["wrapup.writes", 1, { ...of, outcome: "created" }],
      ["wrapup.due.to.written", 12, of],
      ["wrapup.writes", 1, { ...of, outcome: "removed" }],
      ["wrapup.writes", 1, { ...of, outcome: "retrying" }],
      ["wrapup.writes", 1, { ...of, outcome: "parked" }],
      ["wrapup.request.duration", 40, of],
      ["wrapup.request.writes", 3, of],
      ["wrapup.pauses", 1, { ...of, why: "auth" }],
    ]);
  });
});

describe("O2 tenants", () => {
  test("O2 the same id in two tenants is two interactions", async () => {
    const { wrapup } = await openWorld();
    const other = wrapup.tenant("other");
    const call = await other.interactions.start({ id: "c-1", channel: "voice" });
    await call.accept({ agent: ada });
    await expect(wrapup.explain("c-1")).rejects.toMatchObject({ code: "unknown_interaction" });
    expect((await other.explain("c-1")).legs).toHaveLength(1);
    await wrapup.close();
  });
});
