import { type GateState } from "@wrapup/core";
import { describe, expect, test } from "vitest";
import type { Gate } from "../../src/gate/gate.ts";
import { key, openGate, settle } from "./gate-world.ts";

/** Requests that are answered one by one, when the test says so. */
function requests(gate: Gate): {
  readonly send: (urgency?: "agent" | "background") => void;
  readonly answer: () => Promise<void>;
  readonly underWay: () => number;
} {
  const open: (() => void)[] = [];
  return {
    send: (urgency = "background") =>
      void gate.run(urgency, () => new Promise<void>((resolve) => open.push(resolve))),
    answer: async () => {
      open.shift()?.();
      await settle();
    },
    underWay: () => open.length,
  };
}

const usage = (used: number): { readonly usage: { used: number; limit: number } } => ({
  usage: { used, limit: 1_000 },
});

describe("W5 how many requests may be under way", () => {
  test("W5 background requests wait for a place; the one that waits goes when a place is free", async () => {
    const { gate } = await openGate();
    gate.setMaxConcurrent(2);
    const { send, answer, underWay } = requests(gate);
    for (let n = 0; n < 5; n += 1) send();
    await settle();
    expect(underWay()).toBe(2);
    await answer();
    expect(underWay()).toBe(2);
    for (let n = 0; n < 4; n += 1) await answer();
    expect(underWay()).toBe(0);
  });

  test("W5 agents never wait for a place", async () => {
    const { gate } = await openGate();
    gate.setMaxConcurrent(1);
    const { send, underWay } = requests(gate);
    send();
    send();
    send("agent");
    send("agent");
    await settle();
    expect(underWay()).toBe(3);
  });

  test("W5 four to begin with, one more for each full round of successes, up to what the CRM takes gladly", async () => {
    const { gate } = await openGate();
    gate.setMaxConcurrent(6);
    expect(gate.places).toBe(4);
    for (let n = 0; n < 5; n += 1) await gate.succeeded();
    expect(gate.places).toBe(5);
    for (let n = 0; n < 40; n += 1) await gate.succeeded();
    expect(gate.places).toBe(6);
  });

  test("W5 what the CRM takes gladly may become less", async () => {
    const { gate } = await openGate();
    gate.setMaxConcurrent(8);
    for (let n = 0; n < 40; n += 1) await gate.succeeded();
    gate.setMaxConcurrent(3);
    expect(gate.places).toBe(3);
  });

  test("W5 a throttle halves it, other troubles do not", async () => {
    const { gate, clock } = await openGate();
    gate.setMaxConcurrent(8);
    for (let n = 0; n < 40; n += 1) await gate.succeeded();
    await gate.pause({ why: "unreachable", reason: "down" });
    await clock.advance(600_000);
    await gate.succeeded();
    expect(gate.places).toBe(8);
    await gate.pause({ why: "throttled", reason: "busy" });
    await clock.advance(600_000);
    await gate.succeeded();
    expect(gate.places).toBe(4);
  });

  test("W5 after a failure one request at a time, until one succeeds", async () => {
    const { gate, clock } = await openGate();
    gate.setMaxConcurrent(4);
    await gate.pause({ why: "unreachable", reason: "down" });
    await clock.advance(600_000);
    expect(await gate.leave("background")).toEqual({ is: "open", slow: true });
    const { send, answer, underWay } = requests(gate);
    for (let n = 0; n < 6; n += 1) send();
    await settle();
    expect(underWay()).toBe(1);
    await answer();
    expect(underWay()).toBe(1);
    await gate.succeeded();
    await settle();
    expect(underWay(), "those who waited use every place that has become free").toBe(4);
  });

  test("W5 above the warning mark one request at a time", async () => {
    const { gate } = await openGate();
    gate.setMaxConcurrent(4);
    await gate.run("background", async ({ observe }) => observe(usage(850)));
    expect(gate.places).toBe(1);
  });

  test("W5 a request that fails gives its place back", async () => {
    const { gate } = await openGate();
    gate.setMaxConcurrent(1);
    await expect(gate.run("background", () => Promise.reject(new Error("no")))).rejects.toThrow(
      "no",
    );
    await expect(gate.run("background", () => Promise.resolve("yes"))).resolves.toBe("yes");
  });
});

