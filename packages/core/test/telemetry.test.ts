import { metrics, trace, type Meter, type Span, type Tracer } from "@opentelemetry/api";
import { CrmError, type Logger } from "@wrapup/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openWorld } from "./world.ts";

const secrets = [
  "Cora Confidential",
  "+14155550177",
  "cora@secret.example",
  "my card is 4711",
  "the internal story",
];

/** A meter and a tracer that write down what they are told. */
function listen(): { readonly lines: string[]; readonly stop: () => void } {
  const lines: string[] = [];
  const note =
    (name: string) =>
    (value: number, attributes?: unknown): void =>
      void lines.push(`${name} ${value} ${JSON.stringify(attributes)}`);
  const instrument = (name: string): object => ({ add: note(name), record: note(name) });
  const meter = {
    createCounter: instrument,
    createHistogram: instrument,
  } as Partial<Meter> as Meter;
  const span = {
    end: () => undefined,
    setStatus(status: unknown) {
      lines.push(JSON.stringify(status));
      return this;
    },
  } as Partial<Span> as Span;
  const tracer = {
    startActiveSpan: (name: string, options: unknown, work: (span: Span) => unknown) => {
      lines.push(`${name} ${JSON.stringify(options)}`);
      return work(span);
    },
  } as Partial<Tracer> as Tracer;
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  return {
    lines,
    stop: () => {
      metrics.disable();
      trace.disable();
    },
  };
}

describe("O3 what the library tells", () => {
  let heard: ReturnType<typeof listen>;
  beforeEach(() => {
    heard = listen();
  });
  afterEach(() => heard.stop());

  const busyHour = async (): Promise<{
    readonly logs: string[];
    readonly events: readonly unknown[];
    readonly explained: unknown;
  }> => {
    const logs: string[] = [];
    const log = (message: string, attributes?: unknown): void =>
      void logs.push(`${message} ${JSON.stringify(attributes)}`);
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    const { wrapup, crm, events, pass } = await openWorld({ options: { logger } });
    crm.script(
      { is: "throws", error: new TypeError("my card is 4711") },
      {
        is: "fails",
        error: new CrmError("throttled", "no", "the CRM asks for fewer calls", { afterMs: 5_000 }),
      },
      {
        is: "answers",
        when: () => true,
        answer: { is: "refused", why: "validation", reason: "a rule says no" },
      },
    );
    const call = await wrapup.interactions.start({
      id: "c-1",
      channel: "voice",
      customer: { name: "Cora Confidential", phone: "+14155550177", email: "cora@secret.example" },
    });
    const leg = await call.accept({ agent: { id: "ada", email: "ada@wrapup.example" } });
    await call.link({ connection: "crm", type: "person", id: "p1" });
    await call.note({ text: "the internal story" });
    await leg.endTalk();
    await leg.completeWrapUp();
    await wrapup.drain();
    await pass(60_000);
    await wrapup.parked.replay({}, "op-1");
    await wrapup.drain();
    expect(crm.rows.size).toBe(1);
    const explained = await wrapup.explain("c-1");
    await wrapup.close();
    return { logs, events, explained };
  };

  test("O3 no customer data in logs, events, metrics, spans or explain, also when the adapter throws it", async () => {
    const { logs, events, explained } = await busyHour();
    const said = [...logs, ...heard.lines, JSON.stringify(events), JSON.stringify(explained)].join(
      "\n",
    );
    expect(said.length).toBeGreaterThan(1_000);
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
  });

  test("O3 metrics count writes by outcome, requests, pauses, and the time from due to written", async () => {
    await busyHour();
    const names = new Set(heard.lines.map((line) => line.split(" ")[0]));
    expect([...names]).toEqual(
      expect.arrayContaining([
        "wrapup.writes",
        "wrapup.request.duration",
        "wrapup.request.writes",
        "wrapup.due.to.written",
        "wrapup.pauses",
        "wrapup.push",
      ]),
    );
    const outcomes = heard.lines.filter((line) => line.startsWith("wrapup.writes")).join("\n");
    for (const outcome of ["created", "parked", "retrying"])
      expect(outcomes).toContain(`"outcome":"${outcome}"`);
  });

  test("O3 a listener that throws does not stop the work", async () => {
    const { wrapup, crm, closedCall } = await openWorld();
    wrapup.on(() => {
      throw new Error("a defect of the app");
    });
    await closedCall("c-1");
    await wrapup.drain();
    expect(crm.rows.size).toBe(1);
    await wrapup.close();
  });
});
