import { metrics, SpanStatusCode, trace } from "@opentelemetry/api";
import type { LogAttributes, Logger, Observer, WrapupEvent } from "./model/observer.ts";

/** What the app hears: every event, as it happens. It must not throw; if it does, the log says so and work goes on. */
export type EventListener = (event: WrapupEvent) => void;

/** Says nothing. An app that wants logs hands over its own logger. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Turns what rooms tell into logs, OpenTelemetry metrics and spans, and the app's own listeners (O3). */
export function createObserver(logger: Logger, listeners: ReadonlySet<EventListener>): Observer {
  const tracer = trace.getTracer("wrapup");
  const count = createCounters();
  return {
    event: (event) => {
      guarded(() => count(event));
      guarded(() => write(logger, event));
      for (const listener of listeners) tell(listener, event, logger);
    },
    span: (name, attributes, work) =>
      tracer.startActiveSpan(name, { attributes: { ...attributes } }, async (span) => {
        try {
          return await work();
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) });
          throw error;
        } finally {
          span.end();
        }
      }),
  };
}

/** Whoever only listens must not be able to stop the work: a full log disk, a defect of the app. */
function guarded(work: () => unknown): void {
  try {
    work();
  } catch {
    // There is nobody left to tell.
  }
}

/** An app may hand over an async function, though its answer is not waited for. */
function tell(listener: EventListener, event: WrapupEvent, logger: Logger): void {
  const failed = (error: unknown): void =>
    guarded(() =>
      logger.error("a listener for events failed", { event: event.event, error: nameOf(error) }),
    );
  try {
    Promise.resolve(listener(event)).catch(failed);
  } catch (error) {
    failed(error);
  }
}

function createCounters(): (event: WrapupEvent) => void {
  const meter = metrics.getMeter("wrapup");
  const writes = meter.createCounter("wrapup.writes", {
    description: "Answers to writes, by what became of them",
  });
  const requests = meter.createHistogram("wrapup.request.duration", {
    unit: "ms",
    description: "Time of one write request to a CRM",
  });
  const sizes = meter.createHistogram("wrapup.request.writes", {
    description: "Writes in one request",
  });
  const waits = meter.createHistogram("wrapup.due.to.written", {
    unit: "ms",
    description: "From the leg's close to the receipt",
  });
  const pauses = meter.createCounter("wrapup.pauses", {
    description: "Pauses of a whole connection, by reason",
  });
  return (event) => {
    if (!("connection" in event)) return;
    const of = { tenant: event.tenant, connection: event.connection };
    switch (event.event) {
      case "written":
        writes.add(1, { ...of, outcome: event.how });
        waits.record(event.dueToWrittenMs, of);
        break;
      case "removed":
      case "retrying":
      case "parked":
        writes.add(1, { ...of, outcome: event.event });
        break;
      case "pushed":
        requests.record(event.ms, of);
        sizes.record(event.writes, of);
        break;
      case "paused":
        pauses.add(1, { ...of, why: event.why });
        break;
      default:
    }
  };
}

function write(logger: Logger, event: WrapupEvent): void {
  switch (event.event) {
    case "failure":
      return logger.error("something in Wrapup failed; work goes on", {
        where: event.where,
        error: describe(event.error),
      });
    case "finding":
      return event.severity === "error"
        ? logger.error("the connection is not set up right", attributesOf(event))
        : logger.warn("the connection could be set up better", attributesOf(event));
    case "paused":
    case "parked":
    case "budgetLow":
    case "clockSkew":
    case "unknownConnection":
    case "repeatedWithOtherContent":
    case "inputRepaired":
      return logger.warn(event.event, attributesOf(event));
    default:
      return logger.debug(event.event, attributesOf(event));
  }
}

function attributesOf(event: Exclude<WrapupEvent, { event: "failure" }>): LogAttributes {
  const { event: _name, ...attributes } = event;
  return attributes;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** Our own errors hold no customer data by promise; of others only the kind is told. */
const describe = (error: unknown): string =>
  error instanceof Error && (error.name === "WrapupError" || error.name === "CrmError")
    ? `${error.name}: ${error.message}`
    : nameOf(error);