describe("W5 no request lasts for ever", () => {
  const hanging = (gate: Gate, outer?: AbortSignal): AbortSignal[] => {
    const signals: AbortSignal[] = [];
    void gate.run(
      "background",
      ({ signal }) =>
        new Promise<void>((resolve) => {
          signals.push(signal);
          signal.addEventListener("abort", () => resolve());
        }),
      outer,
    );
    return signals;
  };

  test("W5 after timeoutMs by the injected clock it ends with a TimeoutError", async () => {
    const { gate, clock } = await openGate({ timeoutMs: 5_000 });
    const [signal] = hanging(gate);
    await clock.advance(4_999);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(signal?.reason).toMatchObject({ name: "TimeoutError" });
  });

  test("W5 an answered request leaves no timer behind", async () => {
    const { gate, clock } = await openGate({ timeoutMs: 5_000 });
    let seen: AbortSignal | undefined;
    await gate.run("background", async ({ signal }) => {
      seen = signal;
    });
    await clock.advance(60_000);
    expect(seen?.aborted).toBe(false);
  });

  test("W1 abort() ends every request under way", async () => {
    const { gate } = await openGate();
    const signals = [...hanging(gate), ...hanging(gate)];
    gate.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  test("W1 whoever asked may end it early", async () => {
    const { gate } = await openGate();
    const outer = new AbortController();
    const [signal] = hanging(gate, outer.signal);
    outer.abort();
    expect(signal?.aborted).toBe(true);
  });
});

describe("W5 pauses are shared through the store", () => {
  const stateOf = (gate: Gate): Promise<GateState> => gate.state();

  test("W5 a pause of one process stops the others too, agents included", async () => {
    const { gate, sibling } = await openGate();
    const until = await gate.pause({ why: "throttled", reason: "busy", afterMs: 30_000 });
    for (const urgency of ["agent", "background"] as const)
      expect(await sibling().leave(urgency)).toMatchObject({ is: "closed", until });
  });

  test("W5 a success that was under way does not heal a pause that still runs", async () => {
    const { gate, clock, events } = await openGate();
    await gate.pause({ why: "throttled", reason: "busy", afterMs: 30_000 });
    await gate.succeeded();
    expect(await gate.leave("background")).toMatchObject({ is: "closed", why: "throttled" });
    expect(events.map(({ event }) => event)).toEqual(["paused"]);
    await clock.advance(30_000);
    await gate.succeeded();
    expect(await stateOf(gate)).toEqual({ failures: 0 });
  });

  test("W5 siblings that fail together count as one failure, and the latest end stands", async () => {
    const { gate, clock } = await openGate();
    await gate.pause({ why: "throttled", reason: "busy", afterMs: 30_000 });
    for (let n = 0; n < 3; n += 1) await gate.pause({ why: "throttled", reason: "busy" });
    expect(await stateOf(gate)).toMatchObject({ failures: 1, pausedUntil: clock.now() + 30_000 });
    await gate.pause({ why: "throttled", reason: "busy", afterMs: 45_000 });
    await gate.pause({ why: "throttled", reason: "busy", afterMs: 20_000 });
    expect(await stateOf(gate)).toMatchObject({ failures: 1, pausedUntil: clock.now() + 45_000 });
    await clock.advance(45_000);
    await gate.pause({ why: "throttled", reason: "busy" });
    expect(await stateOf(gate)).toMatchObject({ failures: 2 });
  });

  test("W5 O3 the pause and its end are told", async () => {
    const { gate, clock, events } = await openGate();
    const until = await gate.pause({ why: "auth", reason: "signed out", afterMs: 30_000 });
    await clock.advance(30_000);
    await gate.succeeded();
    await gate.succeeded();
    expect(events).toEqual([
      { event: "paused", ...key, why: "auth", reason: "signed out", until },
      { event: "resumed", ...key },
    ]);
  });

  test("W5 a success after a process of its own was never paused tells nothing", async () => {
    const { gate, events } = await openGate();
    await gate.succeeded();
    expect(events).toEqual([]);
  });

  test("W5 resume() heals, forgets the usage figure, tells it, and wakes whoever waits in the store", async () => {
    const { gate, store, events } = await openGate();
    await gate.run("background", async ({ observe }) => observe(usage(999)));
    await gate.pause({ why: "schema", reason: "a field is gone", afterMs: 3_600_000 });
    let woken = 0;
    store.onWake(() => (woken += 1));
    await gate.resume();
    expect(await gate.leave("background")).toEqual({ is: "open", slow: false });
    expect(await stateOf(gate)).toEqual({ failures: 0 });
    expect(events.at(-1)).toEqual({ event: "resumed", ...key });
    await settle();
    expect(woken).toBe(1);
  });
});

describe("W5 the CRM's daily budget", () => {
  const seen = (gate: Gate, used: number): Promise<void> =>
    gate.run("background", async ({ observe }) => observe(usage(used)));

  test("W5 low budget is told once, and again only after it had recovered", async () => {
    const { gate, events } = await openGate();
    const told = (): number => events.filter(({ event }) => event === "budgetLow").length;
    await seen(gate, 799);
    expect(told()).toBe(0);
    await seen(gate, 800);
    await seen(gate, 801);
    expect(told()).toBe(1);
    expect(events.at(-1)).toEqual({ event: "budgetLow", ...key, used: 800, limit: 1_000 });
    await seen(gate, 10);
    await seen(gate, 800);
    expect(told()).toBe(2);
  });

  test("W5 usage is shared: what one process spent stops the others' background writing, not agents", async () => {
    const { gate, sibling } = await openGate();
    await seen(gate, 900);
    await settle();
    expect(await sibling().leave("background")).toMatchObject({ is: "closed", why: "budget" });
    expect(await sibling().leave("agent")).toMatchObject({ is: "open" });
  });

  test("W5 usage is written at most once a second, unless the reserve is reached", async () => {
    const { gate, store, clock } = await openGate();
    const kept = async (): Promise<number | undefined> =>
      (await store.changeGate(key, (state) => state)).usage?.used;
    await seen(gate, 100);
    await seen(gate, 200);
    await settle();
    expect(await kept()).toBe(100);
    await clock.advance(1_000);
    await seen(gate, 300);
    await settle();
    expect(await kept()).toBe(300);
    await seen(gate, 950);
    await settle();
    expect(await kept()).toBe(950);
  });

  test("W5 O3 a usage figure that cannot be kept is told, and the request goes on", async () => {
    const { store } = await openGate();
    const broken = await openGate({
      store: {
        changeGate: () => Promise.reject(new Error("disk full")),
      },
    });
    await seen(broken.gate, 100);
    await settle();
    expect(broken.events).toMatchObject([{ event: "failure", where: "gate.usage" }]);
    await store.close();
  });

  test("W5 a limit of nothing says nothing", async () => {
    const { gate, store } = await openGate();
    await gate.run("background", async ({ observe }) => observe({ usage: { used: 5, limit: 0 } }));
    await settle();
    expect(await store.changeGate(key, (state) => state)).toEqual({ failures: 0 });
  });
});

describe("O3 a clock that is off the CRM's", () => {
  test.each([
    [-301_000, 301_000],
    [301_000, -301_000],
  ])("O3 %i ms off is told once, with its direction", async (off, ms) => {
    const { gate, clock, events } = await openGate();
    for (let n = 0; n < 2; n += 1)
      await gate.run("background", async ({ observe }) =>
        observe({ serverTime: clock.now() + off }),
      );
    expect(events).toEqual([{ event: "clockSkew", ...key, ms }]);
  });

  test("O3 five minutes are none", async () => {
    const { gate, clock, events } = await openGate();
    await gate.run("background", async ({ observe }) =>
      observe({ serverTime: clock.now() - 300_000 }),
    );
    expect(events).toEqual([]);
  });
});
